package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rs/zerolog"
)

// Console turns zerolog's lines of JSON into lines for people:
//
//	12:00:01.123 ERROR count[4]  the bolt died: exit status 1
//	    Traceback (most recent call last):
//	      File "count.py", line 9, in process
//
// It belongs to one goroutine.
type Console struct {
	w     io.Writer
	name  string // the actor of a line that no component wrote
	width int    // of the actor's column
	color bool
	buf   []byte
}

// NewConsole writes to w. A line that no component wrote is by name, and width is
// that of the actor's column.
func NewConsole(w io.Writer, name string, width int, color bool) *Console {
	return &Console{w: w, name: name, width: max(width, len(name)), color: color}
}

// chunk is how much is made readable before it is written.
const chunk = 64 << 10

// Write takes any number of whole lines. The count that it returns with an
// error is that of the lines which were written.
func (c *Console) Write(p []byte) (int, error) {
	written, read := 0, 0
	for line := range bytes.Lines(p) {
		c.buf = c.appendLine(c.buf, bytes.TrimRight(line, "\n"))
		read += len(line)
		if len(c.buf) < chunk && read < len(p) {
			continue
		}
		_, err := c.w.Write(c.buf)
		c.buf = c.buf[:0]
		if err != nil {
			return written, err
		}
		written = read
	}
	return written, nil
}

// appendLine makes one line readable. What is no JSON object is left as it is.
func (c *Console) appendLine(dst, line []byte) []byte {
	e, ok := parseLogLine(line)
	if !ok {
		return append(append(dst, line...), '\n')
	}
	dst = c.appendColored(dst, faint, clock(e.time))
	dst = append(dst, ' ')
	dst = c.appendColored(dst, levelColor(e.level), fmt.Sprintf("%-5s", strings.ToUpper(e.level)))
	dst = append(dst, ' ')
	dst = c.appendColored(dst, bold, fmt.Sprintf("%-*s", c.width, e.actor(c.name)))
	dst = append(dst, "  "...)

	first, rest, _ := strings.Cut(Visible(e.text()), "\n")
	dst = append(dst, first...)
	for _, f := range e.extra {
		dst = append(dst, ' ')
		dst = c.appendColored(dst, faint, f.key+"=")
		dst = append(dst, quoteIfNeeded(f.value)...)
	}
	for part := range strings.Lines(rest) {
		dst = append(dst, "\n    "...)
		dst = append(dst, strings.TrimRight(part, "\n")...)
	}
	return append(dst, '\n')
}

// LogText is what a line of zerolog's says: its message and error, with the fields that are
// not part of every line after the first line, as [Console] shows them. It is not ok if
// the line is not a JSON object.
func LogText(line []byte) (text string, ok bool) {
	e, ok := parseLogLine(line)
	if !ok {
		return "", false
	}
	text, rest, more := strings.Cut(e.text(), "\n")
	for _, f := range e.extra {
		text += " " + f.key + "=" + quoteIfNeeded(f.value)
	}
	if more {
		text += "\n" + rest
	}
	return text, true
}

// logLine is a line of zerolog's.
type logLine struct {
	time, level, component, task, worker, message, err string
	extra                                              []logField
}

type logField struct{ key, value string }

// parseLogLine reads a JSON object; the fields that are no part of every line stay in their order.
func parseLogLine(line []byte) (l logLine, ok bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return l, false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return l, false
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return l, false
		}
		l.put(key.(string), fieldText(raw))
	}
	_, err := d.Token()
	return l, err == nil
}

func (l *logLine) put(key, value string) {
	switch key {
	case zerolog.TimestampFieldName:
		l.time = value
	case zerolog.LevelFieldName:
		l.level = value
	case zerolog.MessageFieldName:
		l.message = value
	case zerolog.ErrorFieldName:
		l.err = value
	case "component":
		l.component = value
	case "task":
		l.task = value
	case "worker":
		l.worker = value
	default:
		l.extra = append(l.extra, logField{key, value})
	}
}

// actor is "component[task]", "worker 1" if a worker of several wrote the line itself, or
// name. The task says which worker it is on.
func (l *logLine) actor(name string) string {
	switch {
	case l.component == "" && l.worker != "":
		return "worker " + l.worker
	case l.component == "":
		return name
	case l.task == "":
		return l.component
	}
	return l.component + "[" + l.task + "]"
}

// text is the message with the error behind it.
func (l *logLine) text() string {
	switch {
	case l.err == "":
		return strings.TrimRight(l.message, "\r\n")
	case l.message == "":
		return strings.TrimRight(l.err, "\r\n")
	}
	return l.message + ": " + strings.TrimRight(l.err, "\r\n")
}

// fieldText is a JSON text's content, and any other value's JSON.
func fieldText(raw json.RawMessage) string {
	var text string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// TimeLayout is the time of a line of the log, as [Console] reads it.
const TimeLayout = "2006-01-02T15:04:05.000Z07:00"

// TimeHook adds the time to a log line. zerolog's own time has no milliseconds, unless a
// global variable is changed.
type TimeHook struct{}

func (TimeHook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str(zerolog.TimestampFieldName, time.Now().Format(TimeLayout))
}

// clock cuts the time of day out of [TimeLayout].
func clock(t string) string {
	const begin, end = len("2006-01-02T"), len("2006-01-02T15:04:05.000")
	if len(t) < end {
		return t
	}
	return t[begin:end]
}

// quoteIfNeeded keeps a field's value one word. A JSON list or object, such as a
// tuple, has its own quotes and brackets, and more would not make it clearer.
func quoteIfNeeded(text string) string {
	isJSON := strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{")
	if text == "" || strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsPrint(r) || !isJSON && (r == ' ' || r == '"' || r == '=')
	}) {
		return strconv.Quote(text)
	}
	return text
}

func levelColor(level string) string {
	switch level {
	case "error", "fatal", "panic":
		return red
	case "warn":
		return yellow
	case "info":
		return cyan
	}
	return faint
}

func (c *Console) appendColored(dst []byte, color, text string) []byte {
	if !c.color {
		return append(dst, text...)
	}
	return appendColor(dst, color, text)
}
