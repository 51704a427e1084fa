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

// logFile is a log as Storm has it in a file. gust has the last lines of it in memory: when
// the oldest are dropped, it is as if the file had been rotated.
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
	text = line.Time.Local().AppendFormat(text, "2006-01-02 15:04:05.000 ")
	if line.Component == "" {
		text = append(text, status.GustLog...)
	} else {
		text = append(text, line.Component...)
		if line.Task != 0 {
			text = append(strconv.AppendInt(append(text, '['), int64(line.Task), 10), ']')
		}
	}
	text = append(text, " ["...)
	text = append(text, strings.ToUpper(line.Level)...)
	text = append(text, "] "...)
	text = append(text, line.Text...)
	return append(text, '\n')
}

// each yields the lines, each with the offset at which it begins. A line is valid until the next.
func (f logFile) each(yield func(offset int, line []byte) bool) {
	var line []byte
	offset := 0
	for i := range f.lines {
		line = f.append(line[:0], &f.lines[i])
		if !yield(offset, line) {
			return
		}
		offset += len(line)
	}
}

// size is how many bytes the log has.
func (f logFile) size() (n int) {
	for _, line := range f.each {
		n += len(line)
	}
	return n
}

// slice is a part of the log, by bytes.
func (f logFile) slice(from, to int) []byte {
	var part []byte
	for offset, line := range f.each {
		if offset >= to {
			break
		}
		if offset+len(line) > from {
			part = append(part, line[max(0, from-offset):min(len(line), to-offset)]...)
		}
	}
	return part
}

// WriteTo writes all of the log.
func (f logFile) WriteTo(w io.Writer) (n int64, err error) {
	for offset, line := range f.each {
		written, err := w.Write(line)
		if err != nil {
			return int64(offset + written), err
		}
		n += int64(written)
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
	return logFile{a.show(t).logFile(), t.Logs().Find(status.LogFilter{})}
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
