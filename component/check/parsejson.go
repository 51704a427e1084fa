package check

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth limits the nesting of values, so that no output can exhaust the stack.
const maxDepth = 512

// syntaxError is an error in a value, with its place.
type syntaxError struct {
	at   int
	says string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.says, e.at) }

// jsonParser reads one JSON value. It accepts RFC 8259, and the NaN and Infinity that
// Python's json writes and Storm reads.
type jsonParser struct {
	b     []byte
	i     int
	depth int
	err   *syntaxError
}

// parseJSON reads the value at the beginning of b, and returns the index after it.
func parseJSON(b []byte) (v value, end int, err *syntaxError) {
	p := jsonParser{b: b}
	p.space()
	v = p.value()
	return v, p.i, p.err
}

func (p *jsonParser) fail(format string, args ...any) value {
	if p.err == nil {
		p.err = &syntaxError{p.i, fmt.Sprintf(format, args...)}
	}
	return value{}
}

func (p *jsonParser) space() {
	for p.i < len(p.b) && bytes.IndexByte([]byte(" \t\r\n"), p.b[p.i]) >= 0 {
		p.i++
	}
}

// peek is the next byte after white space, 0 at the end.
func (p *jsonParser) peek() byte {
	p.space()
	if p.i == len(p.b) {
		return 0
	}
	return p.b[p.i]
}

func (p *jsonParser) value() (v value) {
	if p.depth++; p.depth > maxDepth {
		return p.fail("more than %d levels of lists and objects", maxDepth)
	}
	defer func() { p.depth-- }()
	c := p.peek()
	from := p.i
	switch {
	case c == '{':
		v = p.object()
	case c == '[':
		v = p.list()
	case c == '"':
		v = value{kind: text, text: p.string()}
	case c == '-' || c >= '0' && c <= '9' || c == 'N' || c == 'I':
		v = p.number()
	case c == 't' || c == 'f' || c == 'n':
		v = p.word()
	case p.i == len(p.b):
		return p.fail("it ends in the middle")
	default:
		return p.fail("%s does not begin a value", show(p.b[p.i:p.i+1]))
	}
	if p.err != nil {
		return value{}
	}
	v.raw = p.b[from:p.i]
	return v
}

func (p *jsonParser) object() value {
	v := value{kind: object}
	p.i++
	if p.peek() == '}' {
		p.i++
		return v
	}
	for p.err == nil {
		if p.peek() != '"' {
			return p.fail("want a key in double quotes here")
		}
		v.keys = append(v.keys, p.string())
		if p.peek() != ':' {
			return p.fail("want a colon here")
		}
		p.i++
		v.items = append(v.items, p.value())
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			p.i++
			return v
		default:
			return p.fail("want a comma or } here")
		}
	}
	return v
}

func (p *jsonParser) list() value {
	v := value{kind: list}
	p.i++
	if p.peek() == ']' {
		p.i++
		return v
	}
	for p.err == nil {
		v.items = append(v.items, p.value())
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			return v
		default:
			return p.fail("want a comma or ] here")
		}
	}
	return v
}

func (p *jsonParser) word() value {
	for _, w := range []struct {
		text string
		kind valueKind
	}{{"true", boolean}, {"false", boolean}, {"null", null}} {
		if bytes.HasPrefix(p.b[p.i:], []byte(w.text)) {
			p.i += len(w.text)
			return value{kind: w.kind, text: w.text}
		}
	}
	return p.fail("want true, false or null here")
}

func (p *jsonParser) number() value {
	from := p.i
	if p.b[p.i] == '-' {
		p.i++
	}
	for _, word := range []string{"NaN", "Infinity"} {
		if bytes.HasPrefix(p.b[p.i:], []byte(word)) {
			p.i += len(word)
			return value{kind: number, text: string(p.b[from:p.i])}
		}
	}
	leading := p.i
	if !p.digits() {
		return p.fail("want a digit here")
	}
	if p.b[leading] == '0' && p.i > leading+1 {
		p.i = leading
		return p.fail("a number must not begin with 0")
	}
	if p.i < len(p.b) && p.b[p.i] == '.' {
		if p.i++; !p.digits() {
			return p.fail("want a digit here")
		}
	}
	if p.i < len(p.b) && (p.b[p.i] == 'e' || p.b[p.i] == 'E') {
		p.i++
		if p.i < len(p.b) && (p.b[p.i] == '+' || p.b[p.i] == '-') {
			p.i++
		}
		if !p.digits() {
			return p.fail("want a digit here")
		}
	}
	return value{kind: number, text: string(p.b[from:p.i])}
}

func (p *jsonParser) digits() bool {
	from := p.i
	for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

func (p *jsonParser) string() string {
	p.i++
	var s []byte
	for p.i < len(p.b) {
		plain := p.i
		for p.i < len(p.b) && p.b[p.i] >= 0x20 && p.b[p.i] < utf8.RuneSelf && p.b[p.i] != '"' && p.b[p.i] != '\\' {
			p.i++
		}
		s = append(s, p.b[plain:p.i]...)
		if p.i == len(p.b) {
			break
		}
		c := p.b[p.i]
		switch {
		case c == '"':
			p.i++
			return string(s)
		case c == '\\':
			s = p.escape(s)
			if p.err != nil {
				return ""
			}
		case c < 0x20:
			p.fail("the control character %s must be escaped in a string", show(p.b[p.i:p.i+1]))
			return ""
		default:
			r, n := utf8.DecodeRune(p.b[p.i:])
			if r == utf8.RuneError && n == 1 {
				p.fail("%s is not UTF-8", show(p.b[p.i:p.i+1]))
				return ""
			}
			s = append(s, p.b[p.i:p.i+n]...)
			p.i += n
		}
	}
	p.fail("a string without its closing quote")
	return ""
}

// escapes are the characters for a backslash and a letter.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *jsonParser) escape(s []byte) []byte {
	if p.i+1 >= len(p.b) {
		p.fail("it ends in the middle")
		return nil
	}
	c := p.b[p.i+1]
	if plain, ok := escapes[c]; ok {
		p.i += 2
		return append(s, plain)
	}
	r, ok := p.unit(p.i)
	if !ok {
		p.fail("%s is not an escape sequence", show(p.b[p.i:p.i+2]))
		return nil
	}
	p.i += 6
	if low, ok := p.unit(p.i); ok && utf16.IsSurrogate(r) {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			p.i += 6
			return utf8.AppendRune(s, both)
		}
	}
	if utf16.IsSurrogate(r) {
		return append(s, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(s, r)
}

// unit is the UTF-16 code unit of the escape \uXXXX at b[i].
func (p *jsonParser) unit(i int) (rune, bool) {
	if i+6 > len(p.b) || p.b[i] != '\\' || p.b[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.b[i+2:i+6]), 16, 16)
	return rune(n), err == nil
}
