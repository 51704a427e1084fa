package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/topology"
)

// A tree of a million tuples, all of them open at once, ends with the last.
func TestTreeOfAMillion(t *testing.T) {
	t.Parallel()
	const million = 1_000_000
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("split", 1, inputs(from("s", topology.Shuffle)), stream("default", "v"))
	b.bolt("sink", 2, inputs(from("split", topology.Shuffle)))
	s := newStage(t, b)
	s.emit(s.task("s", 0), 1)
	root := s.tuples(s.task("split", 0))[0]

	split := s.task("split", 0)
	const batch = 10_000
	emit := fmt.Sprintf(`{"command":"emit","anchors":[%q],"tuple":["v"],"need_task_ids":false}`, root)
	for range million / batch {
		s.sayAll(split, slices.Repeat([]string{emit}, batch))
	}
	s.say(split, fmt.Sprintf(`{"command":"ack","id":%q}`, root))

	var acks [][]string // of each sink
	delivered := 0
	for i := range 2 {
		given := s.told(s.task("sink", i))
		for n, tuple := range given {
			_, id, _ := strings.Cut(tuple, `{"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			given[n] = `{"command":"ack","id":"` + id + `"}`
		}
		acks = append(acks, given)
		delivered += len(given)
	}
	if delivered != million {
		t.Fatalf("%d tuples were delivered", delivered)
	}
	last := acks[1][len(acks[1])-1]
	acks[1] = acks[1][:len(acks[1])-1]
	for i := range 2 {
		for part := range slices.Chunk(acks[i], batch) {
			s.sayAll(s.task("sink", i), part)
		}
	}
	if got := s.acker.stats; got.Pending != 1 || got.Acked != 0 {
		t.Fatalf("before the last ack: %+v", got)
	}
	s.say(s.task("sink", 1), last)
	if got := s.verdicts(s.task("s", 0)); len(got) != 1 || got[0] != "ack 1" {
		t.Errorf("the spout is told %q", got)
	}
}

// A tuple that is anchored to a hundred thousand tuples joins their trees in one
// go: to look for each tree among those before it would stall the topology.
func TestJoinOfAHundredThousand(t *testing.T) {
	t.Parallel()
	const trees = 100_000
	s := newStage(t, chain())
	spout, join, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	began := time.Now()
	for n := range trees {
		s.emit(spout, n)
	}
	planting := time.Since(began)
	anchors := s.tuples(join)
	emit := `{"command":"emit","anchors":["` + strings.Join(anchors, `","`) + `"],"tuple":["x"],"need_task_ids":false}`

	began = time.Now()
	s.say(join, emit)
	s.say(join, emit)
	if took := time.Since(began); took > 3*planting { // of which it takes a tenth
		t.Errorf("two joins of %d trees took %v, and to plant them took only %v", trees, took, planting)
	}
	acks := make([]string, trees)
	for i, id := range anchors {
		acks[i] = fmt.Sprintf(`{"command":"ack","id":%q}`, id)
	}
	s.sayAll(join, acks)
	joined := s.tuples(c)
	s.ack(c, joined[0])
	if got := s.acker.stats; got.Pending != trees || got.Acked != 0 {
		t.Fatalf("before the last ack: %+v", got)
	}
	s.ack(c, joined[1])
	if got := len(s.verdicts(spout)); got != trees || s.acker.stats.Acked != trees {
		t.Errorf("the spout is told %d verdicts, and the trees are %+v", got, s.acker.stats)
	}
}

// One emit to ten thousand tasks is ten thousand tuples of one tree.
func TestFanOutOfTenThousand(t *testing.T) {
	t.Parallel()
	const tasks = 10_000
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("wide", tasks, inputs(from("s", topology.All)))
	s := newStage(t, b)
	s.emit(s.task("s", 0), 1)
	for i := range tasks {
		wide := s.task("wide", i)
		ids := s.tuples(wide)
		if len(ids) != 1 {
			t.Fatalf("task %d was given %d tuples", i, len(ids))
		}
		if got := s.acker.stats.Pending; got != 1 {
			t.Fatalf("before the ack of task %d, %d trees are pending", i, got)
		}
		s.say(wide, fmt.Sprintf(`{"command":"ack","id":%q}`, ids[0]))
	}
	if got := s.verdicts(s.task("s", 0)); len(got) != 1 || got[0] != "ack 1" {
		t.Errorf("the spout is told %q", got)
	}
}

// A bolt that dies with ten thousand tuples in its hands fails them all at
// once, and each id is told once.
func TestBoltThatDiesHoldingTenThousand(t *testing.T) {
	t.Parallel()
	const tuples = 10_000
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: tuples, PerNext: 100}})
	b.plays("b", script{
		Bolt:  &fakecomponent.Bolt{Answer: "never"},
		Deeds: []fakecomponent.Deed{{After: tuples - 1, Do: "kill", Once: true}},
	})
	r := b.run(t, conf.Conf{conf.TopologyMessageTimeout: int64(600), conf.SupervisorWorkerShutdown: int64(60)})
	stats := r.until("all fail", func(s Stats) bool { return s.Trees.Failed.Died == tuples })
	if stats.Trees.Pending != 0 || stats.Trees.Acked != 0 {
		t.Errorf("trees: %+v", stats.Trees)
	}
	if _, entries := r.end(); count(entries, "s", "fail") != tuples {
		t.Errorf("the spout heard of %d fails, want %d", count(entries, "s", "fail"), tuples)
	}
}
