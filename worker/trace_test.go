package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/topology"
)

// everyTree has a stage trace all trees.
var everyTree = conf.Conf{conf.GustTracePercent: int64(100)}

// trace takes the only trace out of the journal.
func (s *stage) trace() Trace {
	s.t.Helper()
	traces := s.snapshot().Journal.Traces
	if len(traces) != 1 {
		s.t.Fatalf("traces: %+v", traces)
	}
	return traces[0]
}

// after lets milliseconds pass.
func (s *stage) after(ms int) { s.now += int64(ms) * int64(time.Millisecond) }

// outline is a trace in one line for each hop: its parent, where it went, its state, and
// when it was given, taken and answered, in milliseconds.
func (t Trace) outline() string {
	lines := []string{fmt.Sprintf("%s %s%s %d", t.Spout, t.MessageID, t.Failed, t.Took.Milliseconds())}
	for i, h := range t.Hops {
		line := fmt.Sprintf("%d<%d %s->%s %s %d %d %d", i+1, h.Parent, h.From.Component, h.Bolt, h.State, h.Given.Milliseconds(), h.Taken.Milliseconds(), h.Answered.Milliseconds())
		if h.Cause {
			line += " cause"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func wantOutline(t *testing.T, got Trace, want ...string) {
	t.Helper()
	if text := strings.Join(want, "\n"); got.outline() != text {
		t.Errorf("the trace is\n%s\nwant\n%s", got.outline(), text)
	}
}

// A bolt works on one tuple after the other, and each that it emits is a hop of its own.
func TestTraceOfAFanOut(t *testing.T) {
	s := journaled(t, chain(), everyTree)
	s.now = int64(time.Hour)
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.say(spout, `{"command":"emit","id":"m1","tuple":["root"]}`)
	root := s.tuples(b)
	s.after(10)
	s.anchored(b, root...)
	s.anchored(b, root...)
	s.after(5)
	s.ack(b, root...)
	children := s.tuples(c)
	s.after(5)
	s.ack(c, children[0])
	s.after(30)
	s.ack(c, children[1])
	got := s.trace()
	wantOutline(t, got, `s "m1" 50`,
		"1<0 s->b acked 0 0 15",
		"2<1 b->c acked 10 10 20",
		"3<1 b->c acked 10 20 50")
	if got.Values != `["root"]` || got.Stream != "default" || got.Hops[1].Values != `["x"]` || got.Hops[1].FromTask != int(b.id) || got.Hops[1].Task != int(c.id) {
		t.Errorf("trace: %+v", got)
	}
	if since := time.Since(got.Time); since < 50*time.Millisecond || since > time.Minute {
		t.Errorf("it began %v ago", since)
	}
	if again := s.snapshot().Journal.Traces; len(again) > 0 {
		t.Errorf("again: %+v", again)
	}
}

// A tuple anchored to tuples of two trees is a hop of both, below its own parent in each.
// The first anchor of a tree counts.
func TestTraceOfAJoin(t *testing.T) {
	s := journaled(t, chain(), everyTree)
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	s.emit(spout, 2)
	roots := s.tuples(b)
	s.after(10)
	s.anchored(b, roots[1], roots[0], roots[1])
	s.ack(b, roots...)
	s.after(10)
	s.ack(c, s.tuples(c)...)
	traces := s.snapshot().Journal.Traces
	if len(traces) != 2 {
		t.Fatalf("traces: %+v", traces)
	}
	for i, trace := range traces { // in the order of the anchors
		wantOutline(t, trace, fmt.Sprintf("s %d 20", 2-i), "1<0 s->b acked 0 0 10", "2<1 b->c acked 10 10 20")
	}
}

// One tree of two that are joined may be traced alone.
func TestTraceOfHalfAJoin(t *testing.T) {
	s := journaled(t, chain())
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	spout.comp.set.tracePercent = 100
	s.emit(spout, 2)
	roots := s.tuples(b)
	s.anchored(b, roots...)
	s.ack(b, roots...)
	s.ack(c, s.tuples(c)...)
	wantOutline(t, s.trace(), "s 2 0", "1<0 s->b acked 0 0 0", "2<1 b->c acked 0 0 0")
	if s.tracing.live != 0 || s.tracing.hops != 0 {
		t.Errorf("tracing: %+v", s.tracing)
	}
}

func TestTraceOfAFailure(t *testing.T) {
	s := journaled(t, chain(), everyTree)
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	root := s.tuples(b)
	s.after(10)
	s.anchored(b, root...)
	s.after(10)
	s.say(c, `{"command":"error","msg":"Traceback\nValueError: x"}`)
	s.fail(c, s.tuples(c)[0])
	got := s.trace()
	wantOutline(t, got, "s 1bolt 20", "1<0 s->b working 0 0 0", "2<1 b->c failed 10 10 20 cause")
	if !strings.HasSuffix(got.Error, "ValueError: x") {
		t.Errorf("error: %q", got.Error)
	}
	// What comes later belongs to no tree.
	s.anchored(b, root...)
	s.ack(b, root...)
	s.ack(c, s.tuples(c)...)
	if more := s.snapshot().Journal.Traces; len(more) > 0 {
		t.Errorf("after its end: %+v", more)
	}
}

func TestTraceOfATimeout(t *testing.T) {
	s := journaled(t, chain(), everyTree, conf.Conf{conf.TopologyMessageTimeout: int64(5)})
	s.emit(s.task("s", 0), 1)
	s.tuples(s.task("b", 0))
	s.after(6000)
	s.sweep(s.now)
	wantOutline(t, s.trace(), "s 1timeout 6000", "1<0 s->b queued 0 0 0 cause")
}

func TestTraceOfADeath(t *testing.T) {
	s := journaled(t, chain(), everyTree)
	b := s.task("b", 0)
	s.emit(s.task("s", 0), 1)
	s.tuples(b)
	b.bolt.died()
	wantOutline(t, s.trace(), "s 1died 0", "1<0 s->b queued 0 0 0 cause")
}

// A large tree has hops that are only counted, and a flood of trees is not traced whole.
func TestTracesAreBounded(t *testing.T) {
	s := journaled(t, chain(), everyTree)
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.emit(spout, 1)
	root := s.tuples(b)
	for range mostTreeHops + 10 {
		s.anchored(b, root...)
	}
	s.ack(b, root...)
	s.ack(c, s.tuples(c)...)
	if got := s.trace(); len(got.Hops) != mostTreeHops || got.Missed != 11 || got.Failed != "" {
		t.Errorf("%d hops, %d missed, failed: %q", len(got.Hops), got.Missed, got.Failed)
	}
	for second := range 2 {
		s.after(1000)
		for n := range mostTraced + 50 {
			s.emit(spout, n)
			root := s.tuples(b)
			s.ack(b, root...)
		}
		if n := len(s.snapshot().Journal.Traces); n != mostTraced {
			t.Errorf("second %d: %d traces", second, n)
		}
	}
	// A steady stream is traced evenly.
	for range 10 {
		s.after(100)
		for n := range 100 {
			s.emit(spout, n)
			s.ack(b, s.tuples(b)...)
		}
		if n := len(s.snapshot().Journal.Traces); n < mostTraced/10-1 || n > mostTraced/10+1 {
			t.Errorf("%d traces in a tenth of a second", n)
		}
	}
	if s.tracing.live != 0 || s.tracing.hops != 0 {
		t.Errorf("tracing: %+v", s.tracing)
	}
}

// About as many trees are traced as the percentage says, of the spout that it is set for.
func TestSampling(t *testing.T) {
	b := chain()
	b.spout("other", 1, stream("default", "v"))
	s := journaled(t, b)
	traced := map[string]int{}
	play := func() {
		clear(traced)
		for range 10 {
			s.after(1000)
			for n := range 100 {
				s.emit(s.task("s", 0), n)
				s.ack(s.task("b", 0), s.tuples(s.task("b", 0))...)
				s.emit(s.task("other", 0), n)
			}
			for _, trace := range s.snapshot().Journal.Traces {
				traced[trace.Spout]++
			}
		}
	}
	if play(); len(traced) > 0 {
		t.Errorf("unasked: %v", traced)
	}
	w := &Worker{loop: s.loop}
	w.SetSampling("s", 20)
	s.runPosts()
	if play(); traced["s"] < 100 || traced["s"] > 320 || traced["other"] != 0 {
		t.Errorf("of 1000 trees, 20%%: %v", traced)
	}
	w.SetSampling("", 0.0)
	w.SetSampling("other", 100)
	s.runPosts()
	if play(); traced["s"] != 0 || traced["other"] != 1000 {
		t.Errorf("of 1000 trees, all of the other spout's: %v", traced)
	}
	for _, c := range s.snapshot().Components {
		if want := map[string]float64{"other": 100}[c.Name]; c.Sampling != want {
			t.Errorf("%s: %v", c.Name, c.Sampling)
		}
	}
}

// Without acker executors, a tree is acked at once, and has no hops.
func TestTraceWithoutAckers(t *testing.T) {
	s := journaled(t, chain(), everyTree, conf.Conf{conf.TopologyAckerExecutors: int64(0)})
	s.emit(s.task("s", 0), 1)
	wantOutline(t, s.trace(), "s 1 0")
}

// Real processes: the trace of each tree has its split and its two counts.
func TestTracesOfARun(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.journal = true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("c", 1, inputs(from("b", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 20}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
	b.plays("c", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t, everyTree)
	var traces []Trace
	r.until("the acks", func(s Stats) bool {
		traces = append(traces, r.worker.Snapshot().Journal.Traces...)
		return s.Trees.Acked == 20
	})
	r.end()
	traces = append(traces, r.worker.Snapshot().Journal.Traces...)
	if len(traces) != 20 {
		t.Fatalf("%d traces", len(traces))
	}
	for _, trace := range traces {
		if len(trace.Hops) != 3 || trace.Hops[1].Parent != 1 || trace.Hops[2].Parent != 1 || trace.Hops[2].Bolt != "c" {
			t.Errorf("hops: %s", trace.outline())
		}
		for _, h := range trace.Hops {
			if h.State != HopAcked || h.Given > h.Taken || h.Taken > h.Answered || h.Answered > trace.Took {
				t.Errorf("times: %s", trace.outline())
			}
		}
	}
}
