package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gust/internal/hint"
)

// DefaultAddr is the default address, with the port of Storm's ui.port.
const DefaultAddr = "127.0.0.1:8080"

// morePorts is the number of ports to try after one that is in use.
const morePorts = 20

// Server serves a handler during a run, on a TCP address for browsers, or on a Unix
// socket for programs of the same user.
type Server struct {
	server   *http.Server
	listener net.Listener
	token    string
	ended    chan struct{}
}

// Listen serves the handler on a TCP address, such as "127.0.0.1:8080", ":8080" for every
// address of the machine, or "8080" for loopback. If the port is in use, it takes the
// next free one.
//
// Beyond loopback, the server asks for a token: the given one or, if that is empty, a
// random one, which only [Server.Link] reveals.
func Listen(addr, token string, handler http.Handler) (*Server, error) {
	host, port, err := splitAddr(addr)
	if err != nil {
		return nil, err
	}
	g := &guard{next: handler}
	if loopback(host) {
		g.hosts = localNames()
	} else if g.token = token; token == "" {
		g.token = newToken()
	}
	listener, err := listen(host, port)
	if err != nil {
		return nil, listenError(addr, port, err)
	}
	return serve(listener, g, g.token), nil
}

// Serve serves the handler on a listener that only this user's programs can reach, such
// as the one of a runs.Published.
func Serve(listener net.Listener, handler http.Handler) *Server {
	return serve(listener, &guard{next: handler}, "")
}

func serve(listener net.Listener, handler http.Handler, token string) *Server {
	s := &Server{
		// Streams are written for as long as they last, so that there is no WriteTimeout;
		// they let slow readers go by themselves.
		server:   &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10},
		listener: listener, token: token, ended: make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(listener) // it ends with Close
	}()
	return s
}

// Addr is the server's address: "127.0.0.1:8080", or a path.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Port is the TCP port, or 0 for a Unix socket.
func (s *Server) Port() int {
	if addr, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// Link is the URL to open in a browser, with the token if there is one.
func (s *Server) Link() string {
	addr, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return s.Addr()
	}
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host, _ = os.Hostname()
		if host == "" {
			host = "localhost"
		}
	}
	link := "http://" + net.JoinHostPort(host, strconv.Itoa(addr.Port)) + "/"
	if s.token != "" {
		link += "?token=" + s.token
	}
	return link
}

// Close ends the server. Responses in progress get a moment to finish, so that an open
// page shows how the run ended.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	<-s.ended
	return err
}

// splitAddr reads an address: HOST:PORT, only a port, or only a host.
func splitAddr(addr string) (host string, port int, err error) {
	if addr == "" {
		addr = DefaultAddr
	}
	if n, err := strconv.Atoi(addr); err == nil {
		host, addr = "127.0.0.1", "127.0.0.1:"+strconv.Itoa(n)
	}
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		host, text = strings.Trim(addr, "[]"), "8080" // only a host
		if net.ParseIP(host) != nil || !strings.Contains(host, ":") {
			err = nil
		}
	}
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, hint.With(fmt.Errorf("%q is not an address", addr), "write HOST:PORT, such as "+DefaultAddr+", or only a port")
	}
	return host, port, nil
}

// loopback reports whether only this machine can reach the host.
func loopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}

// listen opens the port, or the next free one.
func listen(host string, port int) (listener net.Listener, err error) {
	for n := range morePorts + 1 {
		if port+n > 65535 {
			break
		}
		var failed error
		listener, failed = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+n)))
		if failed == nil {
			return listener, nil
		}
		if n == 0 {
			err = failed
		}
		if !errors.Is(failed, syscall.EADDRINUSE) {
			break
		}
	}
	return nil, err
}

func listenError(addr string, port int, err error) error {
	failed := fmt.Errorf("cannot show the topology at %s: %w", addr, err)
	switch {
	case errors.Is(err, fs.ErrPermission) && port < 1024:
		return hint.With(failed, "ports below 1024 are root's: take another, such as "+DefaultAddr)
	case errors.Is(err, syscall.EADDRINUSE):
		return hint.With(failed, fmt.Sprintf("the %d ports after it are in use as well: name another with --ui=HOST:PORT", morePorts))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return hint.With(failed, "this machine does not have that address: take 127.0.0.1, or 0.0.0.0 for all that it has")
	}
	return failed
}
