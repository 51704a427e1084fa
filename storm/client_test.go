package storm_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// dial connects to the seeds with a timeout that no call reaches, even on a busy machine.
func dial(t *testing.T, seeds ...string) *storm.Client {
	t.Helper()
	return dialWithin(t, time.Minute, seeds...)
}

// brief is a timeout for tests that wait for it: long enough for calls that are answered.
const brief = 2 * time.Second

func dialWithin(t *testing.T, timeout time.Duration, seeds ...string) *storm.Client {
	t.Helper()
	c, err := storm.Dial(t.Context(), storm.Options{Seeds: seeds, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestLeaderIsFollowed(t *testing.T) {
	first, second := stormtest.NewFake(t), stormtest.NewFake(t)
	first.SetLeader(second)
	c := dial(t, testenv.FreeAddress(t), first.Address())
	if c.Nimbus() != second.Address() {
		t.Errorf("calls go to %s, want the leader, %s", c.Nimbus(), second.Address())
	}
}

func TestDialWaitsForAnElection(t *testing.T) {
	fake := stormtest.NewFake(t)
	fake.SetLeader(nil)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for fake.Calls()["getLeader"] == 0 {
			time.Sleep(time.Millisecond)
		}
		fake.SetLeader(fake)
	}()
	if c := dial(t, fake.Address()); c.Nimbus() != fake.Address() {
		t.Errorf("calls go to %s", c.Nimbus())
	}
	<-asked
}

func TestLeaderChanges(t *testing.T) {
	old, next := stormtest.NewFake(t), stormtest.NewFake(t)
	next.SetTopologies(&generated.TopologySummary{ID: "w-1-1", Name: "w", Status: "ACTIVE"})
	tests := []struct {
		name string
		call func(context.Context, *storm.Client) error
		// the call that the old leader refuses
		refuses string
	}{
		{"query", func(ctx context.Context, c *storm.Client) error { _, err := c.ClusterInfo(ctx); return err }, "getClusterInfo"},
		{"command that may be repeated", func(ctx context.Context, c *storm.Client) error { return c.Activate(ctx, "w") }, "activate"},
		{"command that must not be repeated", func(ctx context.Context, c *storm.Client) error { return c.Rebalance(ctx, "w", 0, 1, nil) }, "rebalance"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old.SetLeader(old)
			next.SetLeader(next)
			c := dial(t, old.Address(), next.Address())
			old.SetLeader(next)
			old.Next(test.refuses, stormtest.Fail)
			if err := test.call(t.Context(), c); err != nil || c.Nimbus() != next.Address() {
				t.Errorf("the call did not reach the new leader: %v", err)
			}
		})
	}
}

func TestLeaderDies(t *testing.T) {
	old, next := stormtest.NewFake(t), stormtest.NewFake(t)
	c := dial(t, old.Address(), next.Address())
	old.Stop()
	if err := c.Activate(t.Context(), "ghost"); !isNotAlive(err) {
		t.Errorf("got %v, want the answer of the next leader", err)
	}
	if c.Nimbus() != next.Address() {
		t.Errorf("calls go to %s, want %s", c.Nimbus(), next.Address())
	}
}

func TestBrokenConnection(t *testing.T) {
	tests := []struct {
		name   string
		call   string
		deed   stormtest.Deed
		do     func(context.Context, *storm.Client) error
		lost   bool // the caller learns that the result is unknown
		called int  // how often Nimbus got the call
	}{
		{"question", "getClusterInfo", stormtest.Drop, clusterInfo, false, 2},
		{"query that failed once", "getClusterInfo", stormtest.Fail, clusterInfo, false, 2},
		{"command that may be repeated", "activate", stormtest.DropAfter, activate, false, 2},
		{"command that must not be repeated", "rebalance", stormtest.DropAfter, rebalance, true, 1},
		{"kill", "killTopologyWithOpts", stormtest.DropAfter, kill, true, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			fake.SetTopologies(&generated.TopologySummary{ID: "w-1-1", Name: "w", Status: "ACTIVE"})
			c := dial(t, fake.Address())
			fake.Next(test.call, test.deed)
			err := test.do(t.Context(), c)
			_, lost := errors.AsType[*storm.LostError](err)
			if lost != test.lost || err != nil && !lost {
				t.Errorf("got %v", err)
			}
			if n := fake.Calls()[test.call]; n != test.called {
				t.Errorf("%s was called %d times, want %d", test.call, n, test.called)
			}
		})
	}
}

func clusterInfo(ctx context.Context, c *storm.Client) error {
	_, err := c.ClusterInfo(ctx)
	return err
}
func activate(ctx context.Context, c *storm.Client) error  { return c.Activate(ctx, "w") }
func kill(ctx context.Context, c *storm.Client) error      { return c.Kill(ctx, "w", 0) }
func rebalance(ctx context.Context, c *storm.Client) error { return c.Rebalance(ctx, "w", 0, 2, nil) }

// If Nimbus has closed an idle connection, nothing must fail: a submission must not end
// with "it may or may not have been done" because of a pause.
func TestClosedIdleConnection(t *testing.T) {
	fake := stormtest.NewFake(t)
	fake.SetTopologies(&generated.TopologySummary{ID: "w-1-1", Name: "w", Status: "ACTIVE"})
	c := dial(t, fake.Address())
	fake.Disconnect()
	if err := kill(t.Context(), c); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestHangingAnswer(t *testing.T) {
	fake := stormtest.NewFake(t)
	c := dialWithin(t, brief, fake.Address())
	fake.Next("getClusterInfo", stormtest.Hang)
	err := clusterInfo(t.Context(), c)
	if _, ok := errors.AsType[*storm.TimeoutError](err); !ok {
		t.Fatalf("got %v, want a timeout", err)
	}
	if err := clusterInfo(t.Context(), c); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestCancelledCall(t *testing.T) {
	fake := stormtest.NewFake(t)
	c, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{fake.Address()}, Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fake.Next("getClusterInfo", stormtest.Hang)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for fake.Calls()["getClusterInfo"] == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if err := clusterInfo(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := clusterInfo(t.Context(), c); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestUpload(t *testing.T) {
	jar := bytes.Repeat([]byte("0123456789abcdef"), 60_000) // four chunks
	for _, test := range []struct {
		name  string
		deeds []stormtest.Deed
	}{
		{"undisturbed", nil},
		{"connection lost in the middle", []stormtest.Deed{stormtest.Answer, stormtest.DropAfter}},
		{"lost twice", []stormtest.Deed{stormtest.Drop, stormtest.Answer, stormtest.Answer, stormtest.Drop}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			c := dial(t, fake.Address())
			fake.Next("uploadChunk", test.deeds...)
			var last int64
			location, err := c.Upload(t.Context(), bytes.NewReader(jar), int64(len(jar)), func(done int64) { last = done })
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(fake.Upload(location), jar) {
				t.Errorf("%d bytes arrived, and are not those of the jar", len(fake.Upload(location)))
			}
			if last != int64(len(jar)) {
				t.Errorf("the last progress was %d of %d", last, len(jar))
			}
		})
	}
}

func TestSmallFrames(t *testing.T) {
	fake := stormtest.NewFake(t)
	c := dial(t, fake.Address())
	c.SetMaxFrame(1000)
	jar := bytes.Repeat([]byte("x"), 5000)
	location, err := c.Upload(t.Context(), bytes.NewReader(jar), int64(len(jar)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fake.Upload(location), jar) {
		t.Error("the jar did not arrive")
	}
	err = c.Submit(t.Context(), storm.Submission{Name: "w", Jar: location, Conf: strings.Repeat(" ", 2000), Topology: empty()})
	if _, ok := errors.AsType[*storm.FrameError](err); !ok {
		t.Errorf("got %v, want a frame that is too large", err)
	}
	if fake.Calls()["submitTopologyWithOpts"] != 0 {
		t.Error("the frame was sent all the same")
	}
}

func empty() *generated.StormTopology {
	return &generated.StormTopology{
		Spouts: map[string]*generated.SpoutSpec{}, Bolts: map[string]*generated.Bolt{}, StateSpouts: map[string]*generated.StateSpoutSpec{},
	}
}

func TestOldNimbus(t *testing.T) {
	fake := stormtest.NewFake(t)
	fake.Next("getLeader", stormtest.Unknown)
	c := dial(t, fake.Address())
	fake.Next("isTopologyNameAllowed", stormtest.Unknown)
	_, err := c.TopologyNameAllowed(t.Context(), "w")
	if _, ok := errors.AsType[*storm.UnsupportedError](err); !ok {
		t.Errorf("got %v", err)
	}
	if err := clusterInfo(t.Context(), c); err != nil {
		t.Errorf("the connection is unusable: %v", err)
	}
}

// The name of the only Nimbus may be useless outside its network, as with a container's
// forwarded port. It is the leader.
func TestOnlyNimbusUnderAnotherName(t *testing.T) {
	fake := stormtest.NewFake(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := storm.Dial(t.Context(), storm.Options{
		Seeds: []string{"gateway:6627"}, Timeout: time.Minute,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != "gateway:6627" {
				return nil, errors.New("no route")
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, fake.Address())
			return &forwarded{conn}, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := kill(t.Context(), c); !isNotAlive(err) {
		t.Errorf("got %v", err)
	}
}

// forwarded hides the real target of a connection.
type forwarded struct{ net.Conn }

func (*forwarded) RemoteAddr() net.Addr { return &net.UnixAddr{} }

func isNotAlive(err error) bool {
	_, ok := errors.AsType[*storm.NotAliveError](err)
	return ok
}

func TestWrongPeer(t *testing.T) {
	tests := []struct{ name, says, want string }{
		{"web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "it is a web server"},
		{"ssh", "SSH-2.0-OpenSSH_9.2\r\n", "it is an SSH server"},
		{"TLS", "\x15\x03\x01\x00\x02\x02\x46", "it wants TLS\nhint: set nimbus.thrift.client.use.tls"},
		{"SASL", "\x04\x00\x00\x00\x10Invalid status 0", "it wants SASL"},
		{"anything", "220 ESMTP\r\n", "its answer begins with 32 32 30 20"},
		{"nothing", "", "it closes the connection without an answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					c.Read(make([]byte, 100))
					c.Write([]byte(test.says))
					c.Close()
				}
			}()
			_, err = storm.Dial(t.Context(), storm.Options{Seeds: []string{l.Addr().String()}})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), l.Addr().String()) {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
}

func TestNoNimbus(t *testing.T) {
	first, second := testenv.FreeAddress(t), testenv.FreeAddress(t)
	_, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{first, second}})
	for _, want := range []string{first + ": ", second + ": ", "connection refused"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want ...%s", err, want)
		}
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, err = storm.Dial(t.Context(), storm.Options{Seeds: []string{silent.Addr().String()}, Timeout: 100 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "does not answer within 100ms") {
		t.Errorf("a server that says nothing: got %v", err)
	}
}
