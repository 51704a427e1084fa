package worker

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cuts is a network of its own in front of a worker: it passes connections on, until it is told
// to harm them.
type cuts struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	conns []net.Conn
	mute  bool // nothing is passed on, and nothing is closed
}

func newCuts(t *testing.T, to string) *cuts {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cuts{listener: listener, to: to}
	t.Cleanup(func() {
		listener.Close()
		c.cut()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(conn)
		}
	}()
	return c
}

func (c *cuts) pass(from net.Conn) {
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		from.Close()
		return
	}
	c.mu.Lock()
	c.conns = append(c.conns, from, to)
	c.mu.Unlock()
	go c.copy(from, to)
	go c.copy(to, from)
}

func (c *cuts) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		c.mu.Lock()
		mute := c.mute
		c.mu.Unlock()
		if mute {
			continue // it is swallowed
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err == io.EOF || err != nil {
			return
		}
	}
}

// cut resets all connections.
func (c *cuts) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	c.conns, c.mute = nil, false
}

// silence has the connections carry nothing, without an end.
func (c *cuts) silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = true
}
