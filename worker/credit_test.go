package worker

import (
	"fmt"
	"testing"
	"time"

	"gust/conf"
)

// full says how many tasks downstream of a spout have too much to do.
func (s *stage) full(spout string) int { return s.plan.byName[spout].full }

func TestSpoutsWaitWhileABoltsQueueIsOverItsMark(t *testing.T) {
	b := chain()
	b.spout("other", 1, stream("default", "v")) // upstream of nobody
	s := newStage(t, b, conf.Conf{conf.GustQueueBytes: int64(1000)})
	c := s.task("c", 0) // two hops from its spout
	for _, step := range []struct {
		queue, full int
	}{
		{1000, 0}, {1001, 1}, {1500, 1}, {900, 1}, {501, 1}, // not under again before half
		{500, 0}, {999, 0}, {2000, 1}, {0, 0},
	} {
		c.out.Buf = make([]byte, step.queue)
		s.mark(c)
		if got := s.full("s"); got != step.full {
			t.Errorf("with %d bytes waiting, %d tasks have too much to do, want %d", step.queue, got, step.full)
		}
		if s.full("other") != 0 {
			t.Error("a spout waits for a bolt that it does not feed")
		}
	}
}

func TestSpoutsWaitForABoltThatWillTakeLong(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	emit := func(n int) {
		for range n {
			s.emit(s.task("s", 0), n)
		}
	}
	emit(100)
	b.bolt.beat()
	emit(100)
	s.mark(b)
	if s.full("s") != 0 {
		t.Fatal("a bolt whose pace is not known has too much to do")
	}
	// 20 ms for a tuple makes 2 s for those that are left.
	s.now += int64(2 * time.Second)
	s.say(b, `{"command":"sync"}`)
	s.mark(b)
	if s.full("s") != 1 {
		t.Fatalf("%d tuples at %v each are not too much to do", b.bolt.pace.queued(), time.Duration(b.bolt.pace.perTuple))
	}
	b.bolt.beat()
	s.now += int64(2 * time.Second)
	s.dirty, b.dirty = nil, false
	s.say(b, `{"command":"sync"}`)
	if len(s.dirty) != 1 {
		t.Fatal("an answer does not have the mark looked at: the spouts would wait for ever")
	}
	s.mark(b)
	if s.full("s") != 0 {
		t.Error("a bolt with nothing to do has too much to do")
	}
}

// A bolt that keeps its tuples for a batch is not slow: it takes them.
func TestSpoutsDoNotWaitForABatch(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	for range 100 {
		for n := range 100 {
			s.emit(s.task("s", 0), n)
		}
		b.bolt.beat()
		s.now += int64(10 * time.Millisecond)
		s.say(b, `{"command":"sync"}`)
		s.now += int64(100 * time.Millisecond)
		s.mark(b)
		if s.full("s") != 0 {
			t.Fatalf("with %d tuples kept the bolt has too much to do", b.bolt.flight.n)
		}
	}
}

func TestSpoutIsNotAskedWhileItWaits(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustQueueBytes: int64(1000)})
	spout, b := s.task("s", 0), s.task("b", 0)
	b.out.Buf = make([]byte, 2000)
	s.mark(b)
	spout.spout.pump()
	s.askSpouts()
	if got := s.told(spout); len(got) != 0 {
		t.Errorf("the spout is told %q", got)
	}
	b.out.Reset()
	s.mark(b)
	s.askSpouts()
	if got := s.told(spout); len(got) != 1 {
		t.Errorf("when the queue is empty the spout is told %q, want one `next`", got)
	}
}

// The trees of an unusual `next` count for a while: never more are pending
// than Storm would have.
func TestMaxSpoutPending(t *testing.T) {
	for _, perNext := range []int{1, 3} {
		for _, ahead := range []int64{1, 64} {
			s := newStage(t, chain(), conf.Conf{conf.TopologyMaxSpoutPending: int64(10), conf.GustMaxNextAhead: ahead})
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
