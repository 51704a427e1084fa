// Package worker is a running topology: its tasks, the router between them, the acker
// and the stats.
//
// # Where to begin
//
// Begin with loop.go, the one goroutine that everything runs on, and follow a tuple:
//
//   - pipes.go reads a process's output, messages.go handles each message.
//   - router.go and shuffle.go pick the tasks that get a tuple, acker.go keeps the
//     trees, flight.go keeps the tuples in flight to a bolt.
//   - task.go is a task and its process; spout.go and bolt.go have what is special to
//     each; service.go starts the processes.
//   - kernel.go and process.go are what the loop asks of the operating system, and so what
//     a simulation puts in its place.
//
// What does not happen for each tuple:
//
//   - plan.go works out a topology from component.go, output.go, settings.go, cycles.go
//     and reach.go; handshake.go describes it to a child.
//   - phase.go is the life of a run, stop.go its end, sweep.go the timeouts, check.go
//     looks for processes that hang, waits.go reports what a run waits for.
//   - complaints.go reports mistakes of a component, printout.go logs its output, tap.go
//     lets a recording listen to its pipes. breakpoint.go waits for debuggers.
//   - snapshot.go is what a caller sees of a run, journal.go what has happened to it;
//     digest.go and sum.go add these up to stats.go. restart.go and activity.go are what a
//     caller may request.
//
// A topology may have several workers, each of which runs a part of the tasks:
//
//   - peers.go is the other workers, link.go the connection to one of them, network.go how it
//     is made. Package peer is what is said over it, and argues why that is right.
//   - stub.go is a task of another worker, as the router and the flow here see it; proxy.go is
//     a tree of another worker, as the acker here sees it.
//   - elsewhere.go is what other workers tell of a tuple that is traced.
//   - debt.go returns the credit for what others have sent, marks.go tells them whose queue
//     is over the mark. holders.go asks who has held a tuple that has timed out.
//   - parting.go is the end of all workers together or of one alone, adopt.go takes another
//     placement.
//
// # Backpressure
//
// Three limits bound what waits for a bolt, from the mildest to the strictest:
//
//   - gust does not ask spouts for more while a bolt downstream of them has no room
//     (ask.go): the windows of its tasks are full, counted in tuples (window.go,
//     flow.go), or the outbox of one is over the first mark in bytes, gust.queue.bytes.
//     What is already on its way still comes through, and nobody waits for anybody.
//   - A spout that emits more than expected is paused between two of its tuples until
//     there is room again (pause.go).
//   - A bolt, too, can emit any number of tuples for one. If a bolt's outbox is over
//     the second mark, gust pauses the tasks that emit to it until the outbox is below
//     the first mark. They block on their full stdout, their own queues grow, and so on
//     up to the spout.
//
// To pause a bolt is safe if the tuples flow in one direction: the last bolt of a chain
// is always read, so that it goes on, and the chain with it. On a cycle, two bolts that
// are paused for each other's queues would wait forever. So on a cycle the second mark
// is far away, and a bolt that is paused there must still answer heartbeats. In the
// worst case gust finds the hang, and kills one process for the others to go on.
//
// With several workers, the same limits hold for each task, wherever it runs: its window
// in tuples and its second mark in bytes are divided among the workers that send to it.
// What a worker may not send yet waits in its stub, and counts there.
package worker
