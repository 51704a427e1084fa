package submit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// dial connects to a fake, with a time-out that no call reaches.
func dial(t *testing.T, fake *stormtest.Fake) *storm.Client {
	t.Helper()
	return dialWithin(t, time.Minute, fake)
}

// brief is a timeout for tests that wait for it: long enough for calls that are answered.
const brief = 2 * time.Second

func dialWithin(t *testing.T, timeout time.Duration, fake *stormtest.Fake) *storm.Client {
	t.Helper()
	client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{fake.Address()}, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// executor is one of a topology's, with what it has emitted and acked. Its tuples to
// Storm come before everything else.
func executor(component string, uptime int32, emitted, acked int64) *generated.ExecutorSummary {
	e := &generated.ExecutorSummary{ComponentID: component, Host: "w1", Port: 6700, UptimeSecs: uptime, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 1, TaskEnd: 1}}
	if uptime == 0 {
		return e
	}
	e.Stats = &generated.ExecutorStats{
		Emitted: map[string]map[string]int64{}, Transferred: map[string]map[string]int64{},
		Specific: &generated.ExecutorSpecificStats{Bolt: &generated.BoltStats{
			Acked: map[string]map[*generated.GlobalStreamId]int64{}, Failed: map[string]map[*generated.GlobalStreamId]int64{},
			ProcessMsAvg: map[string]map[*generated.GlobalStreamId]float64{}, Executed: map[string]map[*generated.GlobalStreamId]int64{},
			ExecuteMsAvg: map[string]map[*generated.GlobalStreamId]float64{},
		}},
	}
	e.Stats.Emitted[":all-time"] = map[string]int64{"__system": 1}
	if emitted > 0 {
		e.Stats.Emitted[":all-time"]["default"] = emitted
	}
	if acked > 0 {
		e.Stats.Specific.Bolt.Acked[":all-time"] = map[*generated.GlobalStreamId]int64{{ComponentId: "words", StreamId: "default"}: acked}
	}
	return e
}

func info(errs map[string][]*generated.ErrorInfo, executors ...*generated.ExecutorSummary) *generated.TopologyInfo {
	if errs == nil {
		errs = map[string][]*generated.ErrorInfo{}
	}
	return &generated.TopologyInfo{ID: "w-1-1", Name: "w", Status: "ACTIVE", Executors: executors, Errors: errs}
}

func TestWatchSeesATopologyComeUp(t *testing.T) {
	fake := stormtest.NewFake(t)
	fake.SetTopologyInfo("w-1-1", info(nil))
	// The next states of the topology, one after each report of the watch.
	steps := []*generated.TopologyInfo{
		info(nil, executor("words", 0, 0, 0), executor("count", 0, 0, 0)),
		info(nil, executor("words", 1, 0, 0), executor("count", 0, 0, 0)),
		info(nil, executor("words", 2, 20, 0), executor("count", 1, 0, 0), executor("__acker", 1, 0, 0)),
		info(nil, executor("words", 3, 40, 0), executor("count", 2, 0, 20), executor("__acker", 2, 0, 0)),
	}
	fake.Next("getTopologyInfo", stormtest.Answer, stormtest.Hang, stormtest.Drop, stormtest.Fail)
	var stages []Stage
	w := &Watch{Client: dialWithin(t, brief, fake), ID: "w-1-1", Told: func(p Progress) {
		stages = append(stages, p.Stage)
		if len(steps) > 0 {
			fake.SetTopologyInfo("w-1-1", steps[0])
			steps = steps[1:]
		}
	}}
	if _, err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []Stage{Waiting, Starting, Starting, Loading, Running}
	if len(stages) != len(want) {
		t.Fatalf("the stages were %v, want %v", stages, want)
	}
	for i := range want {
		if stages[i] != want[i] {
			t.Errorf("the stages were %v, want %v", stages, want)
			break
		}
	}
}

func TestWatchReportsTrouble(t *testing.T) {
	host, port := "w1", int32(6700)
	trace := &generated.ErrorInfo{Error: "java.lang.RuntimeException: Error when launching multilang subprocess\nModuleNotFoundError: No module named 'numpy'\n\tat a.B.c(D.java:1)\n", ErrorTimeSecs: 1, Host: &host, Port: &port}
	fake := stormtest.NewFake(t)
	fake.SetTopologyInfo("w-1-1", info(map[string][]*generated.ErrorInfo{"count": {trace, trace}, "words": {{Error: "it broke"}}}))
	_, err := (&Watch{Client: dial(t, fake), ID: "w-1-1"}).Run(t.Context())
	trouble, ok := errors.AsType[*TroubleError](err)
	if !ok || len(trouble.Troubles) != 2 {
		t.Fatalf("got %v", err)
	}
	want := "count fails on w1:6700:\n    RuntimeException: Error when launching multilang subprocess\n    ModuleNotFoundError: No module named 'numpy'\nwords fails:\n    it broke\nhint: is numpy "
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %q\nwant %q...", err, want)
	}
}

// An error that a running component reports does not stop anything.
func TestWatchReturnsReports(t *testing.T) {
	report := map[string][]*generated.ErrorInfo{"count": {{Error: "java.lang.Exception: Shell Process Exception: one tuple\nTraceback (most recent call last):\n  File \"a.py\", line 1, in process\nValueError: 1\n\tat a.B.c(D.java:1)\n"}}}
	broken := map[string][]*generated.ErrorInfo{"count": append([]*generated.ErrorInfo{{Error: "java.lang.RuntimeException: pid:7, name:count exitCode:1, errorString: \n\tat a.B.c(D.java:1)\n", ErrorTimeSecs: 2}}, report["count"]...)}
	up := func(errs map[string][]*generated.ErrorInfo, words, count int32) *generated.TopologyInfo {
		return info(errs, executor("words", words, 20, 0), executor("count", count, 0, 20))
	}
	tests := []struct {
		name  string
		steps []*generated.TopologyInfo // each when the watch has seen the last
		want  string                    // of the error
	}{
		{"all run", []*generated.TopologyInfo{up(report, 9, 9)}, ""},
		{"another one starts", []*generated.TopologyInfo{up(report, 0, 9), up(report, 1, 10)}, ""},
		{"it does not run", []*generated.TopologyInfo{up(report, 9, 0)}, "count fails:\n    Traceback"},
		{"its worker starts again", []*generated.TopologyInfo{up(report, 9, 9), up(report, 10, 1)}, "count fails:\n    Traceback"},
		{"its process ends", []*generated.TopologyInfo{up(report, 9, 9), up(broken, 10, 10)}, "count fails:\n    its process has ended with exit status 1"},
		{"it does not come up again", []*generated.TopologyInfo{up(report, 9, 9), up(report, 10, 0)}, "count fails:\n    Traceback"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			fake.SetTopologyInfo("w-1-1", tt.steps[0])
			w := &Watch{Client: dial(t, fake), ID: "w-1-1", quiet: time.Second}
			next := tt.steps[1:]
			w.Told = func(p Progress) {
				if len(next) > 0 {
					fake.SetTopologyInfo("w-1-1", next[0])
					next = next[1:]
				}
			}
			reported, err := w.Run(t.Context())
			if tt.want == "" {
				if err != nil || len(reported) != 1 || !strings.HasSuffix(reported[0].Text, "ValueError: 1") {
					t.Errorf("got %v, %v", reported, err)
				}
			} else if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %q...", err, tt.want)
			}
		})
	}
}

func TestWatchGivesUp(t *testing.T) {
	starting := info(nil, executor("words", 0, 0, 0))
	tests := []struct {
		name        string
		info        *generated.TopologyInfo
		supervisors []*generated.SupervisorSummary
		want        string
	}{
		{"no supervisors", info(nil), nil, "the cluster has no supervisors"},
		{"no free slot", info(nil), []*generated.SupervisorSummary{{Host: "a", SupervisorID: "a", NumWorkers: 4, NumUsedWorkers: 4}}, "all 4 slots of the cluster are used"},
		{"slots that are not given", info(nil), []*generated.SupervisorSummary{{Host: "a", SupervisorID: "a", NumWorkers: 4, NumUsedWorkers: 1}}, "although 3 of the cluster's 4 slots are free"},
		{"workers that do not start", starting, nil, "1 of 1 executors do not run after 50ms, and no component has reported an error\nhint: "},
		{"gone", nil, nil, "topology w-1-1 is gone"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			fake.SetSupervisors(test.supervisors...)
			fake.SetTopologyInfo("w-1-1", test.info)
			_, err := (&Watch{Client: dial(t, fake), ID: "w-1-1", Patience: 50 * time.Millisecond}).Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	fake := stormtest.NewFake(t)
	fake.SetTopologyInfo("w-1-1", info(nil))
	ctx, cancel := context.WithCancel(t.Context())
	w := &Watch{Client: dial(t, fake), ID: "w-1-1", Told: func(Progress) { cancel() }}
	if _, err := w.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSubmitAfterALostAnswer(t *testing.T) {
	tests := []struct {
		name string
		deed stormtest.Deed
		want string // the id, or else a part of the error
	}{
		{"answered", stormtest.Answer, "w-1-1"},
		{"answer lost", stormtest.DropAfter, "w-1-1"},
		{"call lost", stormtest.Drop, "may or may not have been done"},
		{"no answer", stormtest.Hang, "did not answer submitTopologyWithOpts"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := stormtest.NewFake(t)
			client := dialWithin(t, brief, fake)
			jar, err := client.Upload(t.Context(), strings.NewReader("jar"), 3, nil)
			if err != nil {
				t.Fatal(err)
			}
			top, err := translate(words(), streamparseRun("x"))
			if err != nil {
				t.Fatal(err)
			}
			fake.Next("submitTopologyWithOpts", test.deed)
			id, err := submit(t.Context(), client, storm.Submission{Name: "w", Jar: jar, Conf: "{}", Topology: top}, "")
			if id != test.want && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %q, %v, want %s", id, err, test.want)
			}
		})
	}
}
