package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows what a tool does that takes its time. Each step is a line; on a
// terminal the tool's latest line stands below it, and goes when the step is over.
// Elsewhere, as in CI, a line of the tool's follows every second.
type progress struct {
	c     *cli
	width int // of the terminal, 0 for none
	began time.Time
	next  time.Time // when the next line may follow, where there is no terminal
	line  []byte    // what the tool has printed of its current line
	shown bool      // a line of the tool's stands on the terminal
}

func newProgress(c *cli) *progress {
	p := &progress{c: c}
	if isTerminal(c.stderr) {
		p.width = 80 // of a terminal that does not know its size
		if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && width > 0 {
			p.width = width
		}
	}
	return p
}

// isTerminal tells whether w is a terminal.
func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// step begins the next step.
func (p *progress) step(text string) {
	p.erase()
	p.began = time.Now()
	p.next = p.began
	fmt.Fprintf(p.c.stderr, "%s: %s\n", p.c.name, text)
}

// Write takes what the tool prints. It never fails: a tool is not to stop
// because nobody watches.
func (p *progress) Write(data []byte) (int, error) {
	p.line = append(p.line, data...)
	for {
		end := bytes.IndexAny(p.line, "\r\n")
		if end < 0 {
			return len(data), nil
		}
		if text := strings.TrimSpace(visible(string(p.line[:end]))); text != "" {
			p.show(fmt.Sprintf("  %3.0f s  %s", time.Since(p.began).Seconds(), text))
		}
		p.line = p.line[end+1:]
	}
}

// show shows the tool's latest line.
func (p *progress) show(status string) {
	if p.width > 0 {
		p.erase()
		fmt.Fprint(p.c.stderr, shorten(status, p.width-1))
		p.shown = true
		return
	}
	if now := time.Now(); !now.Before(p.next) {
		p.next = now.Add(time.Second)
		fmt.Fprintln(p.c.stderr, status)
	}
}

// end takes the last line away.
func (p *progress) end() { p.erase() }

func (p *progress) erase() {
	if p.shown {
		fmt.Fprint(p.c.stderr, "\r\x1b[K")
		p.shown = false
	}
}
