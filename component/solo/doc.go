// Package solo is one component alone with gust: no topology around it, no
// router, no acker. [Try] gives it the steps of a file and hears what it says;
// [Replay] gives it what a recorded process was given. What it says comes as
// [Event]s, which are compared as lines of JSON ([Compare]).
//
// # Concurrency properties
//
//   - One call of Try or Replay has one conversation, which belongs to the
//     caller's goroutine. A goroutine for each pipe only carries bytes, and one
//     waits for the process: no end of a pipe is left unread because the other
//     is being written, so the two cannot wait for each other.
//   - Both return when the process has ended, whatever the reason.
package solo
