package worker

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"gust/internal/mtls"
	"gust/internal/socket"
)

// network makes connections between workers. What it is given is called on any goroutine;
// the descriptors do not block, and belong to whoever is called.
type network interface {
	// dial makes a connection to a worker, and calls done once.
	dial(address string, done func(fd int, err error))
	// accept calls take for each connection that others make, until close.
	accept(take func(fd int))
	// why says why the connection of a descriptor has ended, if the network knows more than
	// reading and writing say. It does not after the descriptor is closed.
	why(fd int) error
	close()
	// flush waits until what was written has gone, after close and after the descriptors
	// are closed.
	flush()
}

// sockets is the network that gust runs on.
type sockets struct {
	listener net.Listener      // nil if nobody is to connect
	tls      *mtls.Credentials // nil without TLS
	ctx      context.Context
	cancel   context.CancelFunc
	open     sync.WaitGroup // goroutines

	mu      sync.Mutex
	secured map[int]*socket.Socket // the last one with TLS of each descriptor
}

func newSockets(p *Peers) *sockets {
	ctx, cancel := context.WithCancel(context.Background())
	return &sockets{listener: p.Listener, tls: p.TLS, ctx: ctx, cancel: cancel, secured: map[int]*socket.Socket{}}
}

const dialTimeout = 5 * time.Second

func (s *sockets) dial(address string, done func(fd int, err error)) {
	s.open.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, dialTimeout)
		defer cancel()
		var config *tls.Config
		if s.tls != nil {
			config = s.tls.Client(mtls.Peer)
		}
		done(s.descriptor(socket.Dial(ctx, address, config)))
	})
}

func (s *sockets) accept(take func(fd int)) {
	if s.listener == nil {
		return
	}
	s.open.Go(func() {
		for {
			conn, err := s.listener.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				time.Sleep(acceptPause) // out of descriptors, for example
				continue
			}
			if fd, err := s.descriptor(socket.Take(conn)); err == nil {
				take(fd)
			}
		}
	})
}

// acceptPause is how long to wait when connections cannot be taken.
const acceptPause = 100 * time.Millisecond

// descriptor is that of a connection.
func (s *sockets) descriptor(c *socket.Socket, err error) (int, error) {
	if s.tls == nil {
		if err != nil {
			return -1, err
		}
		return c.FD, nil
	}
	if err != nil {
		return -1, s.tls.Explain(err)
	}
	s.mu.Lock()
	s.secured[c.FD] = c
	s.mu.Unlock()
	s.open.Go(func() { <-c.Done() })
	return c.FD, nil
}

// why is what TLS says. The descriptor only reads an end of file.
func (s *sockets) why(fd int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.secured[fd]; c != nil {
		return s.tls.Explain(c.Err())
	}
	return nil
}

func (s *sockets) close() {
	s.cancel()
	if s.listener != nil {
		_ = s.listener.Close() // nobody can do anything about it
	}
}

// flushTime bounds flush: a connection that came when the loop had ended has no owner.
const flushTime = 2 * time.Second

func (s *sockets) flush() {
	flushed := make(chan struct{})
	go func() {
		s.open.Wait()
		close(flushed)
	}()
	select {
	case <-flushed:
	case <-time.After(flushTime):
	}
}
