package remote_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh/agent"

	"gust/storm/remote"
	"gust/storm/remote/remotetest"

	"golang.org/x/crypto/ssh"
)

// options are those of the server's own user, without whom the tests run as.
func options(t *testing.T, s *remotetest.Server) remote.Options {
	t.Helper()
	t.Setenv("SSH_AUTH_SOCK", "")
	return remote.Options{
		ConfigFiles: []string{s.File("config")},
		KnownHosts:  []string{s.File("known_hosts")},
		Identities:  []string{s.File("id_ed25519")},
	}
}

func target(s *remotetest.Server) remote.Target { return remote.Target{Host: s.Host, Port: s.Port} }

func dial(t *testing.T, o remote.Options, target remote.Target) *remote.Machine {
	t.Helper()
	m, err := remote.New(o).Dial(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func TestRun(t *testing.T) {
	s := remotetest.Start(t)
	m := dial(t, options(t, s), target(s))
	var out, problems bytes.Buffer
	err := m.Run(t.Context(), "cat; echo trouble >&2; exit 7", strings.NewReader("hello"), &out, &problems)
	exit, ok := errors.AsType[*remote.ExitError](err)
	if !ok || exit.Status != 7 || exit.Host != s.Host {
		t.Errorf("the error is %v", err)
	}
	if out.String() != "hello" || problems.String() != "trouble\n" {
		t.Errorf("printed %q and %q", out.String(), problems.String())
	}
	open, hold := io.Pipe()
	defer hold.Close()
	if err := m.Run(t.Context(), "true", open, nil, nil); err != nil {
		t.Errorf("a command that leaves its input alone: %v", err)
	}
}

func TestRunIsCancelled(t *testing.T) {
	s := remotetest.Start(t)
	m := dial(t, options(t, s), target(s))
	ctx, cancel := context.WithCancel(t.Context())
	out, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx, "echo started; sleep 60", nil, w, nil) }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A command with endless output does not block its caller, when the caller stops.
func TestRunEndsWithItsReader(t *testing.T) {
	s := remotetest.Start(t)
	m := dial(t, options(t, s), target(s))
	for _, command := range []string{"yes", "yes >&2", "echo last words; cat"} {
		gone, w := io.Pipe()
		_ = gone.Close()
		open, hold := io.Pipe()
		if err := m.Run(t.Context(), command, open, w, w); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: got %v", command, err)
		}
		_ = hold.Close()
	}
}

func TestHostKeys(t *testing.T) {
	s := remotetest.Start(t)
	rightLine, err := os.ReadFile(s.File("known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	other := remotetest.Start(t)
	otherKey := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(other.HostKey)))
	changed := fmt.Sprintf("[%s]:%d %s\n", s.Host, s.Port, otherKey)
	tests := []struct {
		name, known, config string
		answer              string // the user's answer, if there is one
		want                string // of the error
		remembered          bool
	}{
		{name: "known", known: string(rightLine)},
		{name: "unknown", want: "unknown host key"},
		{name: "unknown, and the user says no", answer: "no", want: "unknown host key"},
		{name: "unknown, and the user says yes", answer: "yes", remembered: true},
		{name: "unknown, and new ones are accepted", config: "StrictHostKeyChecking accept-new\n", remembered: true},
		{name: "unknown, and strictness is wanted", config: "StrictHostKeyChecking yes\n", answer: "yes", want: "StrictHostKeyChecking is yes"},
		{name: "changed", known: changed, answer: "yes", want: "another key than the one in"},
		{name: "changed, and new ones are accepted", known: changed, config: "StrictHostKeyChecking no\n", want: "another key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			known, config := filepath.Join(dir, "known_hosts"), filepath.Join(dir, "config")
			for file, text := range map[string]string{known: tt.known, config: tt.config} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o := options(t, s)
			o.KnownHosts, o.ConfigFiles = []string{known}, []string{config}
			if tt.answer != "" {
				o.Ask = func(context.Context, string, bool) (string, error) { return tt.answer, nil }
			}
			m, err := remote.New(o).Dial(t.Context(), target(s))
			if err == nil {
				m.Close()
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			data, err := os.ReadFile(known)
			if err != nil {
				t.Fatal(err)
			}
			if remembered := string(data) != tt.known; remembered != tt.remembered {
				t.Errorf("known_hosts is %q", data)
			}
			if tt.remembered && string(data) != string(rightLine) {
				t.Errorf("remembered %q, want %q", data, rightLine)
			}
		})
	}
}

// authority makes the key of an authority that certifies machines. Its type differs from
// that of the machines' keys.
func authority(t *testing.T) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestCertifiedMachines(t *testing.T) {
	right, wrong := authority(t), authority(t)
	certified, plain := remotetest.StartCertified(t, right), remotetest.Start(t)
	line := func(hosts string, authority ssh.Signer) string {
		return "@cert-authority " + hosts + " " + string(ssh.MarshalAuthorizedKey(authority.PublicKey()))
	}
	own := func(s *remotetest.Server) string {
		return fmt.Sprintf("[%s]:%d %s", s.Host, s.Port, ssh.MarshalAuthorizedKey(s.HostKey))
	}
	tests := []struct {
		name  string
		s     *remotetest.Server
		known string
		want  string // of the error
	}{
		{name: "certified", s: certified, known: line("*", right)},
		{name: "certified at that port", s: certified, known: line(fmt.Sprintf("[%s]:%d", certified.Host, certified.Port), right)},
		{name: "by another authority", s: certified, known: line("*", wrong), want: "no authorities for hostname"},
		{name: "certified, and known anyway", s: certified, known: own(certified)},
		{name: "certified, and not known", s: certified, want: "unknown host key"},
		{name: "without a certificate", s: plain, known: line("*", right), want: "unknown host key"},
		{name: "without a certificate, and known", s: plain, known: line("*", right) + own(plain)},
		{name: "without a certificate, and changed", s: plain, known: line("*", right) + strings.Replace(own(certified), fmt.Sprint(certified.Port), fmt.Sprint(plain.Port), 1),
			want: "another key than the one in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, tt.s)
			o.KnownHosts = []string{filepath.Join(t.TempDir(), "known_hosts")}
			if err := os.WriteFile(o.KnownHosts[0], []byte(tt.known), 0o600); err != nil {
				t.Fatal(err)
			}
			m, err := remote.New(o).Dial(t.Context(), target(tt.s))
			if err == nil {
				m.Close()
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// If the user's file of known machines is "none", only the file for all users counts.
func TestNoKnownHostsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	s := remotetest.Start(t)
	o := options(t, s)
	o.GlobalKnownHosts = o.KnownHosts
	o.Ask = func(context.Context, string, bool) (string, error) { return "yes", nil }
	for _, config := range []string{"UserKnownHostsFile none\n", "UserKnownHostsFile none\nGlobalKnownHostsFile none\n"} {
		if err := os.WriteFile(s.File("config"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		dial(t, o, target(s))
		if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
			t.Errorf("%q wrote %v, %v", config, entries, err)
		}
	}
}

func TestKeys(t *testing.T) {
	s := remotetest.Start(t)
	locked := filepath.Join(t.TempDir(), "locked")
	s.AddKey(t, locked, "open sesame")
	t.Run("none", func(t *testing.T) {
		o := options(t, s)
		o.Identities = nil
		_, err := remote.New(o).Dial(t.Context(), target(s))
		if err == nil || !strings.Contains(err.Error(), "accepts no key of") || !strings.Contains(err.Error(), "ssh-copy-id") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("locked", func(t *testing.T) {
		o := options(t, s)
		o.Identities = []string{locked}
		_, err := remote.New(o).Dial(t.Context(), target(s))
		if err == nil || !strings.Contains(err.Error(), locked+" has a passphrase") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("unlocked once for all machines", func(t *testing.T) {
		o := options(t, s)
		o.Identities = []string{locked}
		asked := 0
		o.Ask = func(context.Context, string, bool) (string, error) { asked++; return "open sesame", nil }
		err := remote.New(o).Each(t.Context(), []remote.Target{target(s), target(s), target(s)}, 3, func(ctx context.Context, m *remote.Machine) error {
			return m.Run(ctx, "true", nil, nil, nil)
		})
		if err != nil || asked != 1 {
			t.Errorf("asked %d times, %v", asked, err)
		}
	})
	t.Run("mistyped at first", func(t *testing.T) {
		o := options(t, s)
		o.Identities = []string{locked}
		asked := 0
		o.Ask = func(context.Context, string, bool) (string, error) {
			if asked++; asked == 1 {
				return "sesame", nil
			}
			return "open sesame", nil
		}
		dial(t, o, target(s))
		if asked != 2 {
			t.Errorf("asked %d times", asked)
		}
	})
	t.Run("agent", func(t *testing.T) {
		data, err := os.ReadFile(s.File("id_ed25519"))
		if err != nil {
			t.Fatal(err)
		}
		key, err := ssh.ParseRawPrivateKey(data)
		if err != nil {
			t.Fatal(err)
		}
		keys := agent.NewKeyring()
		if err := keys.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
		o := options(t, s)
		o.Identities = nil
		t.Setenv("SSH_AUTH_SOCK", serveAgent(t, keys))
		dial(t, o, target(s))
	})
}

// serveAgent serves keys on a socket.
func serveAgent(t *testing.T, keys agent.Agent) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent") // a test's own folder may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, c); c.Close() }()
		}
	}()
	return filepath.Join(dir, "s")
}

func TestConfigAndJumps(t *testing.T) {
	s := remotetest.Start(t)
	config := fmt.Sprintf(`Host inner bastion
  HostName %s
  Port %d
  IdentityFile %s
Host inner
  ProxyJump bastion
Host loop
  ProxyJump loop2
Host loop2
  ProxyJump loop
Host odd
  ProxyCommand nc %%h
`, s.Host, s.Port, s.File("id_ed25519"))
	if err := os.WriteFile(s.File("config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, s)
	o.Identities = nil
	m := dial(t, o, remote.Target{Host: "inner"})
	var out bytes.Buffer
	if err := m.Run(t.Context(), `echo "$SSH_CONNECTION"`, nil, &out, nil); err != nil || out.Len() == 0 {
		t.Errorf("printed %q, %v", out.String(), err)
	}
	for host, want := range map[string]string{"loop": "has a cycle", "odd": "ProxyCommand"} {
		if _, err := remote.New(o).Dial(t.Context(), remote.Target{Host: host}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", host, err, want)
		}
	}
}

func TestTunnelHasDeadlines(t *testing.T) {
	s := remotetest.Start(t)
	m := dial(t, options(t, s), target(s))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c
		}
	}()
	c, err := m.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	far := <-accepted
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1)
	if _, err := c.Read(buffer); err != nil || buffer[0] != 'x' {
		t.Fatalf("read %q, %v", buffer, err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(buffer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read of nothing: %v", err)
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	far.Close()
	if _, err := c.Read(buffer); !errors.Is(err, io.EOF) {
		t.Errorf("after the other end has closed: %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	_, err = remote.New(remote.Options{}).Dial(t.Context(), remote.Target{Host: "127.0.0.1", Port: port})
	if err == nil || !strings.Contains(err.Error(), "cannot connect to 127.0.0.1 with SSH") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

func TestEachContinuesAfterAnError(t *testing.T) {
	s := remotetest.Start(t)
	ran := make(chan string, 2)
	err := remote.New(options(t, s)).Each(t.Context(), []remote.Target{{Host: s.Host, Port: 1}, target(s)}, 1, func(ctx context.Context, m *remote.Machine) error {
		ran <- m.Name
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "cannot connect") || len(ran) != 1 {
		t.Errorf("%d ran, %v", len(ran), err)
	}
}
