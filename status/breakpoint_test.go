package status_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/statustest"
	"gust/topology"
	"gust/worker"
)

// The status of a topology says where it is stopped, as long as it is.
func TestBreakpoints(t *testing.T) {
	components := statustest.WordCount()
	components[2].Tasks = 1
	components[2].Script.Deeds = []fakecomponent.Deed{{After: 20, Do: "breakpoint"}}
	live := statustest.Start(t, "wordcount", components)
	v := live.Until(t, "the breakpoint", func(v *status.View) bool { return v.Diagnosis.Kind == status.AtBreakpoint })
	if d := v.Diagnosis; d.Component != "count" || !strings.Contains(d.Text, "is stopped at bolts/count.py:12 (breakpoint): gust attach count:") {
		t.Errorf("the diagnosis is %+v", d)
	}
	list := live.Breakpoints()
	if len(list) != 1 || list[0].Component != "count" || list[0].Function != "process" || list[0].Since.IsZero() {
		t.Fatalf("the breakpoints are %+v", list)
	}
	if at := live.Tasks("count", status.Minute)[0].Breakpoint; at == nil || at.Place() != "bolts/count.py:12" {
		t.Errorf("the task is at %+v", at)
	}
	if err := syscall.Kill(list[0].PID, syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	live.Until(t, "the end of the breakpoint", func(*status.View) bool { return len(live.Breakpoints()) == 0 })
	seen := map[string]bool{}
	for _, e := range live.Events() {
		seen[string(e.Kind)+" "+e.Text] = true
	}
	for _, want := range []string{"breakpoint bolts/count.py:12 in process", "resumed "} {
		if !seen[want] {
			t.Errorf("no event %q: %v", want, seen)
		}
	}
}

// After some minutes, the diagnosis warns of a breakpoint.
func TestForgottenBreakpoint(t *testing.T) {
	top := &topology.Topology{Name: "t", Components: []*topology.Component{{Name: "count", Kind: topology.Bolt, Parallelism: 1}}}
	s := status.New(top, conf.Defaults(), time.Now())
	at := &worker.Breakpoint{File: "bolts/count.py", Line: 12, Function: "process", Since: time.Now().Add(-95 * time.Minute), Socket: "/tmp/x"}
	s.Update(&worker.Snapshot{Time: time.Now(), Phase: worker.Active, Components: []worker.ComponentSnapshot{
		{Name: "count", Kind: topology.Bolt, Tasks: []worker.TaskSnapshot{{Task: 3, State: worker.TaskRunning, Bolt: &worker.BoltState{}, Breakpoint: at}}},
	}})
	d := s.View(status.AllTime).Diagnosis
	if want := "count[3] has been stopped at bolts/count.py:12 (breakpoint) for 1h35m, and the tuples that it holds never time out: gust attach count:3"; d.Text != want || d.Severity != status.Warning {
		t.Errorf("the diagnosis is %s: %q, want %q", d.Severity, d.Text, want)
	}
}
