package socket

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tunnel joins a connection with TLS to a descriptor that a poller can watch: one end of a
// pair of Unix sockets, of which the tunnel has the other end. Two goroutines copy, one for
// each direction, since crypto/tls blocks.
//
// # How it ends
//
// Whichever side ends, the tunnel delivers what that side has written before, and the other
// side reads an end of file:
//
//   - The other side of the connection closes it, or it breaks, or a certificate is refused:
//     the descriptor reads the end of file after the last byte.
//   - The descriptor is closed: the last bytes go out with TLS's own end, and what the other
//     side has written meanwhile is read and dropped, since a reset would take back what we
//     have sent. That lasts for linger at most.
//
// Both goroutines end in any case. A write to a connection that takes nothing for stuck
// fails, so that a dead machine holds nothing once its worker has been given up.
type tunnel struct {
	conn  *tls.Conn
	inner *net.UnixConn // our end of the pair
	done  chan struct{} // closed when both goroutines have ended

	mu     sync.Mutex
	ending bool  // the descriptor is closed
	err    error // why the connection has ended
}

const (
	handshakeTime = 10 * time.Second
	linger        = time.Second
	stuck         = time.Minute
	copySize      = 32 << 10
)

// secure begins a tunnel for a TLS connection over conn. It closes conn if there is an error.
func secure(conn *tls.Conn, over net.Conn) (*Socket, error) {
	s, err := newTunnel(conn, over)
	if err != nil {
		_ = over.Close()
		return nil, err
	}
	go s.tunnel.run()
	return s, nil
}

func newTunnel(conn *tls.Conn, over net.Conn) (*Socket, error) {
	raw, err := over.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	var tuned error
	if err := raw.Control(func(fd uintptr) { tuned = tune(int(fd), over.LocalAddr().Network()) }); err != nil {
		return nil, err
	}
	if tuned != nil {
		return nil, os.NewSyscallError("setsockopt", tuned)
	}
	fds, err := pair()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	file := os.NewFile(uintptr(fds[1]), "")
	defer file.Close() // FileConn copies it
	inner, err := net.FileConn(file)
	if err != nil {
		_ = unix.Close(fds[0])
		return nil, err
	}
	s, err := open(fds[0], "unix", peer(over))
	if err != nil {
		_ = inner.Close()
		return nil, err
	}
	s.tunnel = &tunnel{conn: conn, inner: inner.(*net.UnixConn), done: make(chan struct{})}
	return s, nil
}

// run copies in both directions until both have ended.
func (t *tunnel) run() {
	defer close(t.done)
	out := make(chan struct{})
	go func() {
		defer close(out)
		t.copyOut()
	}()
	t.copyIn()
	<-out
	_ = t.conn.NetConn().Close()
	_ = t.inner.Close()
}

// copyIn copies from the connection to the descriptor.
func (t *tunnel) copyIn() {
	t.readUntil(time.Now().Add(handshakeTime), false)
	err := t.conn.Handshake()
	t.readUntil(time.Time{}, false)
	b := make([]byte, copySize)
	for gone := false; err == nil; {
		var n int
		n, err = t.conn.Read(b)
		if n > 0 && !gone {
			_, failed := t.inner.Write(b[:n])
			gone = failed != nil // the descriptor is closed, and copyOut knows
		}
	}
	t.fail(err)
	_ = t.inner.CloseWrite()
	_ = t.inner.CloseRead() // which ends copyOut
}

// copyOut copies from the descriptor to the connection.
func (t *tunnel) copyOut() {
	b := make([]byte, copySize)
	for {
		n, err := t.inner.Read(b)
		if n > 0 {
			_ = t.conn.NetConn().SetWriteDeadline(time.Now().Add(stuck))
			if _, err := t.conn.Write(b[:n]); err != nil {
				t.fail(err)
				_ = t.conn.NetConn().Close() // which ends copyIn
				return
			}
		}
		if err != nil {
			t.readUntil(time.Now().Add(linger), true)
			_ = t.conn.CloseWrite()
			return
		}
	}
}

// readUntil limits how long copyIn reads. Nothing changes the limit after the last one.
func (t *tunnel) readUntil(deadline time.Time, last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ending {
		_ = t.conn.NetConn().SetReadDeadline(deadline)
		t.ending = last
	}
}

// fail keeps the first error, unless it only says that one of the sides has ended.
func (t *tunnel) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil && !t.ending && err != io.EOF && err != io.ErrUnexpectedEOF {
		t.err = err
	}
}

func (t *tunnel) reason() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
