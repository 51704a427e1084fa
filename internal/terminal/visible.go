package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible shows control characters as escapes, so that what a component prints
// cannot move the cursor or rename the window. Tabs and line ends stay; colours,
// which loggers like to add, are taken out.
func Visible(text string) string {
	if !strings.ContainsFunc(text, forbidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		if n := colorSequence(text); n > 0 {
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case strings.HasPrefix(text, "\r\n"): // the line feed follows
		case r == utf8.RuneError && n == 1: // a byte that some terminals take for an escape
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case forbidden(r):
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// colorSequence is the length of the colour escape that text begins with, or 0.
func colorSequence(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	end := strings.IndexFunc(text[2:], func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
	if end < 0 || text[2+end] != 'm' {
		return 0
	}
	return 2 + end + 1
}
