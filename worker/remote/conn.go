package remote

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Conn is a connection on which both sides send lines of JSON. One goroutine may read, and
// any may write.
type Conn struct {
	net.Conn
	reader *bufio.Reader
	limit  int // of a line that is read, in bytes

	writing sync.Mutex
	out     bytes.Buffer
}

// Bounds of the length of a line.
const (
	shyLimit = 4 << 10 // from somebody who has not proved to know the secret
	lineMost = 1 << 30 // a snapshot, or a tuple of gust.max.message.bytes
)

// NewConn is a connection to somebody who is trusted.
func NewConn(c net.Conn) *Conn {
	return &Conn{Conn: c, reader: bufio.NewReaderSize(c, 64<<10), limit: lineMost}
}

// Receive reads a line into v.
func (c *Conn) Receive(v any) error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("cannot read what %s has sent: %w", c.RemoteAddr(), err)
	}
	return nil
}

func (c *Conn) line() ([]byte, error) {
	var line []byte
	for {
		part, err := c.reader.ReadSlice('\n')
		switch {
		case err == nil && line == nil:
			return part, nil
		case len(line)+len(part) > c.limit:
			return nil, fmt.Errorf("a line of more than %d bytes", c.limit)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// Send writes v as a line.
func (c *Conn) Send(v any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.out.Reset()
	if c.out.Cap() > 1<<20 {
		c.out = bytes.Buffer{}
	}
	e := json.NewEncoder(&c.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := c.Write(c.out.Bytes())
	return err
}
