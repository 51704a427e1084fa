package rest

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gust/status"
	"gust/status/served"
)

// logFile is a log that Storm would have in a file. gust has its last lines in memory. When
// it drops the oldest, clients see what they see when Storm rotates a file.
type logFile struct {
	name  string
	lines []status.LogLine
}

// The logs of the daemons: what gust itself logs, of all topologies.
const (
	nimbusLog     = "nimbus.log"
	supervisorLog = "supervisor.log"
)

// append writes a line of a log as text.
func (logFile) append(text []byte, line *status.LogLine) []byte {
	text = line.Time.Local().AppendFormat(text, logTime)
	text = append(text, actor(line)...)
	if line.Task != 0 {
		text = append(strconv.AppendInt(append(text, '['), int64(line.Task), 10), ']')
	}
	text = append(text, " ["...)
	text = append(text, strings.ToUpper(line.Level)...)
	text = append(text, "] "...)
	text = append(text, line.Text...)
	return append(text, '\n')
}

const logTime = "2006-01-02 15:04:05.000 "

// sizeOf is how many bytes append writes. Clients that follow a long log ask for its end each
// second; counting the lines before it takes a hundredth of the time of formatting them.
func (logFile) sizeOf(line *status.LogLine) int {
	n := len(logTime) + len(actor(line)) + len(" [] ") + len(line.Level) + len(line.Text) + 1
	if line.Task != 0 {
		n += len("[]") + len(strconv.Itoa(line.Task))
	}
	return n
}

// actor is who wrote a line.
func actor(line *status.LogLine) string { return cmp.Or(line.Component, status.GustLog) }

// size is how many bytes the log has.
func (f logFile) size() (n int) {
	for i := range f.lines {
		n += f.sizeOf(&f.lines[i])
	}
	return n
}

// slice is a part of the log, by bytes.
func (f logFile) slice(from, to int) []byte {
	var part, line []byte
	offset := 0
	for i := range f.lines {
		end := offset + f.sizeOf(&f.lines[i])
		if end > from && offset < to {
			line = f.append(line[:0], &f.lines[i])
			part = append(part, line[max(0, from-offset):min(len(line), to-offset)]...)
		}
		offset = end
	}
	return part
}

// each yields the lines. One is valid until the next.
func (f logFile) each(yield func([]byte) bool) {
	var line []byte
	for i := range f.lines {
		line = f.append(line[:0], &f.lines[i])
		if !yield(line) {
			return
		}
	}
}

// WriteTo writes all of the log.
func (f logFile) WriteTo(w io.Writer) (n int64, err error) {
	for line := range f.each {
		written, err := w.Write(line)
		n += int64(written)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// findLog finds the log that a request is about. Some clients escape the name twice.
func (a *api) findLog(r *http.Request, find func(name string) (logFile, bool)) (logFile, error) {
	name := r.URL.Query().Get("file")
	if log, ok := find(name); ok {
		return log, nil
	}
	if again, err := url.QueryUnescape(name); err == nil {
		if log, ok := find(again); ok {
			return log, nil
		}
	}
	return logFile{}, failure(http.StatusNotFound, "no log %q", name)
}

// workerLog finds the log of a topology: "wordcount-1-17/6700/worker.log".
func (a *api) workerLog(name string) (logFile, bool) {
	for _, t := range a.source.Topologies() {
		if log := a.logOf(t); log.name == name {
			return log, true
		}
	}
	return logFile{}, false
}

func (a *api) logOf(t served.Served) logFile {
	return logFile{a.show(t).logFile(), t.Logs().All()}
}

// daemonLog is what gust has logged. Nimbus and the supervisor have the same log.
func (a *api) daemonLog(name string) (logFile, bool) {
	log := logFile{name: name}
	if name != nimbusLog && name != supervisorLog {
		return log, false
	}
	for _, t := range a.source.Topologies() {
		log.lines = append(log.lines, t.Logs().Find(status.LogFilter{Components: []string{status.GustLog}})...)
	}
	slices.SortStableFunc(log.lines, func(a, b status.LogLine) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	return log, true
}
