// Package socket makes connections whose ends are descriptors that do not block, for a
// poller: over TCP or a Unix socket, with or without TLS. Package net makes them, since it
// resolves names and tries all addresses; then they leave it.
//
// An address is HOST:PORT, or the path of a Unix socket, which begins with a slash.
package socket

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Socket is a connection.
type Socket struct {
	// FD reads and writes what the other side writes and reads. It does not block, and is
	// closed on exec. The owner closes it, which ends the connection.
	FD int
	// Peer is the address of the other side, for people. It is empty for a Unix socket.
	Peer string

	tunnel *tunnel // nil without TLS
}

// Err is why the connection has ended, if TLS knows more than the descriptor does, such as
// that a certificate has expired. It is nil before that.
func (s *Socket) Err() error {
	if s.tunnel == nil {
		return nil
	}
	return s.tunnel.reason()
}

// open makes a socket of a connected descriptor. It closes it if there is an error.
func open(fd int, network, peer string) (*Socket, error) {
	if err := tune(fd, network); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt", err)
	}
	return &Socket{FD: fd, Peer: peer}, nil
}

// Done is closed when all that was written has gone to the kernel of this machine, after FD
// was closed or the connection has ended. Without TLS it is closed from the start.
func (s *Socket) Done() <-chan struct{} {
	if s.tunnel == nil {
		return closed
	}
	return s.tunnel.done
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// unsent is how many bytes that have not been sent the kernel takes at most. What comes
// first for the other side overtakes what still waits in gust, but nothing in the kernel.
const unsent = 128 << 10

// network is the name of an address's network in package net.
func network(address string) string {
	if strings.HasPrefix(address, "/") {
		return "unix"
	}
	return "tcp"
}

// release takes the descriptor of a connection out of package net, whose poller would wake
// a goroutine for each event. The caller closes what package net has.
func release(conn net.Conn) (fd int, err error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return -1, err
	}
	var copied error
	err = raw.Control(func(theirs uintptr) {
		fd, copied = unix.FcntlInt(theirs, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err == nil {
		err = copied
	}
	if err != nil {
		return -1, fmt.Errorf("cannot copy a descriptor: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// tune sets the options of a connected socket.
func tune(fd int, network string) error {
	if network == "unix" {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, unsent/2) // Linux doubles it
	}
	// The loop has its own way to notice that the other side is silent.
	keep := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0)
	delay := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	return errors.Join(keep, delay, limitUnsent(fd))
}
