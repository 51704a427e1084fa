package storm

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"software.sslmate.com/src/go-pkcs12"

	"gust/internal/hint"
)

// TLSFiles are the files that storm.yaml has for a client of Nimbus under
// nimbus.thrift.tls.client. Stores are PKCS#12, which Java's keytool makes, or PEM; Key
// and Cert are PEM.
type TLSFiles struct {
	// Truststore has the certificates of the authorities for Nimbus's certificate. If it
	// is empty, they are the system's.
	Truststore, TruststorePassword string
	// Keystore has the client's own key and certificate, if Nimbus requires them. Key and
	// Cert take precedence over it.
	Keystore, KeystorePassword string
	Key, Cert                  string
}

// Config reads the files.
func (f TLSFiles) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.Truststore != "" {
		trusted, err := readTruststore(f.Truststore, f.TruststorePassword)
		if err != nil {
			return nil, fmt.Errorf("cannot read the truststore %s: %w", f.Truststore, err)
		}
		config.RootCAs = trusted
	}
	certificate, err := f.certificate()
	if err != nil {
		return nil, err
	}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	return config, nil
}

// certificate is the client's own, or nil if it has none.
func (f TLSFiles) certificate() (*tls.Certificate, error) {
	switch {
	case f.Key != "" && f.Cert != "":
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("cannot read the client's certificate %s with its key %s: %w", f.Cert, f.Key, err)
		}
		return &pair, nil
	case f.Keystore != "":
		pair, err := readKeystore(f.Keystore, f.KeystorePassword)
		if err != nil {
			return nil, fmt.Errorf("cannot read the keystore %s: %w", f.Keystore, err)
		}
		return pair, nil
	}
	return nil, nil
}

// readTruststore reads the certificates of a PKCS#12 or PEM file.
func readTruststore(file, password string) (*x509.CertPool, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if isPEM(data) {
		if !pool.AppendCertsFromPEM(data) {
			return nil, errors.New("it holds no certificate")
		}
		return pool, nil
	}
	if err := notJKS(file, data); err != nil {
		return nil, err
	}
	certificates, err := pkcs12.DecodeTrustStore(data, password)
	if err != nil {
		return nil, err
	}
	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}
	return pool, nil
}

// readKeystore reads the key of a PKCS#12 or PEM file, with its certificates.
func readKeystore(file, password string) (*tls.Certificate, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if isPEM(data) {
		pair, err := tls.X509KeyPair(data, data)
		return &pair, err
	}
	if err := notJKS(file, data); err != nil {
		return nil, err
	}
	key, leaf, authorities, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return nil, err
	}
	pair := &tls.Certificate{PrivateKey: key.(crypto.PrivateKey), Leaf: leaf, Certificate: [][]byte{leaf.Raw}}
	for _, authority := range authorities {
		pair.Certificate = append(pair.Certificate, authority.Raw)
	}
	return pair, nil
}

func isPEM(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN ")) }

// notJKS is the error for the format that Java's keytool wrote before Java 9.
func notJKS(file string, data []byte) error {
	if bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}) {
		return hint.New("it is in the old format JKS",
			fmt.Sprintf("keytool -importkeystore -srckeystore %s -destkeystore %[1]s.p12 -deststoretype pkcs12", file))
	}
	return nil
}
