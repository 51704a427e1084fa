package multilang

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

// msgpackDecoder implements [Decoder] for msgpack.
//
// A message is a map whose first key is a string. What begins otherwise is stray:
// most likely a line that was printed, which is cut off up to its line feed or to
// where the next message seems to begin.
type msgpackDecoder struct {
	window
	check   msgpackChecker
	open    bool        // a message has begun at the window's start
	walk    MsgpackWalk // through it
	line    int         // how far a stray line has been searched for its end
	anchors [][]byte
	texts   []byte // values that are not strings, as text
	word    []byte // the message's command
	packs   bool   // the child may send packs
	packed  int    // how many messages of a pack the window begins with
}

// TakePacks implements [Decoder].
func (d *msgpackDecoder) TakePacks() { d.packs = true }

// Next implements [Decoder].
func (d *msgpackDecoder) Next(m *Message) (bool, error) {
	for {
		if d.packed > 0 {
			return d.unpack(m)
		}
		for !d.open {
			begins, known := beginsMessage(d.unread)
			switch {
			case !known:
				return false, nil
			case begins:
				d.open, d.walk = true, MsgpackWalk{}
			default:
				if done, err := d.stray(); !done || err != nil {
					return false, err
				}
			}
		}
		end := -1
		if d.walk.pos == 0 {
			// Mostly, all of the message is there, and one look at it is enough.
			end = d.message(d.unread, m)
		}
		if end < 0 {
			n, sound := d.walk.End(d.unread)
			switch {
			case !sound:
				return false, d.broken()
			case d.walk.pos > d.limit || d.walk.need > d.limit-d.walk.pos:
				return false, ErrTooLarge // each value takes a byte at least
			case n == 0:
				return false, nil
			}
			end = d.message(d.unread, m)
		}
		if end > d.limit {
			return false, ErrTooLarge
		}
		if d.finish(end, m) {
			return true, nil
		}
	}
}

// finish takes the message, which has been read, off the window; of a pack, all
// but its messages. It is false for a pack.
func (d *msgpackDecoder) finish(end int, m *Message) bool {
	d.open = false
	if m.Command == pack {
		if size, begin := packHead(d.unread); begin > 0 {
			d.take(begin)
			d.packed = size
			return false
		}
		m.Command = NoCommand
	}
	d.take(end)
	return true
}

// beginsMessage is true if b begins as messages do: with a map, and a string in
// it. known is false if b is too short to tell.
func beginsMessage(b []byte) (begins, known bool) {
	if len(b) == 0 {
		return false, false
	}
	key := 1
	switch c := b[0]; {
	case c == 0x80:
		return true, true
	case c&0xf0 == 0x80:
	case c == 0xde:
		key += 2
	case c == 0xdf:
		key += 4
	default:
		return false, true
	}
	if key >= len(b) {
		return false, false
	}
	c := b[key]
	return c&0xe0 == 0xa0 || c >= 0xd9 && c <= 0xdb || c >= 0xc4 && c <= 0xc6, true
}

// stray cuts off a line that is not a message. done is false if its end has not
// come yet. A blank line is not reported.
func (d *msgpackDecoder) stray() (done bool, err error) {
	end, next, known := d.lineEnd()
	if !known {
		return false, nil
	}
	line := d.unread[:end]
	d.take(next)
	d.line = 0
	if len(bytes.TrimSpace(line)) == 0 {
		return true, nil
	}
	reason := "this is not a msgpack message; it may have been printed to stdout"
	json := beginsObject(line)
	if json {
		reason = "this is not a msgpack message; if the component writes JSON, set its serializer to json"
	}
	return true, newStray(line, reason, json)
}

// lineEnd finds the end of the stray line that the window begins with, and where
// to go on after it. If there is no line feed and no message, the line is cut where
// no more of it would be shown.
func (d *msgpackDecoder) lineEnd() (end, next int, known bool) {
	b := d.unread
	for i := d.line; i < len(b); d.line = i {
		if b[i] == '\n' {
			return i, i + 1, true
		}
		if i > 0 {
			switch begins, known := beginsMessage(b[i:]); {
			case begins:
				return i, i, true
			case !known:
				return 0, 0, false
			}
		}
		if i >= maxStray {
			return i, i, true
		}
		// Within a character of UTF-8 there are bytes that look like maps.
		if !utf8.FullRune(b[i:]) {
			return 0, 0, false
		}
		_, n := utf8.DecodeRune(b[i:])
		i += n
	}
	return 0, 0, false
}

// broken cuts off a message that turned out to be none.
func (d *msgpackDecoder) broken() error {
	at := d.walk.pos
	n := at + 1
	err := newStray(d.unread[:n], fmt.Sprintf("invalid msgpack at byte %d: 0x%02x does not begin a value", at, d.unread[at]), true)
	d.open = false
	d.take(n)
	return err
}

// message reads the map that b begins with into m, and returns the index after
// it, -1 if b does not have all of it or it is broken.
func (d *msgpackDecoder) message(b []byte, m *Message) int {
	m.begin()
	d.texts, d.word = recycle(d.texts), nil
	size, i := int(b[0]&0x0f), 1
	if b[0] >= 0xc0 {
		var head msgpackValue
		head, i = readMsgpack(b, 0)
		size = head.size
	}
	for range size {
		word, from := msgpackStringAt(b, i)
		if from < 0 {
			from = msgpackEnd(b, i) // a key that is not a string
		}
		if i = d.member(keyNamed(word), b, from, m); i < 0 {
			return -1
		}
	}
	m.finish(d.word)
	return i
}

// member reads the value at b[i] into the field that k names, and returns the
// index after it, -1 if b does not have all of it or it is broken.
func (d *msgpackDecoder) member(k key, b []byte, i int, m *Message) int {
	if k == tupleKey {
		end, size := d.check.list(b, i)
		m.Tuple, m.Values, m.Flaws = nil, 0, d.check.flaws
		if end >= 0 && size >= 0 {
			m.Tuple, m.Values = b[i:end], size
		}
		return end
	}
	end := msgpackEnd(b, i)
	if end >= 0 && k != unknownKey {
		d.field(k, b[i:end], m)
	}
	return end
}

// field sets the field that k names, which is not the tuple. Of a key that comes
// twice, the last counts.
func (d *msgpackDecoder) field(k key, raw []byte, m *Message) {
	switch k {
	case commandKey:
		d.word, _ = msgpackStringAt(raw, 0)
	case idKey:
		m.ID = notNil(raw)
	case streamKey:
		m.Stream = d.plain(raw)
	case taskKey:
		m.Task = 0
		if raw[0] != 0xc0 {
			m.Task = task(msgpackWhole(raw))
		}
	case needTaskIDsKey:
		m.NeedTaskIDs = raw[0] != 0xc2
	case anchorsKey:
		m.Anchors = d.anchorIDs(raw)
	case msgKey:
		m.Msg = d.plain(raw)
	case levelKey:
		m.Level = level(msgpackWhole(raw))
	case nameKey:
		m.Name = d.plain(raw)
	case paramsKey:
		m.Params = notNil(raw)
	case pidKey:
		m.PID, _ = msgpackWhole(raw)
	case packsKey:
		m.Packs, _ = msgpackWhole(raw)
	case packKey:
		if d.packs {
			m.Command = pack
		}
	}
}

// anchorIDs takes a list of ids, one id, or nil.
func (d *msgpackDecoder) anchorIDs(raw []byte) [][]byte {
	d.anchors = d.anchors[:0]
	size, i := msgpackListAt(raw, 0)
	if size < 0 {
		size, i = 1, 0
	}
	for range size {
		end := msgpackEnd(raw, i)
		if id := notNil(raw[i:end]); id != nil {
			d.anchors = append(d.anchors, id)
		}
		i = end
	}
	return d.anchors
}

// plain is the content of a string, nil for nil, and the JSON text of any other value.
func (d *msgpackDecoder) plain(raw []byte) []byte {
	switch v, _ := readMsgpack(raw, 0); v.kind {
	case msgpackNil:
		return nil
	case msgpackString, msgpackBin:
		return v.data
	}
	from := len(d.texts)
	d.texts = msgpackCodec{}.AppendText(d.texts, raw, math.MaxInt)
	return d.texts[from:]
}

// msgpackWhole reads a whole number, however it is written.
func msgpackWhole(raw []byte) (int64, bool) {
	switch v, _ := readMsgpack(raw, 0); v.kind {
	case msgpackInt:
		return signed(v.magnitude(), v.negative)
	case msgpackFloat32, msgpackFloat64:
		return whole(v.float())
	case msgpackString, msgpackBin:
		return jsonInt(v.data)
	}
	return 0, false
}

// notNil is raw, or nil for msgpack's nil.
func notNil(raw []byte) []byte {
	if raw[0] == 0xc0 {
		return nil
	}
	return raw
}
