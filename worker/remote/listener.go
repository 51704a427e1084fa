package remote

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"gust/internal/mtls"
	"gust/worker/peer"
)

// SplitOptions are what becomes of the connections that [Split] does not return.
type SplitOptions struct {
	// Control gets a viewer's connection, on a goroutine of its own.
	Control func(net.Conn)
	// TLS, if it is not nil, protects all connections. Others are refused.
	TLS *mtls.Credentials
	// Refused is called when a connection is refused because of TLS: its certificate, or that
	// only one side has TLS. It may be nil.
	Refused func(from net.Addr, why *mtls.Fault)
}

// Split lets viewers come to the address on which a worker's peers come: one port is opened,
// in a firewall and in a manifest. It looks at the first byte of a connection, without
// reading it: a viewer begins with a JSON object, a peer never does. With TLS, both sides have
// agreed on what the connection is for. The listener that is returned has the peers. Closing
// it closes l.
func Split(l net.Listener, o SplitOptions) net.Listener {
	s := &splitListener{Listener: l, o: o, peers: make(chan net.Conn), closed: make(chan struct{}), shy: make(chan struct{}, mostShy)}
	if o.TLS != nil {
		s.config = o.TLS.Server(mtls.Peer, mtls.Control)
	}
	go s.run()
	return s
}

type splitListener struct {
	net.Listener
	o      SplitOptions
	config *tls.Config // nil without TLS
	peers  chan net.Conn
	shy    chan struct{} // has a token for each connection of which is not known yet what it is

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
	c.SetDeadline(time.Now().Add(shyPatience))
	c, viewer, err := s.admit(c)
	<-s.shy
	if err != nil {
		c.Close()
		return
	}
	c.SetDeadline(time.Time{})
	if viewer {
		s.o.Control(c)
		return
	}
	select {
	case s.peers <- c:
	case <-s.closed:
		c.Close()
	}
}

// The first byte of a connection: of a viewer's JSON, and of TLS.
const (
	firstOfJSON = '{'
	firstOfTLS  = 22
)

// admit finds out what a connection is for. The connection that it returns is the protected one
// with TLS. An error refuses it.
func (s *splitListener) admit(c net.Conn) (admitted net.Conn, viewer bool, err error) {
	first, err := peek(c)
	switch {
	case err != nil:
		return c, false, err
	case s.config == nil && first == firstOfTLS:
		return c, false, s.refuse(c, []byte("no TLS here\n"), mtls.ErrSecure) // the other side sees that this is not TLS
	case s.config == nil:
		return c, first == firstOfJSON, nil
	case first == firstOfJSON:
		line, _ := json.Marshal(greeting{Gust: "control", Protocol: protocol, Error: "the worker has TLS, and the one that asks does not"}) // never fails
		return c, true, s.refuse(c, append(line, '\n'), mtls.ErrPlain)
	case first != firstOfTLS:
		return c, false, s.refuse(c, peer.AppendRefusal(nil, peer.RefusePlain(mtls.ErrPlain.Hint)), mtls.ErrPlain)
	}
	secured := tls.Server(c, s.config)
	if err := secured.Handshake(); err != nil {
		return c, false, s.refuse(c, nil, s.o.TLS.Explain(err))
	}
	return secured, mtls.Protocol(secured.ConnectionState().NegotiatedProtocol) == mtls.Control, nil
}

// refuse says to both sides why a connection is refused. It waits until the other side has read
// that, for a moment: what is unread then makes a reset of the close, and with it the last words
// may be lost.
func (s *splitListener) refuse(c net.Conn, last []byte, why error) error {
	if fault, is := errors.AsType[*mtls.Fault](why); is && s.o.Refused != nil {
		s.o.Refused(c.RemoteAddr(), fault)
	}
	c.SetDeadline(time.Now().Add(lastWords))
	_, _ = c.Write(last)
	if half, can := c.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite()
	}
	_, _ = io.CopyN(io.Discard, c, mostUnread)
	return why
}

// Bounds for what somebody sends who is refused.
const (
	lastWords  = time.Second
	mostUnread = 1 << 20
)

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
