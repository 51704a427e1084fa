package multilang

import (
	"bytes"
	"fmt"
)

// jsonDecoder implements [Decoder] for JSON.
//
// A frame should have one object and nothing else. If it does not, because something
// printed to stdout or wrote a broken message, the decoder cuts off what is not a
// message as stray, and tries the rest of the frame again.
type jsonDecoder struct {
	jsonFrames
	scan    jsonScanner
	anchors [][]byte
	texts   []byte // the unescaped strings of the message
	word    []byte // the message's command
	mended  []byte // the message in mended form, if it needed one
	failed  int    // how many times something in the open frame was not a message
	packs   bool   // the child may send packs
	packed  bool   // the open frame begins within one
}

// maxFailed bounds the work on one frame: each try may read all of it.
const maxFailed = 64

// TakePacks implements [Decoder].
func (d *jsonDecoder) TakePacks() { d.packs = true }

// Next implements [Decoder].
func (d *jsonDecoder) Next(m *Message) (bool, error) {
	for {
		if d.tail == 0 {
			if ok, err := d.open(); !ok {
				if err == nil {
					err = d.printed()
				}
				return false, err
			}
			d.failed = 0
		}
		if d.packed {
			if ok, err := d.unpack(m); ok || err != nil {
				return ok, err
			}
			continue
		}
		text := d.body()
		start := d.scan.space(text, 0)
		if start == len(text) {
			d.cut(len(text))
			continue
		}
		if beginsObject(text[start:]) {
			if d.packs {
				if head := d.packHead(text, start); head > 0 {
					d.packed = true
					d.cut(head)
					continue
				}
			}
			if end := d.message(text, start, m); end >= 0 {
				d.cut(end)
				if m.Command == pack {
					m.Command = NoCommand // it has other members too
				}
				return true, nil
			}
		}
		return false, d.stray(text, start, m)
	}
}

// message reads the message that begins at text[i], and returns the index
// behind it and behind the white space that follows, or -1.
func (d *jsonDecoder) message(text []byte, i int, m *Message) int {
	if d.failed >= maxFailed {
		return d.scan.fail(-1, "too much of this frame is broken to try the rest of it")
	}
	if end := d.fit(text, i, m); end >= 0 {
		if end = d.scan.space(text, end); end == len(text) || m.Command != NoCommand {
			return end
		}
		// A message is followed by `end`: this is a line that was printed.
		d.scan.fail(-1, noCommand)
	}
	d.failed++
	return -1
}

// fit reads the message at text[i], in full or in its short form, into m, and
// returns the index after it, or -1. Text that must not be forwarded as it is,
// is mended first.
func (d *jsonDecoder) fit(text []byte, i int, m *Message) int {
	d.scan.unfit, d.scan.at = false, -1
	end := d.element(text, i, m)
	if end < 0 || !d.scan.unfit {
		return end
	}
	mended, n := appendMended(recycle(d.mended), text[i:])
	d.mended = mended
	if d.element(mended, 0, m) != len(mended) {
		return d.scan.fail(i, badValue)
	}
	return i + n
}

// members reads an object's members.
func (d *jsonDecoder) members(b []byte, i int, m *Message) int {
	m.begin()
	d.texts, d.word = recycle(d.texts), nil
	s := &d.scan
	i = s.space(b, i+1)
	if i < len(b) && b[i] == '}' {
		m.finish(d.word)
		return i + 1
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return s.failAt(b, i, badKey)
		}
		k, n := keyQuoted(b[i+1:])
		if n > 0 {
			i += 1 + n
		} else {
			from := i + 1
			if i = s.string(b, i); i < 0 {
				return -1
			}
			k = d.key(b[from : i-1])
		}
		if i = s.space(b, i); i >= len(b) || b[i] != ':' {
			return s.failAt(b, i, badColon)
		}
		if i = d.member(k, b, s.space(b, i+1), m); i < 0 {
			return -1
		}
		i = s.space(b, i)
		switch {
		case i < len(b) && b[i] == ',':
			i = s.space(b, i+1)
		case i < len(b) && b[i] == '}':
			m.finish(d.word)
			return i + 1
		default:
			return s.failAt(b, i, badComma)
		}
	}
}

// key reads a key, which may have escapes as any string.
func (d *jsonDecoder) key(raw []byte) key {
	if bytes.IndexByte(raw, '\\') >= 0 {
		from := len(d.texts)
		d.texts = appendUnescaped(d.texts, raw)
		raw = d.texts[from:]
	}
	return keyNamed(raw)
}

// member reads the value at b[i] into the field that k names. Of a key that comes
// twice, the last counts.
func (d *jsonDecoder) member(k key, b []byte, i int, m *Message) int {
	if i < len(b) && b[i] == '[' {
		switch k {
		case tupleKey:
			end, values := d.scan.list(b, i)
			if end >= 0 {
				m.Tuple, m.Values, m.Flaws = b[i:end], values, d.scan.flaws
			}
			return end
		case anchorsKey:
			end := d.anchorIDs(b, i)
			m.Anchors = d.anchors
			return end
		}
	}
	end := d.scan.value(b, i)
	if end < 0 {
		return -1
	}
	d.field(k, b[i:end], m)
	return end
}

// field sets the field that k names to a value that is not a list, or need not be one.
func (d *jsonDecoder) field(k key, raw []byte, m *Message) {
	switch k {
	case commandKey:
		d.word = nil
		if raw[0] == '"' {
			d.word = d.plain(raw)
		}
	case idKey:
		m.ID = notNull(raw)
	case streamKey:
		m.Stream = d.plain(raw)
	case taskKey:
		m.Task = 0
		if raw = notNull(raw); raw != nil {
			m.Task = task(jsonInt(raw))
		}
	case needTaskIDsKey:
		m.NeedTaskIDs = string(raw) != "false"
	case anchorsKey:
		d.anchors = d.anchors[:0]
		if raw = notNull(raw); raw != nil {
			d.anchors = append(d.anchors, raw)
		}
		m.Anchors = d.anchors
	case tupleKey:
		m.Tuple, m.Values = nil, 0 // no list: the host says so
	case msgKey:
		m.Msg = d.plain(raw)
	case levelKey:
		m.Level = level(jsonInt(raw))
	case nameKey:
		m.Name = d.plain(raw)
	case paramsKey:
		m.Params = notNull(raw)
	case pidKey:
		m.PID, _ = jsonInt(raw)
	case packsKey:
		m.Packs, _ = jsonInt(raw)
	case packKey:
		if d.packs && raw[0] == '[' {
			m.Command = pack
		}
	}
}

// anchorIDs reads the list at b[i].
func (d *jsonDecoder) anchorIDs(b []byte, i int) int {
	s := &d.scan
	d.anchors = d.anchors[:0]
	if i = s.space(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		end := s.value(b, i)
		if end < 0 {
			return -1
		}
		if id := notNull(b[i:end]); id != nil {
			d.anchors = append(d.anchors, id)
		}
		i = s.space(b, end)
		switch {
		case i < len(b) && b[i] == ',':
			i = s.space(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1
		default:
			return s.failAt(b, i, badComma)
		}
	}
}

// plain is a string's text, nil for null, and the JSON text of any other value.
func (d *jsonDecoder) plain(raw []byte) []byte {
	if raw[0] != '"' {
		return notNull(raw)
	}
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	from := len(d.texts)
	d.texts = appendUnescaped(d.texts, raw)
	return d.texts[from:]
}

// stray cuts off what stands in the way at text[i]: a broken message, up to the
// next line that begins with a message; or of any other line, all that is in
// front of a message.
func (d *jsonDecoder) stray(text []byte, i int, m *Message) error {
	reason, broken := printedReason, false
	end := -1
	switch {
	case beginsObject(text[i:]):
		reason = d.reason(i)
		broken = d.scan.bad != noCommand
		end = d.nextMessage(text, i, m)
	case text[i] == '[':
		if end = d.printedList(text, i); end >= 0 {
			reason = "this is a JSON list, but a message is an object"
		}
	}
	if end < 0 {
		end = d.messageInLine(text, i, m)
	}
	err := newStray(text[i:end], reason, broken)
	d.cut(end)
	return err
}

const (
	printedReason = "this is not a multilang message; it may have been printed to stdout"
	noCommand     = "this object has no command; it may have been printed to stdout"
)

// printed cuts off a printed line although its frame is still open, so that the output
// of a component appears before its next message. It is nil if
// the output does not begin with a whole line, or with one that may hold a message.
func (d *jsonDecoder) printed() error {
	for d.line > 0 {
		n := bytes.IndexByte(d.unread, '\n') + 1
		line := d.unread[:n]
		start := d.scan.space(line, 0)
		if start < n && line[start] == '[' || holdsObject(line) {
			return nil // it may go on in the next line
		}
		d.line -= n
		d.searched -= n
		d.take(n)
		if start < n {
			return newStray(line[start:], printedReason, false)
		}
	}
	return nil
}

// holdsObject says whether an object begins somewhere in a line.
func holdsObject(line []byte) bool {
	for {
		i := bytes.IndexByte(line, '{')
		if i < 0 {
			return false
		}
		if line = line[i:]; beginsObject(line) {
			return true
		}
		line = line[1:]
	}
}

// beginsObject says whether text begins as a JSON object does, rather than as a
// printed dict or a {} in some text.
func beginsObject(text []byte) bool {
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	for _, c := range text[1:] {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == '"' || c == '}'
		}
	}
	return true
}

// reason says what is wrong with the text that begins at from.
func (d *jsonDecoder) reason(from int) string {
	if d.scan.at < 0 {
		return d.scan.bad
	}
	return fmt.Sprintf("invalid JSON at byte %d: %s", d.scan.at-from, d.scan.bad)
}

// nextMessage is the index of the message that the broken one at text[start] is in
// front of, else the text's length: it begins the next line, or a line further
// on. Or it follows on the same line as what was printed without a line feed; but
// not on that of a broken message, which has the key "command": an object within
// that one is not a message. After too many failures only the last line is tried: a
// message may well follow a hundred lines of print.
func (d *jsonDecoder) nextMessage(text []byte, start int, m *Message) int {
	i := start
	for d.failed < maxFailed {
		if i > start && text[i] == '{' && d.message(text, i, m) >= 0 {
			return i
		}
		next := len(text)
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			next = i + n + 1
		}
		if i+1 < next {
			at := d.messageInLine(text, i+1, m)
			if at < next && !bytes.Contains(text[start:at], []byte(`"command"`)) {
				return at
			}
		}
		if i = next; i == len(text) {
			return i
		}
	}
	i += bytes.LastIndexByte(bytes.TrimRight(text[i:], " \t\r\n"), '\n') + 1
	if i < len(text) && text[i] == '{' {
		d.failed--
		if d.message(text, i, m) >= 0 {
			return i
		}
	}
	return len(text)
}

// messageInLine is the index of the message that fills the rest of the line at
// text[i], else the index after that line. An object within a broken message is
// no message: what has been read of that one is not tried again.
func (d *jsonDecoder) messageInLine(text []byte, i int, m *Message) int {
	next := len(text)
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		next = i + n + 1
	}
	for d.failed < maxFailed {
		n := bytes.IndexByte(text[i:next], '{')
		if n < 0 {
			break
		}
		i += n
		if !beginsObject(text[i:]) {
			i++
			continue
		}
		if d.message(text, i, m) >= next && m.Command != NoCommand {
			return i
		}
		if i = max(i+1, d.scan.at); i >= next {
			break
		}
	}
	return next
}

// printedList is the index after the list at text[i], -1 if it is not a list or does not
// reach the end of its line.
func (d *jsonDecoder) printedList(text []byte, i int) int {
	if d.failed >= maxFailed {
		return -1
	}
	if end := d.scan.value(text, i); end >= 0 {
		rest := bytes.TrimLeft(text[end:], " \t\r")
		if len(rest) == 0 || rest[0] == '\n' {
			return len(text) - len(rest)
		}
	}
	d.failed++
	return -1
}

// notNull is raw, or nil for JSON's null.
func notNull(raw []byte) []byte {
	if string(raw) == "null" {
		return nil
	}
	return raw
}
