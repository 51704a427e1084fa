package multilang

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// msgpackChecker walks through a tuple's values to their end, and looks at what
// children would read of them. It is as fast as skipping them: most of a value's
// bytes are text, and checking UTF-8 is fast.
type msgpackChecker struct{ flawFinder }

// list checks the tuple at b[i], and returns the index after it, which is -1 if
// it is broken or cut off, and its size, which is -1 if it is not a list.
func (c *msgpackChecker) list(b []byte, i int) (end, size int) {
	c.flaws.kinds, c.index = 0, 0
	size, next := msgpackListAt(b, i)
	if size < 0 {
		return msgpackEnd(b, i), size
	}
	if size == 0 {
		return next, 0
	}
	return c.values(b, next, size, 0), size
}

// values checks the n values from b[i] on, which are depth containers deep.
func (c *msgpackChecker) values(b []byte, i, n, depth int) (end int) {
	for ; n > 0; n-- {
		if i < 0 || i >= len(b) {
			return -1
		}
		switch f := b[i]; {
		case f < 0x80 || f >= 0xe0:
			i++
		case f >= 0xa0 && f < 0xc0:
			i = c.shortString(b, i+1, int(f&0x1f))
		case f >= 0xc0 && msgpackFormats[f&0x1f].kind-msgpackNil <= msgpackInt-msgpackNil:
			if i += 1 + int(msgpackFormats[f&0x1f].fixed); i > len(b) {
				return -1
			}
		default:
			i = c.value(b, i, depth)
		}
		if depth == 0 {
			c.index++
		}
	}
	return i
}

// value checks a value that is not as simple as most.
func (c *msgpackChecker) value(b []byte, i, depth int) (end int) {
	v, end := readMsgpack(b, i)
	switch v.kind {
	case msgpackBroken:
		return -1
	case msgpackString:
		c.text(v.data)
	case msgpackExt:
		if !soundExt(v.data) {
			c.note(BadExt)
		}
	case msgpackFloat32, msgpackFloat64:
		if f := v.float(); math.IsNaN(f) || math.IsInf(f, 0) {
			c.note(NaN)
		}
	case msgpackList, msgpackMap:
		if depth == MaxDepth {
			c.note(TooDeep)
			return msgpackEnd(b, i)
		}
		if v.kind == msgpackList {
			return c.values(b, end, v.size, depth+1)
		}
		return c.pairs(b, end, v.size, depth+1)
	}
	return end
}

func (c *msgpackChecker) pairs(b []byte, i, n, depth int) (end int) {
	for ; n > 0 && i >= 0; n-- {
		if v, _ := readMsgpack(b, i); v.kind != msgpackString && v.kind != msgpackBin {
			c.note(OddKey)
		}
		i = c.values(b, i, 2, depth)
	}
	return i
}

// shortString checks the string of n bytes, which are 31 at most, at b[i]. Most are a
// word or two in ASCII, which is seen without a call.
func (c *msgpackChecker) shortString(b []byte, i, n int) (end int) {
	end = i + n
	if i+8 <= len(b) && n <= 8 {
		if binary.LittleEndian.Uint64(b[i:])&(1<<(8*n)-1)&highs == 0 {
			return end
		}
	}
	if end > len(b) {
		return -1
	}
	c.text(b[i:end])
	return end
}

func (c *msgpackChecker) text(text []byte) {
	if !utf8.Valid(text) {
		c.note(BadString)
	}
}

// soundExt looks at an ext, whose type is the first byte. Those below 0 are the
// format's own, which has one: the timestamp, -1.
func soundExt(data []byte) bool {
	if int8(data[0]) >= 0 {
		return true
	}
	nanos := uint32(0)
	switch stamp := data[1:]; {
	case int8(data[0]) != -1:
		return false
	case len(stamp) == 4:
	case len(stamp) == 8:
		nanos = binary.BigEndian.Uint32(stamp) >> 2
	case len(stamp) == 12:
		nanos = binary.BigEndian.Uint32(stamp)
	default:
		return false
	}
	return nanos < 1e9
}
