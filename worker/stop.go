package worker

import "time"

// stop is the end of a run, in the phases draining and ending.
//
// Draining: gust deactivates the spouts and asks them no more; what is in flight
// finishes. Ending: what is still in flight fails, and the spouts get the verdicts. gust
// closes each process's stdin, a spout's when it has answered its commands. A process
// that does not exit gets SIGTERM, and then SIGKILL: that is the ladder.
type stop struct {
	progress int64 // when a tuple was last emitted, acked or failed, or a command answered
	killing  bool  // processes have been killed, and so is each that is still being started
	deadline timer
	ladder   timer
}

// quiet is how long nothing must happen until gust stops waiting for tuples that belong
// to no tree: bolts that never ack them are common.
const quiet = time.Second

// startDraining begins an orderly end. It does nothing if the end has already begun.
func (l *loop) startDraining() {
	if l.phase.stopping() {
		return
	}
	l.enter(draining)
	l.stop.progress = l.now
	if l.peers != nil && !l.peers.end.alone {
		l.peers.sayStop()
	}
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
		}
	}
	l.stop.deadline.fire = func(int64) { l.endRun() }
	l.timers.arm(&l.stop.deadline, l.now+int64(l.drainTime))
	l.endIfDrained()
}

// leave begins an orderly end of this worker alone.
func (l *loop) leave() {
	if l.peers != nil && !l.phase.stopping() {
		l.peers.withdraw()
	}
	l.startDraining()
}

// endIfDrained ends the run when nothing is in flight any more.
func (l *loop) endIfDrained() {
	if l.phase != draining {
		return
	}
	drained := l.drained()
	if l.peers != nil {
		drained = l.peers.mayEnd(drained)
	}
	if drained {
		l.endRun()
	}
}

// drained says whether nothing is in flight here any more.
func (l *loop) drained() bool {
	if (l.acker.stats.Pending > 0 || l.injections.n > 0) && l.anyRunning() {
		return false
	}
	return !l.untaken() && !(l.busy() && time.Duration(l.now-l.stop.progress) < quiet)
}

// untaken says whether a process has tuples that it has not read yet.
func (l *loop) untaken() bool {
	for _, t := range l.plan.tasks {
		if t.bolt != nil && t.proc != nil && t.bolt.window.queued() > 0 {
			return true
		}
	}
	return false
}

// asked says whether a spout has a command to answer.
func (l *loop) asked() bool {
	for _, t := range l.plan.tasks {
		if t.spout != nil && t.proc != nil && !t.spout.commands.Idle() {
			return true
		}
	}
	return false
}

// busy says whether a bolt holds tuples, or a spout has a command to answer.
func (l *loop) busy() bool {
	for _, t := range l.plan.tasks {
		if t.proc == nil {
			continue
		}
		if t.bolt != nil && t.bolt.flight.n > 0 || t.spout != nil && !t.spout.commands.Idle() {
			return true
		}
	}
	return false
}

func (l *loop) anyRunning() bool {
	for _, t := range l.plan.tasks {
		if t.proc != nil {
			return true
		}
	}
	return false
}

// endRun fails what is in flight, and lets all processes exit. It does nothing the second time.
func (l *loop) endRun() {
	if l.phase == ending {
		return
	}
	l.enter(ending)
	l.moved = true // paused spouts are read again
	l.timers.disarm(&l.stop.deadline)
	l.cancel() // no restarts from here on
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
			t.spout.failAll(shutDown)
		}
	}
	l.acker.failAll(l.injections.list, shutDown)
	if l.peers != nil {
		l.peers.close()
	}
	for _, t := range l.plan.tasks {
		t.leave()
	}
	l.stop.ladder.fire = l.terminate
	l.timers.arm(&l.stop.ladder, l.now+int64(l.exitWait))
}

// terminate and kill are the steps of the ladder for processes that do not exit.
func (l *loop) terminate(now int64) {
	for _, t := range l.plan.tasks {
		if t.proc == nil {
			continue
		}
		if t.spout != nil && !t.spout.mayEnd() {
			t.log.Warn().Int("pid", t.pid).Msgf("did not answer the last commands within %v: sending SIGTERM", l.exitWait)
			t.spout.sendQueued()
		} else {
			t.log.Warn().Int("pid", t.pid).Msgf("did not exit within %v after the end of its input: sending SIGTERM", l.exitWait)
		}
		t.proc.Terminate()
	}
	l.stop.ladder.fire = func(int64) { l.kill() }
	l.timers.arm(&l.stop.ladder, now+int64(l.exitWait))
}

func (l *loop) kill() {
	l.stop.killing = true
	for _, t := range l.plan.tasks {
		if t.proc != nil {
			t.proc.Kill()
		}
	}
}

// abort ends a run at once.
func (l *loop) abort() {
	l.endRun()
	l.kill()
}

// abandon ends a run whose poller is broken. Nothing can wake the loop then, so it looks
// for posts again and again.
func (l *loop) abandon() {
	l.abort()
	for l.services > 0 {
		l.runPosts()
		l.kernel.Nap(time.Millisecond)
	}
}

// fail ends a run that cannot go on. The first reason becomes the run's error.
func (l *loop) fail(reason error) {
	if l.failure == nil && l.phase != ending {
		l.failure = reason
	}
	l.endRun()
}
