package proxy_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui"
	"gust/ui/api"
	"gust/ui/proxy"
	"gust/ui/runs"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// alone has the test find its own runs only. The directory is short: sockets are in it.
func alone(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("TMPDIR", dir)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
}

func TestProxy(t *testing.T) {
	alone(t)
	server := httptest.NewServer(proxy.Handler())
	defer server.Close()
	get := func(path string, result any) int {
		t.Helper()
		answer, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(result); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return answer.StatusCode
	}
	names := func() string {
		var list []api.Summary
		get(api.Prefix+"topologies", &list)
		var names []string
		for _, s := range list {
			names = append(names, s.Name+" "+s.Phase)
		}
		return strings.Join(names, ", ")
	}
	if got := names(); got != "" {
		t.Errorf("without runs: %s", got)
	}

	ended := statustest.Start(t, "over", statustest.WordCount())
	ended.Until(t, "acks", func(v *status.View) bool { return v.Trees.Acked > 10 })
	if err := ended.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	<-ended.Ended
	if err := runs.Keep(ended.Report()); err != nil {
		t.Fatal(err)
	}
	// Two runs of this process: their files are named after pids, of which one is another's.
	live := statustest.Start(t, "live", statustest.WordCount())
	published, err := runs.Publish(runs.Run{PID: os.Getpid(), Name: "live", ID: live.ID(), Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	run := ui.Serve(published.Listener, ui.Handler(served.One(live.Served)))
	defer published.Close()
	defer run.Close()
	live.Until(t, "acks", func(v *status.View) bool { return v.Trees.Acked > 10 })

	if got, want := names(), "live active, over ended"; got != want {
		t.Errorf("the list is %s, want %s", got, want)
	}
	var v status.View
	if code := get(api.Prefix+"topologies/live", &v); code != 200 || v.ID != live.ID() || v.Trees.Acked <= 10 {
		t.Errorf("live: %d, %+v", code, v)
	}
	var over status.View
	if code := get(api.Prefix+"topologies/over", &over); code != 200 || over.Ended == nil || over.Trees.Acked != ended.View(status.AllTime).Trees.Acked || len(over.Edges) != 2 {
		t.Errorf("over: %d, %+v", code, over)
	}
	var points []status.Point
	get(api.Prefix+"topologies/over/history?window=600", &points)
	var events []status.Event
	get(api.Prefix+"topologies/over/events", &events)
	if len(events) == 0 {
		t.Error("the one that has ended has no events")
	}
	var none struct{ Error string }
	if code := get(api.Prefix+"topologies/nobody", &none); code != 404 || none.Error == "" {
		t.Errorf("nobody: %d, %+v", code, none)
	}
	var storm struct{ Topologies []struct{ Name, ID string } }
	get("/api/v1/topology/summary", &storm)
	if len(storm.Topologies) != 1 || storm.Topologies[0].Name != "live" {
		t.Errorf("Storm's list is %+v", storm)
	}

	// An operation gets through, also from a page that this server has shown.
	r, err := http.NewRequest("POST", server.URL+api.Prefix+"topologies/live/deactivate", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Errorf("deactivate: %s", answer.Status)
	}
	live.Until(t, "rest", func(v *status.View) bool { return v.Status == "INACTIVE" })

	// The stream comes through event by event.
	stream, err := http.Get(server.URL + api.Prefix + "topologies/live/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	first := make([]byte, 20)
	if _, err := stream.Body.Read(first); err != nil || !strings.HasPrefix(string(first), "event: view") {
		t.Errorf("the stream begins with %q (%v)", first, err)
	}
}
