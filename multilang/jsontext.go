package multilang

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// hex4 reads the four digits of a \u escape.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape reads the escape sequence that b begins with, or the two of a
// surrogate pair, and its length. A surrogate without its other half is U+FFFD.
// b has been checked; if it is not an escape sequence nevertheless, r is U+FFFD, too.
func unescape(b []byte) (r rune, n int) {
	if len(b) < 2 {
		return utf8.RuneError, len(b)
	}
	switch b[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return rune(b[1]), 2
	}
	r, ok := hex4(b[2:])
	if !ok {
		return utf8.RuneError, 2
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if low, ok := hex4(b[8:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

// appendUnescaped appends the content of a JSON string, given without its quotes.
func appendUnescaped(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		r, n := unescape(s[i:])
		dst = utf8.AppendRune(dst, r)
		s = s[i+n:]
	}
}

// appendQuoted appends text as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendQuoted(dst, text []byte) []byte {
	return append(appendEscaped(append(dst, '"'), text), '"')
}

// appendEscaped is appendQuoted without the quotes.
func appendEscaped(dst, text []byte) []byte {
	for {
		n := plainLen(text)
		dst, text = append(dst, text[:n]...), text[n:]
		if len(text) == 0 {
			return dst
		}
		dst, text = appendEscape(dst, text[0]), text[1:]
	}
}

// plainLen is the length of the valid UTF-8 that text begins with and that needs no
// escape in a JSON string. It looks at eight bytes at a time: 43 characters of ASCII take
// 16 ns, and 39 byte by byte.
func plainLen(text []byte) int {
	i := 0
	for i < len(text) {
		if i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			if m := specials(w) | w&highs; m != 0 {
				i += bits.TrailingZeros64(m) >> 3
			} else {
				i += 8
				continue
			}
		}
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			n := runeLen(text[i:])
			if n == 0 {
				return i
			}
			i += n
		case c < ' ' || c == '"' || c == '\\':
			return i
		default:
			i++
		}
	}
	return i
}

// appendEscape appends what stands in a JSON string for a byte that cannot
// stand for itself: a quote, a backslash, a control character, invalid UTF-8.
func appendEscape(dst []byte, c byte) []byte {
	if c >= utf8.RuneSelf {
		return append(dst, "\uFFFD"...)
	}
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// runeLen is the length of the UTF-8 sequence that s begins with, 0 if it is invalid.
func runeLen(s []byte) int {
	r, size := utf8.DecodeRune(s)
	if r == utf8.RuneError && size == 1 {
		return 0
	}
	return size
}

// appendMended appends the object that text begins with in the form in which it
// may be forwarded: on one line, control characters in strings escaped, and
// invalid UTF-8 replaced. It returns how much of the text the object takes, as
// far as brackets and quotes show; it may still be broken otherwise.
func appendMended(dst, text []byte) ([]byte, int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			if n := runeLen(text[i:]); n > 0 {
				dst = append(dst, text[i:i+n]...)
				i += n
				continue
			}
			dst = appendEscape(dst, c)
		case quoted && c == '\\' && i+1 < len(text):
			dst = append(dst, c, text[i+1])
			i++
		case quoted && c < ' ':
			dst = appendEscape(dst, c)
		case c == '\n' || c == '\r':
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
		i++
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return dst, i
			}
		}
	}
	return dst, len(text)
}
