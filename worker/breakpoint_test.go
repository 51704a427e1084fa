package worker

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
)

const stopsAt12 = `{"command":"gust.breakpoint","params":{"file":"bolts/count.py","line":12,"function":"process","socket":"/run/s"}}`

// debuggable has a stage offer breakpoints.
func debuggable(t *testing.T, layers ...conf.Conf) *stage {
	t.Helper()
	s := journaled(t, chain(), layers...)
	s.breakpoints = true
	return s
}

// sweeps lets time pass, sweep by sweep.
func (s *stage) sweeps(n int) {
	for range n {
		s.now += int64(sweepEvery)
		s.sweep(s.now)
	}
}

// While a process is at a breakpoint, no tree and no tuple of the topology becomes older,
// those that come meanwhile included; afterwards their ages go on from where they were.
func TestNothingTimesOutAtABreakpoint(t *testing.T) {
	s := debuggable(t, conf.Conf{conf.TopologyMessageTimeout: int64(5)})
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	s.anchored(b, s.tuples(b)...)
	s.sweeps(40)
	s.say(c, stopsAt12)
	s.sweeps(1000)
	s.emit(spout, 2)
	s.sweeps(1000)
	s.say(c, `{"command":"gust.resumed"}`)
	if n := s.acker.stats; n.Pending != 2 {
		t.Fatalf("trees at the end of the stop: %+v", n)
	}
	for _, task := range []*task{b, c} {
		if held := task.bolt.snapshot(s.now); held.Oldest != 4*time.Second {
			t.Errorf("%s: the oldest tuple is %v old, want 4s", task, held.Oldest)
		}
	}
	s.sweeps(11)
	if n := s.acker.stats; n.Pending != 1 || n.Failed.Timeout != 1 {
		t.Errorf("a second later: %+v", n)
	}
	s.sweeps(40)
	if n := s.acker.stats; n.Pending != 0 || n.Failed.Timeout != 2 {
		t.Errorf("five seconds later: %+v", n)
	}
}

// Two stopped tasks are one stop: it ends with the second.
func TestSeveralBreakpoints(t *testing.T) {
	s := debuggable(t, conf.Conf{conf.TopologyMessageTimeout: int64(5)})
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	s.say(b, stopsAt12)
	s.sweeps(30)
	s.say(spout, stopsAt12)
	s.sweeps(30)
	s.say(b, `{"command":"gust.resumed"}`)
	s.say(c, `{"command":"gust.resumed"}`) // it had not stopped
	s.sweeps(100)
	if n := s.acker.stats; n.Pending != 1 || s.frozen.tasks != 1 {
		t.Fatalf("with one still stopped: %+v", n)
	}
	s.say(spout, `{"command":"gust.resumed"}`)
	s.sweeps(51)
	if n := s.acker.stats; n.Failed.Timeout != 1 || s.frozen.tasks != 0 {
		t.Errorf("with none: %+v", n)
	}
}

// After a step, a sync shows that the process has gone on. Before that it is still
// stopped, however much else it says.
func TestSteps(t *testing.T) {
	s := debuggable(t)
	b := s.task("b", 0)
	s.say(b, stopsAt12)
	s.say(b, `{"command":"sync"}`) // of another thread
	s.say(b, `{"command":"gust.step"}`)
	s.say(b, strings.Replace(stopsAt12, "12", "13", 1))
	s.say(b, `{"command":"log","msg":"hello"}`)
	if at := s.snapshot().Components[1].Tasks[0].Breakpoint; at == nil || at.Place() != "bolts/count.py:13" {
		t.Fatalf("after a step: %+v", at)
	}
	s.say(b, `{"command":"gust.step"}`)
	s.say(b, `{"command":"log","msg":"hello"}`)
	if b.stopped.at == nil {
		t.Fatal("a log shows that it has gone on")
	}
	s.say(b, `{"command":"sync"}`)
	if at := s.snapshot().Components[1].Tasks[0].Breakpoint; at != nil {
		t.Errorf("after a sync: %+v", at)
	}
	log := s.log.String()
	if n := strings.Count(log, "stopped at"); n != 1 || !strings.Contains(log, "stopped at bolts/count.py:12 (breakpoint): gust attach b:") {
		t.Errorf("it says %d times where it stopped:\n%s", n, log)
	}
	if n := strings.Count(log, "goes on after the breakpoint at bolts/count.py:13"); n != 1 {
		t.Errorf("it says %d times that it goes on:\n%s", n, log)
	}
}

// What is no breakpoint, or was not offered, is a command that gust does not know.
func TestNoBreakpoint(t *testing.T) {
	s := journaled(t, chain())
	s.say(s.task("b", 0), stopsAt12)
	if log := s.log.String(); !strings.Contains(log, `unknown command \"gust.breakpoint\"`) {
		t.Errorf("without the offer:\n%s", log)
	}
	s = debuggable(t)
	b := s.task("b", 0)
	s.say(b, `{"command":"gust.breakpoint"}`)
	s.say(b, `{"command":"gust.breakpoint","params":["bolts/count.py",12]}`)
	s.say(b, `{"command":"gust.step"}`)
	s.say(b, `{"command":"gust.resumed"}`)
	s.say(b, `{"command":"gust.dance"}`)
	log := s.log.String()
	if b.stopped != (stopped{}) || strings.Count(log, "without its place") != 2 || !strings.Contains(log, `unknown command \"gust.dance\"`) {
		t.Errorf("%+v\n%s", b.stopped, log)
	}
}

func TestBreakpointsOffered(t *testing.T) {
	s := debuggable(t, conf.Conf{"word.path": "/w"})
	offered := func(s *stage) conf.Conf {
		b := s.task("b", 0)
		h := s.plan.handshake(b, "/run/dir")
		b.offerBreakpoints(h)
		return h.Conf
	}
	if conf := offered(s); conf["gust.breakpoints"] != "/run/dir" || conf["word.path"] != "/w" {
		t.Errorf("the conf has %v", conf)
	}
	for name, s := range map[string]*stage{
		"turned off":    debuggable(t, conf.Conf{conf.GustBreakpoints: false}),
		"not supported": journaled(t, chain(), conf.Conf{conf.GustBreakpoints: true}),
	} {
		if offer, ok := offered(s)["gust.breakpoints"]; ok {
			t.Errorf("%s: the conf has %v", name, offer)
		}
	}
}

// quickly is a conf with which nothing may take long.
var quickly = conf.Conf{
	conf.TopologyMessageTimeout:    int64(2),
	conf.TopologySubprocessTimeout: int64(2),
	conf.TopologyTickTupleFreq:     int64(1),
}

// breakpoint waits until the task of a component is at a breakpoint, and has been for so long.
func (r *rig) breakpoint(component int, atLeast time.Duration) TaskSnapshot {
	r.t.Helper()
	var task TaskSnapshot
	var since time.Duration
	r.until("the breakpoint", func(Stats) bool {
		s := r.worker.Snapshot()
		task = s.Components[component].Tasks[0]
		if task.Breakpoint != nil && since == 0 {
			since = s.Active
		}
		return since > 0 && s.Active-since >= atLeast
	})
	return task
}

// A process that is at a breakpoint for longer than all its timeouts is not killed, and
// nothing fails; whether its debugger says that it goes on or not.
func TestStandingAtABreakpoint(t *testing.T) {
	for _, wire := range []string{"json", "msgpack"} {
		for _, shape := range []string{"", "packs"} {
			t.Run(wire+shape, func(t *testing.T) {
				t.Parallel()
				b := pair(fakecomponent.Spout{Tuples: 300}, fakecomponent.Bolt{})
				b.breakpoints = true
				do := "breakpoint"
				if shape == "packs" {
					do = "breakpoint and step"
				}
				b.plays("b", script{Wire: wire, Shape: shape, Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 50, Do: do, Once: true}}})
				r := b.run(t, quickly)
				task := r.breakpoint(1, 6*time.Second)
				if err := syscall.Kill(task.PID, syscall.SIGUSR1); err != nil {
					t.Fatal(err)
				}
				r.until("all acks", acks(300))
				r.until("the end of the breakpoint", func(Stats) bool { return r.worker.Snapshot().Components[1].Tasks[0].Breakpoint == nil })
				stats, _ := r.end()
				if n := failed(stats); n != 0 || stats.component("b").Restarts != 0 || stats.component("b").Errors != 0 {
					t.Errorf("%d trees failed, the bolt: %+v", n, stats.component("b"))
				}
			})
		}
	}
}

// A spout, too.
func TestSpoutAtABreakpoint(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	b.breakpoints = true
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 300}, Deeds: []fakecomponent.Deed{{After: 50, Do: "breakpoint and step", Once: true}}})
	r := b.run(t, quickly)
	task := r.breakpoint(0, 5*time.Second)
	if err := syscall.Kill(task.PID, syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	r.until("all acks", acks(300))
	stats, _ := r.end()
	if n := failed(stats); n != 0 || stats.component("s").Restarts != 0 {
		t.Errorf("%d trees failed, the spout: %+v", n, stats.component("s"))
	}
}

// A process that dies at a breakpoint is forgotten, and all else goes on.
func TestDeathAtABreakpoint(t *testing.T) {
	t.Parallel()
	b := victim("breakpoint", 20)
	b.breakpoints, b.journal = true, true
	r := b.run(t, impatient)
	task := r.breakpoint(1, 0)
	if err := syscall.Kill(task.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.until("all acks", acks(200))
	if at := r.worker.Snapshot().Components[1].Tasks[0].Breakpoint; at != nil || r.worker.loop.frozen.tasks != 0 {
		t.Errorf("the next process is at %+v", at)
	}
	r.end()
}

// The end of a run waits for a process at a breakpoint no longer than for any other.
func TestEndAtABreakpoint(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: 100}, fakecomponent.Bolt{})
	b.breakpoints = true
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 10, Do: "breakpoint"}}})
	r := b.run(t, conf.Conf{conf.GustDrainSecs: int64(1), conf.SupervisorWorkerShutdown: int64(1)})
	r.breakpoint(1, 0)
	stats, _ := r.end()
	if stats.Trees.Failed.Shutdown == 0 {
		t.Errorf("trees: %+v", stats.Trees)
	}
}
