package record

import (
	"bytes"

	"gust/multilang"
)

// Cutter splits the bytes of a pipe into messages, in both directions. It does not
// validate them: gust wrote them, or a decoder reads the child's output, too.
type Cutter struct {
	msgpack bool
	rest    []byte // bytes that are not a whole message
	// Bytes are not searched again when more come.
	line     int // the beginning of the current line
	searched int // the part of rest that has no end of it
	value    multilang.MsgpackWalk
}

// NewCutter cuts messages of the serializer "json" or "msgpack".
func NewCutter(serializer string) *Cutter { return &Cutter{msgpack: serializer == "msgpack"} }

// Feed adds bytes, which it copies.
func (c *Cutter) Feed(p []byte) { c.rest = append(c.rest, p...) }

// Next is the next whole message, with its framing; nil if it needs more bytes. It is
// valid until the next Feed.
func (c *Cutter) Next() []byte {
	n := 0
	if c.msgpack {
		n = c.packed()
	} else {
		n = c.frame()
	}
	if n == 0 {
		return nil
	}
	message := c.rest[:n:n]
	c.begin(c.rest[n:])
	return message
}

// Whole reports whether there is no incomplete message.
func (c *Cutter) Whole() bool { return len(c.rest) == 0 }

// Reset drops an incomplete message.
func (c *Cutter) Reset() { c.begin(nil) }

// begin continues with a message that begins in rest.
func (c *Cutter) begin(rest []byte) {
	c.rest, c.line, c.searched, c.value = rest, 0, 0, multilang.MsgpackWalk{}
}

// frame is the length of the first JSON frame, which the line `end` ends.
func (c *Cutter) frame() int {
	for {
		n := bytes.IndexByte(c.rest[c.searched:], '\n')
		if n < 0 {
			c.searched = len(c.rest)
			return 0
		}
		line := c.rest[c.line : c.searched+n]
		c.searched += n + 1
		c.line = c.searched
		if string(bytes.TrimSuffix(line, []byte{'\r'})) == "end" {
			return c.searched
		}
	}
}

// packed is the length of the first msgpack value. If the bytes are invalid, it takes all
// of them: the start of the next message is unknown.
func (c *Cutter) packed() int {
	n, sound := c.value.End(c.rest)
	if !sound {
		return len(c.rest)
	}
	return n
}
