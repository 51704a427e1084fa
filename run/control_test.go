package run

import (
	"strings"
	"testing"
	"time"

	"gust/status"
	"gust/topology"
)

// shown waits until the status of the session fulfils a condition.
func shown(t *testing.T, s *Session, what string, enough func(*status.View) bool) *status.View {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		changed := s.status.Changed()
		v := s.status.View(status.AllTime)
		if enough(v) {
			return v
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s does not come: %+v", what, v)
		}
	}
}

func TestOperationsOnARun(t *testing.T) {
	s, log := session(t)
	control := s.Served().Control
	if err := control.Activate(); err == nil {
		t.Error("what does not run yet can be activated")
	}
	ended := make(chan error, 1)
	go func() {
		_, err := s.Run(t.Context())
		ended <- err
	}()
	acked(t, s, log)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(control.Deactivate())
	idle := shown(t, s, "inactivity", func(v *status.View) bool {
		return v.Status == "INACTIVE" && v.Trees.Pending == 0 && v.Now.Emitted == 0
	})
	do(control.Activate())
	shown(t, s, "activity", func(v *status.View) bool { return v.Status == "ACTIVE" && v.Trees.Acked > idle.Trees.Acked })

	count := s.status.Tasks("count", status.AllTime)[0]
	do(control.RestartTask(count.Task))
	shown(t, s, "the restart of the task", func(v *status.View) bool { return v.Component("count").Restarts == 1 })
	do(control.RestartComponent("words"))
	shown(t, s, "the restart of the component", func(v *status.View) bool { return v.Component("words").Restarts == 1 })

	before := shown(t, s, "acks", func(v *status.View) bool { return v.Trees.Acked > 10 })
	do(control.Rebalance(map[string]int{"count": 3}, 0))
	after := shown(t, s, "the other tasks", func(v *status.View) bool {
		return v.Component("count").Tasks == 3 && v.Trees.Acked > before.Trees.Acked && v.Phase == "active"
	})
	if after.Component("words").Restarts != 1 {
		t.Errorf("words has %d restarts after the rebalance, want the one before it", after.Component("words").Restarts)
	}
	do(control.Rebalance(map[string]int{"count": 3}, 0)) // it has them

	do(control.SetDebug("words", true))
	shown(t, s, "an emit in the log", func(*status.View) bool {
		return len(s.status.Logs().Find(status.LogFilter{Components: []string{"words"}, Level: "debug"})) > 0
	})
	do(control.SetDebug("", false))
	do(control.SetSampling("", 100))
	shown(t, s, "traces", func(v *status.View) bool {
		return v.Component("words").Sampling == 100 && len(s.status.Traces(status.TraceFilter{})) > 0
	})
	for want, err := range map[string]error{
		"101 is not a percentage":                         control.SetSampling("", 101),
		`"count" is a bolt`:                               control.SetSampling("count", 10),
		"no task 99 has a process here":                   control.RestartTask(99),
		`has no component "cuont": did you mean "count"?`: control.RestartComponent("cuont"),
		"want 1 or more":                                  control.Rebalance(map[string]int{"count": 0}, 0),
		"has no component":                                control.Rebalance(map[string]int{"nobody": 1}, 0),
		`unknown log level "loud"`:                        control.SetLogLevel("loud"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want %q", err, want)
		}
	}

	do(control.Kill(0))
	if err := <-ended; err != nil {
		t.Errorf("the run ended with %v", err)
	}
	end := s.status.View(status.AllTime)
	if end.Phase != status.PhaseEnded || end.Reason != "" || end.Trees.Pending != 0 || end.Trees.Acked != s.Stats().Trees.Acked {
		t.Errorf("at the end: %s, %q, %+v; stats %+v", end.Phase, end.Reason, end.Trees, s.Stats().Trees)
	}
	if err := control.Deactivate(); err == nil {
		t.Error("what has ended can be deactivated")
	}
	var operations []string
	for _, e := range s.status.Events() {
		if e.Kind == status.EventOperated {
			operations = append(operations, e.Text)
		}
	}
	want := "deactivate, activate, restart count[" // and so on
	if got := strings.Join(operations, ", "); !strings.HasPrefix(got, want) || !strings.Contains(got, "rebalance count=3, debug words: true") {
		t.Errorf("the operations are %s", got)
	}
}

// What users have set holds after a rebalance, too, and the status has Storm's words.
func TestSettingsOutliveARebalance(t *testing.T) {
	s, log := session(t)
	control := s.Served().Control
	ended := make(chan error, 1)
	go func() {
		_, err := s.Run(t.Context())
		ended <- err
	}()
	acked(t, s, log)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	word := func() string { return s.status.View(status.AllTime).Status }
	do(control.SetDebug("words", true))
	do(control.SetSampling("words", 5))
	do(control.SetLogLevel("warn"))
	do(control.Rebalance(map[string]int{"count": 3}, time.Hour))
	shown(t, s, "the wait", func(v *status.View) bool { return v.Status == "REBALANCING" && v.Phase == "inactive" })
	if d := s.status.View(status.AllTime).Diagnosis.Text; !strings.Contains(d, "rebalancing: the spouts are asked for no more tuples; the processes end in ") {
		t.Errorf("the diagnosis is %q", d)
	}
	do(control.Rebalance(map[string]int{"count": 3}, 0)) // another one does not wait
	shown(t, s, "the rebalanced topology", func(v *status.View) bool {
		return v.Component("count").Tasks == 3 && v.Status == "ACTIVE" && v.Phase == "active" && v.Component("words").Debug && v.Component("words").Sampling == 5
	})
	if v := s.status.View(status.AllTime); v.LogLevel != "warn" || v.ConfLogLevel != "info" {
		t.Errorf("the log level is %s, by the conf %s", v.LogLevel, v.ConfLogLevel)
	}
	do(control.SetLogLevel(""))
	if v := s.status.View(status.AllTime); v.LogLevel != "info" {
		t.Errorf("the log level of the conf is %s", v.LogLevel)
	}

	do(control.Deactivate())
	do(control.Rebalance(map[string]int{"count": 2}, 0))
	shown(t, s, "an inactive topology after the rebalance", func(v *status.View) bool {
		return v.Component("count").Tasks == 2 && v.Status == "INACTIVE" && v.Component("count").Down+v.Component("count").Loading == 0
	})

	do(control.Kill(time.Hour))
	if got := word(); got != "KILLED" {
		t.Errorf("after the kill it is %s", got)
	}
	for _, err := range []error{control.Activate(), control.Deactivate(), control.Rebalance(map[string]int{"count": 1}, 0)} {
		if err == nil || !strings.Contains(err.Error(), "the topology has been killed") {
			t.Errorf("after the kill: %v", err)
		}
	}
	do(control.Kill(0))
	if err := <-ended; err != nil {
		t.Errorf("the run ended with %v", err)
	}
}

func TestRebalanced(t *testing.T) {
	top := &topology.Topology{Name: "t", Components: []*topology.Component{
		{Name: "s", Kind: topology.Spout, Parallelism: 1},
		{Name: "fixed", Kind: topology.Bolt, Parallelism: 2, Tasks: 4},
		{Name: "capped", Kind: topology.Bolt, Parallelism: 1, Config: map[string]any{"topology.max.task.parallelism": int64(2)}},
	}}
	for _, c := range []struct {
		tasks map[string]int
		err   string
		same  bool
	}{
		{tasks: map[string]int{"s": 5}},
		{tasks: map[string]int{"s": 1}, same: true},
		{tasks: nil, same: true},
		{tasks: map[string]int{"fixed": 4}, same: true},
		{tasks: map[string]int{"fixed": 5}, err: "its topology.tasks says so"},
		{tasks: map[string]int{"capped": 2}},
		{tasks: map[string]int{"capped": 3}, err: "topology.max.task.parallelism is 2"},
		{tasks: map[string]int{"s": 100_000}, err: "at most 1000"},
		{tasks: map[string]int{"s": -1}, err: "want 1 or more"},
	} {
		next, err := rebalanced(top, nil, c.tasks)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v: error %v, want %q", c.tasks, err, c.err)
			}
			continue
		}
		if err != nil || (next == nil) != c.same {
			t.Errorf("%v: %v, %v", c.tasks, next, err)
			continue
		}
		for name, n := range c.tasks {
			if next != nil && next.Component(name).NumTasks() != n {
				t.Errorf("%v: %s has %d tasks", c.tasks, name, next.Component(name).NumTasks())
			}
		}
		if top.Component("s").Parallelism != 1 {
			t.Fatal("the topology itself was changed")
		}
	}
}
