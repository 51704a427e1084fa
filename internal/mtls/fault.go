package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"gust/internal/hint"
)

// Fault is why TLS does not let two workers talk. Its text is about the other one ("its
// certificate"), and the same each time: it has no ports and no time of today.
type Fault struct {
	Text string
	Hint string // the remedy
}

func (f *Fault) Error() string { return hint.Join(f.Text, f.Hint) }

// startAlike is the remedy if only one side has TLS.
const startAlike = "start all workers with --tls-cert, --tls-key and --tls-ca, or none"

// The faults of a connection on which only one side speaks TLS.
var (
	ErrPlain  = &Fault{"it has no TLS, and this worker does", startAlike}
	ErrSecure = &Fault{"it has TLS, and this worker does not", startAlike}
)

// Explain makes a [Fault] of an error of a connection, if it is one of TLS. Others stay as they
// are.
func (c *Credentials) Explain(err error) error {
	var header tls.RecordHeaderError
	var fault *Fault
	var unverified *tls.CertificateVerificationError
	var operation *net.OpError
	switch {
	case err == nil || errors.As(err, &fault):
		return err
	case errors.As(err, &header):
		return ErrPlain
	case errors.As(err, &unverified):
		return c.unverified(unverified)
	case errors.As(err, &operation) && operation.Op == "remote error":
		return c.refused(strings.TrimPrefix(operation.Err.Error(), "tls: "))
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if text, is := strings.CutPrefix(cause.Error(), "tls: "); is {
			return &Fault{Text: "no TLS connection: " + text}
		}
	}
	return err
}

// unverified is why the other's certificate is refused.
func (c *Credentials) unverified(err *tls.CertificateVerificationError) *Fault {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	leaf := err.UnverifiedCertificates[0]
	its := fmt.Sprintf("its certificate (for %s) ", names(leaf))
	switch {
	case errors.As(err, &unknown):
		return &Fault{its + "is not signed by an authority in " + c.files.Authorities,
			fmt.Sprintf("its issuer is %s: give all workers certificates of the same authority, and that authority's with --tls-ca", hint.Plain(leaf.Issuer.String()))}
	case errors.As(err, &name):
		return notFor(leaf, name.Host, fmt.Sprintf("make one with %s as subjectAltName, or name the worker in --peers as its certificate does", name.Host))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		if invalid.Cert.IsCA && !invalid.Cert.Equal(leaf) {
			its = fmt.Sprintf("the certificate of its authority %s ", hint.Plain(invalid.Cert.Subject.String()))
		}
		if time.Now().Before(invalid.Cert.NotBefore) {
			return &Fault{its + "is not valid before " + date(invalid.Cert.NotBefore), "are the clocks of both machines right?"}
		}
		return &Fault{its + "has expired on " + date(invalid.Cert.NotAfter), "renew it; a worker that runs takes the new one for its next connections"}
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return &Fault{its + "is not for TLS clients and servers, and a worker is both", usageHint}
	}
	return &Fault{Text: its + "is not valid: " + hint.Plain(err.Err.Error())}
}

// refused is that the other has ended TLS with an alert.
func (c *Credentials) refused(alert string) *Fault {
	const look = "the log of that worker says why"
	if strings.Contains(alert, "certificate") {
		return &Fault{fmt.Sprintf("it refuses this worker's certificate %s: %s", c.files.Certificate, alert), look}
	}
	return &Fault{"it refuses the TLS connection: " + alert, look}
}

func notFor(leaf *x509.Certificate, host, remedy string) *Fault {
	return &Fault{fmt.Sprintf("its certificate is for %s, not for %s", names(leaf), host), remedy}
}

// mostNames is how many names of a certificate are printed.
const mostNames = 5

// names are the hosts that a certificate is for.
func names(leaf *x509.Certificate) string {
	list := append([]string(nil), leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		list = append(list, ip.String())
	}
	if n := len(list); n > mostNames {
		list = append(list[:mostNames], fmt.Sprintf("%d more", n-mostNames))
	}
	if len(list) == 0 {
		return "no host (it has no subjectAltName)"
	}
	return hint.Plain(strings.Join(list, ", "))
}

// date is a time as logs print it.
func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
