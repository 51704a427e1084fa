package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/topology"
)

// chain is a spout s, a bolt b and a bolt c behind it, with one task each.
func chain() *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "v"))
	b.bolt("c", 1, inputs(from("b", topology.Shuffle)))
	return b
}

// anchored has a bolt emit a tuple anchored to ids.
func (s *stage) anchored(from *task, ids ...string) {
	s.t.Helper()
	s.say(from, fmt.Sprintf(`{"command":"emit","anchors":["%s"],"tuple":["x"],"need_task_ids":false}`, strings.Join(ids, `","`)))
}

func (s *stage) ack(from *task, ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		s.say(from, fmt.Sprintf(`{"command":"ack","id":"%s"}`, id))
	}
}

func (s *stage) fail(from *task, id string) {
	s.t.Helper()
	s.say(from, fmt.Sprintf(`{"command":"fail","id":"%s"}`, id))
}

func (s *stage) wantVerdicts(want ...string) {
	s.t.Helper()
	if got := s.verdicts(s.task("s", 0)); !slices.Equal(got, want) {
		s.t.Errorf("the spout is told %q, want %q", got, want)
	}
}

func TestTrees(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(s *stage, spout, b, c *task)
	}{
		{"a tree is done with its last tuple", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)
			s.anchored(b, root...)
			s.anchored(b, root...)
			s.ack(b, root...)
			children := s.tuples(c)
			s.ack(c, children[0])
			s.wantVerdicts()
			s.ack(c, children[1])
			s.wantVerdicts("ack 1")
		}},
		{"any tuple fails it, at once and once", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)
			s.anchored(b, root...)
			s.anchored(b, root...)
			children := s.tuples(c)
			s.fail(c, children[0])
			s.wantVerdicts("fail 1")
			s.fail(c, children[1])
			s.ack(b, root...)
			s.wantVerdicts()
		}},
		{"a tuple in several trees", func(s *stage, spout, b, c *task) {
			for n := range 3 {
				s.emit(spout, n)
			}
			roots := s.tuples(b)
			s.anchored(b, roots...)
			s.ack(b, roots...)
			s.wantVerdicts()
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts("ack 0", "ack 1", "ack 2")
		}},
		{"a failed tuple in several trees", func(s *stage, spout, b, c *task) {
			for n := range 3 {
				s.emit(spout, n)
			}
			roots := s.tuples(b)
			s.anchored(b, roots[0], roots[2])
			s.ack(b, roots...)
			s.wantVerdicts("ack 1")
			s.fail(c, s.tuples(c)[0])
			s.wantVerdicts("fail 0", "fail 2")
		}},
		{"an anchor named twice is one", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)[0]
			s.anchored(b, root, root, root)
			s.ack(b, root)
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts("ack 1")
		}},
		{"two anchors in one tree are one", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)[0]
			s.anchored(b, root)
			s.anchored(b, root)
			s.ack(b, root)
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts("ack 1")
		}},
		{"no anchors, no tree", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)
			s.say(b, `{"command":"emit","anchors":[],"tuple":["x"],"need_task_ids":false}`)
			s.say(b, `{"command":"emit","anchors":null,"tuple":["x"],"need_task_ids":false}`)
			s.say(b, `{"command":"emit","tuple":["x"],"need_task_ids":false}`)
			s.ack(b, root...)
			s.wantVerdicts("ack 1")
			s.fail(c, s.tuples(c)[0])
			s.wantVerdicts()
		}},
		{"an anchor that is no list", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)[0]
			s.say(b, `{"command":"emit","anchors":"`+root+`","tuple":["x"],"need_task_ids":false}`)
			s.ack(b, root)
			s.wantVerdicts()
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts("ack 1")
		}},
		{"ids as numbers", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)[0]
			s.say(b, `{"command":"emit","anchors":[`+root+`],"tuple":["x"],"need_task_ids":false}`)
			s.say(b, `{"command":"ack","id":`+root+`}`)
			s.wantVerdicts()
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts("ack 1")
		}},
		{"an emit after the ack is in no tree", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			root := s.tuples(b)
			s.ack(b, root...)
			s.anchored(b, root...)
			s.wantVerdicts("ack 1")
			s.ack(c, s.tuples(c)...)
			s.wantVerdicts()
		}},
		{"a spout's ids keep their type", func(s *stage, spout, b, c *task) {
			for _, id := range []string{`0`, `"0"`, `{"a": [1]}`, `false`, `1.0`} {
				s.say(spout, `{"command":"emit","id":`+id+`,"tuple":["x"],"need_task_ids":false}`)
			}
			s.say(spout, `{"command":"emit","id":null,"tuple":["x"],"need_task_ids":false}`)
			s.ack(b, s.tuples(b)...)
			s.wantVerdicts(`ack 0`, `ack "0"`, `ack {"a": [1]}`, `ack false`, `ack 1.0`)
		}},
		{"two tuples of one id have two verdicts", func(s *stage, spout, b, c *task) {
			s.emit(spout, 1)
			s.emit(spout, 1)
			roots := s.tuples(b)
			s.fail(b, roots[0])
			s.ack(b, roots[1])
			s.wantVerdicts("fail 1", "ack 1")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, chain())
			c.play(s, s.task("s", 0), s.task("b", 0), s.task("c", 0))
			if got := s.acker.stats; got.Pending != 0 {
				t.Errorf("trees are left: %+v", got)
			}
			if n := s.task("s", 0).spout.pending; n != 0 {
				t.Errorf("the spout counts %d pending", n)
			}
		})
	}
}

func TestWithoutAckersIDsAreAckedAtOnce(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.TopologyAckerExecutors: int64(0)})
	s.emit(s.task("s", 0), 1)
	s.wantVerdicts("ack 1")
	s.fail(s.task("b", 0), s.tuples(s.task("b", 0))[0])
	s.wantVerdicts()
}

// What a bolt may say of ids: some of it is an offence, some comes of the
// host's own doing, and none of it has an effect.
func TestBoltsIDs(t *testing.T) {
	for _, c := range []struct {
		name      string
		complaint string // "" if it is forgiven
		play      func(s *stage, b *task, id string)
	}{
		{"acked twice", "which it has already acked", func(s *stage, b *task, id string) { s.ack(b, id, id) }},
		{"failed and acked", "which it has already failed", func(s *stage, b *task, id string) { s.fail(b, id); s.ack(b, id) }},
		{"never given", "which it was never sent", func(s *stage, b *task, id string) { s.ack(b, id, "4711") }},
		{"forged generation", "which it was never sent", func(s *stage, b *task, id string) { s.ack(b, id, "99"+id) }},
		{"no id of ours", "which is not a tuple id", func(s *stage, b *task, id string) {
			s.ack(b, id)
			s.say(b, `{"command":"ack","id":"12a"}`)
		}},
		{"no id", "acked without an id", func(s *stage, b *task, id string) {
			s.ack(b, id)
			s.say(b, `{"command":"ack"}`)
		}},
		{"an object", "which is not a tuple id", func(s *stage, b *task, id string) {
			s.ack(b, id)
			s.say(b, `{"command":"fail","id":{"a":1}}`)
		}},
		{"an anchor that is none", "anchored a tuple to id", func(s *stage, b *task, id string) {
			s.anchored(b, "4711")
			s.ack(b, id)
		}},
		{"given up by the host", "", func(s *stage, b *task, id string) {
			b.bolt.expire(b.bolt.flight.oldest(), timedOut)
			s.ack(b, id)
			s.anchored(b, id)
		}},
		{"so old that its slot is another's", "", func(s *stage, b *task, id string) {
			s.ack(b, id)
			s.emit(s.task("s", 0), 2)
			s.ack(b, id)
			s.ack(b, s.tuples(b)...)
		}},
		{"a heartbeat", "", func(s *stage, b *task, id string) {
			s.ack(b, fmt.Sprint(b.bolt.flight.heartbeatID()), id)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, chain())
			b := s.task("b", 0)
			s.emit(s.task("s", 0), 1)
			c.play(s, b, s.tuples(b)[0])
			log := s.log.String()
			if c.complaint == "" && strings.Contains(log, `"level":"error"`) || !strings.Contains(log, c.complaint) {
				t.Errorf("the log says %q, want %q", log, c.complaint)
			}
			if got := s.acker.stats; got.Pending != 0 || got.Acked+got.Failed.Bolt+got.Failed.Timeout != got.Emitted {
				t.Errorf("trees: %+v", got)
			}
			if b.bolt.flight.n != 0 {
				t.Errorf("%d tuples in flight", b.bolt.flight.n)
			}
		})
	}
}

func TestSpoutThatAcksIsTold(t *testing.T) {
	s := newStage(t, chain())
	s.say(s.task("s", 0), `{"command":"ack","id":1}`)
	if !strings.Contains(s.log.String(), "a spout cannot ack or fail") {
		t.Errorf("the log says %s", s.log.String())
	}
}

func TestSweepNamesWhoHolds(t *testing.T) {
	s := newStage(t, chain())
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1) // stays with b
	s.emit(spout, 2) // goes on to c
	roots := s.tuples(b)
	s.anchored(b, roots[1])
	s.ack(b, roots[1])
	s.now += int64(20 * time.Second)
	s.emit(spout, 3) // is young
	s.sweep(s.now + int64(10*time.Second) - 1)
	s.wantVerdicts()
	s.sweep(s.now + int64(10*time.Second))
	s.wantVerdicts("fail 1", "fail 2")
	stats := s.stats()
	if got := fmt.Sprint(stats.Trees.Failed.Held); got != "map[b:1 c:1]" || stats.Trees.Failed.Timeout != 2 || stats.Trees.Pending != 1 {
		t.Errorf("trees: %+v", stats.Trees)
	}
	if !strings.Contains(s.log.String(), `tuple 1 timed out: not acked within 30s, held by bolt \"b\"`) {
		t.Errorf("the log says %s", s.log.String())
	}
	s.sweep(s.now + int64(20*time.Second)) // c's tuple is as old by now
	if c.bolt.flight.n != 0 || b.bolt.flight.n != 1 {
		t.Errorf("b holds %d tuples, c %d; want the young one alone", b.bolt.flight.n, c.bolt.flight.n)
	}
}

func TestNothingTimesOutWhereTimeOutsAreOff(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.TopologyEnableTimeouts: false})
	s.emit(s.task("s", 0), 1)
	s.sweep(s.now + int64(time.Hour))
	s.wantVerdicts()
	if n := s.task("b", 0).bolt.flight.n; n != 1 {
		t.Errorf("b holds %d tuples", n)
	}
}

func TestStatsOfABolt(t *testing.T) {
	s := newStage(t, chain())
	spout, b := s.task("s", 0), s.task("b", 0)
	for n := range 3 {
		s.emit(spout, n)
	}
	roots := s.tuples(b)
	s.now += int64(10 * time.Millisecond)
	s.anchored(b, roots[0])
	s.ack(b, roots[0])
	s.now += int64(10 * time.Millisecond)
	s.fail(b, roots[1])
	s.say(b, `{"command":"metrics","name":"m","params":[1,2]}`)
	s.say(b, `{"command":"error","msg":"Traceback\nValueError: x\n"}`)

	stats := s.stats()
	got := stats.Components[1]
	if got.Executed != 2 || got.Acked != 1 || got.Failed != 1 || got.Emitted != 1 || got.Transferred != 1 {
		t.Errorf("counts: %+v", got)
	}
	if want := (InputStats{Component: "s", Stream: "default", Executed: 2, Acked: 1, Failed: 1}); got.Inputs[0] != want {
		t.Errorf("input: %+v, want %+v", got.Inputs[0], want)
	}
	// The second one waited behind the first: the bolt worked 10 ms on each.
	if got.ExecuteLatency.Mean != 10 || got.ProcessLatency.Mean != 15 {
		t.Errorf("execute %v ms, process %v ms; want 10, 15", got.ExecuteLatency.Mean, got.ProcessLatency.Mean)
	}
	if got.Errors != 1 || got.LastError != "Traceback\nValueError: x" {
		t.Errorf("%d errors, the last %q", got.Errors, got.LastError)
	}
	if want := (MetricStats{Name: "m", Reports: 1, Last: "[1,2]"}); len(got.Metrics) != 1 || got.Metrics[0] != want {
		t.Errorf("metrics: %+v, want %+v", got.Metrics, want)
	}
	if spoutStats := stats.Components[0]; spoutStats.Emitted != 3 || spoutStats.Acked != 0 || spoutStats.Failed != 1 {
		t.Errorf("the spout: %+v", spoutStats)
	}
}

func TestTicksAreEven(t *testing.T) {
	b := chain()
	b.Component("b").Config = map[string]any{conf.TopologyTickTupleFreq: int64(2)}
	s := newStage(t, b)
	bolt := s.task("b", 0)
	const second = int64(time.Second)
	bolt.bolt.ready()
	s.told(bolt)
	for _, c := range []struct {
		at, next int64
	}{
		{2*second + 5, 4 * second},  // a little late: the next is on time
		{4*second + 70, 6 * second}, // again
		{15 * second, 17 * second},  // very late: no burst follows
	} {
		s.timers.run(c.at)
		if got := bolt.bolt.ticks.when; got != c.next {
			t.Errorf("after a tick at %v, the next is at %v, want %v", time.Duration(c.at), time.Duration(got), time.Duration(c.next))
		}
	}
	ticks := 0
	for _, message := range s.told(bolt) {
		if strings.Contains(message, `"__tick"`) && strings.Contains(message, `"__system"`) {
			ticks++
		}
	}
	if ticks != 3 || s.stats().Components[1].Executed != 0 {
		t.Errorf("%d ticks, %d tuples executed; want 3 and none", ticks, s.stats().Components[1].Executed)
	}
}

// Ticks come forever: they must not keep a run from ending where a bolt has
// forgotten a tuple.
func TestTicksAreNoProgress(t *testing.T) {
	b := chain()
	b.Component("b").Config = map[string]any{conf.TopologyTickTupleFreq: int64(1)}
	s := newStage(t, b)
	bolt := s.task("b", 0)
	s.now = 5
	bolt.bolt.ticks.when = 5
	bolt.bolt.tick(5)
	f := bolt.bolt.flight
	s.ack(bolt, fmt.Sprint(f.id(f.oldest())))
	if s.stop.progress != 0 || f.n != 0 {
		t.Errorf("progress at %d, %d in flight; want none", s.stop.progress, f.n)
	}
}

// What belongs to no tree and is never acked does not fill the memory; what belongs to
// one is never given up for it.
func TestHoard(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	s.emit(s.task("s", 0), 1)
	root := s.tuples(b)
	out := s.task("s", 0).outs[0]
	in, origin := out.edges[0].in, out.origins[b.comp.codecNo]
	give := func(n int) {
		for range n {
			b.bolt.give(in, origin, []byte(`["x"]`), kept{}, nil)
			b.out.Reset()
		}
	}
	give(maxTreeless + 10)
	if b.bolt.flight.n != maxTreeless+11 {
		t.Errorf("it holds %d tuples behind one that belongs to a tree, want all %d", b.bolt.flight.n, maxTreeless+11)
	}
	s.ack(b, root...)
	s.wantVerdicts("ack 1")
	give(10)
	b.bolt.give(in, origin, []byte(`["last"]`), kept{}, nil)
	last := s.tuples(b)
	if b.bolt.flight.n != maxTreeless+10 {
		t.Errorf("it holds %d tuples, want %d", b.bolt.flight.n, maxTreeless+10)
	}
	s.ack(b, last...)
	if b.comp.errors != 0 {
		t.Errorf("errors: %s", b.comp.lastError)
	}
}

// A bolt that acks its tuples and never answers a heartbeat is still found when it hangs.
func TestUnansweredHeartbeatsDoNotHideAHang(t *testing.T) {
	s := newStage(t, chain())
	spout, b := s.task("s", 0), s.task("b", 0)
	for n := range 2 * maxHeartbeats {
		b.bolt.ensureHeartbeat()
		if !b.heartbeatOut {
			t.Fatalf("after %d unanswered heartbeats, the bolt's silence is not noticed any more", n)
		}
		s.emit(spout, n)
		for _, id := range s.tuples(b) {
			s.ack(b, id)
		}
	}
}
