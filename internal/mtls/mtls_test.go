package mtls

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/hint"
	"gust/internal/testenv"
)

// filesIn are those that an authority of package testenv writes.
func filesIn(dir string) Files {
	return Files{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), Authorities: filepath.Join(dir, "ca.pem")}
}

// peers are the workers of the tests.
var peers = []string{"127.0.0.1:6700", "worker-1:6700"}

// credentials are those of a worker with the number, whose certificate an authority signs.
func credentials(t *testing.T, a *testenv.Authority, worker int, host string) *Credentials {
	t.Helper()
	dir := t.TempDir()
	a.Write(t, dir, host)
	c, err := New(filesIn(dir), peers, worker)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// connect makes a connection over which both sides send a byte. The errors are those of the
// handshake, or of what follows.
func connect(t *testing.T, server, client *tls.Config) (protocol string, atServer, atClient error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error)
	go func() {
		c, err := l.Accept()
		if err == nil {
			secured := tls.Server(c, server)
			if err = secured.Handshake(); err == nil {
				_, err = secured.Write([]byte("x"))
			}
			protocol = secured.ConnectionState().NegotiatedProtocol
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c)
			c.Close()
		}
		served <- err
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if client.ServerName == "" {
		client.ServerName = "127.0.0.1"
	}
	secured := tls.Client(c, client)
	if atClient = secured.Handshake(); atClient == nil {
		_, atClient = secured.Read(make([]byte, 1))
	}
	c.Close()
	atServer = <-served
	return protocol, atServer, atClient
}

func TestBothSidesAgree(t *testing.T) {
	a := testenv.NewAuthority(t)
	zero, one := credentials(t, a, 0, "127.0.0.1"), credentials(t, a, 1, "worker-1")
	for _, p := range []Protocol{Peer, Control} {
		protocol, atServer, atClient := connect(t, zero.Server(Peer, Control), one.Client(p))
		if atServer != nil || atClient != nil || protocol != string(p) {
			t.Errorf("%s: %v, %v, %s", p, atServer, atClient, protocol)
		}
	}
}

// Each side says what is wrong with the other's certificate, in words that are the same each time.
func TestFaults(t *testing.T) {
	a := testenv.NewAuthority(t)
	zero := credentials(t, a, 0, "127.0.0.1")
	// of is the configuration of a server and a client without any checks.
	of := func(t *testing.T, a *testenv.Authority, host string, changes ...func(*x509.Certificate)) *tls.Config {
		t.Helper()
		dir := t.TempDir()
		a.Write(t, dir, host, changes...)
		pair, err := tls.LoadX509KeyPair(filesIn(dir).Certificate, filesIn(dir).Key)
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Config{InsecureSkipVerify: true, ClientAuth: tls.RequireAnyClientCert,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }, Certificates: []tls.Certificate{pair}}
	}
	late := func(c *x509.Certificate) { c.NotAfter = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC) }
	early := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2200, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	usage := func(u x509.ExtKeyUsage) func(c *x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{u} }
	}
	nobody := &tls.Config{InsecureSkipVerify: true}
	old := of(t, a, "127.0.0.1")
	old.MaxVersion = tls.VersionTLS12
	for _, tt := range []struct {
		name           string
		server, client *tls.Config // nil for zero, which says what is wrong
		text, hint     string
	}{
		{"an authority that is not trusted", of(t, testenv.NewAuthority(t), "127.0.0.1"), nil, "its certificate (for 127.0.0.1) is not signed by an authority in ", "its issuer is CN=gust's tests"},
		{"a dialer's authority that is not trusted", nil, of(t, testenv.NewAuthority(t), "127.0.0.1"), "its certificate (for 127.0.0.1) is not signed by an authority in ", "its issuer is CN=gust's tests"},
		{"an expired certificate", of(t, a, "127.0.0.1", late), nil, "its certificate (for 127.0.0.1) has expired on 2020-01-02 03:04:05 UTC", "renew it"},
		{"a dialer's expired certificate", nil, of(t, a, "127.0.0.1", late), "its certificate (for 127.0.0.1) has expired on 2020-01-02 03:04:05 UTC", "renew it"},
		{"a certificate of the future", of(t, a, "127.0.0.1", early), nil, "its certificate (for 127.0.0.1) is not valid before 2200-01-02 03:04:05 UTC", "are the clocks"},
		{"another host", of(t, a, "worker-1"), nil, "its certificate is for worker-1, not for 127.0.0.1", "make one with 127.0.0.1"},
		{"no host", of(t, a, ""), nil, "its certificate is for no host (it has no subjectAltName), not for 127.0.0.1", "make one with 127.0.0.1"},
		{"a dialer that is no worker", nil, of(t, a, "www.example.org"), "its certificate is for www.example.org, not for a host in --peers", "make one for the host of its worker"},
		{"a certificate for clients", of(t, a, "127.0.0.1", usage(x509.ExtKeyUsageClientAuth)), nil, "its certificate (for 127.0.0.1) is not for TLS clients and servers", "serverAuth and clientAuth"},
		{"a dialer's certificate for servers", nil, of(t, a, "127.0.0.1", usage(x509.ExtKeyUsageServerAuth)), "its certificate (for 127.0.0.1) is not for TLS clients and servers", "serverAuth and clientAuth"},
		{"a dialer without a certificate", nil, nobody, "no TLS connection: client didn't provide a certificate", ""},
		{"an old dialer", nil, old, "no TLS connection: client offered only unsupported versions", ""},
		{"a server that refuses the certificate", func() *tls.Config {
			server := of(t, a, "127.0.0.1")
			server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
			return server
		}(), nil, "it refuses this worker's certificate " + zero.files.Certificate + ": unknown certificate authority", "the log of that worker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server, client := tt.server, tt.client
			if server == nil {
				server = zero.Server(Peer)
			} else {
				client = zero.Client(Peer)
			}
			_, atServer, atClient := connect(t, server, client)
			err := atClient
			if tt.server == nil {
				err = atServer
			}
			var fault *Fault
			if !errors.As(zero.Explain(err), &fault) || !strings.HasPrefix(fault.Text, tt.text) || !strings.Contains(fault.Hint, tt.hint) {
				t.Errorf("%v is %v, want %s... hint: ...%s", err, zero.Explain(err), tt.text, tt.hint)
			}
		})
	}
}

// What is not TLS's fault stays as it is.
func TestOtherErrors(t *testing.T) {
	zero := credentials(t, testenv.NewAuthority(t), 0, "127.0.0.1")
	for _, err := range []error{nil, io.EOF, errors.New("connection refused")} {
		if got := zero.Explain(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

// The certificate that is in use ends while nothing has renewed it: the log says so, once.
func TestCertificateEnds(t *testing.T) {
	zero := credentials(t, testenv.NewAuthority(t), 0, "127.0.0.1")
	var log bytes.Buffer
	zero.LogTo(zerolog.New(&log))
	zero.identity.certificate.Leaf.NotAfter = time.Now().Add(-time.Minute)
	for range 3 {
		zero.Client(Peer)
	}
	if n := strings.Count(log.String(), "the other workers refuse new connections: "); n != 1 || !strings.Contains(log.String(), hint.Prefix+"renew it") {
		t.Errorf("the log says so %d times:\n%s", n, log.String())
	}
}
