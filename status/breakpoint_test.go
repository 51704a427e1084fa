package status_test

import (
	"strings"
	"syscall"
	"testing"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/statustest"
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
