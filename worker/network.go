package worker

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/socket"
)

// network makes connections between workers. What it is given is called on any goroutine;
// the descriptors do not block, and belong to whoever is called.
type network interface {
	// dial makes a connection to a worker, and calls done once.
	dial(address string, done func(fd int, err error))
	// accept calls take for each connection that others make, until close.
	accept(take func(fd int))
	close()
	// flush waits until what was written has gone, after close and after the descriptors
	// are closed.
	flush()
}

// sockets is the network that gust runs on.
type sockets struct {
	listener net.Listener // nil if nobody is to connect
	tls      *tls.Config  // nil without TLS
	log      zerolog.Logger
	ctx      context.Context
	cancel   context.CancelFunc
	open     sync.WaitGroup // goroutines
}

func newSockets(p *Peers, log zerolog.Logger) *sockets {
	ctx, cancel := context.WithCancel(context.Background())
	return &sockets{listener: p.Listener, tls: p.TLS, log: log, ctx: ctx, cancel: cancel}
}

const dialTimeout = 5 * time.Second

func (s *sockets) dial(address string, done func(fd int, err error)) {
	s.open.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, dialTimeout)
		defer cancel()
		done(s.descriptor(socket.Dial(ctx, address, s.tls)))
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
			if fd, err := s.descriptor(socket.Take(conn, s.tls)); err == nil {
				take(fd)
			}
		}
	})
}

// acceptPause is how long to wait when connections cannot be taken.
const acceptPause = 100 * time.Millisecond

// descriptor is that of a connection. It has TLS report why it ends: the descriptor only
// reads an end of file.
func (s *sockets) descriptor(c *socket.Socket, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	if s.tls != nil {
		s.open.Go(func() {
			<-c.Done()
			if err := c.Err(); err != nil {
				s.log.Warn().Msgf("TLS with %s: %v", c.Peer, err)
			}
		})
	}
	return c.FD, nil
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
