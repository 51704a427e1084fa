package worker

import "time"

// phase is where a run is in its life. It only moves forward.
//
//	starting ──the bolts answer──▶ working ──stop──▶ draining ──done, or gust.drain.secs──▶ ending
//	    │                             └──────────────── fail, abort ───────────────────────▲
//	    └──────────────────────── stop, fail, abort ───────────────────────────────────────┘
type phase uint8

const (
	starting phase = iota // the spouts wait for the bolts
	working               // the spouts are active
	draining              // the spouts are deactivated, in-flight tuples may finish
	ending                // in-flight tuples have failed, and the processes exit; see stop.go
)

// stopping says whether the end of the run has begun, so that spouts are asked no more.
func (p phase) stopping() bool { return p >= draining }

func (l *loop) enter(p phase) { l.phase, l.entered = p, l.now }

// startSpouts activates the spouts once every bolt has answered for the first time,
// so that no tuple times out in the queue of a bolt that is still loading its models.
// It waits no longer than startGrace for a bolt that does not answer, and not at all
// for one that has died. With several workers, all of them have to come that far.
func (l *loop) startSpouts() {
	if l.phase != starting {
		return
	}
	for _, t := range l.plan.tasks {
		if t.bolt != nil && !t.greeted && t.restarts() == 0 && (t.state != running || l.now-t.since < int64(startGrace)) {
			return
		}
	}
	if l.peers != nil {
		l.peers.comeUp()
		if len(l.peers.awaited(l.now)) > 0 {
			return
		}
	}
	l.enter(working)
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			t.spout.activate()
		}
	}
}

// startGrace is how long the spouts wait for a bolt that has sent its pid and
// does not answer its first heartbeat.
const startGrace = 5 * time.Second
