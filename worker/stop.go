package worker

import "time"

// stop is the end of a run, step by step:
//
//	running ──stop──▶ draining ──done, or gust.drain.secs──▶ leaving ──▶ ended
//	   └────────────────── fail, abort ────────────────────────▲
//
// Draining: the spouts are deactivated and asked no more, what is in flight
// finishes. Leaving: what is still in flight fails, with the spouts told; each
// child's input ends, a spout's when it has answered; those that do not take the hint get SIGTERM, and then
// SIGKILL.
type stop struct {
	phase    phase
	since    int64 // when the phase began
	progress int64 // when a tuple was last emitted, acked or failed, or a spout's command answered
	killing  bool  // children have been killed, and those that still come will be
	deadline timer
	ladder   timer
}

type phase uint8

const (
	atWork phase = iota
	draining
	leavingAll
)

// quiet is how long nothing must have happened for tuples that belong to no
// tree to be taken for forgotten: bolts that never ack them are common.
const quiet = time.Second

// begin ends a run in order. It does nothing when an end has begun.
func (w *loop) begin() {
	if w.stop.phase != atWork {
		return
	}
	w.stop.phase, w.stop.since = draining, w.now
	w.stopping = true
	w.stop.progress = w.now
	for _, t := range w.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
		}
	}
	w.stop.deadline.fire = func(int64) { w.leave() }
	w.timers.arm(&w.stop.deadline, w.now+int64(w.drain))
	w.drained()
}

// drained goes on to leaving when nothing is in flight any more.
func (w *loop) drained() {
	if w.stop.phase != draining || w.acker.stats.Pending > 0 && w.anyRunning() {
		return
	}
	if w.untaken() || w.busy() && time.Duration(w.now-w.stop.progress) < quiet {
		return
	}
	w.leave()
}

// untaken says whether there are tuples that a bolt at work has not taken yet.
func (w *loop) untaken() bool {
	for _, t := range w.plan.tasks {
		if t.bolt != nil && t.proc != nil && t.bolt.window.queued() > 0 {
			return true
		}
	}
	return false
}

// busy says whether a bolt holds tuples, or a spout still works on a command.
func (w *loop) busy() bool {
	for _, t := range w.plan.tasks {
		if t.proc == nil {
			continue
		}
		if t.bolt != nil && t.bolt.flight.n > 0 || t.spout != nil && !t.spout.commands.Idle() {
			return true
		}
	}
	return false
}

func (w *loop) anyRunning() bool {
	for _, t := range w.plan.tasks {
		if t.proc != nil {
			return true
		}
	}
	return false
}

// leave lets all children end. It does nothing the second time.
func (w *loop) leave() {
	if w.stop.phase == leavingAll {
		return
	}
	w.stop.phase, w.stop.since = leavingAll, w.now
	w.stopping, w.closed = true, true
	w.moved = true // those that were left unread are read now
	w.timers.disarm(&w.stop.deadline)
	w.cancel() // no restarts from here on
	for _, t := range w.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
			t.spout.failAll(shutDown)
		}
	}
	for _, t := range w.plan.tasks {
		t.leave()
	}
	w.stop.ladder.fire = w.terminate
	w.timers.arm(&w.stop.ladder, w.now+int64(w.mercy))
}

// terminate and kill are the ladder's steps for those who are still there.
func (w *loop) terminate(now int64) {
	for _, t := range w.plan.tasks {
		if t.proc == nil {
			continue
		}
		if t.spout != nil && !t.spout.mayEnd() {
			t.log.Warn().Int("pid", t.pid).Msgf("did not answer the last commands within %v: sending SIGTERM", w.mercy)
			t.spout.hurry()
		} else {
			t.log.Warn().Int("pid", t.pid).Msgf("did not exit within %v after the end of its input: sending SIGTERM", w.mercy)
		}
		t.proc.Terminate()
	}
	w.stop.ladder.fire = func(int64) { w.kill() }
	w.timers.arm(&w.stop.ladder, now+int64(w.mercy))
}

func (w *loop) kill() {
	w.stop.killing = true
	for _, t := range w.plan.tasks {
		if t.proc != nil {
			t.proc.Kill()
		}
	}
}

// abort ends a run at once.
func (w *loop) abort() {
	w.leave()
	w.kill()
}

// abandon ends a run whose poller is broken, which leaves no way to talk to
// anybody, nor to be woken: so it looks for posts again and again.
func (w *loop) abandon() {
	w.abort()
	for w.services > 0 {
		w.runPosts()
		time.Sleep(time.Millisecond)
	}
}

// fail ends a run that cannot go on. The first reason is the run's verdict.
func (w *loop) fail(reason error) {
	if w.verdict == nil && w.stop.phase != leavingAll {
		w.verdict = reason
	}
	w.leave()
}
