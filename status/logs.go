package status

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/internal/terminal"
)

// LogLine is a line of a topology's log: of one of its tasks, or of gust.
type LogLine struct {
	Number    uint64    `json:"number"` // counts the topology's log lines from 1
	Time      time.Time `json:"time"`
	Level     string    `json:"level"`               // "trace" to "error"
	Component string    `json:"component,omitempty"` // empty if gust wrote it
	Task      int       `json:"task,omitempty"`
	Text      string    `json:"text"` // may have several lines, as a traceback has
}

// LogFilter picks log lines. Empty fields pick all.
type LogFilter struct {
	Components []string // "gust" is gust's own
	Task       int
	Level      string         // the lowest
	Search     *regexp.Regexp // in the text
	Before     uint64         // only lines with a lower number; 0 for all
	After      uint64         // only lines with a higher one
	Since      time.Time      // only lines of this time or later; zero for all
	Until      time.Time      // only lines of this time or earlier; zero for all
	Limit      int            // at most so many, the newest; 0 for all
}

// Logs keeps a topology's last log lines in memory. It is a writer for zerolog's output,
// one JSON object a line. It may be used from any goroutine.
type Logs struct {
	mu    sync.RWMutex
	lines []LogLine // oldest first, with consecutive numbers
	bytes int
	total uint64
}

const (
	mostLogLines = 200_000
	mostLogBytes = 32 << 20
	logLineCost  = 120 // bytes of memory that a line takes besides its text
	// GustLog is the name for gust's own lines in a LogFilter.
	GustLog = "gust"
)

func newLogs() *Logs { return &Logs{} }

// Write adds whole lines. It never fails.
func (l *Logs) Write(p []byte) (int, error) {
	var batch []LogLine
	for line := range bytes.Lines(p) {
		batch = append(batch, parseLogLine(line))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range batch {
		l.total++
		line.Number = l.total
		l.lines = append(l.lines, line)
		l.bytes += line.cost()
	}
	l.drop()
	return len(p), nil
}

// drop drops the oldest lines if there are too many: a tenth at once, so that the others
// are rarely moved.
func (l *Logs) drop() {
	if len(l.lines) <= mostLogLines && l.bytes <= mostLogBytes {
		return
	}
	gone := 0
	for len(l.lines)-gone > mostLogLines*9/10 || l.bytes > mostLogBytes*9/10 {
		l.bytes -= l.lines[gone].cost()
		gone++
	}
	l.lines = append(make([]LogLine, 0, len(l.lines)), l.lines[gone:]...)
}

func (l *LogLine) cost() int { return logLineCost + len(l.Text) }

// parseLogLine parses a line of zerolog's. Any other line is a message of gust's.
func parseLogLine(line []byte) LogLine {
	var from struct {
		Time      time.Time `json:"time"`
		Level     string    `json:"level"`
		Component string    `json:"component"`
		Task      int       `json:"task"`
		Worker    *int      `json:"worker"`
		Message   string    `json:"message"`
		Error     string    `json:"error"`
	}
	if json.Unmarshal(line, &from) != nil {
		return LogLine{Time: time.Now(), Level: "info", Text: strings.TrimRight(string(line), "\r\n")}
	}
	text := strings.TrimRight(from.Message, "\r\n")
	if from.Error != "" {
		text = strings.TrimPrefix(text+": "+strings.TrimRight(from.Error, "\r\n"), ": ")
	}
	known := 0
	for _, is := range []bool{!from.Time.IsZero(), from.Level != "", from.Component != "", from.Task != 0, from.Worker != nil, from.Message != "", from.Error != ""} {
		if is {
			known++
		}
	}
	// Few lines have more fields, such as a tuple. They are parsed once more; a message that
	// looks as if it had some, too.
	if bytes.Count(line, []byte(`,"`)) >= known {
		if all, ok := terminal.LogText(line); ok {
			text = all
		}
	}
	if from.Worker != nil && from.Component == "" { // a task's worker is known
		text = fmt.Sprintf("worker %d: %s", *from.Worker, text)
	}
	return LogLine{Time: from.Time, Level: from.Level, Component: from.Component, Task: from.Task, Text: text}
}

// LogLevels are the levels that can be asked for, from the lowest.
var LogLevels = levels[:5]

// levels are all levels of zerolog's lines, from the lowest.
var levels = []string{"trace", "debug", "info", "warn", "error", "fatal", "panic"}

func (filter *LogFilter) picks(line *LogLine, lowest int) bool {
	if filter.Task != 0 && line.Task != filter.Task || slices.Index(levels, line.Level) < lowest {
		return false
	}
	if line.Time.Before(filter.Since) || !filter.Until.IsZero() && line.Time.After(filter.Until) {
		return false
	}
	if len(filter.Components) > 0 {
		name := line.Component
		if name == "" {
			name = GustLog
		}
		if !slices.Contains(filter.Components, name) {
			return false
		}
	}
	return filter.Search == nil || filter.Search.MatchString(line.Text)
}

// Find returns the lines that the filter picks, oldest first.
func (l *Logs) Find(filter LogFilter) []LogLine {
	lowest := slices.Index(levels, filter.Level)
	lines := l.between(filter.After, filter.Before)
	found := []LogLine{}
	for i := range slices.Backward(lines) {
		if filter.Limit > 0 && len(found) == filter.Limit {
			break
		}
		if filter.picks(&lines[i], lowest) {
			found = append(found, lines[i])
		}
	}
	slices.Reverse(found)
	return found
}

// end are the last lines, at most so many and of so many bytes.
func (l *Logs) end(most, mostBytes int) []LogLine {
	lines := l.All()
	first, bytes := len(lines), 0
	for first > 0 && len(lines)-first < most && bytes+lines[first-1].cost() <= mostBytes {
		first--
		bytes += lines[first].cost()
	}
	return lines[first:]
}

// fill fills empty logs with lines that have their numbers.
func (l *Logs) fill(lines []LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = lines
	for i := range lines {
		l.bytes += lines[i].cost()
		l.total = lines[i].Number
	}
}

// All are the kept lines, oldest first. They must not be changed.
func (l *Logs) All() []LogLine { return l.between(0, 0) }

// between are the lines with numbers above after, and below before unless that is 0.
// Lines are never changed and the list is only replaced, so that reading needs no lock.
func (l *Logs) between(after, before uint64) []LogLine {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.lines) == 0 {
		return nil
	}
	first := l.lines[0].Number
	from, to := 0, len(l.lines)
	if after >= first {
		from = min(int(after-first)+1, len(l.lines))
	}
	if before > 0 {
		to = max(from, min(to, int(max(before, first)-first)))
	}
	return l.lines[from:to:to]
}

// Last is the number of the newest line, 0 before the first.
func (l *Logs) Last() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.total
}
