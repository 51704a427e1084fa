// Package remotetest gives tests a machine to log in to: OpenSSH's sshd, on loopback and
// a free port, which accepts the tests' own user with a key made for the test.
package remotetest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"gust/internal/testenv"
)

// Server is a machine that sshd serves.
type Server struct {
	Host string
	Port int
	// Home is a home directory whose .ssh lets its owner in: id_ed25519 and
	// known_hosts are the right ones.
	Home string
	// HostKey is the server's public key.
	HostKey ssh.PublicKey
	// Bin is first on the PATH of the commands there, whatever the user's shell files
	// set. It is empty.
	Bin string
	// Tmp is the TMPDIR of the commands there.
	Tmp string
}

// Start starts an sshd that ends with the test. Without an sshd the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, nil)
}

// StartCertified starts an sshd whose key an authority has certified.
func StartCertified(t testing.TB, authority ssh.Signer) *Server {
	t.Helper()
	return start(t, authority)
}

func start(t testing.TB, authority ssh.Signer) *Server {
	t.Helper()
	program := findSSHD(t)
	dir := t.TempDir()
	s := &Server{Host: "127.0.0.1", Home: filepath.Join(dir, "home"), Bin: filepath.Join(dir, "bin"), Tmp: filepath.Join(dir, "tmp")}
	for _, dir := range []string{s.Bin, s.Tmp} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.HostKey, _ = makeKey(t, filepath.Join(dir, "host_key"), "")
	_, public := makeKey(t, s.File("id_ed25519"), "")
	write(t, filepath.Join(dir, "authorized_keys"), public)

	l, err := net.Listen("tcp", net.JoinHostPort(s.Host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	certified := ""
	if authority != nil {
		certificate := filepath.Join(dir, "host_key-cert.pub")
		write(t, certificate, s.certificate(t, authority))
		certified = "HostCertificate " + certificate + "\n"
	}
	write(t, filepath.Join(dir, "sshd_config"), certified+fmt.Sprintf(`HostKey %s
AuthorizedKeysFile %s
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile none
ForceCommand PATH=%s:/usr/local/bin:/usr/bin:/bin; TMPDIR=%s; export PATH TMPDIR; eval "$SSH_ORIGINAL_COMMAND"
`, filepath.Join(dir, "host_key"), filepath.Join(dir, "authorized_keys"), s.Bin, s.Tmp))
	write(t, s.File("known_hosts"), knownhosts.Line([]string{knownhosts.Normalize(s.Address())}, s.HostKey)+"\n")
	serve(t, l.(*net.TCPListener), program, filepath.Join(dir, "sshd_config"))
	return s
}

// certificate is one for the server's key.
func (s *Server) certificate(t testing.TB, authority ssh.Signer) string {
	t.Helper()
	c := &ssh.Certificate{Key: s.HostKey, CertType: ssh.HostCert, ValidPrincipals: []string{s.Host}, ValidBefore: ssh.CertTimeInfinity}
	if err := c.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(c))
}

// Address is HOST:PORT.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// File is a file in the home's .ssh.
func (s *Server) File(name string) string { return filepath.Join(s.Home, ".ssh", name) }

// AddKey makes another key, with a passphrase unless that is empty, and authorizes it.
func (s *Server) AddKey(t testing.TB, file, passphrase string) {
	t.Helper()
	_, public := makeKey(t, file, passphrase)
	list := filepath.Join(filepath.Dir(s.Home), "authorized_keys")
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	write(t, list, string(data)+public)
}

// findSSHD finds sshd, which is only on root's PATH.
func findSSHD(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	const remedy = "there is no sshd here: install openssh-server to test what works through SSH"
	if testenv.InCI() {
		t.Fatal(remedy)
	}
	t.Skip("SKIPPED: " + remedy)
	return ""
}

// serve starts an sshd for each connection, as inetd does, until the test ends. The test
// itself listens, so that no other program can take the port before sshd does, and
// nothing listens after the test, however it ends.
func serve(t testing.TB, l *net.TCPListener, program, config string) {
	t.Helper()
	if os.Getuid() == 0 {
		// Privileges are separated in a folder that an init script makes.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The log is a file: the processes that serve a connection keep it open as long as
	// they live.
	log := config + ".log"
	ending, end := context.WithCancel(context.Background())
	var sessions sync.WaitGroup
	accept := func() error {
		conn, err := l.AcceptTCP()
		if err != nil {
			return err
		}
		defer conn.Close()
		file, err := conn.File()
		if err != nil {
			return err
		}
		defer file.Close()
		cmd := exec.CommandContext(ending, program, "-i", "-E", log, "-f", config)
		cmd.Stdin, cmd.Stdout = file, file
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		if err := cmd.Start(); err != nil {
			return err
		}
		sessions.Go(func() { _ = cmd.Wait() }) // its log says why it ended
		return nil
	}
	ended := make(chan error, 1)
	go func() {
		for {
			if err := accept(); err != nil {
				ended <- err
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("sshd is started no more: %v", err)
		}
		end()
		sessions.Wait()
		if t.Failed() {
			words, _ := os.ReadFile(log)
			t.Logf("sshd:\n%s", words)
		}
	})
}

// makeKey writes a private key, and returns the public one, also as a line of
// authorized_keys.
func makeKey(t testing.TB, file, passphrase string) (ssh.PublicKey, string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "test", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(pem.EncodeToMemory(block)))
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(ssh.MarshalAuthorizedKey(key))
}

// write writes a file that is for its owner alone.
func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
