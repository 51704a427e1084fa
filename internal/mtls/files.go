package mtls

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"gust/internal/hint"
)

// Files are the names of PEM files.
type Files struct {
	Certificate string // of this worker, and those of the authorities between it and Authorities, if any
	Key         string // of the certificate
	Authorities string // the certificates of those whose signature counts
}

// Any says whether any of the files is named.
func (f Files) Any() bool { return f != Files{} }

// Complete is an error unless all files are named.
func (f Files) Complete() error {
	var given, missing []string
	for _, one := range []struct{ flag, file string }{{"--tls-cert", f.Certificate}, {"--tls-key", f.Key}, {"--tls-ca", f.Authorities}} {
		if one.file == "" {
			missing = append(missing, one.flag)
		} else {
			given = append(given, one.flag)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return hint.New(fmt.Sprintf("%s without %s", strings.Join(given, " and "), strings.Join(missing, " and ")),
		"TLS needs all of them: the certificate of this worker, its key, and the certificate of the authority that has signed those of all workers")
}

// stat describes the files, with nil for those that are not there.
func (f Files) stat() (stamps [3]os.FileInfo) {
	for i, name := range []string{f.Certificate, f.Key, f.Authorities} {
		stamps[i], _ = os.Stat(name) // what is wrong with it, the reader finds out
	}
	return stamps
}

// unchanged says whether the files are the same as before.
func unchanged(before, now [3]os.FileInfo) bool {
	for i, a := range before {
		b := now[i]
		if a == nil || b == nil || !os.SameFile(a, b) || a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime()) {
			return false
		}
	}
	return true
}

// read reads the files of a worker that the others reach under the name of a host, and checks
// them as the others will.
func (f Files) read(host string) (*identity, error) {
	chain, err := readCertificates("certificate (--tls-cert)", f.Certificate)
	if err != nil {
		return nil, err
	}
	key, err := readKey(f.Key)
	if err != nil {
		return nil, err
	}
	authorities, err := readCertificates("certificates of the authorities (--tls-ca)", f.Authorities)
	if err != nil {
		return nil, err
	}
	leaf := chain[0]
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(leaf.PublicKey) {
		return nil, hint.New(fmt.Sprintf("the key %s does not fit the certificate %s", f.Key, f.Certificate), "name the key with which the certificate was requested; the worker's own certificate comes first in its file")
	}
	id := &identity{certificate: tls.Certificate{PrivateKey: key, Leaf: leaf}, trusted: x509.NewCertPool()}
	between := x509.NewCertPool()
	for _, one := range chain {
		id.certificate.Certificate = append(id.certificate.Certificate, one.Raw)
		between.AddCert(one)
	}
	for _, one := range authorities {
		id.trusted.AddCert(one)
	}
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		return nil, f.expired(leaf)
	case now.Before(leaf.NotBefore):
		return nil, hint.New(fmt.Sprintf("the certificate %s is not valid before %s", f.Certificate, date(leaf.NotBefore)), "is the clock of this machine right?")
	case leaf.VerifyHostname(host) != nil:
		return nil, hint.New(fmt.Sprintf("the certificate %s is for %s, and the others reach this worker as %s", f.Certificate, names(leaf), host),
			fmt.Sprintf("make one with %s as subjectAltName, or name the worker in --peers as the certificate does", host))
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: id.trusted, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{usage}})
		if err != nil {
			return nil, f.unfit(leaf, err)
		}
	}
	return id, nil
}

// unfit is why this worker's own certificate would be refused.
func (f Files) unfit(leaf *x509.Certificate, err error) error {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return hint.New(fmt.Sprintf("the certificate %s is not for TLS clients and servers, and a worker is both", f.Certificate), usageHint)
	case errors.As(err, &unknown):
		return hint.New(fmt.Sprintf("the certificate %s is not signed by an authority in %s", f.Certificate, f.Authorities),
			fmt.Sprintf("its issuer is %s: name the file with that certificate with --tls-ca, and append those between the two to %s", leaf.Issuer, f.Certificate))
	}
	return fmt.Errorf("the certificate %s is not valid with the authorities in %s: %w", f.Certificate, f.Authorities, err)
}

const usageHint = "make one with the extended key usages serverAuth and clientAuth"

// expired is the error of this worker's own certificate.
func (f Files) expired(leaf *x509.Certificate) error {
	return hint.New(fmt.Sprintf("the certificate %s has expired on %s", f.Certificate, date(leaf.NotAfter)),
		"renew it; a worker that runs takes the new one for its next connections")
}

// readFile reads a file. What says what is in it.
func readFile(what, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err == nil {
		return data, nil
	}
	err = fmt.Errorf("cannot read the %s: %w", what, err)
	if errors.Is(err, fs.ErrPermission) {
		err = hint.With(err, "the user with whose rights the worker runs must be able to read it")
	}
	return nil, err
}

// readCertificates reads at least one certificate.
func readCertificates(what, name string) (list []*x509.Certificate, err error) {
	data, err := readFile(what, name)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("cannot read the %s: %s: %w", what, name, err)
		}
		list = append(list, one)
	}
	if list == nil {
		return nil, hint.New(fmt.Sprintf("cannot read the %s: %s has no certificate in PEM", what, name), "such a file has a line -----BEGIN CERTIFICATE-----")
	}
	return list, nil
}

// readKey reads a private key, from a file that not everybody can read.
func readKey(name string) (crypto.Signer, error) {
	info, err := os.Stat(name)
	if err == nil {
		if mode := info.Mode().Perm(); mode&0o007 != 0 {
			return nil, hint.New(fmt.Sprintf("the key %s can be read by everybody on this machine (mode %04o)", name, mode), "chmod 600 "+name)
		}
	}
	data, err := readFile("key (--tls-key)", name)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, hint.New(fmt.Sprintf("the key %s is encrypted", name), "a worker asks for no password: openssl pkey -in "+name+" -out FILE decrypts it")
		case !strings.HasSuffix(block.Type, "PRIVATE KEY"):
			continue
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, fmt.Errorf("cannot read the key %s: %w", name, err)
		}
		return key, nil
	}
	return nil, hint.New(fmt.Sprintf("%s has no private key in PEM", name), "such a file has a line -----BEGIN PRIVATE KEY-----")
}

// parseKey reads a key in one of the forms that openssl and cert-manager write.
func parseKey(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", key)
	}
	return signer, nil
}
