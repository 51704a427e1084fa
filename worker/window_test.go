package worker

import (
	"fmt"
	"math"
	"testing"
	"time"
)

const ms = int64(time.Millisecond)

// wideOpen is a window that bounds nothing.
func wideOpen() window {
	return window{size: math.MaxInt64 / 2, limited: math.MaxInt64 / 2, most: math.MaxInt64}
}

// bolt plays a bolt against its window: it takes the tuples in their order, each in
// its time.
type playedBolt struct {
	window
	now  int64
	pace int64
	next int64 // when it is done with the tuple that it works on
	late int64 // the longest that a tuple waited
	sent []int64
	idle int64 // how long it had nothing to do
	done int
}

// play runs it until a time. Its window is refilled after a delay: that of the way
// over the spout.
func (b *playedBolt) play(until, refill int64) {
	const step = ms / 20
	arrivals := []int64{}
	for ; b.now < until; b.now += step {
		for len(arrivals) > 0 && arrivals[0] <= b.now {
			if b.queued() == 0 {
				b.next = b.now + b.pace
			}
			b.give(b.now)
			b.sent = append(b.sent, b.now)
			arrivals = arrivals[1:]
		}
		if b.queued() == 0 {
			b.idle += step
		}
		for b.queued() > 0 && b.next <= b.now {
			b.late = max(b.late, b.now-b.sent[b.taken])
			b.reach(b.taken + 1)
			b.endChunk(b.now)
			b.done++
			b.next += b.pace
		}
		if b.queued()+uint64(len(arrivals)) >= b.limit(b.now) {
			if b.queued() == 0 {
				b.widen(b.now)
			}
		}
		for b.queued()+uint64(len(arrivals)) < b.limit(b.now) {
			arrivals = append(arrivals, b.now+refill)
		}
		if b.now%int64(time.Second) == 0 {
			b.shrink()
		}
	}
	for range arrivals { // they come at once
		b.give(b.now)
		b.sent = append(b.sent, b.now)
	}
}

// Whatever the bolt's pace and the spout's: tuples wait no longer than they must, and
// the bolt is kept busy.
func TestWindow(t *testing.T) {
	for _, pace := range []time.Duration{100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 400 * time.Millisecond, 5 * time.Second} {
		for _, refill := range []time.Duration{100 * time.Microsecond, 2 * time.Millisecond, 20 * time.Millisecond} {
			t.Run(fmt.Sprint(pace, " a tuple, refilled after ", refill), func(t *testing.T) {
				b := &playedBolt{window: newWindow(30 * time.Second), pace: int64(pace)}
				warm := max(5*time.Second, 3*pace)
				b.play(int64(warm), int64(refill))
				b.idle, b.late, b.done = 0, 0, 0
				b.play(int64(warm)+max(int64(10*time.Second), 10*b.pace), int64(refill))
				if most := max(300*ms, 3*b.pace); b.late > most {
					t.Errorf("a tuple waited for %v, want at most %v (the window is %d)", time.Duration(b.late), time.Duration(most), b.limit(b.now))
				}
				want := float64(max(int64(10*time.Second), 10*b.pace)) / float64(b.pace)
				if got := float64(b.done); got < 0.95*want-1 {
					t.Errorf("%v tuples of the %v that it could do (the window is %d)", got, want, b.limit(b.now))
				}
			})
		}
	}
}

// A bolt that becomes a hundred times as slow has no more in its queue than it can do
// before its tuples time out.
func TestWindowWhenThePaceChanges(t *testing.T) {
	for _, pace := range []time.Duration{10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond} {
		t.Run(fmt.Sprint(pace), func(t *testing.T) {
			b := &playedBolt{window: newWindow(30 * time.Second), pace: max(int64(pace), ms/20)}
			b.play(10*int64(time.Second), ms)
			b.pace *= 100
			b.next = b.now + b.pace
			b.late = 0
			b.play(b.now+30*int64(time.Second), ms)
			if most := max(100*int64(windowLeast)*3/2, 5*b.pace); b.late > most {
				t.Errorf("a tuple waited for %v, want at most %v", time.Duration(b.late), time.Duration(most))
			}
			b.pace /= 100
			b.play(b.now+10*int64(time.Second), ms)
			b.done = 0
			b.play(b.now+int64(time.Second), ms)
			if want := int(int64(time.Second) / b.pace); b.done < want*95/100 {
				t.Errorf("fast again it did %d tuples of the %d that it could", b.done, want)
			}
		})
	}
}

func TestWindowTellsWhatIsTaken(t *testing.T) {
	for _, c := range []struct {
		name   string
		play   func(w *window)
		queued uint64
	}{
		{"nothing is known", func(w *window) { giveAll(w, 0, 5) }, 5},
		{"an ack, and so all before it", func(w *window) { giveAll(w, 0, 5); w.reach(3); w.endChunk(1) }, 2},
		{"an ack of an older one", func(w *window) { giveAll(w, 0, 5); w.reach(3); w.reach(2); w.endChunk(1) }, 2},
		{"a heartbeat", func(w *window) { giveAll(w, 0, 5); w.noteHeartbeat(0); giveAll(w, 0, 1); answer(w, 1) }, 1},
		{"two heartbeats in one chunk", func(w *window) {
			giveAll(w, 0, 5)
			w.noteHeartbeat(0)
			giveAll(w, 0, 5)
			w.noteHeartbeat(0)
			giveAll(w, 0, 1)
			w.reach(w.heartbeatSynced())
			answer(w, 1)
		}, 1},
		{"an answer that nobody asked for", func(w *window) { giveAll(w, 0, 5); answer(w, 1) }, 5},
		{"another process", func(w *window) { giveAll(w, 0, 5); w.noteHeartbeat(0); w.restart(); giveAll(w, 0, 2); answer(w, 1) }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWindow(0)
			c.play(&w)
			if got := w.queued(); got != c.queued {
				t.Errorf("%d queued, want %d", got, c.queued)
			}
		})
	}
}

func giveAll(w *window, now int64, n int) {
	for range n {
		w.give(now)
	}
}

func answer(w *window, now int64) {
	w.reach(w.heartbeatSynced())
	w.endChunk(now)
}

// A growing queue is measured often, a quiet one by the heartbeats of each second.
func TestHeartbeatIsDue(t *testing.T) {
	w := newWindow(0)
	giveAll(&w, 20*ms, heartbeatAfter-1)
	if w.due(20 * ms) {
		t.Error("due after few tuples")
	}
	giveAll(&w, 20*ms, 1)
	if !w.due(20 * ms) {
		t.Error("not due after many tuples")
	}
	w.noteHeartbeat(20 * ms)
	giveAll(&w, 25*ms, 1000)
	if w.due(25 * ms) {
		t.Error("due again after 5 ms")
	}
	if !w.due(40 * ms) {
		t.Fatal("not due after 20 ms")
	}
	for range maxHeartbeats - 1 {
		w.noteHeartbeat(40 * ms)
	}
	giveAll(&w, 1000*ms, 1000)
	if w.due(1000 * ms) {
		t.Error("due although nothing is answered")
	}
}
