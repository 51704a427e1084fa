package metrics

import (
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/histogram"
	"gust/internal/testenv"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/topology"
	"gust/worker"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// troubled is a word count in which everything happens that there is a metric for: trees
// fail, processes die, and a component reports a number. It returns when it has happened.
func troubled(t *testing.T) *statustest.Live {
	t.Helper()
	components := statustest.WordCount()
	components[1].Script.Bolt.FailEvery = 10
	components[1].Script.Start.After = []map[string]any{{"command": "metrics", "name": "cache size", "params": 7}}
	components[1].Script.Deeds = []fakecomponent.Deed{{After: 100, Do: "exit 1"}}
	live := statustest.Start(t, "words", components, conf.Conf{conf.GustCrashLoopCount: int64(0)})
	live.Until(t, "trouble", func(v *status.View) bool {
		return v.Trees.Acked >= 100 && v.Trees.Failed.Bolt > 0 && v.Trees.Failed.Died > 0 && v.Restarts > 0 && v.Errors > 0 &&
			len(v.Component("split").Metrics) > 0
	})
	return live
}

// sources are topologies.
type sources []served.Served

func (s sources) Topologies() []served.Served { return s }

// made is the status of a topology that never ran, with a spout "words" of a task and a bolt
// "count" of as many as given, after one snapshot.
func made(name string, bolts int, change func(*worker.Snapshot)) served.Served {
	input := topology.Input{Component: "words", Stream: "default", Grouping: statustest.Shuffle}
	top := &topology.Topology{Name: name, Components: []*topology.Component{
		{Name: "words", Kind: topology.Spout, Command: []string{"words"}, Parallelism: 1, Outputs: []topology.Stream{{Name: "default", Fields: []string{"word"}}}},
		{Name: "count", Kind: topology.Bolt, Command: []string{"count"}, Parallelism: bolts, Inputs: []topology.Input{input}},
	}}
	var took histogram.Histogram
	took.AddEach(int64(3*time.Millisecond), 3)
	took.Add(int64(time.Hour))
	spout := worker.TaskSnapshot{
		Task: 1, State: worker.TaskRunning, PID: 100, Complete: took.Counts(), Outputs: []worker.OutputCount{{Emitted: 10, Transferred: 20, Acked: 4, Failed: 5, Completed: time.Hour}},
		Spout: &worker.SpoutState{Pending: 1, Doing: worker.SpoutNoData, Spent: map[worker.SpoutDoing]time.Duration{worker.SpoutNoData: 1500 * time.Millisecond}},
	}
	count := worker.ComponentSnapshot{Name: "count", Kind: topology.Bolt, Inputs: []worker.InputName{{Component: "words", Stream: "default"}}, Errors: 6}
	for i := range bolts {
		count.Tasks = append(count.Tasks, worker.TaskSnapshot{
			Task: 2 + i, State: worker.TaskRunning, PID: 101 + i, Restarts: 1, QueueBytes: 512, Execute: took.Counts(), Process: took.Counts(),
			Inputs: []worker.InputCount{{Executed: 7, Acked: 6, Failed: 1, Executing: 7 * time.Second, Processing: 21 * time.Second}},
			Bolt:   &worker.BoltState{Queued: 2, InFlight: 3, Oldest: 2 * time.Second},
		})
	}
	snap := &worker.Snapshot{
		Topology: name, Time: time.Now(), Phase: worker.Active, Active: time.Minute,
		Components: []worker.ComponentSnapshot{{Name: "words", Kind: topology.Spout, Outputs: []string{"default"}, Tasks: []worker.TaskSnapshot{spout}}, count},
		Trees: worker.TreeStats{Emitted: 10, Acked: 4, Pending: 1, DeadLetters: 2, Failed: worker.FailedStats{
			Bolt: 1, Timeout: 3, Died: 1, Held: map[string]uint64{"count": 2},
		}},
	}
	if change != nil {
		change(snap)
	}
	s := status.New(top, conf.Defaults(), time.Now())
	s.Update(snap)
	return served.Served{Status: s}
}

// metricsOf are the lines of all metrics.
func metricsOf(t testing.TB, source served.Source) string {
	t.Helper()
	answer := httptest.NewRecorder()
	Handler(source).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// wantLines fails for each line that is not among the metrics.
func wantLines(t *testing.T, metrics string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+metrics, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			var have []string
			for got := range strings.Lines(metrics) {
				if strings.HasPrefix(got, name) {
					have = append(have, got)
				}
			}
			t.Errorf("no line\n%s\nbut\n%s", line, strings.Join(have, ""))
		}
	}
}

func TestFiguresOfATopology(t *testing.T) {
	wantLines(t, metricsOf(t, served.One(made("demo", 2, nil))),
		`gust_up{topology="demo"} 1`,
		`gust_topology_active{topology="demo"} 1`,
		`gust_emitted_total{component="words",kind="spout",stream="default",task="1",topology="demo"} 10`,
		`gust_transferred_total{component="words",kind="spout",stream="default",task="1",topology="demo"} 20`,
		`gust_executed_total{component="count",kind="bolt",source="words",stream="default",task="3",topology="demo"} 7`,
		`gust_acked_total{component="words",kind="spout",source="",stream="default",task="1",topology="demo"} 4`,
		`gust_acked_total{component="count",kind="bolt",source="words",stream="default",task="2",topology="demo"} 6`,
		`gust_failed_total{component="count",kind="bolt",source="words",stream="default",task="2",topology="demo"} 1`,
		`gust_trees_emitted_total{topology="demo"} 10`,
		`gust_trees_acked_total{topology="demo"} 4`,
		`gust_dead_letters_total{topology="demo"} 2`,
		`gust_trees_failed_total{held_by="",reason="bolt",topology="demo"} 1`,
		`gust_trees_failed_total{held_by="",reason="died",topology="demo"} 1`,
		`gust_trees_failed_total{held_by="",reason="shutdown",topology="demo"} 0`,
		`gust_trees_failed_total{held_by="",reason="timeout",topology="demo"} 1`,
		`gust_trees_failed_total{held_by="count",reason="timeout",topology="demo"} 2`,
		`gust_tasks{component="count",state="running",topology="demo"} 2`,
		`gust_tasks{component="count",state="down",topology="demo"} 0`,
		`gust_restarts_total{component="count",topology="demo"} 2`,
		`gust_errors_total{component="count",topology="demo"} 6`,
		`gust_queue_bytes{component="count",task="2",topology="demo"} 512`,
		`gust_queue_tuples{component="count",task="2",topology="demo"} 2`,
		`gust_in_flight_tuples{component="count",task="2",topology="demo"} 3`,
		`gust_pending_trees{component="words",task="1",topology="demo"} 1`,
		`gust_oldest_seconds{component="count",task="2",topology="demo"} 2`,
		`gust_spout_wait_seconds_total{component="words",reason="no data",topology="demo"} 1.5`,
		`gust_spout_wait_seconds_total{component="words",reason="max pending",topology="demo"} 0`,
		// Three of 3 ms lie below the edge of 4.2 ms, one of an hour above all edges.
		`gust_complete_latency_seconds_bucket{component="words",topology="demo",le="0.002097152"} 0`,
		`gust_complete_latency_seconds_bucket{component="words",topology="demo",le="0.004194304"} 3`,
		`gust_complete_latency_seconds_bucket{component="words",topology="demo",le="549.755813888"} 3`,
		`gust_complete_latency_seconds_bucket{component="words",topology="demo",le="+Inf"} 4`,
		`gust_complete_latency_seconds_sum{component="words",topology="demo"} 3600.009`,
		`gust_complete_latency_seconds_count{component="words",topology="demo"} 4`,
		`gust_execute_latency_seconds_count{component="count",topology="demo"} 8`,
		`gust_process_latency_seconds_bucket{component="count",topology="demo",le="0.004194304"} 6`,
	)
}

// The names and labels are those of exporters for Storm, and so are the units.
func TestFiguresUnderTheNamesOfStormExporters(t *testing.T) {
	demo := made("demo", 2, nil)
	of := fmt.Sprintf(`topology_id="%s",topology_name="demo"`, demo.ID())
	lines := []string{
		`storm_topology_tasks_total{` + of + `} 3`,
		`storm_topology_executors_total{` + of + `} 3`,
		`storm_topology_workers_total{` + of + `} 1`,
		`storm_topology_spouts_emitted{spout_id="words",` + of + `} 10`,
		`storm_topology_spouts_acked{spout_id="words",` + of + `} 4`,
		`storm_topology_spouts_failed{spout_id="words",` + of + `} 5`,
		`storm_topology_bolts_acked{bolt_id="count",` + of + `} 12`,
		`storm_topology_bolts_tasks{bolt_id="count",` + of + `} 2`,
	}
	for _, window := range []string{"600", "10800", "86400", ":all-time"} {
		lines = append(lines,
			`storm_topology_stats_emitted{`+of+`,window="`+window+`"} 10`,
			`storm_topology_stats_acked{`+of+`,window="`+window+`"} 4`,
			`storm_topology_stats_complete_latency{`+of+`,window="`+window+`"} 900000`)
	}
	metrics := metricsOf(t, served.One(demo))
	wantLines(t, metrics, lines...)

	demo.End("")
	metrics = metricsOf(t, served.One(demo))
	wantLines(t, metrics, `gust_up{topology="demo"} 0`)
	if strings.Contains(metrics, "storm_topology") {
		t.Error("an ended topology has metrics under Storm's names")
	}
}

// Names and values that components make up never make the answer invalid.
func TestMetricsOfComponents(t *testing.T) {
	demo := made("demo", 1, func(s *worker.Snapshot) {
		s.Components[1].Metrics = []worker.MetricStats{
			{Name: "cache \"hits\"\n", Last: "12.5"}, {Name: "negative", Last: "-1e3"}, {Name: "bad\xff", Last: "1"}, {Name: "bad\xfe", Last: "2"},
			{Name: "list", Last: "[1]"}, {Name: "string", Last: `"7"`}, {Name: "null", Last: "null"}, {Name: "cut", Last: "123..."},
		}
	})
	metrics := metricsOf(t, served.One(demo))
	wantLines(t, metrics,
		`gust_component_metric{component="count",name="cache \"hits\"\n",topology="demo"} 12.5`,
		`gust_component_metric{component="count",name="negative",topology="demo"} -1000`,
		`gust_up{topology="demo"} 1`)
	// Two names that are the same without the invalid bytes: one of them is shown.
	if n := strings.Count(metrics, "\ngust_component_metric{"); n != 3 {
		t.Errorf("%d component metrics, want 3", n)
	}
}

// A topology that was started again is shown instead of the one that had ended.
func TestTopologiesOfTheSameName(t *testing.T) {
	old, other := made("demo", 1, nil), made("other", 1, nil)
	old.End("")
	metrics := metricsOf(t, sources{old, other, made("demo", 3, nil)})
	wantLines(t, metrics, `gust_up{topology="demo"} 1`, `gust_up{topology="other"} 1`, `gust_tasks{component="count",state="running",topology="demo"} 3`)
}

func TestNoTopology(t *testing.T) {
	metrics := metricsOf(t, sources{})
	if !strings.Contains(metrics, "gust_build_info{") || strings.Contains(metrics, "gust_up") {
		t.Errorf("without a topology:\n%s", metrics)
	}
}

// A topology that has not made a snapshot yet has all its metrics, at zero.
func TestTopologyThatStarts(t *testing.T) {
	s := status.New(made("demo", 1, nil).Topology(), conf.Defaults(), time.Now())
	wantLines(t, metricsOf(t, served.One{Status: s}),
		`gust_up{topology="demo"} 1`, `gust_topology_active{topology="demo"} 0`, `gust_complete_latency_seconds_count{component="words",topology="demo"} 0`)
}

func TestNamesFollowTheConventions(t *testing.T) {
	live := troubled(t)
	problems, err := testutil.GatherAndLint(registry(served.One(live.Served)))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// The page describes each metric, and no others.
func TestPageDescribesAllMetrics(t *testing.T) {
	page, err := os.ReadFile(testenv.Top(t) + "/docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]bool{}
	for _, f := range families {
		defined[f.name] = true
		if !strings.Contains(string(page), "\n| `"+f.name+"` |") {
			t.Errorf("docs/metrics.md has no row for %s", f.name)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `((gust|storm)_\\w+)`").FindAllStringSubmatch(string(page), -1) {
		if name := row[1]; !defined[name] {
			t.Errorf("docs/metrics.md describes %s, which is not defined", name)
		}
	}
}

// BenchmarkScrape is an answer to Prometheus with a thousand tasks.
func BenchmarkScrape(b *testing.B) {
	handler := Handler(served.One(made("demo", 1000, nil)))
	b.ReportAllocs()
	for b.Loop() {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		b.ReportMetric(float64(answer.Body.Len()), "bytes/answer")
	}
}
