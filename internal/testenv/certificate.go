package testenv

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificate makes a certificate and its key. Without an authority it is one itself. The
// changes are made before it is signed.
func Certificate(t testing.TB, name string, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey, changes ...func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if authority == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		authority, authorityKey = template, key
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	for _, change := range changes {
		change(template)
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, authorityKey)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

// Authority signs certificates for workers, which are files.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes an authority.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	certificate, key := Certificate(t, "gust's tests", nil, nil)
	return &Authority{certificate, key}
}

// Write writes the files cert.pem and key.pem of a host into a folder, and the authority's own
// ca.pem. It replaces those that are there as a whole.
func (a *Authority) Write(t testing.TB, dir, host string, changes ...func(*x509.Certificate)) {
	t.Helper()
	named := func(c *x509.Certificate) {
		if c.IPAddresses == nil && host != "" {
			c.DNSNames = []string{host}
		}
	}
	certificate, key := Certificate(t, host, a.certificate, a.key, append([]func(*x509.Certificate){named}, changes...)...)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"key.pem":  {Type: "PRIVATE KEY", Bytes: private},
		"cert.pem": {Type: "CERTIFICATE", Bytes: certificate.Raw},
		"ca.pem":   {Type: "CERTIFICATE", Bytes: a.certificate.Raw},
	} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name+".new", pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
}
