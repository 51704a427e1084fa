// Package crew shows and controls the workers of one topology as if they were one.
//
// A [Crew] knows all workers of a placement, also those that are not there: a worker's
// process may die and another may take its place. Who starts the processes, or finds them,
// tells the crew with [Crew.Join] and [Crew.Leave]. A worker is a *worker.Worker of this
// process or a *remote.Worker.
//
// # Counts
//
// A worker counts from its start. The crew keeps the last counts of the processes that have
// ended and adds them, so that its own counts never go back. What a killed process has
// counted since its last snapshot is lost. Its pending trees count as failed because of a
// death: their spouts are dead, too.
//
// # Concurrency properties
//
//   - All methods may be called from any goroutine.
//   - A worker that does not answer delays nobody for longer than [patience]. Its answer is
//     used when it comes.
package crew
