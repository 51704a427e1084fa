// Package mtls protects the connections between workers with TLS in which both sides show a
// certificate (mutual TLS). The certificates are files. They may be renewed while the worker
// runs: the next connection takes what they have then, and those that stand are left alone.
//
// # What is checked
//
// Both sides require a certificate that an authority of [Files].Authorities has signed. The
// side that dials requires that it is for the host of the address that it has dialed. The
// side that is dialed cannot know which worker dials: that is said later, inside of the
// connection. It requires that the certificate is for the host of one of the workers, so
// that no other certificate of a large authority is enough.
//
// None of it replaces the secret of the topology, which both sides prove to know over the
// connection that TLS protects.
package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Protocol is what a connection is for. Both sides agree on it in the handshake (ALPN).
type Protocol string

// The protocols.
const (
	Peer    Protocol = "gust-peer"    // tuples, between two workers
	Control Protocol = "gust-control" // a worker is shown to another one, and controlled by it
)

// Credentials are the certificate of a worker, and those of the authorities that it trusts.
type Credentials struct {
	files Files
	own   string   // the host under which the others reach this worker
	hosts []string // of all workers

	mu       sync.Mutex
	log      zerolog.Logger
	stamps   [3]os.FileInfo // of the files that are in use
	identity *identity
	told     string // the last complaint
}

// New reads the credentials of a worker, one of those with these addresses (HOST:PORT). It
// refuses those that the others would refuse.
func New(f Files, addresses []string, worker int) (*Credentials, error) {
	c := &Credentials{files: f, log: zerolog.Nop()}
	for i, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if c.hosts = append(c.hosts, host); i == worker {
			c.own = host
		}
	}
	c.stamps = f.stat()
	var err error
	c.identity, err = f.read(c.own)
	return c, err
}

// LogTo has the log say which certificate is in use, and what is wrong with renewed files.
func (c *Credentials) LogTo(log zerolog.Logger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = log
	c.log.Info().Msgf("TLS between the workers: the certificate %s is valid until %s", c.files.Certificate, date(c.identity.until()))
}

// Client is the configuration of the next connection that this worker makes. Its ServerName
// is for the caller to set.
func (c *Credentials) Client(p Protocol) *tls.Config {
	id := c.latest()
	config := id.config(p)
	config.RootCAs = id.trusted
	// Certificates would not be shown to a server that asks for another authority's, and then
	// neither side could say what is wrong.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &id.certificate, nil }
	return config
}

// Server is the configuration of the connections that this worker accepts, for any of the
// protocols.
func (c *Credentials) Server(protocols ...Protocol) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			id := c.latest()
			config := id.config(protocols...)
			config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, id.trusted
			config.VerifyConnection = func(s tls.ConnectionState) error { return c.isWorker(s.PeerCertificates[0]) }
			config.SessionTicketsDisabled = true // a connection lives long, and certificates are to be checked
			return config, nil
		},
	}
}

// isWorker is an error unless a certificate is for the host of one of the workers.
func (c *Credentials) isWorker(leaf *x509.Certificate) error {
	if slices.ContainsFunc(c.hosts, func(host string) bool { return leaf.VerifyHostname(host) == nil }) {
		return nil
	}
	return notFor(leaf, "a host in --peers", "make one for the host of its worker in --peers, as subjectAltName")
}

// latest is what the files have now, or had when they could last be used.
func (c *Credentials) latest() *identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stamps := c.files.stat(); !unchanged(c.stamps, stamps) {
		next, err := c.files.read(c.own)
		if err != nil { // of files that are replaced together, some may have been read before and some after
			stamps = c.files.stat()
			next, err = c.files.read(c.own)
		}
		if err != nil {
			c.complain("cannot use the renewed certificate, and use the old one, which is valid until "+date(c.identity.until())+": ", err)
			return c.identity
		}
		c.stamps, c.identity, c.told = stamps, next, ""
		c.log.Info().Msgf("the next connections have the renewed certificate %s, which is valid until %s", c.files.Certificate, date(next.until()))
	}
	if time.Now().After(c.identity.until()) {
		c.complain("the other workers refuse new connections: ", c.files.expired(c.identity.certificate.Leaf))
	}
	return c.identity
}

// complain logs an error, once.
func (c *Credentials) complain(what string, err error) {
	if text := what + err.Error(); text != c.told {
		c.told = text
		c.log.Warn().Msg(text)
	}
}

// identity is what the files have.
type identity struct {
	certificate tls.Certificate
	trusted     *x509.CertPool
}

// until is when the certificate ends.
func (id *identity) until() time.Time { return id.certificate.Leaf.NotAfter }

// config is what both sides of a connection have in common.
func (id *identity) config(protocols ...Protocol) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{id.certificate}}
	for _, p := range protocols {
		config.NextProtos = append(config.NextProtos, string(p))
	}
	return config
}
