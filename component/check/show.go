package check

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is how many bytes of a message a finding shows.
const maxShown = 240

// show is readable bytes: text unchanged; invisible characters and invalid UTF-8 as
// escapes of Go.
func show(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&s, `\x%02x`, b[0])
		case r == '\n':
			s.WriteString(`\n`)
		case r == '\r':
			s.WriteString(`\r`)
		case r == '\t':
			s.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&s, `\x%02x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&s, `\u%04x`, r)
		default:
			s.WriteRune(r)
		}
		b = b[n:]
	}
	return s.String()
}

// excerpt is show of one or two lines: the beginning and the end, because a message's
// framing is at its end.
func excerpt(b []byte) string {
	const tail = 40
	if len(b) <= maxShown {
		return show(b)
	}
	return fmt.Sprintf("%s … (%d bytes) … %s", show(b[:maxShown-tail]), len(b), show(b[len(b)-tail:]))
}
