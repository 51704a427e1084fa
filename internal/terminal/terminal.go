// Package terminal is the one voice in which gust speaks to people: what it says
// and asks on stderr, what moves there meanwhile, tables, colours, the log's lines,
// and the signals with which people end it. It knows nothing of topologies.
package terminal

import (
	"os"

	"golang.org/x/term"
)

// Is reports whether w, or the reader w, is a terminal.
func Is(w any) bool {
	file, ok := fileOf(w)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Width is the width of the terminal that w is in characters. It is 0 where w is
// not a terminal, and where the terminal does not know its width.
func Width(w any) int {
	if !Is(w) {
		return 0
	}
	file, _ := fileOf(w)
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// fileOf is the file that w is, or that it writes to for a voice.
func fileOf(w any) (*os.File, bool) {
	if a, ok := w.(*above); ok {
		w = a.w
	}
	file, ok := w.(*os.File)
	return file, ok
}
