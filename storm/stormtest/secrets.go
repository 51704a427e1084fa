package stormtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"gust/internal/testenv"
)

// Secrets are the files that a Nimbus and its clients need for TLS and for SASL,
// with an authority, certificates and a user of the test's own.
type Secrets struct {
	// Password is that of both stores, and of the user.
	Password string
	// User may log in with SASL.
	User string

	Truststore     string // PKCS#12
	TruststorePEM  string
	ClientKeystore string
	ClientKey      string // PEM
	ClientCert     string // PEM
	JAAS           string // the sections StormServer and StormClient

	serverKeystore string // PKCS#12

	// Server is a server's side, which requires the client's certificate.
	Server *tls.Config
}

// NewSecrets makes the files in a folder that ends with the test.
func NewSecrets(t testing.TB) *Secrets {
	t.Helper()
	dir := t.TempDir()
	s := &Secrets{Password: "open sesame", User: "alibaba"}
	authority, authorityKey := testenv.Certificate(t, "gust's tests", nil, nil)
	server, serverKey := testenv.Certificate(t, host, authority, authorityKey)
	client, clientKey := testenv.Certificate(t, s.User, authority, authorityKey)
	write := func(name string, data []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	data, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{authority}, s.Password)
	s.Truststore = write("truststore.p12", data, err)
	s.TruststorePEM = write("truststore.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}), nil)
	trusted := x509.NewCertPool()
	trusted.AddCert(authority)
	s.Server = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: trusted,
	}
	data, err = pkcs12.Modern.Encode(serverKey, server, []*x509.Certificate{authority}, s.Password)
	s.serverKeystore = write("server.p12", data, err)
	data, err = pkcs12.Modern.Encode(clientKey, client, []*x509.Certificate{authority}, s.Password)
	s.ClientKeystore = write("client.p12", data, err)
	data, err = x509.MarshalPKCS8PrivateKey(clientKey)
	s.ClientKey = write("client.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: data}), err)
	s.ClientCert = write("client.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Raw}), nil)
	const module = "org.apache.storm.security.auth.digest.DigestLoginModule"
	s.JAAS = write("jaas.conf", []byte("StormServer {\n  "+module+" required\n  user_"+s.User+`="`+s.Password+"\";\n};\n"+
		"StormClient {\n  "+module+" required\n  username=\""+s.User+"\"\n  password=\""+s.Password+"\";\n};\n"), nil)
	return s
}

// saslSettings are the lines of storm.yaml for a Nimbus with SASL, which therefore also
// needs a login at ZooKeeper.
func (s *Secrets) saslSettings() map[string]string {
	return map[string]string{
		"storm.thrift.transport":          quoted("org.apache.storm.security.auth.digest.DigestSaslTransportPlugin"),
		"java.security.auth.login.config": quoted(s.JAAS),
		"storm.zookeeper.superACL":        quoted("world:anyone"),
		"storm.zookeeper.auth.scheme":     quoted("digest"),
		"storm.zookeeper.auth.payload":    quoted(s.User + ":" + s.Password),
	}
}

// tlsSettings are those of a Nimbus that listens for TLS on a port of its own.
func (s *Secrets) tlsSettings(port int) map[string]string {
	return map[string]string{
		"nimbus.thrift.tls.port":                       fmt.Sprint(port),
		"nimbus.thrift.tls.threads":                    "8",
		"nimbus.thrift.tls.server.keystore.path":       quoted(s.serverKeystore),
		"nimbus.thrift.tls.server.keystore.password":   quoted(s.Password),
		"nimbus.thrift.tls.server.truststore.path":     quoted(s.Truststore),
		"nimbus.thrift.tls.server.truststore.password": quoted(s.Password),
	}
}

// javaSecurity gives a JVM the TLS of Bouncy Castle, in place of smart cards. Storm
// requires a client's certificate by a method that Java's own TLS has not had since Java
// 15, and answers nothing if that fails (fixed in Storm 2.8.7); Bouncy Castle's has it.
// It reads only the keys of its own manager.
const javaSecurity = `security.provider.9=org.bouncycastle.jsse.provider.BouncyCastleJsseProvider
jdk.security.provider.preferred=SSLContext.TLSv1.2:BCJSSE, KeyManagerFactory.PKIX:BCJSSE
ssl.KeyManagerFactory.algorithm=PKIX
`
