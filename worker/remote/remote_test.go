package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/mtls"
	"gust/internal/testenv"
	"gust/topology"
	"gust/worker"
	"gust/worker/remote"
)

// TestMain lets the test binary be the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// text is a buffer that several goroutines may use.
type text struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *text) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *text) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// running is a worker that viewers can reach at an address.
type running struct {
	*worker.Worker
	server  *remote.Server
	address string
	secret  []byte
	level   chan string
	peers   net.Listener
	ended   chan error
}

// start starts a worker with a spout of a number of tuples, and a bolt.
func start(t *testing.T, tuples int) *running {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	component := func(name string, kind topology.Kind, s fakecomponent.Script) *topology.Component {
		return &topology.Component{
			Name: name, Kind: kind, Command: []string{program}, Env: s.Env(), Serializer: "json", Parallelism: 1,
			Outputs: []topology.Stream{{Name: topology.DefaultStream, Fields: []string{"key", "n"}}},
		}
	}
	words := component("words", topology.Spout, fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: tuples}})
	count := component("count", topology.Bolt, fakecomponent.Script{Bolt: &fakecomponent.Bolt{}})
	count.Inputs = []topology.Input{{Component: "words", Stream: topology.DefaultStream, Grouping: topology.Grouping{Type: topology.Shuffle}}}
	top := &topology.Topology{Name: "demo", Components: []*topology.Component{words, count}}
	if err := top.Validate(); err != nil {
		t.Fatal(err)
	}
	r := &running{secret: []byte("a secret"), level: make(chan string, 1), ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	r.Worker, err = worker.New(worker.Options{
		Topology: top, Conf: conf.Merge(conf.Defaults(), conf.Conf{conf.GustDrainSecs: int64(2)}), Log: zerolog.Nop(), Journal: true, KeepValues: true,
		Ready: func() { r.server.Ready() },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.server = remote.NewServer(remote.NewHub(r.Worker), remote.About{Topology: "demo", Worker: 3, PID: os.Getpid(), Started: time.Now()},
		remote.ServerOptions{Stop: stop, Level: func(level string) error {
			if level == "" {
				return errors.New("no level")
			}
			r.level <- level
			return nil
		}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	r.peers = remote.Split(l, remote.SplitOptions{Control: func(c net.Conn) {
		if conn, err := remote.Accept(c, r.secret); err == nil {
			_ = r.server.Serve(conn)
		}
	}})
	go func() {
		err := r.Run(ctx)
		r.server.End(err)
		r.ended <- err
	}()
	t.Cleanup(func() {
		stop()
		r.Abort()
		<-r.ended
		r.peers.Close()
	})
	return r
}

// view connects a viewer.
func (r *running) view(t *testing.T, o remote.Options) *remote.Worker {
	t.Helper()
	w, err := r.connect(r.secret, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func (r *running) connect(secret []byte, o remote.Options) (*remote.Worker, error) {
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		return nil, err
	}
	conn, err := remote.Prove(c, secret)
	if err != nil {
		return nil, err
	}
	return remote.Connect(conn, o)
}

// until takes snapshots until one fulfils a condition. events are all events meanwhile.
func until(t *testing.T, w *remote.Worker, events *[]worker.Event, what string, enough func(*worker.Snapshot) bool) *worker.Snapshot {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		s := w.Snapshot()
		if s == nil {
			t.Fatalf("the worker is gone before %s", what)
		}
		if events != nil {
			*events = append(*events, s.Journal.Events...)
		}
		if enough(s) {
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("never %s: %+v", what, s)
		}
	}
}

func TestTwoViewers(t *testing.T) {
	r := start(t, 20)
	ready := make(chan struct{})
	var events [2][]worker.Event
	var log text
	first := r.view(t, remote.Options{Ready: func() { close(ready) }, Log: &log})
	second := r.view(t, remote.Options{})
	if a := first.About(); a.Topology != "demo" || a.Worker != 3 || a.PID != os.Getpid() {
		t.Errorf("it is %+v", a)
	}
	<-ready
	acked := func(s *worker.Snapshot) bool { return s.Trees.Acked == 20 }
	s := until(t, first, &events[0], "20 trees are acked", acked)
	until(t, second, &events[1], "20 trees are acked", acked)
	if s.Components[1].Tasks[0].Inputs[0].Executed != 20 || s.Components[1].Tasks[0].Process.Count != 20 || s.Phase != worker.Active {
		t.Errorf("the snapshot is %+v", s)
	}

	// Orders arrive, and lines of the log, and only the viewer that has injected a tuple gets
	// its end. Both call it 1.
	first.Deactivate()
	until(t, first, &events[0], "inactive", func(s *worker.Snapshot) bool { return s.Phase == worker.Inactive })
	first.SetDebug("count", true)
	first.SetSampling("words", 50)
	until(t, first, &events[0], "debugged", func(s *worker.Snapshot) bool { return s.Components[1].Debug && s.Components[0].Sampling == 50 })
	first.SetLevel("debug")
	if level := <-r.level; level != "debug" {
		t.Errorf("the level is %s", level)
	}
	fmt.Fprintln(r.server, `{"level":"info","message":"hello"}`)
	i := worker.Injection{Ticket: 1, Bolt: "count", From: worker.InputName{Component: "words", Stream: "default"}, Values: []byte(`["a", 1]`), Serializer: "json"}
	if err := first.Inject(i); err != nil {
		t.Fatal(err)
	}
	var ends []worker.InjectedEnd
	until(t, first, &events[0], "the end of the tuple", func(s *worker.Snapshot) bool {
		ends = append(ends, s.Journal.Injected...)
		return len(ends) > 0
	})
	if len(ends) != 1 || ends[0].Ticket != 1 || !ends[0].Acked {
		t.Errorf("the ends are %+v", ends)
	}
	i.Bolt = "nobody"
	if err := first.Inject(i); err == nil || !strings.Contains(err.Error(), `no bolt "nobody"`) {
		t.Errorf("a tuple for nobody: %v", err)
	}
	last := until(t, second, &events[1], "the same", func(s *worker.Snapshot) bool { return s.Phase == worker.Inactive })
	if len(last.Journal.Injected) != 0 {
		t.Errorf("the second viewer gets %+v", last.Journal.Injected)
	}
	for end := time.Now().Add(time.Minute); !strings.Contains(log.String(), `"message":"hello"`); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the log is %q", log.String())
		}
	}
	if len(events[0]) == 0 || fmt.Sprint(kinds(events[0])) != fmt.Sprint(kinds(events[1])) {
		t.Errorf("the viewers get the events %v and %v", kinds(events[0]), kinds(events[1]))
	}

	// A stop ends it in order. The last snapshot comes with the end.
	first.Stop()
	<-first.Gone()
	<-second.Gone()
	for _, w := range []*remote.Worker{first, second} {
		if end := w.Ended(); !end.Orderly || end.Error != "" {
			t.Errorf("it ended with %+v", end)
		}
		if s := w.Snapshot(); s == nil || s.Phase != worker.Ending || s.Trees.Acked != 20 {
			t.Errorf("its last snapshot is %+v", s)
		}
	}
	if err := first.Inject(i); err == nil {
		t.Error("a tuple was injected after the end")
	}
	// Who comes later learns how it ended.
	late := r.view(t, remote.Options{})
	<-late.Gone()
	if !late.Ended().Orderly {
		t.Errorf("a late viewer gets %+v", late.Ended())
	}
}

func kinds(events []worker.Event) (list []string) {
	for _, e := range events {
		list = append(list, fmt.Sprintf("%s %s", e.Kind, e.Component))
	}
	return list
}

func TestOnlyWhoKnowsTheSecretIsLetIn(t *testing.T) {
	r := start(t, 1)
	if _, err := r.connect([]byte("a guess"), remote.Options{}); err == nil || !strings.Contains(err.Error(), "another secret") {
		t.Errorf("with another secret: %v", err)
	}
	// Neither does it take commands from somebody who does not prove anything.
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintln(c, `{"gust":"control","protocol":1,"nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}`)
	answer := make([]byte, 4096)
	if _, err := c.Read(answer); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(c, `{"gust":"control","protocol":1,"proof":"AAAA"}`)
	fmt.Fprintln(c, `{"id":1,"do":"abort"}`)
	if n, err := c.Read(answer); err == nil {
		t.Errorf("it answers %s", answer[:n])
	}
	// An endless line is cut off.
	flood, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer flood.Close()
	line := bytes.Repeat([]byte("x"), 64<<10)
	line[0] = '{'
	_, err = flood.Write(line)
	flood.SetReadDeadline(time.Now().Add(time.Minute))
	if n, readErr := flood.Read(answer); err == nil && (readErr == nil || errors.Is(readErr, os.ErrDeadlineExceeded)) {
		t.Errorf("it answers an endless line: %s, %v", answer[:n], readErr)
	}
	until(t, r.view(t, remote.Options{}), nil, "it goes on", func(s *worker.Snapshot) bool { return s.Trees.Acked == 1 })
}

// With TLS, both kinds of connections come to the same port, protected. Others learn why they are
// refused, and somebody who says nothing delays nobody.
func TestSplitWithTLS(t *testing.T) {
	dir := t.TempDir()
	testenv.NewAuthority(t).Write(t, dir, "127.0.0.1")
	file := func(name string) string { return filepath.Join(dir, name) }
	own, err := mtls.New(mtls.Files{Certificate: file("cert.pem"), Key: file("key.pem"), Authorities: file("ca.pem")}, []string{"127.0.0.1:6700"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	viewers, faults := make(chan net.Conn, 1), make(chan string, 10)
	peers := remote.Split(l, remote.SplitOptions{
		TLS: own, Control: func(c net.Conn) { viewers <- c }, Refused: func(_ net.Addr, why *mtls.Fault) { faults <- why.Text },
	})
	defer peers.Close()
	for _, first := range []string{"", "\x16\x03\x01"} {
		silent, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		if _, err := io.WriteString(silent, first); err != nil {
			t.Fatal(err)
		}
	}
	for _, protocol := range []mtls.Protocol{mtls.Peer, mtls.Control} {
		c, err := tls.Dial("tcp", l.Addr().String(), own.Client(protocol))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "hello")
		var got net.Conn
		if protocol == mtls.Control {
			got = <-viewers
		} else if got, err = peers.Accept(); err != nil {
			t.Fatal(err)
		}
		defer got.Close()
		said := make([]byte, 5)
		if _, err := io.ReadFull(got, said); err != nil || string(said) != "hello" {
			t.Errorf("%s: %q, %v", protocol, said, err)
		}
	}
	for said, answer := range map[string]string{`{"gust":"control"}` + "\n": `"error":"the worker has TLS, and the one that asks does not"`, "\x01hello": "the dialed worker has TLS, the other one does not"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, said); err != nil {
			t.Fatal(err)
		}
		// Those who are refused wait for the end, and then read why.
		if got, err := io.ReadAll(c); err != nil || !strings.Contains(string(got), answer) {
			t.Errorf("%q is answered with %q, %v", said, got, err)
		}
		if fault := <-faults; fault != mtls.ErrPlain.Text {
			t.Errorf("%q: %s", said, fault)
		}
	}
}

// The connection of a peer arrives as it was, whatever its first byte is but a brace.
func TestPeersComeToTheSamePort(t *testing.T) {
	dir, err := os.MkdirTemp("", "peers") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(dir, "s")} {
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		viewers := make(chan string, 1)
		peers := remote.Split(l, remote.SplitOptions{Control: func(c net.Conn) {
			defer c.Close()
			first := make([]byte, 2)
			_, _ = io.ReadFull(c, first)
			viewers <- string(first)
		}})
		for _, said := range []string{"\x01h", "{}"} {
			silent, err := net.Dial(network, l.Addr().String()) // delays nobody
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
			c, err := net.Dial(network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, said); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 2)
			if said == "{}" {
				got = []byte(<-viewers)
			} else {
				peer, err := peers.Accept()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(peer, got); err != nil {
					t.Fatal(err)
				}
				peer.Close()
			}
			if string(got) != said {
				t.Errorf("%s: %q arrives as %q", network, said, got)
			}
		}
		if err := peers.Close(); err != nil {
			t.Error(err)
		}
		if _, err := peers.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	}
}
