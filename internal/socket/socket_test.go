package socket

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/testenv"
)

// wait blocks until a descriptor is ready. The test's own time limit is the only one.
func wait(t testing.TB, fd int, events int16) {
	t.Helper()
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, -1)
		if err == nil {
			return
		}
		if err != unix.EINTR {
			t.Error(err)
			return
		}
	}
}

func write(t testing.TB, s *Socket, data []byte) {
	t.Helper()
	for len(data) > 0 {
		n, err := unix.Write(s.FD, data)
		if err == unix.EAGAIN {
			wait(t, s.FD, unix.POLLOUT)
		} else if err != nil && err != unix.EINTR {
			t.Errorf("cannot write: %v, %v", err, s.Err())
			return
		}
		data = data[max(n, 0):]
	}
}

// read reads n bytes, or less if an end of file comes before.
func read(t testing.TB, s *Socket, n int) []byte {
	t.Helper()
	data := make([]byte, n)
	for got := 0; ; {
		n, err := unix.Read(s.FD, data[got:])
		if err == unix.EAGAIN {
			wait(t, s.FD, unix.POLLIN)
		} else if err != nil && err != unix.EINTR {
			t.Errorf("cannot read: %v, %v", err, s.Err())
			return data[:got]
		}
		got += max(n, 0)
		if got == len(data) || n == 0 {
			return data[:got]
		}
	}
}

// shut closes a socket, and waits for its goroutines.
func shut(t testing.TB, s *Socket) {
	t.Helper()
	if s.FD >= 0 {
		_ = unix.Close(s.FD)
		s.FD = -1
	}
	<-s.Done()
}

// listener takes connections.
type listener struct {
	net.Listener
	config  *tls.Config
	address string
}

func accepted(t testing.TB, l listener) *Socket {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if l.config != nil {
		conn = tls.Server(conn, l.config)
	}
	s, err := Take(conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, s) })
	return s
}

func listening(t testing.TB, address string, config *tls.Config) listener {
	t.Helper()
	l, err := net.Listen(network(address), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return listener{l, config, l.Addr().String()}
}

func dialed(t testing.TB, address string, config *tls.Config) *Socket {
	t.Helper()
	s, err := Dial(t.Context(), address, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, s) })
	return s
}

// meet dials a listener and accepts, at the same time: a dialer with TLS waits for what the
// acceptor says. The error is the dialer's.
func meet(t testing.TB, l listener, config *tls.Config) (dialer, acceptor *Socket, err error) {
	t.Helper()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		dialer, err = Dial(t.Context(), l.address, config)
	}()
	acceptor = accepted(t, l)
	<-ended
	if err == nil {
		t.Cleanup(func() { shut(t, dialer) })
	}
	return dialer, acceptor, err
}

// authority makes the configurations of workers.
type authority struct {
	*x509.Certificate
	worker func(name string) *tls.Config
}

func newAuthority(t testing.TB) authority {
	certificate, key := testenv.Certificate(t, "gust's tests", nil, nil)
	trusted := x509.NewCertPool()
	trusted.AddCert(certificate)
	return authority{certificate, func(name string) *tls.Config {
		own, ownKey := testenv.Certificate(t, name, certificate, key)
		return &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{own.Raw}, PrivateKey: ownKey}},
			RootCAs:      trusted, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
		}
	}}
}

const local = "127.0.0.1:0"

// connected are both ends of a connection of each kind.
func connected(t *testing.T, test func(t *testing.T, dialer, acceptor *Socket)) {
	config := newAuthority(t).worker("127.0.0.1")
	named := config.Clone()
	named.ServerName = "127.0.0.1"
	for _, tt := range []struct {
		name           string
		unix           bool
		server, client *tls.Config
	}{
		{"TCP", false, nil, nil}, {"Unix", true, nil, nil}, {"TCP with TLS", false, config, config}, {"Unix with TLS", true, config, named},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := local
			if tt.unix {
				address = filepath.Join(t.TempDir(), "s")
			}
			l := listening(t, address, tt.server)
			dialer, acceptor, err := meet(t, l, tt.client)
			if err != nil {
				t.Fatal(err)
			}
			test(t, dialer, acceptor)
		})
	}
}

// Each side reads what the other writes, at the same time, and then its end.
func TestBothDirections(t *testing.T) {
	connected(t, func(t *testing.T, dialer, acceptor *Socket) {
		sides := [2]*Socket{dialer, acceptor}
		data := make([]byte, 5<<20)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		done := make(chan bool, 4)
		for i, s := range sides {
			go func() { write(t, s, data[i:]); done <- true }()
			go func() {
				if got := read(t, s, len(data)-1+i); !bytes.Equal(got, data[1-i:]) {
					t.Errorf("side %d has read %d other bytes", i, len(got))
				}
				done <- true
			}()
		}
		for range cap(done) {
			<-done
		}
		shut(t, dialer)
		if got := read(t, acceptor, 1); len(got) > 0 {
			t.Error("there is more after the end")
		}
		if err := acceptor.Err(); err != nil {
			t.Error("the end is an error:", err)
		}
	})
}

// What was written before the close arrives through a tunnel, even if nothing that came was read.
func TestLastBytesArrive(t *testing.T) {
	connected(t, func(t *testing.T, dialer, acceptor *Socket) {
		if acceptor.tunnel == nil {
			return // a kernel's own connection is reset if it has unread bytes
		}
		write(t, dialer, []byte("unread"))
		wait(t, acceptor.FD, unix.POLLIN)
		last := bytes.Repeat([]byte("last"), 10_000)
		write(t, acceptor, last)
		shut(t, acceptor)
		if got := read(t, dialer, len(last)+1); !bytes.Equal(got, last) {
			t.Errorf("%d bytes of %d have arrived", len(got), len(last))
		}
	})
}

func TestOptions(t *testing.T) {
	connected(t, func(t *testing.T, dialer, acceptor *Socket) {
		for name, s := range map[string]*Socket{"dialer": dialer, "acceptor": acceptor} {
			if flags, err := unix.FcntlInt(uintptr(s.FD), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
				t.Errorf("the %s's descriptor survives exec: %v", name, err)
			}
			if flags, err := unix.FcntlInt(uintptr(s.FD), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("the %s's descriptor blocks: %v", name, err)
			}
			if s.Peer == "" || s.tunnel != nil {
				continue
			}
			if n, err := unix.GetsockoptInt(s.FD, unix.IPPROTO_TCP, unix.TCP_NODELAY); err != nil || n == 0 {
				t.Errorf("the %s waits for more to send: %v", name, err)
			}
			if n, err := unix.GetsockoptInt(s.FD, unix.SOL_SOCKET, unix.SO_KEEPALIVE); err != nil || n != 0 {
				t.Errorf("the %s sends keep-alives: %v", name, err)
			}
		}
	})
}

func TestPeer(t *testing.T) {
	l := listening(t, local, nil)
	s := dialed(t, l.address, nil)
	if s.Peer != l.address {
		t.Errorf("the dialer's peer is %q, want %q", s.Peer, l.address)
	}
	a := accepted(t, l)
	if !strings.HasPrefix(a.Peer, "127.0.0.1:") || a.Peer == l.address {
		t.Errorf("the acceptor's peer is %q", a.Peer)
	}
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %q", err, text)
	}
}

func TestErrorsOfDial(t *testing.T) {
	l, err := net.Listen("tcp", local)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = Dial(t.Context(), l.Addr().String(), nil)
	wantError(t, err, "cannot connect to "+l.Addr().String()+": connect: connection refused")
	_, err = Dial(t.Context(), filepath.Join(t.TempDir(), "none"), nil)
	wantError(t, err, "none: connect: no such file or directory")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = Dial(ctx, "192.0.2.1:6700", nil); err == nil {
		t.Error("a canceled dial has a connection")
	}
}

// Certificates that do not fit are named, on the side that knows.
func TestCertificates(t *testing.T) {
	good, foreign := newAuthority(t), newAuthority(t)
	without := good.worker("127.0.0.1")
	without.Certificates = nil
	for _, tt := range []struct {
		name           string
		server, client *tls.Config
		dialer         string // its error
		acceptor       string
	}{
		{"another authority's client", good.worker("127.0.0.1"), clientOf(foreign, good), "", "certificate signed by unknown authority"},
		{"a client without a certificate", good.worker("127.0.0.1"), without, "", "client didn't provide a certificate"},
		{"another authority's server", foreign.worker("127.0.0.1"), good.worker("127.0.0.1"), "certificate signed by unknown authority", "bad certificate"},
		{"another host's server", good.worker("127.0.0.2"), good.worker("127.0.0.1"), "certificate is valid for 127.0.0.2, not 127.0.0.1", "bad certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := listening(t, local, tt.server)
			s, a, err := meet(t, l, tt.client)
			if err == nil { // with TLS 1.3, the dialer does not wait for the acceptor's verdict
				if got := read(t, s, 1); len(got) > 0 {
					t.Error("the dialer has read something")
				}
				wantError(t, s.Err(), "remote error: tls: ")
			} else {
				wantError(t, err, tt.dialer)
			}
			if got := read(t, a, 1); len(got) > 0 {
				t.Error("the acceptor has read something")
			}
			wantError(t, a.Err(), tt.acceptor)
		})
	}
}

// clientOf has the certificate of one authority, and trusts another.
func clientOf(own, trusted authority) *tls.Config {
	config := own.worker("127.0.0.1")
	config.RootCAs = trusted.worker("127.0.0.1").RootCAs
	return config
}

func TestOnlyOneSideHasTLS(t *testing.T) {
	config := newAuthority(t).worker("127.0.0.1")
	l := listening(t, local, config)
	s := dialed(t, l.address, nil)
	write(t, s, []byte("no TLS at all"))
	a := accepted(t, l)
	if got := read(t, a, 1); len(got) > 0 {
		t.Error("the acceptor has read something")
	}
	wantError(t, a.Err(), "first record does not look like a TLS handshake")
}

// The descriptor ends a connection whose other side says and takes nothing.
func TestSilentSide(t *testing.T) {
	config := newAuthority(t).worker("127.0.0.1")
	t.Run("in the handshake", func(t *testing.T) {
		l := listening(t, local, config)
		s := dialed(t, l.address, nil)
		shut(t, accepted(t, l))
		if n, err := unix.Read(s.FD, make([]byte, 1)); n > 0 {
			t.Error("the acceptor has said something:", err)
		}
	})
	t.Run("later", func(t *testing.T) {
		l, err := tls.Listen("tcp", local, config)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		silent := make(chan net.Conn, 1)
		go func() {
			conn, err := l.Accept()
			if err == nil {
				err = conn.(*tls.Conn).Handshake()
			}
			if err != nil {
				t.Error(err)
			}
			silent <- conn
		}()
		s := dialed(t, l.Addr().String(), config)
		conn := <-silent
		defer conn.Close()
		shut(t, s)
		// What ends is TLS, and not only the connection below it.
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := conn.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			t.Errorf("the silent side reads %d bytes, %v", n, err)
		}
	})
}

// A connection that breaks is an end of file, as without TLS.
func TestBrokenConnection(t *testing.T) {
	config := newAuthority(t).worker("127.0.0.1")
	l := listening(t, local, config)
	go func() {
		conn, err := tls.Dial("tcp", l.address, config)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte("last"))
		_ = conn.NetConn().Close()
	}()
	a := accepted(t, l)
	if got := read(t, a, 5); string(got) != "last" {
		t.Errorf("got %q", got)
	}
	<-a.Done() // though nobody has closed the descriptor
	if n, err := unix.Write(a.FD, []byte("x")); err != unix.EPIPE {
		t.Errorf("a write after the end: %d, %v", n, err)
	}
}
