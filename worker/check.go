package worker

import (
	"errors"
	"time"

	"gust/shell"
)

// check looks for a process that hangs, once a second.
func (t *task) check(now int64) {
	if t.proc == nil {
		return
	}
	t.flushOutput()
	switch {
	case t.state == leaving: // the ladder of stop.go follows
	case t.eof && now-t.eofAt > int64(eofGrace):
		t.end(errNoStdout)
	case t.state == greeting:
		if within := t.comp.set.startTimeout; within > 0 && time.Duration(now-t.since) > within {
			t.end(&shell.HandshakeError{Within: within})
		}
	case t.paused() && (t.behind == nil || !t.behind.cyclic || t.loop.frozen.tasks > 0):
		// It may be blocked because gust does not read its stdout: that is not silence.
		t.heard = now
	case t.stopped.at != nil:
		t.heard = now
		if t.stopped.stepping && t.bolt != nil {
			t.bolt.ensureHeartbeat() // its sync shows that it has gone on
		}
	case t.spout != nil:
		t.spout.check(now)
	default:
		t.bolt.check(now)
	}
}

// check kills a spout that does not answer the oldest command.
func (s *spoutTask) check(now int64) {
	cmd, since, ok := s.commands.Oldest()
	if !ok || s.commands.Idle() {
		return
	}
	t := s.task
	if t.isSilent(now, min(now-t.heard, now-since)) {
		t.end(&shell.HungError{Silence: t.patience(), Command: cmd.String(), Streamparse: t.comp.spec.Script != "", Spoke: t.heard > since})
	}
}

// check kills a bolt that does not answer heartbeats, and sends one otherwise. Only
// a process that was asked can be silent: the answer to the last heartbeat is about
// a second old when the next one is due.
func (b *boltTask) check(now int64) {
	t := b.task
	if !t.heartbeatOut || !t.outOfPatience(now-t.heard) {
		b.ensureHeartbeat()
	} else if t.isSilent(now, now-t.heard) {
		t.end(&shell.HungError{Silence: t.patience()})
	}
}

// isSilent says whether a process that has been silent for so long counts as
// hanging. Its output is read once more first: on a busy machine one round of the
// loop may take so long that the answer came in the middle of it.
func (t *task) isSilent(now, silent int64) bool {
	if !t.outOfPatience(silent) {
		return false
	}
	if t.suspectRound == 0 {
		t.suspectRound = t.loop.rounds
		t.loop.timers.arm(&t.loop.checker, now) // in the next round
	}
	return t.loop.rounds > t.suspectRound
}

func (t *task) outOfPatience(silent int64) bool {
	return t.comp.set.maxSilence > 0 && time.Duration(silent) > t.patience()
}

// patience is how long the process may be silent. Before its first answer it has as
// long as a start may take, since it may load its models.
func (t *task) patience() time.Duration {
	if !t.greeted {
		return max(t.comp.set.maxSilence, t.comp.set.startTimeout)
	}
	return t.comp.set.maxSilence
}

// eofGrace is how long a process may keep running after its stdout has ended.
const eofGrace = time.Second

// errNoStdout is why gust kills a process that keeps running without its stdout.
var errNoStdout = errors.New("it closed stdout but kept running")
