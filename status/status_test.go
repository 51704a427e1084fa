package status_test

import (
	"os"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/statustest"
	"gust/topology"
	"gust/worker"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

func TestViewOfAWordCount(t *testing.T) {
	live := statustest.Start(t, "words", statustest.WordCount())
	v := live.Until(t, "a hundred acked trees", func(v *status.View) bool { return v.Trees.Acked >= 100 && v.Component("count").Busy > 0 })
	if v.Status != "ACTIVE" || v.Phase != "active" || v.Tasks != 5 || v.Executors != 5 {
		t.Errorf("%s, %s, %d tasks, %d executors", v.Status, v.Phase, v.Tasks, v.Executors)
	}
	words, split, count := v.Component("words"), v.Component("split"), v.Component("count")
	if words.Counts.Emitted < 100 || split.Counts.Executed < 100 || split.Counts.Emitted < 2*split.Counts.Acked || count.Counts.Executed < 200 {
		t.Errorf("words %+v\nsplit %+v\ncount %+v", words.Counts, split.Counts, count.Counts)
	}
	if words.Complete == nil || words.Complete.P99 < words.Complete.P50 || split.Execute == nil || v.Complete == nil {
		t.Errorf("latencies: %+v, %+v, %+v", words.Complete, split.Execute, v.Complete)
	}
	if e := v.Edges[1]; e.From != "split" || e.To != "count" || e.Grouping != "fields(key)" {
		t.Errorf("edges: %+v", v.Edges)
	}
	// A young topology has a history in each window.
	for _, window := range []status.Window{status.TenMinutes, status.ThreeHours, status.AllTime} {
		live.Until(t, "a point of the history", func(*status.View) bool { return len(live.History("", window)) > 0 })
	}
	if k := v.Diagnosis.Kind; k != status.Running && k != status.SlowBolt { // a bolt is slow on a busy machine
		t.Errorf("diagnosis: %+v", v.Diagnosis)
	}
	sum := status.Counts{}
	for _, task := range live.Tasks("count", status.AllTime) {
		sum = sum.Plus(task.Counts)
	}
	if sum.Executed < count.Counts.Executed {
		t.Errorf("the tasks of count have executed %d tuples, all of it %d before", sum.Executed, count.Counts.Executed)
	}
}

func TestDiagnosisNamesTheCause(t *testing.T) {
	spout := fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 5}}
	from := func(name string) map[string]topology.Grouping {
		return map[string]topology.Grouping{name: statustest.Shuffle}
	}
	for _, c := range []struct {
		name       string
		components []statustest.Component
		conf       conf.Conf
		kind       status.DiagnosisKind
		component  string
		do         func(*statustest.Live)
	}{
		{name: "a slow bolt after a fast one", components: []statustest.Component{
			{Name: "s", Script: spout},
			{Name: "fast", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}}},
			{Name: "slow", From: from("fast"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Pause: 20 * time.Millisecond}}},
		}, kind: status.SlowBolt, component: "slow"},
		{name: "a hot task", components: []statustest.Component{
			{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1}}}, // one key
			{Name: "b", Tasks: 3, From: map[string]topology.Grouping{"s": statustest.Key}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Pause: 20 * time.Millisecond}}},
		}, kind: status.HotTask, component: "b"},
		{name: "a spout that waits for its source in next_tuple", components: []statustest.Component{
			{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 0, Pause: 500 * time.Millisecond}}},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}},
		}, kind: status.NoData, component: "s"},
		{name: "max pending", components: []statustest.Component{
			{Name: "s", Script: spout},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Pause: 50 * time.Millisecond}}},
		}, conf: conf.Conf{conf.TopologyMaxSpoutPending: int64(1)}, kind: status.MaxPending, component: "b"},
		{name: "no data", components: []statustest.Component{
			{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 3}}},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}},
		}, kind: status.NoData, component: "s"},
		{name: "a spout that does not return", components: []statustest.Component{
			{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1, Pause: 20 * time.Second}}},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}}},
		}, kind: status.SpoutSilent, component: "s"},
		{name: "a bolt that never acks", components: []statustest.Component{
			{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 50}}},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Answer: "never"}}},
		}, kind: status.NeverAcked, component: "b"},
		{name: "a crash loop", components: []statustest.Component{
			{Name: "s", Script: spout},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 1, Do: "exit"}}}},
		}, conf: conf.Conf{conf.GustCrashLoopCount: int64(0)}, kind: status.CrashLoop, component: "b"},
		{name: "a bolt that does not come up", components: []statustest.Component{
			{Name: "s", Script: spout},
			{Name: "b", From: from("s"), Script: fakecomponent.Script{Start: fakecomponent.Start{NoPID: true}, Bolt: &fakecomponent.Bolt{}}},
		}, kind: status.WaitsToStart, component: "b"},
		{name: "inactive", components: statustest.WordCount(), kind: status.IsInactive, do: func(l *statustest.Live) { l.Worker.Deactivate() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			live := statustest.Start(t, "t", c.components, c.conf)
			if c.do != nil {
				c.do(live)
			}
			v := live.Until(t, "the diagnosis "+string(c.kind), func(v *status.View) bool {
				return v.Diagnosis.Kind == c.kind && (v.Diagnosis.Component == c.component || c.component == "")
			})
			t.Log(v.Diagnosis.Text)
		})
	}
}

func TestFailuresHaveTheirValuesAndTheirCause(t *testing.T) {
	live := statustest.Start(t, "t", []statustest.Component{
		{Name: "s", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 20, Keys: 3}}},
		{Name: "a", From: map[string]topology.Grouping{"s": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{Emit: 1}}},
		{Name: "b", From: map[string]topology.Grouping{"a": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{FailEvery: 10}}},
	})
	live.Until(t, "two failed trees", func(v *status.View) bool { return v.Trees.Failed.Bolt == 2 })
	list := live.Failures(status.FailureFilter{Component: "b"})
	if len(list) != 2 || list[0].Number != 2 {
		t.Fatalf("failures: %+v", list)
	}
	f := list[0]
	if f.Spout != "s" || f.Reason != worker.FailedByBolt || f.Values == "" || f.Cause == nil || f.Cause.Component != "b" || f.Cause.From != "a" || f.Cause.Values != f.Values {
		t.Errorf("failure %+v, cause %+v", f, f.Cause)
	}
	if none := live.Failures(status.FailureFilter{Reason: worker.FailedByTimeout}); len(none) != 0 {
		t.Errorf("timeouts: %+v", none)
	}
	if facets := live.FailureFacets(status.FailureFilter{}); len(facets) != 1 || facets[0].Count != 2 || facets[0].Component != "b" {
		t.Errorf("facets: %+v", facets)
	}
}

// The waits of a reloaded topology's spouts are added to those before the reload.
func TestWaitsGoOnAfterAReload(t *testing.T) {
	spec := &topology.Component{Name: "words", Kind: topology.Spout, Command: []string{"words"}}
	top := &topology.Topology{Name: "t", Components: []*topology.Component{spec}}
	s := status.New(top, conf.Defaults(), time.Now())
	update := func(waited time.Duration) {
		s.Update(&worker.Snapshot{Topology: "t", Time: time.Now(), Phase: worker.Active, Components: []worker.ComponentSnapshot{{
			Name: "words", Kind: topology.Spout, Tasks: []worker.TaskSnapshot{{Task: 1, State: worker.TaskRunning, Spout: &worker.SpoutState{
				Doing: worker.SpoutNoData, Spent: map[worker.SpoutDoing]time.Duration{worker.SpoutNoData: waited},
			}}},
		}}})
	}
	waited := func() int64 { return s.View(status.AllTime).Component("words").Waited[worker.SpoutNoData] }
	update(2 * time.Second)
	update(3 * time.Second)
	if got := waited(); got != 3000 {
		t.Errorf("waited for %d ms, want 3000", got)
	}
	s.Begin(top, conf.Defaults())
	update(time.Second)
	update(2 * time.Second)
	if got := waited(); got != 5000 {
		t.Errorf("waited for %d ms after the reload, want 5000", got)
	}
}
