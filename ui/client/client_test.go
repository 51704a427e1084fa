package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/internal/testenv"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui"
	"gust/ui/api"
)

func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// serve serves a handler on a Unix socket, and returns the socket and the server.
func serve(t *testing.T, handler http.Handler) (socket string, server *httptest.Server) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	return socket, listen(t, socket, handler)
}

func listen(t *testing.T, socket string, handler http.Handler) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

func newClient(t *testing.T, address string) *Client {
	t.Helper()
	c, err := New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Each call of the client against a topology that runs.
func TestCalls(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	socket, _ := serve(t, api.Handler(served.One(live.Served)))
	tcp := httptest.NewServer(api.Handler(served.One(live.Served)))
	t.Cleanup(tcp.Close)
	live.Until(t, "work", func(v *status.View) bool { return v.Trees.Acked > 100 && len(live.History("", status.TenMinutes)) > 0 })
	ctx := t.Context()

	for _, address := range []string{"unix:" + socket, tcp.Listener.Addr().String(), tcp.URL + "/"} {
		list, err := newClient(t, address).Topologies(ctx)
		if err != nil || len(list) != 1 || list[0].Name != "wordcount" || list[0].Tasks != 5 {
			t.Errorf("%s: %+v, %v", address, list, err)
		}
	}
	top := newClient(t, "unix:"+socket).Topology("wordcount")
	view, err := top.View(ctx, status.Minute)
	if err != nil || view.Window != 60 || view.Component("count") == nil {
		t.Errorf("the view is %+v, %v", view, err)
	}
	for _, component := range []string{"", "count"} {
		if points, err := top.History(ctx, component, status.TenMinutes); err != nil || len(points) == 0 {
			t.Errorf("the history of %q: %v, %v", component, points, err)
		}
	}
	if c, err := top.Component(ctx, "count", status.AllTime); err != nil || c.ComponentView == nil || len(c.TaskList) != 2 || len(c.Conf) == 0 {
		t.Errorf("the component is %+v, %v", c, err)
	}
	if events, err := top.Events(ctx); err != nil || len(events) == 0 {
		t.Errorf("the events are %v, %v", events, err)
	}
	if groups, err := top.ErrorGroups(ctx); err != nil || len(groups) != 0 {
		t.Errorf("the errors are %v, %v", groups, err)
	}
	if f, err := top.Failures(ctx, status.FailureFilter{Reason: "timeout", Component: "count", Limit: 3}); err != nil || len(f.Failures) != 0 {
		t.Errorf("the failures are %v, %v", f, err)
	}
	for i := range 3 {
		fmt.Fprintf(live.Logs(), `{"level":"warn","component":"count","task":4,"message":"planted %d"}`+"\n", i)
	}
	lines, err := top.Logs(ctx, status.LogFilter{Components: []string{"count"}, Task: 4, Level: "warn", Search: regexp.MustCompile("PLANTED [12]"), Limit: 5})
	if err != nil || len(lines) != 2 || lines[0].Text != "planted 1" {
		t.Fatalf("the log lines are %v, %v", lines, err)
	}
	if lines, err = top.Logs(ctx, status.LogFilter{Search: regexp.MustCompile("planted"), After: lines[0].Number}); err != nil || len(lines) != 1 || lines[0].Text != "planted 2" {
		t.Errorf("the log lines after it are %v, %v", lines, err)
	}

	if err := top.Deactivate(ctx); err != nil {
		t.Error(err)
	}
	live.Until(t, "inactive", func(v *status.View) bool { return v.Status == "INACTIVE" })
	if err := top.Activate(ctx); err != nil {
		t.Error(err)
	}
	live.Until(t, "active", func(v *status.View) bool { return v.Status == "ACTIVE" })
	if err := top.SetSampling(ctx, "words", 12.5); err != nil {
		t.Error(err)
	}
	live.Until(t, "traces", func(*status.View) bool { return len(live.Traces(status.TraceFilter{})) > 20 })
	if v := live.View(status.AllTime); v.Component("words").Sampling != 12.5 {
		t.Errorf("words: %+v", v.Component("words"))
	}
	traces, err := top.Traces(ctx, status.TraceFilter{Spout: "words", Before: 20, After: 3, Limit: 5})
	if err != nil || len(traces) != 5 || traces[0].Number != 19 || traces[0].HopCount != 3 || traces[0].Hops != nil {
		t.Fatalf("the traces are %+v, %v", traces, err)
	}
	for _, filter := range []status.TraceFilter{{Failed: true}, {Slower: 1e9}} {
		if none, err := top.Traces(ctx, filter); err != nil || len(none) != 0 {
			t.Errorf("%+v: %d traces, %v", filter, len(none), err)
		}
	}
	if trace, err := top.Trace(ctx, 19); err != nil || len(trace.Hops) != 3 || trace.Hops[0].To != "split" || trace.Hops[2].Parent != 1 {
		t.Errorf("trace 19 is %+v, %v", trace, err)
	}
	for what, err := range map[string]error{
		"SetDebug": top.SetDebug(ctx, "count", false), "SetDebug of all": top.SetDebug(ctx, "", false), "SetLogLevel": top.SetLogLevel(ctx, "info"),
		"RestartTask": top.RestartTask(ctx, 4), "RestartComponent": top.RestartComponent(ctx, "split"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, tt := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"Rebalance":    {top.Rebalance(ctx, map[string]int{"count": 3}), http.StatusConflict, "cannot rebalance in a test"},
		"no topology":  {newClient(t, "unix:"+socket).Topology("x/y").Activate(ctx), http.StatusNotFound, `no topology "x/y" runs here`},
		"no component": {top.RestartComponent(ctx, "x y"), http.StatusConflict, `no component "x y"`},
		"no API there": {newClient(t, tcp.URL+"/elsewhere").Topology("wordcount").Activate(ctx), http.StatusNotFound, "answered 404 Not Found: 404 page not found"},
	} {
		refused, ok := errors.AsType[*Error](tt.err)
		if !ok || refused.Status != tt.status || !strings.Contains(tt.err.Error(), tt.text) {
			t.Errorf("%s: %v, want status %d and %q", what, tt.err, tt.status, tt.text)
		}
	}
	if err := top.Kill(ctx, 0); err != nil {
		t.Error(err)
	}
	<-live.Ended
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"unix:": "names no socket", "": "is not valid", "ftp://host": "is not valid", "http://": "is not valid", "a b:1": "is not valid",
	} {
		if _, err := New(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", address, err, want)
		}
	}
}

// The error for an address without a listener has the address, and no HTTP URL.
func TestNobodyThere(t *testing.T) {
	socket, server := serve(t, http.NotFoundHandler())
	server.Close()
	free := testenv.FreeAddress(t)
	for address, name := range map[string]string{"unix:" + socket: socket, free: free} {
		_, err := newClient(t, address).Topologies(t.Context())
		if want := "no topology runs at " + name + "\nhint: `gust ps` lists"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// The token of a link is sent to the server, and does not appear in errors.
func TestToken(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	server, err := ui.Listen("0.0.0.0:0", "open sesame", api.Handler(served.One(live.Served)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	address := fmt.Sprintf("127.0.0.1:%d", server.Port())
	if list, err := newClient(t, "http://"+address+"/?token=open+sesame").Topologies(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("with the token: %v, %v", list, err)
	}
	for _, query := range []string{"", "?token=wrong"} {
		_, err := newClient(t, "http://"+address+"/"+query).Topologies(t.Context())
		if refused, ok := errors.AsType[*Error](err); !ok || refused.Status != http.StatusUnauthorized || strings.Contains(err.Error(), "wrong") {
			t.Errorf("with %q: %v", query, err)
		}
	}
}

// A stream continues until the topology has ended, even if a connection breaks, or the
// server is away for a while.
func TestStream(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	handler := api.Handler(served.One(live.Served))
	socket, server := serve(t, handler)
	top := newClient(t, "unix:"+socket).Topology("wordcount")

	var lost atomic.Int32
	views := make(chan *status.View, 100)
	done := make(chan error, 1)
	isLost := make(chan error, 100)
	go func() {
		done <- top.Stream(t.Context(), status.TenMinutes, func(v *status.View) { views <- v }, func(err error) {
			lost.Add(1)
			isLost <- err
		})
	}()
	for range 2 {
		if v := <-views; v.Name != "wordcount" || v.Window != 600 {
			t.Fatalf("the view is %+v", v)
		}
	}
	server.CloseClientConnections()
	<-isLost
	<-views
	server.CloseClientConnections()
	server.Close()
	for err := range isLost {
		if strings.Contains(err.Error(), "no topology runs at "+socket) {
			break
		}
	}
	_ = os.Remove(socket)
	listen(t, socket, handler)
	for len(views) > 0 {
		<-views
	}
	<-views
	if lost.Load() < 2 {
		t.Errorf("the connection was lost %d times", lost.Load())
	}
	if err := top.Kill(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the stream of a topology that ends ends with %v", err)
	}
	close(views)
	var last *status.View
	for v := range views {
		last = v
	}
	if last == nil || last.Ended == nil {
		t.Errorf("the last view is not that of the end: %+v", last)
	}
}

// A stream ends with its context, and with an answer that is an error.
func TestStreamEnds(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	socket, _ := serve(t, api.Handler(served.One(live.Served)))
	c := newClient(t, "unix:"+socket)
	ctx, cancel := context.WithCancel(t.Context())
	lost := func(err error) { t.Errorf("lost: %v", err) }
	err := c.Topology("wordcount").Stream(ctx, status.Minute, func(*status.View) { cancel() }, lost)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it ends with %v", err)
	}
	err = c.Topology("other").Stream(t.Context(), status.Minute, func(*status.View) {}, lost)
	if refused, ok := errors.AsType[*Error](err); !ok || refused.Status != http.StatusNotFound {
		t.Errorf("of an unknown topology it ends with %v", err)
	}
}

// An event that is not a view is an error, and calls end with their context.
func TestOddServers(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			select { // it never answers
			case <-r.Context().Done():
			case <-stop:
			}
			return
		}
		fmt.Fprint(w, "event: view\ndata: <html>\n\n")
	}))
	t.Cleanup(server.Close)
	top := newClient(t, server.URL).Topology("x")
	if _, err := top.View(t.Context(), status.Minute); err == nil || !strings.HasPrefix(err.Error(), "cannot read the answer of http://127") {
		t.Errorf("View: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := top.Stream(ctx, status.Minute, func(*status.View) {}, func(err error) {
		if !strings.HasPrefix(err.Error(), "cannot read the view that http://127") {
			t.Errorf("Stream: %v", err)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Stream: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := top.Events(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Events: %v", err)
	}
}
