// Package slot is a worker of gust's in a slot of a Storm supervisor. Storm's Nimbus
// schedules the topology, its supervisor starts and kills the worker, and its UI shows it.
//
// A supervisor starts a worker with a long `java` command (launch.go). A hook on its
// machine, which package storm/slot/hook installs, puts gust in front of that command.
// gust decides in about a millisecond (decision.go): a topology that asks for it with
// gust.workers, and has no Java in it, runs in this process; for all others, gust executes
// the command as it is.
//
// # What a worker owes to the cluster
//
// Neither the supervisor nor Nimbus calls a worker. They share files and ZooKeeper:
//
//   - the pid, and a heartbeat each second, in files below workers/ID (heartbeat.go). They
//     are the worker's life: a supervisor kills a worker whose heartbeat is old, and one
//     that it cannot read ends the supervisor. So the encoding is that of the supervisor's
//     exact release (release.go).
//   - figures, in ZooKeeper (figures.go). In Storm 1.x Nimbus takes them for the heartbeat.
//   - errors, in ZooKeeper (faults.go).
//   - a log where the logviewer finds it (log.go).
//
// Only while the supervisor does not answer, the worker calls Nimbus in its place (witness.go).
//
// From the cluster it needs the topology and its conf, which are files (code.go), and the
// assignment, the status, the log levels and the debugging, which it watches in ZooKeeper
// (state.go, follow.go).
//
// Nimbus' assignment becomes the placement of a topology's workers (assignment.go), which then
// work together as they do everywhere (peers.go).
//
// # Concurrency properties
//
// Heartbeats and ZooKeeper have goroutines of their own: a ZooKeeper that does not answer
// keeps the figures from being written, and nothing else. The topology goes on, and so do the
// heartbeats that keep it alive.
package slot
