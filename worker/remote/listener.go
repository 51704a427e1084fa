package remote

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Split lets viewers come to the address on which a worker's peers come: one port is opened,
// in a firewall and in a manifest. It looks at the first byte of a connection, without
// reading it: a viewer begins with a JSON object, a peer never does. A viewer's connection
// goes to control, on a goroutine of its own. The listener that is returned has the others.
// Closing it closes l.
func Split(l net.Listener, control func(net.Conn)) net.Listener {
	s := &splitListener{Listener: l, control: control, peers: make(chan net.Conn), closed: make(chan struct{}), shy: make(chan struct{}, mostShy)}
	go s.run()
	return s
}

type splitListener struct {
	net.Listener
	control func(net.Conn)
	peers   chan net.Conn
	shy     chan struct{} // has a token for each connection that has not said anything

	once   sync.Once
	closed chan struct{}
	err    error // why no more connections come; read it after closed
}

// Bounds for connections that say nothing.
const (
	mostShy     = 256
	shyPatience = 10 * time.Second
)

func (s *splitListener) run() {
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			if passing, ok := errors.AsType[net.Error](err); ok && passing.Timeout() || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ECONNABORTED) {
				select {
				case <-time.After(50 * time.Millisecond):
					continue
				case <-s.closed:
				}
			}
			s.end(err)
			return
		}
		select {
		case s.shy <- struct{}{}:
			go s.sort(c)
		default:
			c.Close()
		}
	}
}

func (s *splitListener) end(err error) {
	s.once.Do(func() {
		s.err = err
		close(s.closed)
	})
}

// sort gives a connection to whom it is for.
func (s *splitListener) sort(c net.Conn) {
	c.SetReadDeadline(time.Now().Add(shyPatience))
	first, err := peek(c)
	<-s.shy
	if err != nil {
		c.Close()
		return
	}
	c.SetReadDeadline(time.Time{})
	if first == '{' {
		s.control(c)
		return
	}
	select {
	case s.peers <- c:
	case <-s.closed:
		c.Close()
	}
}

// peek is the first byte that comes, which stays in the socket.
func peek(c net.Conn) (byte, error) {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return 0, errors.New("not a socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	var first [1]byte
	var n int
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		n, _, failed = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK)
		return !errors.Is(failed, syscall.EAGAIN) && !errors.Is(failed, syscall.EINTR)
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, failed
	case n == 0:
		return 0, net.ErrClosed
	}
	return first[0], nil
}

// Accept is the next connection of a peer.
func (s *splitListener) Accept() (net.Conn, error) {
	select {
	case c := <-s.peers:
		return c, nil
	case <-s.closed:
		return nil, s.err
	}
}

// Close closes the listener below.
func (s *splitListener) Close() error {
	err := s.Listener.Close()
	s.end(net.ErrClosed)
	return err
}
