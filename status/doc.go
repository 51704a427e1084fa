// Package status is what there is to know about a topology while it runs, and after
// it has ended: its counts over several windows of time, its history, errors, events,
// failures and logs, and a diagnosis.
//
// It is made from a worker's snapshots (worker.Worker.Snapshot), one each second, and
// has all that the REST API, the page, `gust top`, the metrics and the summary of a run show.
// They read it and nothing else.
//
// Where to begin: status.go is what is kept and how it grows; view.go is the answer to
// most questions; moment.go and window.go explain the arithmetic; diagnosis.go says what
// keeps a topology from going faster.
package status
