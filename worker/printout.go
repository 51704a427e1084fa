package worker

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"gust/shell"
)

// printout is what a process prints, on its way to the log: lines on stderr, and lines
// on stdout that are not messages.
type printout struct {
	traceback []byte // the traceback that is being gathered
	complete  bool   // it has its exception, but another one may be chained to it
	chained   bool   // another one is, and its traceback follows

	prompted bool // a debugger's prompt was reported

	counted int64  // when counting the lines last began
	lines   int    // since then
	missed  uint64 // lines that were too many

	repeats uint64 // how often the last lines were repeated, after the end of the input
	cycle   bool   // several lines are repeated, not only the last one
}

// A task may log outputLines in outputWindow, which is more than anybody reads: a line of
// the log costs the loop about a microsecond, and it serves other tasks too.
const (
	outputLines  = 10_000
	outputWindow = 100 * time.Millisecond
)

// print logs a line that the process has printed. from is "stdout" or "stderr". It drops
// a byte order mark, with which some languages begin their output.
func (t *task) print(line []byte, from string) {
	line = bytes.TrimPrefix(line, []byte("\uFEFF"))
	if len(bytes.TrimSpace(line)) == 0 {
		if t.printed.complete && from == "stderr" {
			t.printed.traceback = append(t.printed.traceback, '\n')
		}
		return
	}
	if from == "stderr" && t.addToTraceback(line) {
		t.words.Add(line)
		return
	}
	if t.repeats(line) || t.printsTooFast() {
		return
	}
	t.log.WithLevel(t.level(line, zerolog.InfoLevel)).Str("from", from).Msg(string(line))
	t.noticePrompt(line)
}

// repeats adds a line to the last words, and says whether the process only repeats itself
// after the end of its input: some clients report that end again and again.
func (t *task) repeats(line []byte) bool {
	if t.hasLeft() {
		if ago := t.words.Find(line); ago >= 0 {
			t.printed.repeats++
			t.printed.cycle = t.printed.cycle || ago > 0
			return true
		}
		t.reportRepeats()
	}
	t.words.Add(line)
	return false
}

// hasLeft says whether the process's input has ended, at the end of the run.
func (t *task) hasLeft() bool { return t.state == leaving && t.stdin == stdinClosed }

func (t *task) reportRepeats() {
	o := &t.printed
	switch {
	case o.repeats == 0:
		return
	case o.repeats == 1:
		t.log.Info().Msg("last line repeated once")
	case o.cycle:
		t.log.Info().Msgf("last lines repeated, %d lines in total", o.repeats)
	default:
		t.log.Info().Msgf("last line repeated %d times", o.repeats)
	}
	o.repeats, o.cycle = 0, false
}

// printsTooFast says whether the process prints so much that the line must be dropped.
func (t *task) printsTooFast() bool {
	o := &t.printed
	if t.loop.now-o.counted >= int64(outputWindow) {
		t.reportMissed()
		o.counted, o.lines = t.loop.now, 0
	}
	if o.lines++; o.lines <= outputLines {
		return false
	}
	o.missed++
	return true
}

func (t *task) reportMissed() {
	if t.printed.missed > 0 {
		t.log.Warn().Msgf("%d lines of output dropped: the component prints too fast", t.printed.missed)
		t.printed.missed = 0
	}
}

// addToTraceback adds a line to the current traceback of Python, so that the log has it in
// one piece, whatever other tasks print meanwhile. It is false if the line is not part of
// a traceback.
func (t *task) addToTraceback(line []byte) bool {
	o := &t.printed
	begins := bytes.HasPrefix(line, []byte("Traceback (most recent call last):"))
	chains := bytes.HasPrefix(line, []byte("During handling of the above exception")) ||
		bytes.HasPrefix(line, []byte("The above exception was the direct cause"))
	switch {
	case len(o.traceback) == 0 && !begins:
		return false
	case o.complete && !chains && !(begins && o.chained), len(o.traceback) > maxTraceback:
		t.logTraceback()
		return begins && t.addToTraceback(line)
	}
	o.traceback = append(append(o.traceback, line...), '\n')
	o.complete, o.chained = !begins && line[0] != ' ' && line[0] != '\t', chains
	return true
}

// maxTraceback bounds the bytes of a traceback: Python itself shortens that of an endless
// recursion.
const maxTraceback = 64 << 10

// logTraceback logs the traceback that was gathered. If another task of the component has
// just printed the same, it is only counted.
func (t *task) logTraceback() {
	o := &t.printed
	if len(o.traceback) == 0 {
		return
	}
	text := strings.TrimRight(string(o.traceback), "\n")
	o.traceback, o.complete, o.chained = o.traceback[:0], false, false
	show, hidden := t.comp.tracebacks.allow(text, t.loop.now)
	if !show {
		return
	}
	if hidden > 0 {
		text = fmt.Sprintf("%s\n(and %d more like it suppressed)", text, hidden)
	}
	t.log.WithLevel(t.level([]byte(text), zerolog.ErrorLevel)).Msg(text)
}

// withNewTraceback is a message of the component, without the traceback at its end if the
// log has just shown the same one: pystorm logs an exception and then reports it, in each
// task.
func (t *task) withNewTraceback(msg string) string {
	at := strings.Index(msg, "\nTraceback (most recent call last):\n")
	if at < 0 || t.comp.tracebacks.isNew(msg[at+1:], t.loop.now) {
		return msg
	}
	return msg[:at] + "\n(its traceback is above)"
}

// flushOutput logs what waited for more lines, once a second.
func (t *task) flushOutput() {
	if t.printed.complete {
		t.logTraceback()
	}
	t.reportMissed()
}

// endOutput logs the rest when the process has ended.
func (t *task) endOutput() {
	t.lines.Flush()
	for line := range bytes.Lines(t.dec.Rest()) {
		if bytes.IndexByte(line, '{') < 0 { // else it is half a message
			t.print(bytes.ToValidUTF8(bytes.TrimRight(line, "\r\n"), []byte("\uFFFD")), "stdout")
		}
	}
	t.logTraceback()
	t.reportRepeats()
	t.reportMissed()
	t.printed = printout{}
}

// level is the level of a line of the component: level, but debug for pystorm's own lines
// at the start of every task, and at the end of a run, when its input has ended as asked.
func (t *task) level(said []byte, level zerolog.Level) zerolog.Level {
	if t.state == leaving && bytes.Contains(said, []byte("Exiting because parent Storm process went away")) ||
		bytes.HasPrefix(said, []byte("pystorm StormHandler logging enabled")) {
		return zerolog.DebugLevel
	}
	return level
}

// noticePrompt reports a debugger that reads the process's stdin.
func (t *task) noticePrompt(line []byte) {
	if !t.printed.prompted && bytes.HasPrefix(line, []byte("(Pdb) ")) {
		t.printed.prompted = true
		t.log.Warn().Msgf("waiting in a debugger%s, which reads gust's messages on stdin\nhint: %s",
			shell.WaitsAt(t.words.Lines()), shell.DebuggerHint)
	}
}

// message is a line of the component's log, without what gust's log has in columns of its
// own: pystorm's usual format begins with the time and a logger named after the component.
func (c *component) message(said []byte) []byte {
	const form, separator = "2006-01-02 15:04:05,000", " - "
	said = bytes.TrimRight(said, "\n")
	if len(said) < len(form)+len(separator) || said[4] != '-' || said[10] != ' ' || said[13] != ':' || said[19] != ',' ||
		string(said[len(form):len(form)+len(separator)]) != separator {
		return said
	}
	if _, err := time.Parse("2006-01-02 15:04:05", string(said[:19])); err != nil {
		return said
	}
	said = said[len(form)+len(separator):]
	if rest, ok := bytes.CutPrefix(said, []byte("pystorm.component."+c.name()+separator)); ok {
		return rest
	}
	return said
}
