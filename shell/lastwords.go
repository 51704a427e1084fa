package shell

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// How much of a process's stderr is kept for the message about its death.
const (
	// LastWordsLines is the usual number of lines: a traceback's end.
	LastWordsLines = 20
	// lastWordsWidth is the most bytes of a line.
	lastWordsWidth = 2 << 10
)

// LastWords is a ring of the last lines that a process wrote to stderr. Its
// methods may be called from any goroutine.
type LastWords struct {
	mu    sync.Mutex
	lines [][]byte // each with memory of its own, which is reused
	next  int      // the line that the next one replaces, once the ring is full
	limit int
}

// NewLastWords makes a ring of n lines, at least one.
func NewLastWords(n int) *LastWords { return &LastWords{limit: max(n, 1)} }

// Add keeps a copy of a line, or of its first 2048 bytes. It ignores blank lines.
func (w *LastWords) Add(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) < w.limit {
		w.lines = append(w.lines, appendShort(nil, line))
		return
	}
	w.lines[w.next] = appendShort(w.lines[w.next][:0], line)
	w.next = (w.next + 1) % w.limit
}

// Find says how many lines ago a line was added, 0 for the last one, or -1. It compares
// what Add keeps of a long line.
func (w *LastWords) Find(line []byte) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(line) > lastWordsWidth {
		line = appendShort(nil, line)
	}
	for ago := range len(w.lines) {
		i := (w.next - 1 - ago + 2*len(w.lines)) % len(w.lines)
		if bytes.Equal(w.lines[i], line) {
			return ago
		}
	}
	return -1
}

// Lines returns the lines, the oldest first.
func (w *LastWords) Lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := make([]string, 0, len(w.lines))
	for i := range w.lines {
		lines = append(lines, string(w.lines[(w.next+i)%len(w.lines)]))
	}
	return lines
}

// appendShort appends a line, cut to lastWordsWidth bytes and marked if it is longer.
func appendShort(dst, line []byte) []byte {
	if len(line) <= lastWordsWidth {
		return append(dst, line...)
	}
	const more = "…"
	cut := runeStart(line, lastWordsWidth-len(more))
	return append(append(dst, line[:cut]...), more...)
}

// runeStart returns the largest index up to n at which text may be cut without
// cutting a character, where there is one. n is less than len(text).
func runeStart(text []byte, n int) int {
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return n
}
