package terminal

import (
	"fmt"
	"io"
	"os"
)

// HasColor reports whether w is a terminal that shows colours, and the user has not
// asked for none.
func HasColor(w io.Writer) bool {
	return Is(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// Colours, as the parameter of an SGR escape.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	yellow = "33"
	cyan   = "36"
)

func appendColor(dst []byte, color, text string) []byte {
	return fmt.Appendf(dst, "\x1b[%sm%s\x1b[0m", color, text)
}
