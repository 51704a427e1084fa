package worker

import "time"

// nap is what the loop needs to know to sleep for a moment before it reads again, so
// that output accumulates and one system call reads many messages.
//
// Clients such as pystorm flush each message, and a loop that reads as soon as there
// is one is woken for each, at fifty times the cost of the message. With stock
// pystorm over JSON, the host takes 14.9 s of CPU time per million tuples without a
// nap, and 4.9 s with one of 400 µs.
//
// A nap must not keep anybody waiting. So the loop takes none unless many tuples are
// in flight, and sleeps half the time that the children need for these at their recent
// rate. For Python children that is napMost, for fast ones it may be too little to be
// worth it. A nap of 400 µs in every case costs a C child with 100 pending tuples
// two thirds of its throughput (152,000 tuples a second, not 492,000). A lone tuple in
// an idle topology never meets a nap.
//
// docs/performance.md has the measurements.
type nap struct {
	perMessage time.Duration // a moving average over some eight rounds
	measured   int64         // when it was last updated
}

const (
	napBelow = 256                    // messages in a round: more is a batch already
	napAbove = 32                     // tuples and commands in flight
	napLeast = 50 * time.Microsecond  // the kernel's timers add as much again
	napMost  = 400 * time.Microsecond // a Python child takes as long for ten to thirty tuples
)

// takeNap sleeps after a round, if that pays.
func (l *loop) takeNap() {
	if l.messages == 0 {
		return
	}
	l.nap.measure(l.clock.now(), l.messages)
	if l.messages >= napBelow {
		return
	}
	per := l.nap.perMessage
	n := l.inFlight(max(napAbove, int(2*napMost/per)))
	if d := min(time.Duration(n)*per/2, napMost); n >= napAbove && d >= napLeast {
		l.kernel.Nap(d)
	}
}

// measure takes a round of so many messages into the average, in which a pause counts
// as napMost.
func (n *nap) measure(now int64, messages int) {
	took := min(time.Duration(now-n.measured)/time.Duration(messages), napMost)
	n.perMessage = max(1, n.perMessage+(took-n.perMessage)/8)
	n.measured = now
}

// inFlight counts the tuples in flight to bolts and the commands that spouts have not
// answered. It stops counting at enough.
func (l *loop) inFlight(enough int) int {
	n := 0
	for _, t := range l.plan.tasks {
		if t.bolt != nil {
			n += t.bolt.flight.n
		} else {
			n += t.spout.commands.Outstanding()
		}
		if n >= enough {
			break
		}
	}
	return n
}
