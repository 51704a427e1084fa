package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui/rest"
)

// The commands that read a cluster also read a run, through its UI.
func TestCommandsReadAUI(t *testing.T) {
	alone(t)
	components := statustest.WordCount()
	components[0].Script.Spout = &fakecomponent.Spout{Tuples: 100, Keys: 20}
	live := statustest.Start(t, "words", components)
	v := live.Until(t, "a hundred acked trees", func(v *status.View) bool { return v.Trees.Acked == 100 && v.Trees.Pending == 0 })
	server := httptest.NewServer(rest.Handler(served.One(live.Served)))
	defer server.Close()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	from := []string{"--ui", server.URL}

	var list struct {
		Topologies []struct{ Name, ID, Status string }
	}
	gust(t, append(from, "list", "--json")...).decode(t, &list)
	if len(list.Topologies) != 1 || list.Topologies[0].ID != live.ID() || list.Topologies[0].Status != "ACTIVE" {
		t.Errorf("list: %+v", list)
	}
	var cluster struct {
		Cluster struct {
			StormVersion                          string
			SlotsUsed, ExecutorsTotal, TasksTotal int
		}
	}
	gust(t, append(from, "stats", "--json")...).decode(t, &cluster)
	if c := cluster.Cluster; c.StormVersion != rest.StormVersion || c.SlotsUsed != 1 || c.ExecutorsTotal != 5 || c.TasksTotal != 5 {
		t.Errorf("cluster: %+v", c)
	}
	type window struct {
		Window                                string
		Emitted, Transferred, Acked, Executed uint64
		CompleteLatency                       float64
	}
	var topology struct {
		TopologyStats []window
		Spouts        []struct {
			SpoutID string
			Acked   uint64
		}
		Bolts []struct {
			BoltID   string
			Executed uint64
		}
	}
	gust(t, append(from, "stats", "words", "--json")...).decode(t, &topology)
	if rows := topology.TopologyStats; len(rows) != 4 || rows[3].Window != ":all-time" || rows[3].Emitted != v.Counts.Emitted || rows[3].Acked != 100 || rows[0].Acked != 100 {
		t.Errorf("windows: %+v", rows)
	}
	if topology.Spouts[0].Acked != 100 || topology.Bolts[0].BoltID != "count" || topology.Bolts[0].Executed != 200 {
		t.Errorf("topology: %+v", topology)
	}
	var component struct {
		Windows []window
		Inputs  []struct {
			Component string
			Executed  uint64
		}
		Executors []struct{ ID string }
	}
	gust(t, append(from, "stats", "words", "-c", "count", "--json")...).decode(t, &component)
	if len(component.Windows) != 4 || component.Windows[3].Executed != 200 || component.Inputs[0].Component != "split" || component.Inputs[0].Executed != 200 || len(component.Executors) != 2 {
		t.Errorf("component: %+v", component)
	}
	gust(t, append(from, "stats", "words", "-c", "cuont")...).refuses(t, exitFailed, `has no component "cuont": did you mean "count"?`)
	gust(t, append(from, "stats", "wrods")...).refuses(t, exitFailed, `no topology "wrods" runs on the cluster`, `"words"`)
	gust(t, append(from, "stats", "words", "--all")...).ok(t)

	var executors struct {
		Executors []struct{ Host, ID, Component, Log string }
	}
	gust(t, append(from, "worker_uptime", "--json")...).decode(t, &executors)
	if len(executors.Executors) != 5 {
		t.Errorf("executors: %+v", executors)
	}
	for _, e := range executors.Executors {
		if e.Host != host || !strings.HasPrefix(e.Log, server.URL+"/api/v1/log?file="+live.ID()) {
			t.Errorf("executor %+v", e)
		}
	}
	if got, want := sparse(t, append(from, "slot_usage")...).ok(t).stdout, "1 (5)"; !strings.Contains(got, want) || !strings.Contains(got, host) {
		t.Errorf("slot_usage:\n%s", got)
	}
	if got := gust(t, append(from, "errors")...).ok(t).stdout; got != "No errors reported.\n" {
		t.Errorf("errors: %s", got)
	}
	gust(t, append(from, "list", "--nimbus", "x")...).refuses(t, exitUsage, "--ui and --nimbus given")
	gust(t, "list", "--ui", "ftp://x").refuses(t, exitUsage, "--ui: address", "want HOST:PORT")
	gust(t, "list", "--ui", "127.0.0.1:1").refuses(t, exitFailed, "cannot reach the UI at 127.0.0.1:1", "hint:")
	gust(t, append(from, "kill", "words")...).refuses(t, exitUsage, "unknown flag: --ui")
}
