package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// network makes connections between workers. What it is given is called on any goroutine;
// the descriptors do not block, and belong to whoever is called.
type network interface {
	// dial makes a connection to a worker, and calls done once.
	dial(address string, done func(fd int, err error))
	// accept calls take for each connection that others make, until close.
	accept(take func(fd int))
	close()
}

// sockets is the network that gust runs on.
type sockets struct {
	listener net.Listener // nil if nobody is to connect
	ctx      context.Context
	cancel   context.CancelFunc
}

func newSockets(listener net.Listener) *sockets {
	ctx, cancel := context.WithCancel(context.Background())
	return &sockets{listener, ctx, cancel}
}

const dialTimeout = 5 * time.Second

func (s *sockets) dial(address string, done func(fd int, err error)) {
	go func() {
		kind := "tcp"
		if strings.HasPrefix(address, "/") {
			kind = "unix"
		}
		conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(s.ctx, kind, address)
		if err != nil {
			done(-1, err)
			return
		}
		done(descriptor(conn))
	}()
}

func (s *sockets) accept(take func(fd int)) {
	if s.listener == nil {
		return
	}
	go func() {
		for {
			conn, err := s.listener.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				time.Sleep(acceptPause) // out of descriptors, for example
				continue
			}
			if fd, err := descriptor(conn); err == nil {
				take(fd)
			}
		}
	}()
}

// acceptPause is how long to wait when connections cannot be taken.
const acceptPause = 100 * time.Millisecond

func (s *sockets) close() {
	s.cancel()
	if s.listener != nil {
		_ = s.listener.Close() // nobody can do anything about it
	}
}

// descriptor takes a connection's descriptor out of Go's own poller, which would hand each
// event to a goroutine. It closes the connection.
func descriptor(conn net.Conn) (fd int, err error) {
	defer conn.Close()
	fd = -1
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return -1, err
	}
	control := raw.Control(func(from uintptr) {
		fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(control, err); err != nil {
		return -1, fmt.Errorf("cannot take over a connection: %w", err)
	}
	if _, tcp := conn.(*net.TCPConn); tcp {
		setUnsentLow(fd)
	}
	return fd, nil
}
