package multilang

import (
	"math"
	"strconv"
)

// AppendText shows what JSON has not as Python does: bytes as b"...", an ext as
// ext(b"...") with its type as the first byte.
func (msgpackCodec) AppendText(dst, raw []byte, limit int) []byte {
	from := len(dst)
	p := msgpackPrinter{dst: dst, end: from + max(0, min(limit, math.MaxInt-from))}
	p.value(raw, 0, 0)
	text := p.dst[from:]
	if len(text) <= limit {
		return p.dst
	}
	return append(appendHead(p.dst[:from], text, limit), "…"...)
}

// msgpackPrinter prints values, and stops soon after there is more than is wanted.
type msgpackPrinter struct {
	dst []byte
	end int // the length of dst beyond which the text is cut
}

func (p *msgpackPrinter) full() bool { return len(p.dst) > p.end }

// value prints the value at b[i], which is depth containers deep, and returns the
// index after it. It is only of use while the printer is not full.
func (p *msgpackPrinter) value(b []byte, i, depth int) int {
	v, next := readMsgpack(b, i)
	if v.kind == msgpackBroken {
		v, next = cutMsgpack(b, i), len(b)
	}
	switch v.kind {
	case msgpackBroken:
		p.dst = append(p.dst, "…"...)
		return len(b)
	case msgpackString:
		p.dst = appendQuoted(p.dst, p.wanted(v.data))
	case msgpackBin:
		p.bytes(v.data)
	case msgpackExt:
		p.dst = append(p.dst, "ext("...)
		p.bytes(v.data)
		p.dst = append(p.dst, ')')
	case msgpackList, msgpackMap:
		if depth == MaxDepth {
			p.dst = append(p.dst, "…"...)
			return msgpackEnd(b, i)
		}
		if v.kind == msgpackList {
			return p.list(b, next, v.size, depth+1)
		}
		return p.pairs(b, next, v.size, depth+1)
	default:
		p.dst = appendMsgpackScalar(p.dst, &v)
	}
	return next
}

// cutMsgpack is what there is of a string or of bytes at b[i] whose end is missing: of large
// values, the caller may have the beginning only.
func cutMsgpack(b []byte, i int) (v msgpackValue) {
	if i >= len(b) || b[i] < 0xc0 || b[i] >= 0xe0 {
		return v
	}
	f := &msgpackFormats[b[i]&0x1f]
	if body := i + 1 + int(f.length); body < len(b) && (f.kind == msgpackString || f.kind == msgpackBin) {
		return msgpackValue{kind: f.kind, data: b[body:]}
	}
	return v
}

func (p *msgpackPrinter) list(b []byte, i, size, depth int) int {
	p.dst = append(p.dst, '[')
	for n := 0; n < size && i < len(b) && !p.full(); n++ {
		if n > 0 {
			p.dst = append(p.dst, ", "...)
		}
		i = p.value(b, i, depth)
	}
	p.dst = append(p.dst, ']')
	return i
}

func (p *msgpackPrinter) pairs(b []byte, i, size, depth int) int {
	p.dst = append(p.dst, '{')
	for n := 0; n < size && i < len(b) && !p.full(); n++ {
		if n > 0 {
			p.dst = append(p.dst, ", "...)
		}
		i = p.value(b, i, depth)
		p.dst = append(p.dst, ": "...)
		i = p.value(b, i, depth)
	}
	p.dst = append(p.dst, '}')
	return i
}

// bytes prints bytes that are not text.
func (p *msgpackPrinter) bytes(data []byte) {
	p.dst = append(p.dst, `b"`...)
	for _, c := range p.wanted(data) {
		switch {
		case c == '"' || c == '\\':
			p.dst = append(p.dst, '\\', c)
		case c >= ' ' && c < 0x7f:
			p.dst = append(p.dst, c)
		default:
			p.dst = append(p.dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	p.dst = append(p.dst, '"')
}

// wanted is what of data can still be printed.
func (p *msgpackPrinter) wanted(data []byte) []byte {
	left := max(0, p.end-len(p.dst))
	return data[:min(len(data)-1, left)+1]
}

// appendMsgpackScalar appends nil, a bool or a number as JSON.
func appendMsgpackScalar(dst []byte, v *msgpackValue) []byte {
	switch v.kind {
	case msgpackNil:
		return append(dst, "null"...)
	case msgpackBool:
		return strconv.AppendBool(dst, v.bits != 0)
	case msgpackInt:
		return appendMagnitude(dst, v.magnitude(), v.negative)
	case msgpackFloat32:
		return appendFloat(dst, v.float(), 32)
	case msgpackFloat64:
		return appendFloat(dst, v.float(), 64)
	}
	return dst
}
