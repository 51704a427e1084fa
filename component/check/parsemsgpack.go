package check

import (
	be "encoding/binary"
	"math"
	"strconv"
	"strings"
)

// msgpackParser reads one msgpack value.
type msgpackParser struct {
	b     []byte
	i     int
	depth int
	err   *syntaxError
	short bool // the bytes end before the value does
}

// parseMsgpack reads the value at the beginning of b, and returns the index after it.
// short is true if b ends too early.
func parseMsgpack(b []byte) (v value, end int, short bool, err *syntaxError) {
	p := msgpackParser{b: b}
	v = p.value()
	return v, p.i, p.short, p.err
}

func (p *msgpackParser) stopped() bool { return p.short || p.err != nil }

func (p *msgpackParser) fail(says string) value {
	if !p.stopped() {
		p.err = &syntaxError{p.i, says}
	}
	return value{}
}

// take is the next n bytes, nil if there are fewer.
func (p *msgpackParser) take(n int) []byte {
	if p.stopped() || n > len(p.b)-p.i {
		p.short = p.err == nil
		return nil
	}
	p.i += n
	return p.b[p.i-n : p.i]
}

// uint reads a number of n bytes.
func (p *msgpackParser) uint(n int) uint64 {
	var wide [8]byte
	copy(wide[8-n:], p.take(n))
	return be.BigEndian.Uint64(wide[:])
}

func (p *msgpackParser) value() value {
	if p.depth++; p.depth > maxDepth {
		return p.fail("too many levels of lists and maps")
	}
	defer func() { p.depth-- }()
	from := p.i
	head := p.take(1)
	if head == nil {
		return value{}
	}
	v := p.body(head[0])
	if p.stopped() {
		return value{}
	}
	v.raw = p.b[from:p.i]
	return v
}

// body reads the rest of a value after its first byte.
func (p *msgpackParser) body(c byte) value {
	switch {
	case c < 0x80:
		return whole(int64(c))
	case c < 0x90:
		return p.object(int(c & 0x0f))
	case c < 0xa0:
		return p.list(int(c & 0x0f))
	case c < 0xc0:
		return p.string(text, int(c&0x1f))
	case c >= 0xe0:
		return whole(int64(int8(c)))
	}
	switch c {
	case 0xc0:
		return value{}
	case 0xc2, 0xc3:
		return value{kind: boolean, text: strconv.FormatBool(c == 0xc3)}
	case 0xc4, 0xc5, 0xc6:
		return p.string(binary, int(p.uint(1<<(c-0xc4))))
	case 0xc7, 0xc8, 0xc9:
		return p.string(binary, int(p.uint(1<<(c-0xc7)))+1)
	case 0xca:
		return float(float64(math.Float32frombits(uint32(p.uint(4)))), 32)
	case 0xcb:
		return float(math.Float64frombits(p.uint(8)), 64)
	case 0xcc, 0xcd, 0xce, 0xcf:
		return value{kind: number, text: strconv.FormatUint(p.uint(1<<(c-0xcc)), 10)}
	case 0xd0:
		return whole(int64(int8(p.uint(1))))
	case 0xd1:
		return whole(int64(int16(p.uint(2))))
	case 0xd2:
		return whole(int64(int32(p.uint(4))))
	case 0xd3:
		return whole(int64(p.uint(8)))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return p.string(binary, 1<<(c-0xd4)+1)
	case 0xd9, 0xda, 0xdb:
		return p.string(text, int(p.uint(1<<(c-0xd9))))
	case 0xdc, 0xdd:
		return p.list(int(p.uint(2 << (c - 0xdc))))
	case 0xde, 0xdf:
		return p.object(int(p.uint(2 << (c - 0xde))))
	}
	p.i--
	return p.fail("0xc1 does not begin a value")
}

func (p *msgpackParser) string(kind valueKind, n int) value {
	return value{kind: kind, text: string(p.take(n))}
}

func (p *msgpackParser) list(n int) value {
	v := value{kind: list}
	for range n {
		if p.stopped() {
			break
		}
		v.items = append(v.items, p.value())
	}
	return v
}

func (p *msgpackParser) object(n int) value {
	v := value{kind: object}
	for range n {
		at := p.i
		key := p.value()
		if !p.stopped() && key.kind != text && key.kind != binary && p.depth == 1 {
			p.i = at
			p.fail("a message's keys must be strings, but this is " + key.kind.String())
		}
		if p.stopped() {
			break
		}
		name := key.text
		if key.kind != text && key.kind != binary {
			name = string(key.raw) // a key within a tuple may be of any type
		}
		v.keys = append(v.keys, name)
		v.items = append(v.items, p.value())
	}
	return v
}

func whole(n int64) value { return value{kind: number, text: strconv.FormatInt(n, 10)} }

// float is a number as JSON writes it, so that it differs from a whole one.
func float(f float64, bits int) value {
	switch {
	case math.IsNaN(f):
		return value{kind: number, text: "NaN"}
	case math.IsInf(f, 0):
		return value{kind: number, text: strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, bits), "+") + "inity"}
	}
	literal := strconv.FormatFloat(f, 'g', -1, bits)
	if isWhole(literal) {
		literal += ".0"
	}
	return value{kind: number, text: literal}
}
