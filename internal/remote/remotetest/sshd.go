// Package remotetest gives tests a machine to log in at: OpenSSH's sshd, on
// loopback and a port of its own, that lets the tests' own user in by a key made
// for the test.
package remotetest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"gust/internal/testenv"
)

// Server is an sshd.
type Server struct {
	Host string
	Port int
	// Home is a home directory whose .ssh lets its owner in: id_ed25519 and
	// known_hosts are the right ones.
	Home string
	// HostKey is the server's public key.
	HostKey ssh.PublicKey
	// Bin comes first on the PATH of the commands there, whatever the files of the
	// user's shell make of PATH. It is empty.
	Bin string
}

// Start starts an sshd that ends with the test, which is skipped where there is none.
func Start(t testing.TB) *Server {
	t.Helper()
	program := findSSHD(t)
	dir := t.TempDir()
	s := &Server{Host: "127.0.0.1", Home: filepath.Join(dir, "home"), Bin: filepath.Join(dir, "bin")}
	if err := os.Mkdir(s.Bin, 0o755); err != nil {
		t.Fatal(err)
	}
	s.HostKey, _ = makeKey(t, filepath.Join(dir, "host_key"), "")
	_, public := makeKey(t, s.File("id_ed25519"), "")
	write(t, filepath.Join(dir, "authorized_keys"), public)

	l, err := net.Listen("tcp", net.JoinHostPort(s.Host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sshd_config"), fmt.Sprintf(`ListenAddress %s
Port %d
HostKey %s
AuthorizedKeysFile %s
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile none
MaxStartups 100
ForceCommand PATH=%s:/usr/local/bin:/usr/bin:/bin; export PATH; eval "$SSH_ORIGINAL_COMMAND"
`, s.Host, s.Port, filepath.Join(dir, "host_key"), filepath.Join(dir, "authorized_keys"), s.Bin))
	write(t, s.File("known_hosts"), knownhosts.Line([]string{knownhosts.Normalize(s.Address())}, s.HostKey)+"\n")
	s.run(t, program, filepath.Join(dir, "sshd_config"))
	return s
}

// Address is HOST:PORT.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// File is a file in the home's .ssh.
func (s *Server) File(name string) string { return filepath.Join(s.Home, ".ssh", name) }

// AddKey makes another key, locked with a passphrase where that is not empty,
// and lets its owner in, too.
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

// findSSHD finds Debian's and others' sshd, which is on nobody's PATH but root's.
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

// underWatch runs a program as long as standard input is open. The tests hold the
// other end, so that it does not outlive them, not even when they are killed.
const underWatch = `exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec "$@" </dev/null 3<&-`

// run starts sshd and waits until it listens.
func (s *Server) run(t testing.TB, program, config string) {
	t.Helper()
	if os.Getuid() == 0 {
		// Privileges are separated in a folder that an init script makes.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Its log is a file: the processes that serve connections hold it open for
	// as long as they live.
	log := config + ".log"
	cmd := exec.Command("/bin/sh", "-c", underWatch, "sh", program, "-D", "-E", log, "-f", config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = hold.Close()
		<-ended
		if t.Failed() {
			words, _ := os.ReadFile(log)
			t.Logf("sshd:\n%s", words)
		}
	})
	for end := time.Now().Add(30 * time.Second); ; {
		c, err := net.Dial("tcp", s.Address())
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			words, _ := os.ReadFile(log)
			t.Fatalf("sshd ended: %v\n%s", err, words)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatalf("sshd does not listen: %v", err)
		}
	}
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
