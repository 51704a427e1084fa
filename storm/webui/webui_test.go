package webui_test

import (
	"errors"
	"fmt"
	"math"
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
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/webui"
	"gust/topology"
	"gust/ui/rest"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

func open(t *testing.T, handler http.Handler) *webui.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := webui.New(server.URL, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// A run's figures are those of its status.
func TestARun(t *testing.T) {
	components := statustest.WordCount()
	components[0].Name = "words é/%"
	components[0].Script.Spout = &fakecomponent.Spout{Tuples: 100, Keys: 20}
	components[1].From = map[string]topology.Grouping{"words é/%": statustest.Shuffle}
	live := statustest.Start(t, "words", components)
	v := live.Until(t, "a hundred acked trees", func(v *status.View) bool { return v.Trees.Acked == 100 && v.Trees.Pending == 0 })
	client := open(t, rest.Handler(served.One(live.Served)))

	cluster, err := client.ClusterInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(cluster.Topologies) != 1 || cluster.Topologies[0].ID != live.ID() || cluster.Topologies[0].NumTasks != 5 || cluster.Topologies[0].Status != "ACTIVE" {
		t.Errorf("topologies: %+v", cluster.Topologies)
	}
	if len(cluster.Supervisors) != 1 || cluster.Supervisors[0].NumUsedWorkers != 1 || len(cluster.Nimbuses) != 1 || !cluster.Nimbuses[0].IsLeader || cluster.Nimbuses[0].Version != rest.StormVersion {
		t.Errorf("supervisors %+v, nimbuses %+v", cluster.Supervisors, cluster.Nimbuses)
	}
	page, err := client.TopologyPage(t.Context(), live.ID(), storm.AllTime, false)
	if err != nil {
		t.Fatal(err)
	}
	if page.GetName() != "words" || page.GetNumExecutors() != 5 || page.TopologyStats.WindowToAcked[storm.AllTime] != 100 || page.TopologyStats.WindowToEmitted["600"] != 300 ||
		!near(page.TopologyStats.WindowToCompleteLatenciesMs[storm.AllTime], v.Counts.CompleteMillis()) {
		t.Errorf("page %+v, stats %+v", page, page.TopologyStats)
	}
	if s := page.IDToSpoutAggStats["words é/%"]; s == nil || s.CommonStats.GetAcked() != 100 {
		t.Errorf("spouts %+v", page.IDToSpoutAggStats)
	}
	if b := page.IDToBoltAggStats["count"]; b == nil || b.SpecificStats.Bolt.GetExecuted() != 200 || b.LastError != nil ||
		!near(b.SpecificStats.Bolt.GetExecuteLatencyMs(), v.Component("count").Counts.ExecuteMillis()) {
		t.Errorf("bolts %+v", page.IDToBoltAggStats)
	}
	for _, name := range []string{"words é/%", "split", "count"} {
		component, err := client.ComponentPage(t.Context(), live.ID(), name, "600", false)
		if err != nil {
			t.Fatal(err)
		}
		want := v.Component(name)
		got := component.WindowToStats[storm.AllTime]
		if component.ComponentID != name || len(component.WindowToStats) != 4 || got.CommonStats.GetEmitted() != int64(want.Counts.Emitted) || int(component.GetNumTasks()) != want.Tasks {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if (component.ComponentType == generated.ComponentType_SPOUT) != (want.Kind == "spout") || len(component.GsidToInputStats) != len(want.Inputs) || len(component.SidToOutputStats) != 1 {
			t.Errorf("%s: %+v", name, component)
		}
	}
	info, err := client.TopologyInfo(t.Context(), live.ID())
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Executors) != 5 || info.Name != "words" {
		t.Errorf("info: %+v", info)
	}
	for _, e := range info.Executors {
		if log := client.Page(e.Host, info.ID, int(e.Port)); !strings.Contains(log, "/api/v1/log?file="+live.ID()) {
			t.Errorf("executor %+v has the log %q", e, log)
		}
	}
	_, err = client.TopologyPage(t.Context(), "ghost-1-1", storm.AllTime, false)
	if _, gone := errors.AsType[*storm.NotAliveError](err); !gone {
		t.Errorf("a topology that does not run: %v", err)
	}
	if _, err = client.ComponentPage(t.Context(), live.ID(), "ghost", storm.AllTime, false); err == nil || !strings.Contains(err.Error(), `no component "ghost"`) {
		t.Errorf("a component that is not there: %v", err)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 0.0005 }

// Storm 1.2.4 writes some figures otherwise.
func TestAnOlderUI(t *testing.T) {
	answers := map[string]string{
		"/api/v1/topology/w-1-17": `{"id":"w-1-17","name":"w","status":"ACTIVE","uptimeSeconds":32,"tasksTotal":4,
			"topologyStats":[{"window":":all-time","emitted":200,"transferred":200,"completeLatency":"0","acked":null,"failed":null}],
			"spouts":[{"spoutId":"s","emitted":200,"completeLatency":"1.500","errorPort":"","errorHost":"","errorTime":null,"lastError":""}],
			"bolts":[{"boltId":"b","executed":7,"capacity":"0.250","errorPort":27701,"errorHost":"h","errorTime":1795402371,"lastError":"boom"}]}`,
	}
	client := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusInternalServerError)
			text = `{"error":"500 Server Error","errorMessage":"NotAliveException(msg:ghost)\n\tat org.apache.storm.generated.Nimbus"}`
		}
		fmt.Fprint(w, text)
	}))
	page, err := client.TopologyPage(t.Context(), "w-1-17", storm.AllTime, false)
	if err != nil {
		t.Fatal(err)
	}
	b := page.IDToBoltAggStats["b"]
	if page.TopologyStats.WindowToAcked[storm.AllTime] != 0 || page.IDToSpoutAggStats["s"].SpecificStats.Spout.GetCompleteLatencyMs() != 1.5 ||
		page.IDToSpoutAggStats["s"].LastError != nil || b.SpecificStats.Bolt.GetCapacity() != 0.25 || b.LastError.Error != "boom" || b.LastError.GetPort() != 27701 {
		t.Errorf("got %+v", page)
	}
	_, err = client.TopologyPage(t.Context(), "ghost", storm.AllTime, false)
	if _, gone := errors.AsType[*storm.NotAliveError](err); !gone {
		t.Errorf("a topology that does not run: %v", err)
	}
}

func TestErrors(t *testing.T) {
	for _, address := range []string{"", "ftp://x", "http://", "http://%zz"} {
		if _, err := webui.New(address, time.Second); err == nil || !strings.Contains(err.Error(), "want HOST:PORT or a URL") {
			t.Errorf("%q: %v", address, err)
		}
	}
	token := ""
	client := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("Authorization")
		http.NotFound(w, r)
	}))
	if _, err := client.ClusterInfo(t.Context()); err == nil || !strings.Contains(err.Error(), "with the HTTP status 404 Not Found") {
		t.Errorf("something else answers: %v", err)
	}
	if token != "" {
		t.Errorf("authorization %q", token)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	address := closed.Listener.Addr().String()
	closed.Close()
	nobody, err := webui.New(address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.ClusterInfo(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot reach the UI at "+address) {
		t.Errorf("nobody answers: %v", err)
	}
}

func TestToken(t *testing.T) {
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		fmt.Fprint(w, "{}")
	}))
	defer server.Close()
	client, err := webui.New(server.URL+"/?token=abc", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ClusterInfo(t.Context()); err != nil || got != "Bearer abc" {
		t.Errorf("authorization %q, %v", got, err)
	}
}
