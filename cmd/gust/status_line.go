package main

import (
	"fmt"
	"io"
	"strings"
)

// statusLine shows how far something is that takes a while: on a terminal in one
// line that changes, elsewhere as lines, and those only for what is worth one.
type statusLine struct {
	out      io.Writer
	terminal bool
	shown    bool // the line has something on it
}

func (c *cli) statusLine() *statusLine {
	return &statusLine{out: c.stderr, terminal: isTerminal(c.stderr)}
}

// clearLine goes to the line's beginning and erases it.
const clearLine = "\r\x1b[K"

// show replaces the line, on a terminal only.
func (l *statusLine) show(format string, args ...any) {
	if l.terminal {
		fmt.Fprint(l.out, clearLine+visible(fmt.Sprintf(format, args...)))
		l.shown = true
	}
}

// say leaves a line that stays.
func (l *statusLine) say(format string, args ...any) {
	l.clear()
	fmt.Fprintln(l.out, visible(fmt.Sprintf(format, args...)))
}

// clear takes the line that changes away.
func (l *statusLine) clear() {
	if l.shown {
		fmt.Fprint(l.out, clearLine)
		l.shown = false
	}
}

// bar draws done of total, such as "#####-----  50 %  1.2 of 2.4 MB".
func bar(done, total int64) string {
	const width = 30
	if total <= 0 {
		total = 1
	}
	full := int(done * width / total)
	return fmt.Sprintf("%s%s %3d %%  %s of %s",
		strings.Repeat("#", full), strings.Repeat("-", width-full), done*100/total, bytesText(done), bytesText(total))
}

// bytesText is a size as people say it.
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
}
