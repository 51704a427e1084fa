package worker

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"gust/multilang"
	"gust/shell"
)

// reportError handles an error that the component reports, usually an exception.
func (t *task) reportError(msg string) {
	msg = strings.TrimRight(msg, "\n")
	if _, counts := t.blame("errors", "%s", t.withNewTraceback(msg)); counts {
		t.lastError, t.comp.lastError, t.reported = msg, msg, true
		t.erred(msg) // all of them and whole, unlike in the log
	}
}

// offend reports that the component breaks the protocol. The caller drops what the
// message was about.
func (t *task) offend(kind, format string, args ...any) {
	if msg, _ := t.blame(kind, format, args...); msg != "" {
		t.erred(msg)
	}
}

// blame counts and logs an error of the component. After its input has ended, at the
// end of a run, it is not an error: Storm's own adapters report the end of their input
// as an exception, and petrel prints it to stdout. It returns what it logged as an error.
func (t *task) blame(kind, format string, args ...any) (logged string, counts bool) {
	if t.hasLeft() {
		t.log.Debug().Msgf(format, args...)
		return "", false
	}
	t.comp.errors++
	if logged = t.complain(kind, zerolog.ErrorLevel, format, args...); logged != "" {
		t.lastError, t.comp.lastError, t.reported = logged, logged, false
	}
	return logged, true
}

// complain logs a complaint unless there were too many of its kind, and returns what
// it logged. It does not format what it does not log: a process may break the protocol
// a million times a second.
func (t *task) complain(kind string, level zerolog.Level, format string, args ...any) (msg string) {
	show, hidden := t.comp.complaints.allow(kind, t.loop.now)
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

// stray handles bytes on stdout that are not a message. Text between two messages is
// output like any other; text that breaks a message is an error.
func (t *task) stray(stray *multilang.StrayError) {
	if stray.Printed {
		for line := range bytes.Lines(stray.Bytes) {
			t.print(bytes.TrimRight(line, "\r\n"), "stdout")
		}
		return
	}
	t.offend("stray lines on stdout", "stray output on stdout, which is reserved for the protocol (a print? log it, or print to stderr): %s\n%s", stray.Reason, stray.Bytes)
	if !t.excused {
		// It may have been the answer to a heartbeat, so the next one decides. That is
		// excused once: a process that prints without end never answers.
		t.heartbeatOut, t.excused = false, true
	}
	switch {
	case !stray.Emit:
	case t.bolt != nil:
		// Its trees would be acked without the lost tuple, so all that it holds fails.
		t.bolt.giveUp(failedByBolt)
	case stray.ID:
		// It would wait forever for the ack or fail.
		t.end(errors.New("it emitted an unreadable tuple, whose id is unknown"))
	}
}

// reportHidden logs how many complaints gust only counted, for each kind whose interval
// is over.
func (l *loop) reportHidden(now int64) {
	for _, c := range l.plan.components {
		c.complaints.calm(now, func(kind string, hidden uint64) {
			l.log.Warn().Str("component", c.name()).Msgf("%d more %s suppressed", hidden, kind)
		})
		c.tracebacks.calm(l.now, func(text string, hidden uint64) {
			l.log.Warn().Str("component", c.name()).Msgf("not shown: %d more of the traceback that ends with %q", hidden, shell.Headline(text))
		})
	}
}
