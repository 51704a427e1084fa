package record

import (
	"bytes"

	"github.com/vmihailenco/msgpack/v5"
)

// Cutter cuts the bytes of a pipe into messages. It serves both directions, and
// trusts what it is given: that is what gust wrote, or what a child that is
// looked at by a decoder wrote as well.
type Cutter struct {
	msgpack  bool
	rest     []byte // what has come and is no whole message
	searched int    // how much of rest holds no end of a line
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
		n = c.value()
	} else {
		n = c.frame()
	}
	if n == 0 {
		return nil
	}
	message := c.rest[:n:n]
	c.rest, c.searched = c.rest[n:], 0
	return message
}

// Whole tells whether nothing has come of a message that is not finished.
func (c *Cutter) Whole() bool { return len(c.rest) == 0 }

// Reset forgets what is not finished.
func (c *Cutter) Reset() { c.rest, c.searched = nil, 0 }

// frame is the length of the first JSON frame, which the line `end` ends.
func (c *Cutter) frame() int {
	for {
		n := bytes.IndexByte(c.rest[c.searched:], '\n')
		if n < 0 {
			return 0
		}
		line := c.rest[c.searched : c.searched+n]
		c.searched += n + 1
		if string(bytes.TrimSuffix(line, []byte{'\r'})) == "end" {
			return c.searched
		}
	}
}

// value is the length of the first msgpack value. What cannot be one is taken
// away whole: where the next message begins cannot be known.
func (c *Cutter) value() int {
	if len(c.rest) == 0 {
		return 0
	}
	r := bytes.NewReader(c.rest)
	switch err := msgpack.NewDecoder(r).Skip(); {
	case err == nil:
		return len(c.rest) - r.Len()
	case r.Len() > 0:
		return len(c.rest)
	}
	return 0
}
