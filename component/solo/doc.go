// Package solo runs one component by itself: without a topology, a router or an acker.
// [Try] sends it the steps of a file; [Replay] sends it the input of a recorded process.
// Its output comes as [Event]s, which are compared as lines of JSON ([Compare]).
//
// # Concurrency properties
//
//   - One call of Try or Replay has one conversation, which belongs to the caller's
//     goroutine. Other goroutines, one for each pipe, only carry bytes, and one waits for
//     the process: so reading never waits for writing, and the two cannot deadlock.
//   - Both return when the process has ended, whatever the reason.
package solo
