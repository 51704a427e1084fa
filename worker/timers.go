package worker

import "container/heap"

// timer calls fire once, on the loop, at or after its time. It may be armed again, even
// by fire itself.
type timer struct {
	fire  func(now int64)
	when  int64
	place int // in the heap, plus one; 0 if it is not armed
}

func (t *timer) armed() bool { return t.place != 0 }

// timers is the loop's heap of armed timers.
type timers []*timer

// arm sets a timer, or changes its time if it is armed.
func (ts *timers) arm(t *timer, when int64) {
	t.when = when
	if t.armed() {
		heap.Fix(ts, t.place-1)
		return
	}
	heap.Push(ts, t)
}

// disarm removes a timer, if it is armed.
func (ts *timers) disarm(t *timer) {
	if t.armed() {
		heap.Remove(ts, t.place-1)
	}
}

// run fires what is due, each timer at most once: a timer that arms itself for now waits
// for the next run, so that each run ends.
func (ts *timers) run(now int64) {
	for n := len(*ts); n > 0 && len(*ts) > 0 && (*ts)[0].when <= now; n-- {
		heap.Pop(ts).(*timer).fire(now)
	}
}

// next is the time of the earliest timer. ok is false if none is armed.
func (ts timers) next() (when int64, ok bool) {
	if len(ts) == 0 {
		return 0, false
	}
	return ts[0].when, true
}

func (ts timers) Len() int           { return len(ts) }
func (ts timers) Less(i, j int) bool { return ts[i].when < ts[j].when }
func (ts timers) Swap(i, j int) {
	ts[i], ts[j] = ts[j], ts[i]
	ts[i].place, ts[j].place = i+1, j+1
}

// Push and Pop are heap.Interface's.
func (ts *timers) Push(x any) {
	t := x.(*timer)
	*ts = append(*ts, t)
	t.place = len(*ts)
}

// Pop is heap.Interface's.
func (ts *timers) Pop() any {
	old := *ts
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*ts = old[:len(old)-1]
	t.place = 0
	return t
}
