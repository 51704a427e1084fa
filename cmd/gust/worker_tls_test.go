package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gust/internal/mtls"
	"gust/internal/testenv"
	"gust/internal/testrun"
	"gust/status"
	"gust/ui/client"
	"gust/worker"
)

// pair is two workers of a topology, which are processes. Worker 1 is reached over a wire that
// the test can see and cut.
type pair struct {
	t         *testing.T
	file      string // the topology
	secret    string
	addresses [2]string // as they are in --peers
	listen    string    // of worker 1
	wire      *wire
	logs      [2]*testenv.Growing
	cmds      [2]*exec.Cmd
	ended     [2]chan struct{}
}

func newPair(t *testing.T) *pair {
	t.Helper()
	noRuns(t)
	p := &pair{t: t, file: writeTopology(t), listen: testenv.FreeAddress(t)}
	p.secret = filepath.Join(filepath.Dir(p.file), "secret")
	if err := os.WriteFile(p.secret, []byte("known to both workers of the test"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.wire = newWire(t, p.listen)
	p.addresses = [2]string{testenv.FreeAddress(t), p.wire.listener.Addr().String()}
	return p
}

// options are those of one of the workers, with the files in a folder, or without TLS.
func (p *pair) options(i int, dir string) []string {
	args := []string{"worker", p.file, "--index", fmt.Sprint(i), "--peers", strings.Join(p.addresses[:], ","), "--secret", p.secret}
	if i == 1 {
		args = append(args, "--listen", p.listen)
	}
	if dir != "" {
		args = append(args, "--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"), "--tls-ca", filepath.Join(dir, "ca.pem"))
	}
	return args
}

// start starts a worker. It shows the topology.
func (p *pair) start(i int, dir string) {
	p.t.Helper()
	cmd := programOf(p.t, append(p.options(i, dir), "--ui=127.0.0.1:0", "--log", "json")...)
	p.logs[i], p.cmds[i], p.ended[i] = testenv.NewGrowing(), cmd, make(chan struct{})
	cmd.Stderr = p.logs[i]
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := p.ended[i]
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if p.t.Failed() {
			p.t.Logf("worker %d:\n%s", i, p.logs[i])
		}
	})
}

// view is what a worker shows.
func (p *pair) view(i int) *status.View {
	link := regexp.MustCompile(`showing the topology at (http[^"]*)`).FindStringSubmatch(p.logs[i].String())
	if link == nil {
		return nil
	}
	c, err := client.New(link[1])
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close()
	v, err := c.Topology("wordcount").View(p.t.Context(), status.AllTime)
	if err != nil || len(v.Workers) != 2 {
		return nil
	}
	return v
}

// until waits until a worker shows what it should.
func (p *pair) until(i int, what string, holds func(*status.View) bool) {
	p.t.Helper()
	testrun.Eventually(p.t, what, p.ended[i], func() bool {
		v := p.view(i)
		return v != nil && holds(v)
	})
}

// runs waits until both workers show both, and tuples cross the wire.
func (p *pair) runs() {
	p.t.Helper()
	for i := range 2 {
		var before uint64
		p.until(i, fmt.Sprintf("worker %d shows both", i), func(v *status.View) bool {
			if before == 0 {
				before = v.Trees.Acked
			}
			for _, w := range v.Workers {
				if w.State != worker.WorkerUp || len(w.Links) != 1 || !w.Links[0].Up {
					return false
				}
			}
			return v.Trees.Acked > before+5
		})
	}
}

// tries waits until worker 0 has tried to connect several times, for the tuples and for its page.
func (p *pair) tries() {
	p.t.Helper()
	testrun.Eventually(p.t, "worker 0 goes on to connect", p.ended[0], func() bool { return p.wire.count() >= 8 })
}

// once fails the test unless a line of a worker's log that begins so has the words. There is one
// for each way in which the two connect.
func (p *pair) once(i int, begin, words string) {
	p.t.Helper()
	n := 0
	for line := range strings.Lines(p.logs[i].String()) {
		if strings.Contains(line, `"message":"`+begin) && strings.Contains(line, words) {
			n++
		}
	}
	if n != 1 {
		p.t.Errorf("worker %d has logged %q %d times", i, begin+"..."+words, n)
	}
}

// wire passes connections on, and keeps the beginning of what crosses it.
type wire struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	seen  bytes.Buffer
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to}
	t.Cleanup(func() {
		l.Close()
		w.cut()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(c)
		}
	}()
	return w
}

func (w *wire) pass(from net.Conn) {
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		from.Close()
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, from, to)
	w.mu.Unlock()
	for _, way := range [][2]net.Conn{{from, to}, {to, from}} {
		go func() {
			_, _ = io.Copy(way[1], io.TeeReader(way[0], w))
			_ = way[1].(*net.TCPConn).CloseWrite()
		}()
	}
}

// Write keeps what crosses the wire.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen.Len() < 1<<20 {
		w.seen.Write(p)
	}
	return len(p), nil
}

// count is how many connections there have been.
func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.conns) / 2
}

// shows says whether these words have crossed the wire.
func (w *wire) shows(words string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Contains(w.seen.Bytes(), []byte(words))
}

// cut ends all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

// Workers with TLS work as those without do. Then the wire shows neither tuples nor what a page
// asks and gets.
func TestWorkersEncrypt(t *testing.T) {
	for _, secured := range []bool{false, true} {
		t.Run(fmt.Sprint(secured), func(t *testing.T) {
			p := newPair(t)
			dir := ""
			if secured {
				dir = t.TempDir()
				testenv.NewAuthority(t).Write(t, dir, "127.0.0.1")
			}
			p.start(0, dir)
			p.start(1, dir)
			p.runs()
			for what, words := range map[string]string{"tuples": `["k1"`, "the topology's name": "wordcount", "requests": `"do":"snapshot"`, "snapshots": `"snapshot":{`} {
				if p.wire.shows(words) == secured {
					t.Errorf("the wire shows %s: %v", what, !secured)
				}
			}
		})
	}
}

// What keeps two workers apart is logged once by each, while they go on to try.
func TestWorkersThatTLSKeepsApart(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, p *pair) (dirs [2]string)
		logs    [2]string
		shown   string // by worker 0 of worker 1
	}{
		{"another authority", func(t *testing.T, p *pair) (dirs [2]string) {
			for i := range dirs {
				dirs[i] = t.TempDir()
				testenv.NewAuthority(t).Write(t, dirs[i], "127.0.0.1")
			}
			return dirs
		}, [2]string{"its certificate (for 127.0.0.1) is not signed by an authority in ", "it refuses this worker's certificate "}, "is not signed by an authority"},
		{"another authority's dialer", func(t *testing.T, p *pair) (dirs [2]string) {
			known := testenv.NewAuthority(t)
			for i := range dirs {
				dirs[i] = t.TempDir()
			}
			known.Write(t, dirs[1], "127.0.0.1")
			testenv.NewAuthority(t).Write(t, dirs[0], "127.0.0.1")
			addFile(t, filepath.Join(dirs[0], "ca.pem"), filepath.Join(dirs[1], "ca.pem"))
			return dirs
		}, [2]string{"it refuses this worker's certificate ", "its certificate (for 127.0.0.1) is not signed by an authority in "}, "it refuses this worker's certificate"},
		{"another name", func(t *testing.T, p *pair) (dirs [2]string) {
			dir := t.TempDir()
			testenv.NewAuthority(t).Write(t, dir, "127.0.0.1")
			return [2]string{dir, dir}
		}, [2]string{"its certificate is for 127.0.0.1, not for localhost", "it refuses this worker's certificate "}, "its certificate is for 127.0.0.1"},
		{"no TLS at the dialer", func(t *testing.T, p *pair) (dirs [2]string) {
			dirs[1] = t.TempDir()
			testenv.NewAuthority(t).Write(t, dirs[1], "127.0.0.1")
			return dirs
		}, [2]string{"the dialed worker has TLS, the other one does not", "it has no TLS, and this worker does"}, "the worker has TLS, and the one that asks does not"},
		{"no TLS at the dialed worker", func(t *testing.T, p *pair) (dirs [2]string) {
			dirs[0] = t.TempDir()
			testenv.NewAuthority(t).Write(t, dirs[0], "127.0.0.1")
			return dirs
		}, [2]string{"it has no TLS, and this worker does", "it has TLS, and this worker does not"}, "it has no TLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t)
			dirs := tt.prepare(t, p)
			p.start(1, dirs[1])
			if tt.name == "another name" { // worker 1 knows itself by another one
				_, port, _ := net.SplitHostPort(p.addresses[1])
				p.addresses[1] = net.JoinHostPort("localhost", port)
			}
			p.start(0, dirs[0])
			p.logs[0].WaitForAll(t, "no connection to worker 1 ", tt.logs[0], "hint: ")
			p.logs[1].WaitForAll(t, tt.logs[1], "hint: ")
			p.until(0, "it shows why", func(v *status.View) bool { return strings.Contains(v.Workers[1].Death, tt.shown) })
			p.tries()
			p.once(0, "no connection to worker 1 ", tt.logs[0])
			p.once(1, "no connection from ", tt.logs[1])
		})
	}
}

// addFile appends a file to another one.
func addFile(t *testing.T, name, more string) {
	t.Helper()
	text, err := os.ReadFile(more)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
}

// Files that change are in use for the next connection, the authorities' too, while those that
// stand are left alone.
func TestRenewedCertificates(t *testing.T) {
	p := newPair(t)
	old, next := testenv.NewAuthority(t), testenv.NewAuthority(t)
	var dirs [2]string
	for i := range dirs {
		dirs[i] = t.TempDir()
		old.Write(t, dirs[i], "127.0.0.1")
		p.start(i, dirs[i])
	}
	client := t.TempDir()
	old.Write(t, client, "127.0.0.1")
	p.runs()
	first := p.shownTo(client)

	old.Write(t, dirs[1], "127.0.0.1")
	second := p.shownTo(client)
	if first.Equal(second) {
		t.Error("a new connection gets the old certificate")
	}
	p.logs[1].WaitForAll(t, "the next connections have the renewed certificate")

	// Halfway, the key does not fit. The worker goes on with what it has, and says so once.
	testenv.NewAuthority(t).Write(t, dirs[1]+"/..", "127.0.0.1")
	if err := os.Rename(dirs[1]+"/../key.pem", dirs[1]+"/key.pem"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if !p.shownTo(client).Equal(second) {
			t.Error("it uses a certificate without its key")
		}
	}
	p.logs[1].WaitForAll(t, "does not fit the certificate")
	p.once(1, "cannot use the renewed certificate", "does not fit")

	// All get certificates of another authority, and connect again.
	for _, dir := range dirs {
		next.Write(t, dir, "127.0.0.1")
	}
	next.Write(t, client, "127.0.0.1")
	if p.shownTo(client).Equal(second) {
		t.Error("it has no certificate of the new authority")
	}
	if strings.Contains(p.logs[0].String(), "lost the connection to worker 1") {
		t.Error("a connection that stood was lost")
	}
	p.wire.cut()
	p.runs()
	for _, log := range p.logs {
		if strings.Contains(log.String(), "no connection to") {
			t.Error("the two have refused each other")
		}
	}
}

// shownTo is the certificate that worker 1 shows to somebody.
func (p *pair) shownTo(dir string) *x509.Certificate {
	p.t.Helper()
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		p.t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		p.t.Fatal(err)
	}
	trusted.AppendCertsFromPEM(text)
	c, err := tls.Dial("tcp", p.listen, &tls.Config{Certificates: []tls.Certificate{own}, RootCAs: trusted, NextProtos: []string{"gust-control"}})
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(testrun.Patience))
	fmt.Fprintln(c, `{"gust":"control","protocol":1,"nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}`)
	answer := make([]byte, 16)
	if _, err := io.ReadFull(c, answer); err != nil || !bytes.HasPrefix(answer, []byte(`{"gust":"control`)) {
		p.t.Errorf("it answers %q, %v", answer, err)
	}
	return c.ConnectionState().PeerCertificates[0]
}

// A worker does not start with files that the others would refuse.
func TestTLSFilesOfWorker(t *testing.T) {
	p := newPair(t)
	authority := testenv.NewAuthority(t)
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, dir string) // of good files
		want   []string
	}{
		{"no certificate", func(t *testing.T, dir string) { removeFile(t, dir, "cert.pem") }, []string{"cannot read the certificate (--tls-cert): open ", "cert.pem: no such file"}},
		{"no key", func(t *testing.T, dir string) { removeFile(t, dir, "key.pem") }, []string{"cannot read the key (--tls-key): open ", "key.pem: no such file"}},
		{"no authority", func(t *testing.T, dir string) { removeFile(t, dir, "ca.pem") }, []string{"cannot read the certificates of the authorities (--tls-ca): open ", "ca.pem: no such file"}},
		{"open key", func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, "key.pem"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"key.pem can be read by everybody on this machine (mode 0644)", "hint: chmod 600 "}},
		{"not PEM", func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, "cert.pem"), "x") }, []string{"cert.pem has no certificate in PEM"}},
		{"certificate as key", func(t *testing.T, dir string) {
			removeFile(t, dir, "key.pem")
			writeFile(t, filepath.Join(dir, "key.pem"), "")
			os.Chmod(filepath.Join(dir, "key.pem"), 0o600)
			addFile(t, filepath.Join(dir, "key.pem"), filepath.Join(dir, "cert.pem"))
		}, []string{"key.pem has no private key in PEM"}},
		{"encrypted key", func(t *testing.T, dir string) {
			name := filepath.Join(dir, "key.pem")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, bytes.ReplaceAll(text, []byte("PRIVATE KEY"), []byte("ENCRYPTED PRIVATE KEY")), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"key.pem is encrypted", "hint: a worker asks for no password: openssl pkey -in "}},
		{"another key", func(t *testing.T, dir string) {
			other := t.TempDir()
			authority.Write(t, other, "127.0.0.1")
			if err := os.Rename(filepath.Join(other, "key.pem"), filepath.Join(dir, "key.pem")); err != nil {
				t.Fatal(err)
			}
		}, []string{"key.pem does not fit the certificate ", "cert.pem\n", "hint: name the key"}},
		{"expired", func(t *testing.T, dir string) {
			authority.Write(t, dir, "127.0.0.1", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
		}, []string{"cert.pem has expired on 2", "hint: renew it"}},
		{"not yet valid", func(t *testing.T, dir string) {
			authority.Write(t, dir, "127.0.0.1", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })
		}, []string{"cert.pem is not valid before 2", "hint: is the clock"}},
		{"another host", func(t *testing.T, dir string) {
			authority.Write(t, dir, "127.0.0.2", func(c *x509.Certificate) { c.DNSNames = []string{"w\nhint: 1"} })
		}, []string{"cert.pem is for w hint: 1, 127.0.0.2, and the others reach this worker as 127.0.0.1", "hint: make one with 127.0.0.1 as subjectAltName"}},
		{"no name", func(t *testing.T, dir string) { authority.Write(t, dir, "") }, []string{"is for no host (it has no subjectAltName), and the others"}},
		{"another authority", func(t *testing.T, dir string) {
			testenv.NewAuthority(t).Write(t, t.TempDir(), "x")
			other := t.TempDir()
			testenv.NewAuthority(t).Write(t, other, "127.0.0.1")
			if err := os.Rename(filepath.Join(other, "ca.pem"), filepath.Join(dir, "ca.pem")); err != nil {
				t.Fatal(err)
			}
		}, []string{"cert.pem is not signed by an authority in ", "ca.pem\n", "hint: its issuer is CN=gust's tests"}},
		{"only for servers", func(t *testing.T, dir string) {
			authority.Write(t, dir, "127.0.0.1", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		}, []string{"cert.pem is not for TLS clients and servers", "hint: make one with the extended key usages serverAuth and clientAuth"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			authority.Write(t, dir, "127.0.0.1")
			tt.change(t, dir)
			gust(t, p.options(0, dir)...).refuses(t, exitFailed, tt.want...)
		})
	}
	gust(t, append(p.options(0, ""), "--tls-key", "key.pem")...).refuses(t, exitUsage, "--tls-key without --tls-cert and --tls-ca\n", "hint: TLS needs all of them")
	gust(t, "worker", p.file, "--index", "0", "--peers", "/tmp/%d.sock", "--workers", "2", "--secret", p.secret, "--tls-cert", "c", "--tls-key", "k", "--tls-ca", "a").
		refuses(t, exitUsage, "the address of worker 0 is a Unix socket: /tmp/0.sock\n", "hint: leave out --tls-cert")
}

func removeFile(t *testing.T, names ...string) {
	t.Helper()
	if err := os.Remove(filepath.Join(names...)); err != nil {
		t.Fatal(err)
	}
}

// What docs/workers.md makes with openssl is what workers accept.
func TestCertificatesOfDocs(t *testing.T) {
	openssl := testenv.Program(t, "openssl")
	if version, err := exec.Command(openssl, "version").Output(); err != nil || !regexp.MustCompile(`^OpenSSL [3-9]`).Match(version) {
		t.Skipf("NOT TESTED: the commands are for OpenSSL 3, and this is %s", version)
	}
	page, err := os.ReadFile(filepath.Join(testenv.Top(t), "docs", "workers.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(# Once.*?openssl.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("docs/workers.md has no commands")
	}
	cmd := exec.Command("sh", "-ec", string(block[1]))
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file := func(name string) string { return filepath.Join(cmd.Dir, name) }
	files := mtls.Files{Certificate: file("tls.crt"), Key: file("tls.key"), Authorities: file("ca.crt")}
	for i := range 2 {
		if _, err := mtls.New(files, []string{"10.0.0.10:6700", "10.0.0.11:6700"}, i); err != nil {
			t.Error(err)
		}
	}
}
