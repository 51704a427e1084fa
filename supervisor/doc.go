// Package supervisor keeps services alive: it starts again what ends, less and
// less often, until its policy calls that hopeless.
//
// # Concurrency properties
//
//   - [Supervise] runs everything in its caller's goroutine: the service, the
//     waits between its lives and the reports. It starts no goroutine.
package supervisor
