// Package supervisor keeps services alive: it restarts what ends, less and less often,
// until its policy gives up. Begin with [Supervise].
//
// # Concurrency properties
//
//   - [Supervise] runs everything in its caller's goroutine: the service, the
//     waits between its lives and the reports. It starts no goroutine.
package supervisor
