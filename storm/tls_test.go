package storm_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/storm"
	"gust/storm/stormtest"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	secrets := stormtest.NewSecrets(t)
	t.Run("false Nimbus", func(t *testing.T) {
		testTLS(t, secrets, stormtest.NewSecureFake(t, secrets.Server).Address(), stormtest.NewFake(t).Address(), "certificate")
	})
	t.Run("real Nimbus", func(t *testing.T) {
		cluster := stormtest.New(t, stormtest.Options{NimbusOnly: true, TLS: secrets})
		testTLS(t, secrets, cluster.SecureNimbus(), cluster.Nimbus(), "")
	})
}

// testTLS tests TLS with a Nimbus at a secure and at a plain address. Anonymous is
// its error, if any, for a client without a certificate.
func testTLS(t *testing.T, secrets *stormtest.Secrets, secure, plain, anonymous string) {
	good := storm.TLSFiles{
		Truststore: secrets.Truststore, TruststorePassword: secrets.Password,
		Keystore: secrets.ClientKeystore, KeystorePassword: secrets.Password,
	}
	pem := storm.TLSFiles{Truststore: secrets.TruststorePEM, Key: secrets.ClientKey, Cert: secrets.ClientCert}
	stranger, nobody := good, good
	stranger.Truststore, nobody.Keystore = "", ""
	tests := []struct {
		name  string
		seed  string
		files storm.TLSFiles
		want  string // of the error, empty for none
	}{
		{"PKCS#12", secure, good, ""},
		{"PEM", secure, pem, ""},
		{"authority that is not trusted", secure, stranger, "not signed by a trusted authority"},
		{"no certificate of the client", secure, nobody, anonymous},
		{"server without TLS", plain, good, "TLS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config, err := test.files.Config()
			if err != nil {
				t.Fatal(err)
			}
			client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{test.seed}, TLS: config})
			if err == nil {
				defer client.Close()
				_, err = client.Upload(t.Context(), bytes.NewReader(make([]byte, 1<<20)), 1<<20, nil)
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
	t.Run("client without TLS", func(t *testing.T) {
		_, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{secure}})
		if err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTLSFiles(t *testing.T) {
	secrets := stormtest.NewSecrets(t)
	file := func(content string) string {
		t.Helper()
		name := filepath.Join(t.TempDir(), "store")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	tests := []struct {
		name  string
		files storm.TLSFiles
		want  string
	}{
		{"no such file", storm.TLSFiles{Truststore: "/no/such/file"}, "cannot read the truststore /no/such/file"},
		{"wrong password", storm.TLSFiles{Truststore: secrets.Truststore, TruststorePassword: "open barley"}, "password"},
		{"JKS", storm.TLSFiles{Keystore: file("\xfe\xed\xfe\xed\x00\x00\x00\x02")}, "hint: keytool -importkeystore"},
		{"not a store", storm.TLSFiles{Keystore: file("hello")}, "cannot read the keystore"},
		{"key without certificate", storm.TLSFiles{Key: secrets.ClientKey, Cert: secrets.ClientKey}, "cannot read the client's certificate"},
		{"PEM without certificates", storm.TLSFiles{Truststore: secrets.ClientKey}, "it holds no certificate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.files.Config()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
}

func TestReadJAAS(t *testing.T) {
	tests := []struct{ name, text, user, password, want string }{
		{"usual", "StormServer { M required user_x=\"y\"; };\nStormClient {\n  M required\n  username=\"al\\\"i\"\n  password=secret;\n};\n", `al"i`, "secret", ""},
		{"comments", "/* StormClient { M required username=\"no\"; }; */\nStormClient {\n  // username=\"no\"\n M required username=\"yes\" password=\"\"; };", "yes", "", ""},
		{"no section", "Client { };", "", "", "has no section StormClient"},
		{"Kerberos", "StormClient { com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true; };", "", "", "not with Kerberos"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "jaas.conf")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			digest, err := storm.ReadJAAS(file)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want ...%s", err, test.want)
				}
				return
			}
			if err != nil || digest.User != test.user || digest.Password != test.password {
				t.Errorf("got %+v, %v", digest, err)
			}
		})
	}
}
