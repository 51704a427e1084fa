package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// asked lets the spouts be asked, and returns how many `next` that makes for them all.
// They answer them with nothing at all.
func (s *stage) asked() (n int) {
	for _, t := range s.plan.tasks {
		if t.spout != nil {
			t.spout.pump()
		}
	}
	s.readOn()
	s.askSpouts()
	for _, t := range s.plan.tasks {
		if t.spout == nil {
			continue
		}
		for _, m := range s.told(t) {
			n += strings.Count(m, `"next"`)
		}
		for t.spout.commands.Outstanding() > 0 {
			t.spout.commands.Synced(s.now)
		}
	}
	return n
}

// open opens all windows, for tests that are about something else.
func (s *stage) open() {
	for _, t := range s.plan.tasks {
		if t.bolt != nil {
			t.bolt.window = wideOpen()
		}
	}
}

func TestSpoutsWaitWhileABoltsQueueIsOverItsMark(t *testing.T) {
	b := chain()
	b.spout("other", 1, stream("default", "v")) // upstream of nobody
	s := newStage(t, b, conf.Conf{conf.GustQueueBytes: int64(1000)})
	c := s.task("c", 0) // two hops from its spout
	for _, step := range []struct {
		queue, asked int
	}{
		{1000, 2}, {1001, 1}, {1500, 1}, {900, 1}, {501, 1}, // not under again before half
		{500, 2}, {999, 2}, {2000, 1}, {0, 2},
	} {
		c.out.Buf = make([]byte, step.queue)
		s.checkQueue(c)
		if got := s.asked(); got != step.asked { // the other one is asked always
			t.Errorf("with %d bytes waiting, %d spouts are asked, want %d", step.queue, got, step.asked)
		}
	}
}

// What a bolt has been given and has not taken bounds what spouts are asked for,
// from the first tuple on.
func TestSpoutsWaitForABoltThatHasTuples(t *testing.T) {
	s := newStage(t, chain())
	spout, b := s.task("s", 0), s.task("b", 0)
	for n := range windowMin {
		if s.asked() == 0 {
			t.Fatalf("the spout is not asked although the bolt has %d tuples", n)
		}
		s.emit(spout, n)
	}
	if got := s.asked(); got != 0 {
		t.Fatalf("the spout is asked %d times although the bolt has %d tuples", got, windowMin)
	}
	if told := strings.Join(s.told(b), "\n"); !strings.Contains(told, "__heartbeat") {
		t.Errorf("nobody asks the bolt how far it is: it is told %s", told)
	}
	s.say(b, `{"command":"sync"}`) // it has taken them all, and will ack them later
	if s.asked() == 0 {
		t.Error("the spout is not asked although the bolt has taken all its tuples")
	}
}

// A quick bolt in front of a slow one does not hide the slow one's queue to come.
func TestWhatIsUpstreamCounts(t *testing.T) {
	s := newStage(t, chain())
	spout, b := s.task("s", 0), s.task("b", 0)
	b.bolt.window = wideOpen()
	for n := range windowMin {
		s.emit(spout, n)
	}
	if got := s.asked(); got != 0 {
		t.Errorf("the spout is asked %d times although the bolt behind the first one has %d tuples to come", got, windowMin)
	}
	// The first bolt makes two of each: half as many must stand before it.
	s.now += int64(time.Second)
	for range 2000 {
		s.emit(spout, 0)
		for _, id := range s.tuples(b) {
			s.anchored(b, id)
			s.anchored(b, id)
			s.ack(b, id)
		}
		c := s.task("c", 0)
		for _, id := range s.tuples(c) {
			s.ack(c, id)
		}
		s.now += int64(time.Millisecond)
		s.survey()
	}
	c := s.plan.byName["c"]
	if per := s.plan.byName["s"].reaches; len(per) != 2 || per[1].to != c || per[1].per < 1.9 || per[1].per > 2.1 {
		t.Errorf("a tuple of the spout's makes %+v", per)
	}
}

// A bolt that keeps its tuples for a batch is not slow: it takes them.
func TestSpoutsDoNotWaitForABatch(t *testing.T) {
	s := newStage(t, chain())
	spout, b := s.task("s", 0), s.task("b", 0)
	given := 0
	for range 10_000 {
		if s.asked() > 0 {
			s.emit(spout, given)
			given++
		}
		if strings.Contains(string(b.out.Buf), "__heartbeat") {
			b.out.Reset()
			s.now += int64(100 * time.Microsecond)
			s.say(b, `{"command":"sync"}`)
		}
	}
	if given < 9_000 {
		t.Errorf("in 10,000 rounds a bolt that keeps its tuples was given %d", given)
	}
}

// Spouts that wait for the same bolt are asked by turns.
func TestSpoutsAreAskedByTurns(t *testing.T) {
	b := build("t")
	b.spout("s", 4, stream("default", "key"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	s := newStage(t, b)
	bolt := s.task("b", 0)
	asked := map[string]int{}
	for range 400 {
		for _, spout := range s.plan.byName["s"].tasks {
			spout.spout.pump()
		}
		s.askSpouts()
		for _, spout := range s.plan.byName["s"].tasks {
			for range s.told(spout) {
				asked[spout.String()]++
				s.emit(spout, 0)
				s.say(spout, `{"command":"sync"}`)
			}
		}
		for _, id := range s.tuples(bolt)[:1] {
			s.ack(bolt, id)
		}
		s.now += int64(100 * time.Millisecond)
	}
	for spout, n := range asked {
		if n < 90 {
			t.Errorf("%s was asked %d times: %v", spout, n, asked)
		}
	}
}

// The trees of an unusual `next` count for a while: never more are pending
// than Storm would have.
func TestMaxSpoutPending(t *testing.T) {
	for _, perNext := range []int{1, 3} {
		for _, ahead := range []int64{1, 64} {
			s := newStage(t, chain(), conf.Conf{conf.TopologyMaxSpoutPending: int64(10), conf.GustMaxNextAhead: ahead})
			s.open()
			spout, b := s.task("s", 0), s.task("b", 0)
			most, n := 0, 0
			spout.spout.pump()
			for range 2000 {
				s.askSpouts()
				if spout.spout.commands.Outstanding() == 0 {
					// The spout may not be asked: a bolt must ack.
					if i := b.bolt.flight.oldest(); i != 0 {
						s.ack(b, fmt.Sprint(b.bolt.flight.id(i)))
					}
					continue
				}
				command, _, _ := spout.spout.commands.Oldest()
				if command.String() == "next" {
					for range perNext {
						s.emit(spout, n)
						n++
					}
				}
				s.say(spout, `{"command":"sync"}`)
				most = max(most, spout.spout.pending)
				s.told(spout)
				s.told(b)
			}
			// The first `next` of all is asked for before anybody knows what it opens.
			if bound := 10 + perNext - 1; most > bound || most < 9 {
				t.Errorf("%d trees per `next`, %d ahead: up to %d pending, want up to %d", perNext, ahead, most, bound)
			}
			if n < 500 {
				t.Errorf("%d trees per `next`, %d ahead: only %d tuples came through", perNext, ahead, n)
			}
		}
	}
}

// What a paused task has already said is handled in the round in which the queue that
// it was paused for has become short enough, even if the queue stays over half its mark.
func TestPausedTaskGoesOnAtOnce(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustQueueBytes: int64(1000)})
	b, c := s.task("b", 0), s.task("c", 0)
	c.out.Buf, c.overMark = make([]byte, 900), true
	b.proc, b.eof, b.behind = new(shell.Process), true, b.outs[0].edges[0]
	c.waiters = []*task{b}
	text := `{"command":"emit","tuple":["v"],"need_task_ids":false}` + "\nend\n"
	b.dec = multilang.JSON.NewDecoder(1 << 20)
	if _, err := b.dec.Fill(s.chunk, func(p []byte) (int, error) { return copy(p, text), nil }); err != nil {
		t.Fatal(err)
	}
	b.dec.Keep()
	c.touch()
	s.settle()
	if c.bolt.window.given != 1 {
		t.Error("the tuple that the paused bolt has emitted waits for another round")
	}
}
