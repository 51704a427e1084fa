package proxy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	"gust/ui/rest"
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
	ended.Until(t, "acks, and a point of the history", func(v *status.View) bool {
		return v.Trees.Acked > 10 && len(ended.History("count", status.TenMinutes)) > 0
	})
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
	// What is kept of the one that has ended.
	var component api.Component
	get(api.Prefix+"topologies/over/components/count", &component)
	if len(component.TaskList) != 2 || component.TaskList[0].Counts.Executed == 0 {
		t.Errorf("count, of the one that has ended: %+v", component)
	}
	get(api.Prefix+"topologies/over/components/count/history?window=600", &points)
	if len(points) == 0 {
		t.Error("count, of the one that has ended, has no history")
	}
	var lines []status.LogLine
	get(api.Prefix+"topologies/over/logs", &lines)
	if len(lines) == 0 || lines[0].Text == "" {
		t.Errorf("the log of the one that has ended: %+v", lines)
	}

	cluster(t, server.URL, live, ended)

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

// cluster checks what is about all topologies.
func cluster(t *testing.T, base string, live, ended *statustest.Live) {
	t.Helper()
	get := func(path string) string {
		t.Helper()
		answer, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, body)
		}
		return string(body)
	}
	of := func(path string, result any) {
		t.Helper()
		if err := json.Unmarshal([]byte(get(path)), result); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	var list rest.Topologies
	of("/api/v1/topology/summary", &list)
	if len(list.Topologies) != 1 || list.Topologies[0].ID != live.ID() || list.Topologies[0].Owner == "" || list.Topologies[0].Status != "ACTIVE" {
		t.Errorf("Storm's list is %+v", list)
	}
	var summary rest.ClusterSummary
	of("/api/v1/cluster/summary", &summary)
	if summary.Topologies != 1 || summary.TasksTotal != 5 || summary.SlotsUsed != 1 {
		t.Errorf("the cluster: %+v", summary)
	}
	var supervisor rest.SupervisorPage
	of("/api/v1/supervisor", &supervisor)
	if len(supervisor.Workers) != 1 || supervisor.Workers[0].TopologyID != live.ID() || supervisor.Workers[0].ComponentNumTasks["count"] != 2 {
		t.Errorf("the supervisor: %+v", supervisor)
	}
	var owner rest.OwnerPage
	of("/api/v1/owner-resources/"+list.Topologies[0].Owner, &owner)
	if owner.TotalTasks != 5 || len(owner.Topologies) != 1 {
		t.Errorf("the owner: %+v", owner)
	}
	var history rest.History
	of("/api/v1/history/summary", &history)
	if len(history.TopoHistory) != 2 {
		t.Errorf("the history: %+v", history)
	}
	// A run says of its worker what the cluster does, and its links lead here.
	var page struct {
		Workers []struct {
			Port          int
			WorkerLogLink string `json:"workerLogLink"`
		}
	}
	of("/api/v1/topology/"+live.ID(), &page)
	if len(page.Workers) != 1 || page.Workers[0].Port != supervisor.Workers[0].Port || page.Workers[0].WorkerLogLink != supervisor.Workers[0].WorkerLogLink ||
		!strings.HasPrefix(page.Workers[0].WorkerLogLink, base) {
		t.Errorf("its workers are %+v, those of the cluster %+v", page.Workers, supervisor.Workers)
	}
	var logs []string
	of("/listLogs", &logs)
	if len(logs) != 2 {
		t.Errorf("the logs: %v", logs)
	}
	for _, log := range logs {
		if get("/api/v1/download?file="+url.QueryEscape(log)) == "" {
			t.Errorf("%s is empty", log)
		}
	}
	if log := get("/daemondownload?file=nimbus.log"); !strings.Contains(log, "gust [") {
		t.Errorf("Nimbus' log: %q", log)
	}
	figures := get("/metrics")
	for _, want := range []string{
		"gust_up{topology=\"live\"} 1\n", "storm_topology_tasks_total{topology_id=\"" + live.ID() + "\",topology_name=\"live\"} 5\n",
		"gust_complete_latency_seconds_bucket{component=\"words\",topology=\"live\",le=\"+Inf\"} ", "\ngust_build_info{", "\nprocess_cpu_seconds_total ",
		"# TYPE gust_trees_acked_total counter\n",
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("the metrics lack %q:\n%s", want, figures)
		}
	}
	if strings.Contains(figures, "topology=\""+ended.Topology().Name) || strings.Count(figures, "\nprocess_cpu_seconds_total ") != 1 {
		t.Errorf("the metrics have too much:\n%s", figures)
	}
}
