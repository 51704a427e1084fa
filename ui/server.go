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

// DefaultAddr is where a topology is shown where nobody says where: Storm's ui.port.
const DefaultAddr = "127.0.0.1:8080"

// morePorts is how many ports after the one that is in use are tried.
const morePorts = 20

// Server serves a handler while a run lasts: on a TCP address, for browsers, or on a Unix
// socket, for the programs of the same user.
type Server struct {
	server   *http.Server
	listener net.Listener
	token    string
	ended    chan struct{}
}

// Listen opens a TCP address, such as "127.0.0.1:8080", ":8080" or "8080" for every address
// of the machine and for this machine alone, and serves the handler there. Where the port is
// in use it takes the next one that is free.
//
// Who listens beyond this machine gets a server that asks for a token: the one given, or
// where that is "" one that nobody knows but the reader of [Server.Link].
func Listen(addr, token string, handler http.Handler) (*Server, error) {
	host, port, err := splitAddr(addr)
	if err != nil {
		return nil, err
	}
	g := &guard{next: handler}
	if loopback(host) {
		g.hosts = loopbackNames
	} else if g.token = token; token == "" {
		g.token = newToken()
	}
	listener, err := listen(host, port)
	if err != nil {
		return nil, listenError(addr, port, err)
	}
	return serve(listener, g, g.token), nil
}

// Serve serves the handler on a listener that only this user's programs can reach, such as
// that of a runs.Published.
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

// Addr is where the server listens: "127.0.0.1:8080", or a path.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Port is the TCP port, 0 of a Unix socket.
func (s *Server) Port() int {
	if addr, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}

// Link is what to open in a browser, with the token where there is one.
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

// Close ends the server. Answers that are under way have a moment to finish: a page that
// is open learns how the run has ended.
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

// splitAddr reads an address: HOST:PORT, a port alone, or a host alone.
func splitAddr(addr string) (host string, port int, err error) {
	if addr == "" {
		addr = DefaultAddr
	}
	if n, err := strconv.Atoi(addr); err == nil {
		host, addr = "127.0.0.1", "127.0.0.1:"+strconv.Itoa(n)
	}
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		host, text = strings.Trim(addr, "[]"), "8080" // a host alone
		if net.ParseIP(host) != nil || !strings.Contains(host, ":") {
			err = nil
		}
	}
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, hint.With(fmt.Errorf("%q is not an address", addr), "write HOST:PORT, such as "+DefaultAddr+", or a port alone")
	}
	return host, port, nil
}

// loopback says whether only this machine can reach the host.
func loopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}

// listen opens the port, or the next one that is free.
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
