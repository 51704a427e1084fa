// Package check plays the host against one program, a spout or a bolt, and says
// which rules of the multilang protocol it keeps: what `gust check` prints.
//
// Where to read: rule.go has the rules; check.go says which step follows which;
// spout.go, bolt.go and values.go are the steps; observe.go holds against every
// message what can be said of one alone; session.go is the conversation with one
// process.
//
// The program's output is read by readers of the package's own (wire.go),
// because multilang's decoders forgive what is to be found here. What the
// program is told comes from multilang's codecs.
//
// # Why a process for each step
//
// A program that breaks a rule is often of no use afterwards: it has ended, or
// waits for what will not come. So every step starts a new one, and a step's
// findings are its own. The first steps are taken one after the other, since the
// later ones do not ask again for what is known to be missing; those are
// independent and run a few at a time.
//
// # Concurrency properties
//
//   - [Run] returns when every process that it started has ended.
//   - A session belongs to the goroutine of its step. It serves its pipes with
//     poll(2), so that a program that does not read never keeps it from reading.
package check
