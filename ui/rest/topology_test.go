package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/statustest"
	"gust/topology"
	"gust/ui/rest"
)

// decimal is a number as the API writes latencies.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', 3, 64) }

func TestFiguresAreThoseOfTheStatus(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served)
	v := live.View(status.AllTime)

	var page rest.Topology
	s.get(t, "/api/v1/topology/"+live.ID(), &page)
	if page.ID != live.ID() || page.Name != "words" || page.Status != "ACTIVE" || page.TasksTotal != 5 || page.ExecutorsTotal != 5 || page.WorkersTotal != 1 ||
		page.MsgTimeout != 30 || page.Window != ":all-time" || page.WindowHint != "All time" {
		t.Errorf("got %+v", page.TopologySummary)
	}
	var order []string
	for _, row := range page.TopologyStats {
		order = append(order, row.Window+"="+row.WindowPretty)
		want := rest.TopologyStats{
			WindowPretty: row.WindowPretty, Window: row.Window, Emitted: 300, Transferred: 300,
			CompleteLatency: decimal(v.Counts.CompleteMillis()), Acked: 100, Failed: 0,
		}
		if row != want {
			t.Errorf("got %+v, want %+v", row, want)
		}
	}
	if want := []string{"600=10m 0s", "10800=3h 0m 0s", "86400=1d 0h 0m 0s", ":all-time=All time"}; !slices.Equal(order, want) {
		t.Errorf("windows %q, want %q", order, want)
	}
	if len(page.Spouts) != 1 || page.Spouts[0].Emitted != 100 || page.Spouts[0].Acked != 100 || page.Spouts[0].CompleteLatency != decimal(v.Component("words").Counts.CompleteMillis()) {
		t.Errorf("spouts: %+v", page.Spouts)
	}
	if len(page.Bolts) != 2 || page.Bolts[1].BoltID != "count" || page.Bolts[1].Executed != 200 || page.Bolts[1].Tasks != 2 ||
		page.Bolts[1].ExecuteLatency != decimal(v.Component("count").Counts.ExecuteMillis()) ||
		page.Bolts[1].ProcessLatency != decimal(v.Component("count").Counts.ProcessMillis()) {
		t.Errorf("bolts: %+v", page.Bolts)
	}
	if w := page.Workers; len(w) != 1 || w[0].Port != 6700 || w[0].ExecutorsTotal != 5 || fmt.Sprint(w[0].ComponentNumTasks) != "map[count:2 split:2 words:1]" {
		t.Errorf("workers: %+v", w)
	}
	if page.Diagnosis.Text == "" || page.Configuration["topology.message.timeout.secs"] == nil {
		t.Errorf("diagnosis %+v, configuration %v", page.Diagnosis, page.Configuration)
	}

	var bolt rest.BoltPage
	s.get(t, "/api/v1/topology/"+live.ID()+"/component/count", &bolt)
	if bolt.Name != "words" || bolt.ID != "count" || bolt.ComponentType != "bolt" || bolt.Executors != 2 || len(bolt.BoltStats) != 4 || bolt.BoltStats[3].Window != ":all-time" {
		t.Errorf("count: %+v", bolt)
	}
	if in := bolt.InputStats; len(in) != 1 || in[0].Component != "split" || in[0].Stream != "default" || in[0].Executed != 200 || in[0].Acked != 200 {
		t.Errorf("inputs: %+v", in)
	}
	tasks := live.Tasks("count", status.AllTime)
	for i, e := range bolt.ExecutorStats {
		if id := fmt.Sprintf("[%d-%d]", tasks[i].Task, tasks[i].Task); e.ID != id || e.Executed != tasks[i].Counts.Executed || e.Port != 6700 {
			t.Errorf("executor %+v, want %s with %+v", e, id, tasks[i].Counts)
		}
	}

	var metrics rest.Metrics
	s.get(t, "/api/v1/topology/"+live.ID()+"/metrics", &metrics)
	if m := metrics.Spouts[0]; m.ID != "words" || m.Acked[0] != (rest.StreamCount{StreamID: "default", Value: 100}) {
		t.Errorf("metrics of words: %+v", m)
	}
	if m := metrics.Bolts[1]; m.ID != "count" || m.Executed[0].ComponentID != "split" || m.Executed[0].Value != 200 {
		t.Errorf("metrics of count: %+v", m)
	}

	nodes := map[string]rest.Node{}
	s.get(t, "/api/v1/topology/"+live.ID()+"/visualization", &nodes)
	if n := nodes["count"]; len(nodes) != 3 || n.Inputs[0].Component != "split" || n.Inputs[0].Grouping != "fields" || len(n.Stats) != 2 {
		t.Errorf("nodes: %+v", nodes)
	}
	if n := nodes["words"]; n.Stats[0].Transferred[":all-time"]["default"] != 100 || n.Stats[0].Transferred["600"]["default"] != 100 {
		t.Errorf("node words: %+v", n)
	}
}

func TestTheLastMinuteIsTheFirstRow(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served)
	one := "/api/v1/topology/" + live.ID()
	var page rest.Topology
	s.get(t, one+"?window=60", &page)
	if len(page.TopologyStats) != 5 || page.TopologyStats[0].Window != "60" || page.TopologyStats[0].WindowPretty != "1m 0s" || page.Window != "60" || page.WindowHint != "1m 0s" {
		t.Errorf("got %+v", page.TopologyStats)
	}
	var spout rest.SpoutPage
	s.get(t, one+"/component/words?window=60", &spout)
	if len(spout.SpoutSummary) != 5 || spout.SpoutSummary[0].Window != "60" || spout.SpoutSummary[4].Window != ":all-time" {
		t.Errorf("got %+v", spout.SpoutSummary)
	}
	for _, window := range []string{"61", "-60", "1e3", "all"} {
		s.do(t, "GET", one+"?window="+window, "").fails(t, http.StatusBadRequest, "no window")
	}
}

func TestSystemComponents(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served)
	one := "/api/v1/topology/" + live.ID()
	var page rest.Topology
	s.get(t, one, &page)
	if slices.ContainsFunc(page.Bolts, func(b rest.Bolt) bool { return b.BoltID == "__acker" }) {
		t.Errorf("bolts: %+v", page.Bolts)
	}
	s.get(t, one+"?sys=1", &page)
	if len(page.Bolts) != 3 || page.Bolts[2].BoltID != "__acker" || page.Bolts[2].Executors != 0 || page.ExecutorsTotal != 5 {
		t.Errorf("bolts: %+v", page.Bolts)
	}
	var acker rest.BoltPage
	s.get(t, one+"/component/__acker?sys=true", &acker)
	if acker.ID != "__acker" || len(acker.BoltStats) != 4 || len(acker.ExecutorStats) != 0 {
		t.Errorf("acker: %+v", acker)
	}
}

func TestErrors(t *testing.T) {
	live := failing(t)
	s := serve(t, live.Served)
	var page rest.Topology
	s.get(t, "/api/v1/topology/"+live.ID(), &page)
	bolt := page.Bolts[1]
	if !strings.Contains(bolt.LastError.LastError, "died") || len(bolt.LastError.LastError) > 200 || *bolt.ErrorPort != 6700 || *bolt.ErrorTime == 0 || bolt.ErrorWorkerLogLink == "" {
		t.Errorf("last error: %+v", bolt.LastError)
	}
	if page.Spouts[0].LastError != (rest.LastError{}) {
		t.Errorf("last error of the spout: %+v", page.Spouts[0].LastError)
	}
	var component rest.BoltPage
	s.get(t, "/api/v1/topology/"+live.ID()+"/component/count", &component)
	if errors := component.ComponentErrors; len(errors) == 0 || !strings.Contains(errors[0].Error, "exit status") || errors[0].Component != "count" {
		t.Errorf("errors: %+v", errors)
	}
	if link := bolt.ErrorWorkerLogLink; !strings.HasPrefix(link, s.URL+"/api/v1/log?file=failing-1-") {
		t.Errorf("link %s", link)
	} else if page := s.do(t, "GET", strings.TrimPrefix(link, s.URL), ""); page.code != 200 || !strings.Contains(page.body, "died: exit status") {
		t.Errorf("%s: HTTP status %d: %s", link, page.code, page.body)
	}
}

func TestCluster(t *testing.T) {
	live, gone := quiet(t), ended(t, "gone")
	s := serve(t)
	var cluster rest.ClusterSummary
	s.get(t, "/api/v1/cluster/summary", &cluster)
	if cluster.Supervisors != 1 || cluster.SlotsTotal != 1 || cluster.SlotsFree != 1 || cluster.Topologies != 0 || cluster.StormVersion != "2.8.3" {
		t.Errorf("an empty cluster: %+v", cluster)
	}
	s.source.add(gone.Served)
	s.source.add(live.Served)
	s.get(t, "/api/v1/cluster/summary", &cluster)
	if cluster.SlotsTotal != 1 || cluster.SlotsUsed != 1 || cluster.SlotsFree != 0 || cluster.Topologies != 1 || cluster.TasksTotal != 5 || cluster.ExecutorsTotal != 5 {
		t.Errorf("cluster: %+v", cluster)
	}
	var supervisors rest.SupervisorPage
	s.get(t, "/api/v1/supervisor", &supervisors)
	if len(supervisors.Supervisors.Supervisors) != 1 || len(supervisors.Workers) != 1 || supervisors.Workers[0].TopologyID != live.ID() || supervisors.Workers[0].Port != 6700 {
		t.Errorf("supervisor: %+v", supervisors)
	}
	for query, want := range map[string]int{
		"?id=" + supervisors.Supervisors.Supervisors[0].ID: 1, "?host=" + supervisors.Supervisors.Supervisors[0].Host: 1,
		"?id=other": 0, "?host=other": 0,
	} {
		s.get(t, "/api/v1/supervisor"+query, &supervisors)
		if len(supervisors.Workers) != want || len(supervisors.Supervisors.Supervisors) != want {
			t.Errorf("%s: %+v", query, supervisors)
		}
	}
	var nimbuses rest.Nimbuses
	s.get(t, "/api/v1/nimbus/summary", &nimbuses)
	if n := nimbuses.Nimbuses; len(n) != 1 || n[0].Status != "Leader" || n[0].Version != "2.8.3" {
		t.Errorf("nimbuses: %+v", n)
	}
	var owners rest.Owners
	s.get(t, "/api/v1/owner-resources", &owners)
	if len(owners.Owners) != 1 || owners.Owners[0].TotalTasks != 5 {
		t.Errorf("owners: %+v", owners)
	}
	var owner rest.OwnerPage
	s.get(t, "/api/v1/owner-resources/"+owners.Owners[0].Owner, &owner)
	if owner.TotalTopologies != 1 || len(owner.Topologies) != 1 || owner.Topologies[0].ID != live.ID() {
		t.Errorf("owner: %+v", owner)
	}
	var configuration map[string]any
	s.get(t, "/api/v1/cluster/configuration", &configuration)
	if configuration["topology.message.timeout.secs"] != 30.0 || configuration["ui.title"] != "gust" || configuration["ui.pagination"] != 20.0 {
		t.Errorf("configuration: %v", configuration)
	}
}

func TestAnEndedTopologyIsHistory(t *testing.T) {
	gone := ended(t, "gone")
	s := serve(t, gone.Served)
	var list rest.Topologies
	s.get(t, "/api/v1/topology/summary", &list)
	if len(list.Topologies) != 0 {
		t.Errorf("got %+v", list)
	}
	var history rest.History
	s.get(t, "/api/v1/history/summary", &history)
	if !slices.Equal(history.TopoHistory, []string{gone.ID()}) {
		t.Errorf("history %q", history.TopoHistory)
	}
	var page rest.Topology
	s.get(t, "/api/v1/topology/"+gone.ID(), &page)
	if page.Status != "KILLED" || page.WorkersTotal != 0 || len(page.Workers) != 0 || page.TopologyStats[0].Acked == 0 {
		t.Errorf("got %+v", page)
	}
	var workers rest.TopologyWorkers
	s.get(t, "/api/v1/topology-workers/"+gone.ID(), &workers)
	if len(workers.HostPortList) != 0 {
		t.Errorf("workers %+v", workers)
	}
	for _, operation := range []string{"activate", "deactivate", "kill/0", "rebalance/0", "debug/enable/10", "logconfig"} {
		s.do(t, "POST", "/api/v1/topology/"+gone.ID()+"/"+operation, "{}").fails(t, http.StatusConflict, `topology "gone" has ended`)
	}
}

func TestFailures(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served)
	one := "/api/v1/topology/" + live.ID()
	s.do(t, "GET", "/api/v1/topology/ghost-1-1", "").fails(t, 404, `topology "ghost-1-1" is not alive`)
	s.do(t, "POST", "/api/v1/topology/ghost-1-1/kill/0", "").fails(t, 404, "not alive")
	s.do(t, "GET", one+"/component/ghost", "").fails(t, 404, `no component "ghost"`)
	s.do(t, "GET", one+"/nothing", "").fails(t, 404, "no such address: GET")
	s.do(t, "GET", one+"/activate", "").fails(t, 405, "takes POST, not GET")
	s.do(t, "POST", one, "").fails(t, 405, "takes GET, not POST")
	s.do(t, "GET", "/", "").fails(t, 404, "no such address")
}

func TestCallback(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served)
	got := s.do(t, "GET", "/api/v1/history/summary?callback=a.b$1", "")
	if want := `a.b$1({"topo-history":["` + live.ID() + `"]});`; got.body != want || got.header.Get("Content-Type") != "application/javascript;charset=utf-8" {
		t.Errorf("got %s (%s), want %s", got.body, got.header.Get("Content-Type"), want)
	}
	if got = s.do(t, "GET", "/api/v1/topology/ghost?callback=f", ""); got.code != 404 || !strings.HasPrefix(got.body, `f({"error":"404 Not Found","errorMessage":"`) {
		t.Errorf("HTTP status %d: %s", got.code, got.body)
	}
	s.do(t, "GET", "/api/v1/history/summary?callback=alert(1)//", "").fails(t, 400, "is not the name of a function")
	if got = s.do(t, "GET", "/api/v1/history/summary", "", "Origin", "http://evil.example"); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("pages of other sites may read it: %v", got.header)
	}
}

func TestHostileNames(t *testing.T) {
	const name, component = `a b%41+"<i>é?#&`, `c d/%2F"<script>é?#`
	live := statustest.Start(t, name, []statustest.Component{
		{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 10}}},
		{Name: component, From: map[string]topology.Grouping{"s": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}},
	})
	live.Until(t, "ten acked trees", func(v *status.View) bool { return v.Trees.Acked == 10 })
	s := serve(t, live.Served)
	var page rest.Topology
	s.get(t, "/api/v1/topology/"+escaped(live.ID()), &page)
	if page.Name != name || page.ID != live.ID() || page.Bolts[0].BoltID != component {
		t.Fatalf("got %+v", page)
	}
	var bolt rest.BoltPage
	s.get(t, "/api/v1/topology/"+escaped(live.ID())+"/component/"+escaped(component), &bolt)
	if bolt.ID != component || bolt.BoltStats[3].Executed != 10 {
		t.Errorf("got %+v", bolt)
	}
	var done rest.Done
	s.post(t, "/api/v1/topology/"+escaped(live.ID())+"/component/"+escaped(component)+"/debug/enable/10", "", &done)
	link := bolt.ExecutorStats[0].WorkerLogLink
	log := s.do(t, "GET", strings.TrimPrefix(link, s.URL), "")
	if log.code != 200 || strings.Contains(log.body, "<script>") || strings.Contains(log.body, "<i>") || !strings.Contains(log.body, `class="logContent"`) {
		t.Errorf("%s: HTTP status %d: %s", link, log.code, log.body)
	}
	raw := s.do(t, "GET", "/api/v1/topology/"+escaped(live.ID())+"?callback=f", "")
	if strings.Contains(raw.body, "<") {
		t.Errorf("JSONP with tags: %s", raw.body)
	}
	var text json.RawMessage
	s.get(t, "/api/v1/topology/"+escaped(live.ID())+"/visualization", &text)
}
