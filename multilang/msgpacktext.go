package multilang

import (
	"encoding/base64"
	"strconv"
)

// AppendText shows bin and ext, which JSON has not, as b64"..." and ext(type, b64"...").
func (msgpackCodec) AppendText(dst, raw []byte, limit int) []byte {
	p := msgpackPrinter{dst: dst, end: len(dst) + max(limit, 0)}
	if end := len(dst) + limit; end < len(dst) { // limit may be as large as can be
		p.end = int(^uint(0) >> 1)
	}
	p.value(raw, 0)
	text := p.dst[len(dst):]
	if len(text) <= limit {
		return p.dst
	}
	return append(appendHead(p.dst[:len(dst)], text, limit), "…"...)
}

// msgpackPrinter writes until there is more than is wanted.
type msgpackPrinter struct {
	dst []byte
	end int // behind which nobody reads
}

func (p *msgpackPrinter) full() bool { return len(p.dst) > p.end }

// value prints the value at b[i] and returns the index behind it. It calls itself
// for what is inside; as each container prints a bracket, limit bounds the depth,
// and so does maxDepth.
func (p *msgpackPrinter) value(b []byte, i int) int {
	...
}
var _ = strconv.Itoa
var _ = base64.StdEncoding
