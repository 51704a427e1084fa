package slot

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/terminal"
)

// logFile is a worker's log in the form of Storm's own, of 100 MB at most, with the nine before
// it beside it: FILE.1.gz is the oldest. It belongs to one goroutine.
type logFile struct {
	name   string
	limit  int64
	levels *levels
	file   *os.File
	size   int64
	buf    []byte
}

// The bounds of Storm's own log4j2/worker.xml.
const (
	mostLog  = 100 << 20
	keptLogs = 9
)

// openLogFile continues the log of the worker before this one.
func openLogFile(name string, levels *levels) (*logFile, error) {
	l := &logFile{name: name, limit: mostLog, levels: levels}
	return l, l.open()
}

func (l *logFile) open() error {
	file, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write takes any number of whole lines of zerolog's.
func (l *logFile) Write(p []byte) (int, error) {
	l.buf = l.buf[:0]
	for line := range bytes.Lines(p) {
		l.buf = l.appendLine(l.buf, bytes.TrimRight(line, "\n"))
	}
	if l.size > 0 && l.size+int64(len(l.buf)) > l.limit {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(l.buf)
	l.size += int64(n)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (l *logFile) Close() error { return l.file.Close() }

// appendLine writes a line as "2026-11-29 12:00:00.000 count_bolt task-4 [INFO] text", which is
// what Storm's pattern makes of time, logger, thread and level.
func (l *logFile) appendLine(dst, line []byte) []byte {
	var e struct {
		Level, Component string
		Task             json.RawMessage
	}
	text, ok := terminal.LogText(line)
	if !ok || json.Unmarshal(line, &e) != nil {
		return append(append(dst, line...), '\n')
	}
	level, err := zerolog.ParseLevel(e.Level)
	if err == nil && !l.levels.logs(e.Component, level) {
		return dst
	}
	logger, thread := "gust", "worker"
	if e.Component != "" {
		logger = e.Component
	}
	if len(e.Task) > 0 {
		thread = "task-" + string(e.Task)
	}
	return fmt.Appendf(dst, "%s %s %s [%s] %s\n", logTime(line), logger, thread, strings.ToUpper(e.Level), text)
}

// logTime is the time of a line, as Storm writes it.
func logTime(line []byte) string {
	var e struct {
		Time string
	}
	_ = json.Unmarshal(line, &e) // it has been read before
	t, err := time.Parse(terminal.TimeLayout, e.Time)
	if err != nil {
		return e.Time
	}
	return t.Format("2006-01-02 15:04:05.000")
}

// rotate packs the log, and begins a new one. The packed logs are numbered up to keptLogs: then
// the oldest is deleted, and the others move down.
func (l *logFile) rotate() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	number := 1
	for number <= keptLogs && exists(l.packed(number)) {
		number++
	}
	if number > keptLogs {
		for i := 1; i < keptLogs; i++ {
			if err := os.Rename(l.packed(i+1), l.packed(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		number = keptLogs
	}
	if err := packFile(l.name, l.packed(number)); err != nil {
		return err
	}
	if err := os.Remove(l.name); err != nil {
		return err
	}
	return l.open()
}

func (l *logFile) packed(number int) string { return fmt.Sprintf("%s.%d.gz", l.name, number) }

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// packFile writes a file packed into another.
func packFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z := gzip.NewWriter(out)
	if _, err := io.Copy(z, in); err != nil {
		return err
	}
	return z.Close()
}
