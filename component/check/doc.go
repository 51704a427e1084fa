// Package check acts as the host of one program, a spout or a bolt, and finds which rules
// of the multilang protocol it follows: `gust check` prints them.
//
// rule.go has the rules, and check.go the order of the steps; spout.go, bolt.go and
// values.go are the steps; observe.go checks each message by itself; session.go is the
// conversation with one process.
//
// The package reads the program's output with its own readers (wire.go), because
// multilang's decoders tolerate some of the errors that a check has to find. It writes
// with multilang's codecs.
//
// # Why a process for each step
//
// A program that breaks a rule is often useless afterwards: it has ended, or waits for
// something that will not come. So every step starts a new one, and has its own findings.
// The first steps run one after the other, since later ones do not test again what is
// known to be missing. Those are independent, and a few run at a time.
//
// # Concurrency properties
//
//   - [Run] returns when every process that it started has ended.
//   - A session belongs to the goroutine of its step. It serves its pipes with
//     poll(2), so that a program that does not read never keeps it from reading.
package check
