package worker

import (
	"github.com/rs/zerolog"

	"gust/multilang"
)

// handle handles a message from the process.
func (t *task) handle(m *multilang.Message) {
	t.heard = t.loop.now
	t.heartbeatOut, t.excused, t.suspectRound = false, false, 0
	if m.Command == multilang.PID {
		t.greet(m)
		return
	}
	t.noteFirstWork(m.Command)
	switch m.Command {
	case multilang.Emit:
		t.emit(m)
	case multilang.Ack, multilang.Fail:
		if t.bolt == nil {
			t.offend("wrong commands", "sent %q for id %s: a spout cannot ack or fail", commandWord(m.Command), t.show(m.ID))
			return
		}
		t.bolt.answer(m)
	case multilang.Sync:
		if t.stopped.stepping {
			t.goOn()
		}
		if t.spout != nil {
			t.spout.synced()
		} else {
			t.bolt.synced()
		}
	case multilang.Log:
		if !t.hasLeft() || !t.repeats(m.Msg) {
			if line := t.log.WithLevel(t.level(m.Msg, logLevels[m.Level])); line.Enabled() {
				line.Msg(t.withNewTraceback(string(t.comp.message(m.Msg))))
			}
		}
	case multilang.Error:
		t.reportError(string(m.Msg))
	case multilang.Metrics:
		t.metric(m)
	case multilang.UnknownCommand:
		if t.debugs(m) {
			return
		}
		t.offend("wrong commands", "unknown command %q (want emit, ack, fail, log, error, metrics or sync)", m.Name)
	case multilang.NoCommand:
		t.offend("wrong commands", "message without a \"command\"")
	}
}

func commandWord(c multilang.Command) string {
	if c == multilang.Ack {
		return "ack"
	}
	return "fail"
}

var logLevels = [...]zerolog.Level{
	multilang.Trace: zerolog.TraceLevel,
	multilang.Debug: zerolog.DebugLevel,
	multilang.Info:  zerolog.InfoLevel,
	multilang.Warn:  zerolog.WarnLevel,
	multilang.Err:   zerolog.ErrorLevel,
}

// greet handles the answer to the handshake. Its pid is not that of the process that
// gust started if there is a shell in between.
func (t *task) greet(m *multilang.Message) {
	if t.state == leaving {
		return // the end of the run has begun
	}
	if t.state != greeting {
		t.offend("second pids", "sent its pid more than once")
		return
	}
	t.pid = int(m.PID)
	if m.Packs == multilang.PacksVersion && t.offersPacks() {
		t.takePacks()
	}
	t.enter(running)
	t.log.Debug().Int("pid", t.pid).Msg("ready")
	if t.bolt != nil {
		t.bolt.ready()
	} else {
		t.cameUp = true
		t.spout.ready()
	}
	t.touch()
	t.loop.startSpouts() // there may be no bolts to wait for
}

// noteFirstWork notes the first message that shows that the process works. It may log,
// report errors and metrics, and stop at breakpoints before that, while it initializes.
func (t *task) noteFirstWork(c multilang.Command) {
	if t.greeted || t.state == greeting || c == multilang.Log || c == multilang.Error || c == multilang.Metrics || c == multilang.UnknownCommand {
		return
	}
	t.greeted, t.cameUp = true, true
	t.happened(EventReady, "")
	t.loop.startSpouts()
}
