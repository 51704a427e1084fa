package socket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listener accepts connections. It belongs to one goroutine.
type Listener struct {
	// FD can be read when a connection waits.
	FD int
	// Address is where it listens, with the port that the system has chosen for port 0.
	Address string

	config *tls.Config // nil without TLS
	path   string      // of the Unix socket, or empty
}

// Listen listens on an address. With TLS, the configuration has the certificate of this
// side, and says whether the other side needs one.
func Listen(address string, config *tls.Config) (*Listener, error) {
	l, err := listen(address)
	if errors.Is(err, unix.EADDRINUSE) && abandoned(address) {
		if err = os.Remove(address); err == nil {
			l, err = listen(address)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, cause(err))
	}
	l.config = config
	return l, nil
}

func listen(address string) (*Listener, error) {
	if len(address) > maxPath && network(address) == "unix" {
		return nil, fmt.Errorf("the path has %d bytes; that of a Unix socket may have %d", len(address), maxPath)
	}
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), network(address), address)
	if err != nil {
		return nil, err
	}
	l := &Listener{Address: listener.Addr().String()}
	if of, ok := listener.(*net.UnixListener); ok {
		of.SetUnlinkOnClose(false)
		l.path = address
	}
	defer listener.Close()
	l.FD, err = release(listener.(syscall.Conn))
	return l, err
}

// maxPath is the longest path of a Unix socket that all systems take.
const maxPath = 103

// abandoned says whether a path is that of a Unix socket on which nothing listens, as a
// process leaves it that was killed.
func abandoned(path string) bool {
	if info, err := os.Stat(path); network(path) != "unix" || err != nil || info.Mode().Type() != fs.ModeSocket {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, unix.ECONNREFUSED)
}

// Accept takes a connection that waits. It is nil if none does. With TLS, the other side's
// certificate is checked later: nothing can be read before that.
func (l *Listener) Accept() (*Socket, error) {
	for {
		fd, from, err := accept(l.FD)
		switch {
		case err == unix.EAGAIN:
			return nil, nil
		case err == unix.EINTR || err == unix.ECONNABORTED:
		case err != nil:
			return nil, os.NewSyscallError("accept", err)
		case l.config == nil:
			return open(fd, network(l.Address), text(from))
		default:
			return l.acceptSecure(fd)
		}
	}
}

// acceptSecure hands an accepted descriptor to package net, for TLS.
func (l *Listener) acceptSecure(fd int) (*Socket, error) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close() // FileConn has copied it
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return secure(tls.Server(conn, l.config), conn, network(l.Address))
}

// Close ends the listener, and removes its Unix socket.
func (l *Listener) Close() error {
	err := unix.Close(l.FD)
	if l.path != "" {
		err = errors.Join(err, os.Remove(l.path))
	}
	return err
}

// text is an address of the kernel, for people.
func text(address unix.Sockaddr) string {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port)).String()
	}
	return ""
}
