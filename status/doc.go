// Package status is everything that is known about a topology while it runs and after it
// has ended: its counts over several windows of time, its history, errors, events,
// failures and logs, and a diagnosis.
//
// It is made from a worker's snapshots (worker.Worker.Snapshot), one each second. The
// REST API, the page, `gust top`, the metrics and the summary of a run read it, and
// nothing else.
//
// Start with these files: status.go has what is kept and how it grows; view.go answers
// most questions; moment.go and window.go explain the arithmetic; diagnosis.go finds what
// limits a topology.
package status
