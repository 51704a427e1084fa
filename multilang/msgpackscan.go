package multilang

import (
	"encoding/binary"
	"math"
)

// msgpackKind is what a msgpack value is to a reader of values.
type msgpackKind uint8

const (
	msgpackBroken msgpackKind = iota
	msgpackNil
	msgpackBool
	msgpackInt
	msgpackFloat32
	msgpackFloat64
	msgpackString
	msgpackBin
	msgpackExt
	msgpackList
	msgpackMap
)

// msgpackFormat is how the bytes of one format are laid out: one byte that names
// it, a length of some bytes, and a payload.
type msgpackFormat struct {
	kind   msgpackKind
	length uint8 // bytes of the length, big-endian
	fixed  uint8 // bytes of payload whatever the length is
	unit   uint8 // bytes of payload for each of the length
	values uint8 // values that follow for each of the length
}

// msgpackFormats are the formats 0xc0 to 0xdf, which have a byte to themselves.
var msgpackFormats = [32]msgpackFormat{
	0x00: {kind: msgpackNil},
	0x01: {kind: msgpackBroken}, // the one byte that the format never uses
	0x02: {kind: msgpackBool},
	0x03: {kind: msgpackBool},
	0x04: {kind: msgpackBin, length: 1, unit: 1},
	0x05: {kind: msgpackBin, length: 2, unit: 1},
	0x06: {kind: msgpackBin, length: 4, unit: 1},
	0x07: {kind: msgpackExt, length: 1, fixed: 1, unit: 1},
	0x08: {kind: msgpackExt, length: 2, fixed: 1, unit: 1},
	0x09: {kind: msgpackExt, length: 4, fixed: 1, unit: 1},
	0x0a: {kind: msgpackFloat32, fixed: 4},
	0x0b: {kind: msgpackFloat64, fixed: 8},
	0x0c: {kind: msgpackInt, fixed: 1},
	0x0d: {kind: msgpackInt, fixed: 2},
	0x0e: {kind: msgpackInt, fixed: 4},
	0x0f: {kind: msgpackInt, fixed: 8},
	0x10: {kind: msgpackInt, fixed: 1},
	0x11: {kind: msgpackInt, fixed: 2},
	0x12: {kind: msgpackInt, fixed: 4},
	0x13: {kind: msgpackInt, fixed: 8},
	0x14: {kind: msgpackExt, fixed: 1 + 1},
	0x15: {kind: msgpackExt, fixed: 1 + 2},
	0x16: {kind: msgpackExt, fixed: 1 + 4},
	0x17: {kind: msgpackExt, fixed: 1 + 8},
	0x18: {kind: msgpackExt, fixed: 1 + 16},
	0x19: {kind: msgpackString, length: 1, unit: 1},
	0x1a: {kind: msgpackString, length: 2, unit: 1},
	0x1b: {kind: msgpackString, length: 4, unit: 1},
	0x1c: {kind: msgpackList, length: 2, values: 1},
	0x1d: {kind: msgpackList, length: 4, values: 1},
	0x1e: {kind: msgpackMap, length: 2, values: 2},
	0x1f: {kind: msgpackMap, length: 4, values: 2},
}

// skipMsgpack skips need values from pos on, as far as b reaches, and returns
// where it is and how many values are still to come. Containers only add to the
// number, so that depth costs nothing, and the walk can stop and go on anywhere.
// pos may be beyond b's end, within a value's payload. ok is false
// if the byte at pos does not begin a value.
func skipMsgpack(b []byte, pos, need int) (_, _ int, ok bool) {
	for need > 0 && pos < len(b) {
		switch c := b[pos]; {
		case c < 0x80 || c >= 0xe0:
			pos++
		case c < 0x90:
			need += 2 * int(c&0x0f)
			pos++
		case c < 0xa0:
			need += int(c & 0x0f)
			pos++
		case c < 0xc0:
			pos += 1 + int(c&0x1f)
		default:
			f := &msgpackFormats[c&0x1f]
			body := pos + 1 + int(f.length)
			if f.kind == msgpackBroken {
				return pos, need, false
			}
			if body > len(b) {
				return pos, need, true
			}
			n := bigEndian(b[pos+1 : body])
			pos = body + int(f.fixed) + int(n)*int(f.unit)
			need += int(n) * int(f.values)
		}
		need--
	}
	return pos, need, true
}

// MsgpackWalk finds the end of a msgpack value of which more and more comes. The
// zero value is at its beginning.
type MsgpackWalk struct {
	begun     bool
	pos, need int
}

// End is the length of the value that b begins with, 0 if b does not have all
// of it. b begins with what was given to End before, which is not walked through
// again. sound is false if the value is broken.
func (w *MsgpackWalk) End(b []byte) (n int, sound bool) {
	if !w.begun {
		w.begun, w.need = true, 1
	}
	w.pos, w.need, sound = skipMsgpack(b, w.pos, w.need)
	if w.need > 0 || w.pos > len(b) {
		return 0, sound
	}
	return w.pos, sound
}

// msgpackEnd is the index after the value at b[i], -1 if it is broken or cut
// off, or if i is -1. Most values are short, and need no walk.
func msgpackEnd(b []byte, i int) int {
	if i < 0 || i >= len(b) {
		return -1
	}
	c := b[i]
	if c < 0x80 || c >= 0xe0 {
		return i + 1
	}
	end, need, ok := i+1+int(c&0x1f), 0, true
	if c < 0xa0 || c >= 0xc0 {
		end, need, ok = skipMsgpack(b, i, 1)
	}
	if !ok || need > 0 || end > len(b) {
		return -1
	}
	return end
}

// msgpackStringAt is the string (or bin) at b[i] and the index after it, which is -1
// if there is none.
func msgpackStringAt(b []byte, i int) (text []byte, next int) {
	if i < len(b) && b[i]&0xe0 == 0xa0 {
		if next = i + 1 + int(b[i]&0x1f); next <= len(b) {
			return b[i+1 : next], next
		}
		return nil, -1
	}
	v, next := readMsgpack(b, i)
	if v.kind == msgpackString || v.kind == msgpackBin {
		return v.data, next
	}
	return nil, -1
}

// msgpackListAt is the size of the list at b[i], -1 if there is none, and the
// index of its first value.
func msgpackListAt(b []byte, i int) (size, next int) {
	if i < len(b) && b[i]&0xf0 == 0x90 {
		return int(b[i] & 0x0f), i + 1
	}
	v, next := readMsgpack(b, i)
	if v.kind != msgpackList {
		return -1, i
	}
	return v.size, next
}

// bigEndian reads up to eight bytes.
func bigEndian(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// msgpackValue is a scalar, or the head of a container.
type msgpackValue struct {
	kind msgpackKind
	// bits is an integer (sign-extended), a float's float64 bits, or a bool's 0 or 1.
	bits uint64
	// negative says that bits, as an int64, is an integer below 0.
	negative bool
	// data is the payload of a string, bin or ext (its type first).
	data []byte
	// size is the number of a list's values or a map's pairs.
	size int
}

func (v *msgpackValue) float() float64 { return math.Float64frombits(v.bits) }

// magnitude is an integer's absolute value.
func (v *msgpackValue) magnitude() uint64 {
	if v.negative {
		return -v.bits
	}
	return v.bits
}

// readMsgpack reads the scalar at b[i], or the head of the container there, and
// returns the index after it. If b has neither, the kind is msgpackBroken.
func readMsgpack(b []byte, i int) (v msgpackValue, next int) {
	if i < 0 || i >= len(b) {
		return v, i
	}
	switch c := b[i]; {
	case c < 0x80:
		return msgpackValue{kind: msgpackInt, bits: uint64(c)}, i + 1
	case c < 0x90:
		return msgpackValue{kind: msgpackMap, size: int(c & 0x0f)}, i + 1
	case c < 0xa0:
		return msgpackValue{kind: msgpackList, size: int(c & 0x0f)}, i + 1
	case c < 0xc0:
		i++
		if next = i + int(c&0x1f); next > len(b) {
			return v, i
		}
		return msgpackValue{kind: msgpackString, data: b[i:next]}, next
	case c >= 0xe0:
		return msgpackValue{kind: msgpackInt, bits: uint64(int8(c)), negative: true}, i + 1
	default:
		f := &msgpackFormats[c&0x1f]
		body := i + 1 + int(f.length)
		if body > len(b) {
			return v, i
		}
		n := int(bigEndian(b[i+1 : body]))
		if next = body + int(f.fixed) + n*int(f.unit); next > len(b) {
			return v, i
		}
		if f.kind == msgpackBroken {
			return v, i
		}
		v = msgpackValue{kind: f.kind, data: b[body:next], size: n}
		v.scalar(c)
		return v, next
	}
}

// scalar reads the payload of a bool, an integer or a float.
func (v *msgpackValue) scalar(format byte) {
	switch v.kind {
	case msgpackBool:
		v.bits = uint64(format & 1)
	case msgpackInt:
		v.bits = bigEndian(v.data)
		if format >= 0xd0 {
			unused := 64 - 8*len(v.data)
			v.bits = uint64(int64(v.bits<<unused) >> unused)
			v.negative = int64(v.bits) < 0
		}
	case msgpackFloat32:
		v.bits = math.Float64bits(float64(math.Float32frombits(binary.BigEndian.Uint32(v.data))))
	case msgpackFloat64:
		v.bits = binary.BigEndian.Uint64(v.data)
	}
}
