package worker

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"gust/shell"
)

// printout is what a process prints, on its way to the log: lines on stderr, and
// those on stdout that are no messages.
type printout struct {
	traceback []byte // that is being gathered, of which more may come
	complete  bool   // the traceback has its exception; another may be chained to it
	chained   bool   // it is: the traceback of the next one follows

	prompted bool // a debugger's prompt was reported

	window int64  // when the lines were last counted anew
	lines  int    // since then
	missed uint64 // lines that were too many

	repeats uint64 // of the last lines, after the end of the input
	cycle   bool   // of several lines, not of the last one alone
}

// A component may log so many lines in such a time, which is more than anybody
// reads: to make a line of the log costs the loop about a microsecond, and it
// serves others too.
const (
	outputLines  = 10_000
	outputWindow = 100 * time.Millisecond
)

// print takes a line that the process has printed. from is "stdout" or "stderr".
// A byte order mark, with which some languages begin their output, is not text.
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

// repeats takes a line into the last words, and says whether the process says again
// what it has just said, though its input has ended: some clients report the end of
// their input without end.
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

// hasLeft says whether the process has been given the end of its input.
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

// crowds says whether the process prints so much that the line must be left out.
func (t *task) printsTooFast() bool {
	o := &t.printed
	if t.loop.now-o.window >= int64(outputWindow) {
		t.reportMissed()
		o.window, o.lines = t.loop.now, 0
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

// gather takes a line that belongs to a traceback of Python's, so that it comes
// in one piece, whatever other tasks print meanwhile.
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

// maxTraceback is the most bytes of a traceback that are gathered: Python itself
// shortens those of an endless recursion.
const maxTraceback = 64 << 10

// tellTraceback logs the traceback that was gathered. One that a sibling has
// printed just before is only counted.
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

// withNewTraceback is what the component logs or reports, without the traceback at
// its end if the log has just shown the same: pystorm logs an exception, and then
// reports it, in each task.
func (t *task) withNewTraceback(msg string) string {
	at := strings.Index(msg, "\nTraceback (most recent call last):\n")
	if at < 0 || t.comp.tracebacks.isNew(msg[at+1:], t.loop.now) {
		return msg
	}
	return msg[:at] + "\n(its traceback is above)"
}

// settleOutput logs what waited for more to come, once a second.
func (t *task) flushOutput() {
	if t.printed.complete {
		t.logTraceback()
	}
	t.reportMissed()
}

// endOutput logs what is left when the process has ended.
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

// level is the level of something that the component says: level, but debug for
// what pystorm says of itself in every task, and when its input ends at the end of
// a run, as asked.
func (t *task) level(said []byte, level zerolog.Level) zerolog.Level {
	if t.state == leaving && bytes.Contains(said, []byte("Exiting because parent Storm process went away")) ||
		bytes.HasPrefix(said, []byte("pystorm StormHandler logging enabled")) {
		return zerolog.DebugLevel
	}
	return level
}

// noticePrompt reports a debugger that has taken the process's stdin.
func (t *task) noticePrompt(line []byte) {
	if !t.printed.prompted && bytes.HasPrefix(line, []byte("(Pdb) ")) {
		t.printed.prompted = true
		t.log.Warn().Msgf("waiting in a debugger%s, which reads gust's messages on stdin\nhint: %s",
			shell.WaitsAt(t.words.Lines()), shell.DebuggerHint)
	}
}

// message is what a line of the component's log says, without what the log has in
// columns of its own: pystorm's usual format begins with the time and a logger that
// is named by the component.
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
