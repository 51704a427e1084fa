package record

import (
	"bytes"

	"gust/multilang"
)

// Cutter cuts the bytes of a pipe into messages. It serves both directions, and
// trusts what it is given: that is what gust wrote, or what a child that is
// looked at by a decoder wrote as well.
type Cutter struct {
	msgpack bool
	rest    []byte // what has come and is no whole message
	// What has been looked at is not looked at again when more comes.
	line     int // where the line begins that is looked at
	searched int // how much of rest holds no end of it
	value    multilang.MsgpackWalk
}

// NewCutter cuts messages of the serializer "json" or "msgpack".
func NewCutter(serializer string) *Cutter { return &Cutter{msgpack: serializer == "msgpack"} }

// Feed takes the next bytes, which it copies.
func (c *Cutter) Feed(p []byte) { c.rest = append(c.rest, p...) }

// Next is the next whole message, with its framing; nil where more bytes are
// needed. It is borrowed: it is valid until the next Feed.
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

// Whole reports whether nothing has come of a message that is not finished.
func (c *Cutter) Whole() bool { return len(c.rest) == 0 }

// Reset forgets what is not finished.
func (c *Cutter) Reset() { c.begin(nil) }

// begin goes on with a message that rest begins with.
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

// packed is the length of the first msgpack value. What cannot be one is taken
// away whole: where the next message begins cannot be known.
func (c *Cutter) packed() int {
	n, sound := c.value.End(c.rest)
	if !sound {
		return len(c.rest)
	}
	return n
}
