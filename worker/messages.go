package worker

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"gust/multilang"
)

// handle does what a message asks for.
func (t *task) handle(m *multilang.Message) {
	t.heard = t.w.now
	t.beating, t.excused, t.suspect = false, false, 0
	if m.Command == multilang.PID {
		t.greet(m)
		return
	}
	t.hear(m.Command)
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

// greet takes the answer to the handshake. The pid may be another than that of
// the process that was started, where a shell stands in between.
func (t *task) greet(m *multilang.Message) {
	if t.state == leaving {
		return // the end of the run came first
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
	t.w.start() // where there are no bolts to wait for
}

// hear notes the first message that shows that the process does its work: what
// it logs or reports before that, it may say while it initialises.
func (t *task) hear(c multilang.Command) {
	if t.greeted || t.state == greeting || c == multilang.Log || c == multilang.Error || c == multilang.Metrics {
		return
	}
	t.greeted, t.cameUp = true, true
	t.happened(EventReady, "")
	t.w.start()
}

// reportError takes an error that the component reports, most often an exception.
func (t *task) reportError(msg string) {
	msg = strings.TrimRight(msg, "\n")
	if t.blame("errors", "%s", t.withNewTraceback(msg)) {
		t.lastError, t.comp.lastError, t.reported = msg, msg, true
	}
}

// offend notes that the component breaks the protocol: it is told to its
// author, and costs what the message was about.
func (t *task) offend(kind, format string, args ...any) { t.blame(kind, format, args...) }

// blame counts an error of the component and tells of it. Of a component whose
// input has ended at the end of a run it is none: Storm's own adapters report
// the end of their input as an exception, and petrel prints it to stdout.
func (t *task) blame(kind, format string, args ...any) (counts bool) {
	if t.hasLeft() {
		t.log.Debug().Msgf(format, args...)
		return false
	}
	t.comp.errors++
	if msg := t.complain(kind, zerolog.ErrorLevel, format, args...); msg != "" {
		t.lastError, t.comp.lastError, t.reported = msg, msg, false
		t.erred(msg)
	}
	return true
}

// complain logs, but no more often than a reader can bear, and returns what it
// logged. What is not shown is not formatted: a process may offend a million times
// a second.
func (t *task) complain(kind string, level zerolog.Level, format string, args ...any) (msg string) {
	show, hidden := t.comp.complaints.allow(kind, t.w.now)
	if !show {
		return ""
	}
	msg = fmt.Sprintf(format, args...)
	more := ""
	if hidden > 0 {
		more = fmt.Sprintf("\n(and %d more like it suppressed)", hidden)
	}
	t.log.WithLevel(level).Msg(msg + more)
	return msg
}

// stray tells of bytes on stdout that are no message: text between two messages is
// output as any other, and what breaks a message is an offence.
func (t *task) stray(stray *multilang.StrayError) {
	if stray.Printed {
		for line := range bytes.Lines(stray.Bytes) {
			t.print(bytes.TrimRight(line, "\r\n"), "stdout")
		}
		return
	}
	t.offend("stray lines on stdout", "stray output on stdout, which is reserved for the protocol (a print? log it, or print to stderr): %s\n%s", stray.Reason, stray.Bytes)
	if !t.excused {
		// It may have been the answer to a heartbeat: the next one will tell. But
		// one that prints without an end never answers.
		t.beating, t.excused = false, true
	}
	switch {
	case !stray.Emit:
	case t.bolt != nil:
		// Its trees would be acked without the tuple that is lost, so that all
		// that it holds fails.
		t.bolt.giveUp(failedByBolt)
	case stray.ID:
		// It would wait for the verdict for ever.
		t.end(errors.New("it emitted an unreadable tuple, whose id is unknown"))
	}
}

// metric keeps what the component says of itself.
func (t *task) metric(m *multilang.Message) {
	if t.comp.metrics == nil {
		t.comp.metrics = map[string]*MetricStats{}
	}
	stats := t.comp.metrics[string(m.Name)]
	if stats == nil {
		if len(t.comp.metrics) >= maxMetrics {
			t.offend("metrics", "more than %d metric names: dropping %q", maxMetrics, m.Name)
			return
		}
		stats = &MetricStats{Name: string(m.Name)}
		t.comp.metrics[stats.Name] = stats
	}
	stats.Reports++
	stats.Last = t.show(m.Params).String()
	t.log.Debug().Str("metric", stats.Name).Str("value", stats.Last).Msg("metric")
}

// maxMetrics bounds the names of metrics that a component may make up.
const maxMetrics = 1000

// shown is a raw value as people read it, if somebody does.
type shown struct {
	codec multilang.Codec
	raw   []byte
}

func (t *task) show(raw []byte) shown { return shown{t.comp.codec, raw} }

// String is JSON text on one line.
func (s shown) String() string {
	if s.raw == nil {
		return "null"
	}
	return string(s.codec.AppendText(nil, s.raw, 200))
}
