package worker

import (
	"testing"
	"time"
)

const ms = int64(time.Millisecond)

func TestPace(t *testing.T) {
	for _, c := range []struct {
		name     string
		play     func(p *pace)
		perTuple time.Duration
		queued   uint64
	}{
		{"nothing is known", func(p *pace) { giveAll(p, 0, 5) }, 0, 5},
		{"a busy bolt", func(p *pace) {
			giveAll(p, 0, 100)
			p.mark(0)
			giveAll(p, 0, 100)
			p.mark(0)
			answer(p, 100*ms)
			answer(p, 200*ms)
		}, time.Millisecond, 0},
		{"idle before", func(p *pace) {
			p.mark(0)
			answer(p, 1*ms)
			giveAll(p, 5000*ms, 100)
			p.mark(5000 * ms)
			answer(p, 5100*ms)
		}, time.Millisecond, 0},
		{"two answers in one chunk", func(p *pace) {
			giveAll(p, 0, 100)
			p.mark(0)
			giveAll(p, 0, 100)
			p.mark(0)
			giveAll(p, 0, 7)
			p.answered()
			p.answered()
			p.settle(200 * ms)
		}, time.Millisecond, 7},
		{"slower than before", func(p *pace) {
			giveAll(p, 0, 100)
			p.mark(0)
			answer(p, 100*ms)
			giveAll(p, 100*ms, 100)
			p.mark(100 * ms)
			answer(p, 600*ms)
		}, 2 * time.Millisecond, 0},
		{"nobody asked", func(p *pace) {
			giveAll(p, 0, 100)
			answer(p, 100*ms)
		}, 0, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pace{}
			c.play(p)
			if got := time.Duration(p.perTuple); got != c.perTuple || p.queued() != c.queued {
				t.Errorf("%v for a tuple and %d queued, want %v and %d", got, p.queued(), c.perTuple, c.queued)
			}
		})
	}
}

func giveAll(p *pace, now int64, n int) {
	for range n {
		p.give(now)
	}
}

func answer(p *pace, now int64) {
	p.answered()
	p.settle(now)
}

// A growing queue is measured often, a quiet one by the heartbeats of each second.
func TestPaceIsDue(t *testing.T) {
	p := &pace{}
	giveAll(p, 20*ms, markAfter-1)
	if p.due(20 * ms) {
		t.Error("due after few tuples")
	}
	giveAll(p, 20*ms, 1)
	if !p.due(20 * ms) {
		t.Error("not due after many tuples")
	}
	p.mark(20 * ms)
	giveAll(p, 25*ms, 1000)
	if p.due(25 * ms) {
		t.Error("due again after 5 ms")
	}
	if !p.due(40 * ms) {
		t.Fatal("not due after 20 ms")
	}
	for range maxMarks - 1 {
		p.mark(40 * ms)
	}
	giveAll(p, 1000*ms, 1000)
	if p.due(1000 * ms) {
		t.Error("due although nothing is answered")
	}
}
