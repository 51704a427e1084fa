package worker

import "gust/internal/poll"

// Backpressure. The queue in front of a bolt is its outbox, and two marks
// bound it:
//
//   - Above the first (gust.queue.bytes, or what at the bolt's pace takes more
//     than a second, or a quarter of the message time-out), the spouts upstream
//     are not asked for more. Tuples on their way still come
//     through: nobody waits for anybody.
//   - A single `next`, or a single input tuple, can beget any number of
//     tuples, so that the first mark alone bounds nothing. Above the second, a
//     multiple of the first, the output of whoever emits to the bolt is not
//     read until the queue is below the first again. The emitter blocks on its
//     full stdout, its own queue grows, and so on up to the spout.
//
// Not reading is safe where the tuples flow one way: the last bolt of the chain
// is always read, so that it goes on, and the chain with it. On a cycle it is
// not: two bolts that are not read because of each other's queues would wait
// for ever. There the second mark is cycleMark times the first, far above what
// the spouts' waiting lets come together unless the cycle makes more tuples
// than it takes; and a bolt that is held there is not excused from heartbeats,
// so that in the worst case the hang is found, and one process and its tuples
// given up for the others to go on.
const (
	holdMark  = 4
	cycleMark = 64
)

// hold says whether a task's output is read.
type hold uint8

const (
	free hold = iota
	held
	heldInCycle
)

// mark looks at a bolt's queue after a round, and tells the spouts upstream
// when it comes to be over its mark or is no longer.
func (w *loop) mark(t *task) {
	if t.bolt == nil {
		return
	}
	queue, most := t.out.Len(), t.comp.set.queueBytes
	if len(t.waiters) > 0 && queue <= most {
		w.release(t)
	}
	if t.over {
		most /= 2 // not to be over and under by turns
	}
	over := queue > most || t.bolt.overloaded()
	if over == t.over {
		return
	}
	t.over = over
	if over {
		t.bolt.probe()
	}
	for _, spout := range t.comp.spouts {
		if over {
			spout.full++
			continue
		}
		if spout.full--; spout.full == 0 {
			for _, s := range spout.tasks {
				s.spout.pump()
			}
		}
	}
}

// holdBehind stops reading t's output where the target's queue is over its second mark.
func (t *task) holdBehind(to target) {
	most, how := holdMark, held
	if to.edge.cyclic {
		most, how = cycleMark, heldInCycle
	}
	if t.holding != free || t.proc == nil || t.eof || to.task.out.Len() <= most*to.task.comp.set.queueBytes {
		return
	}
	t.holding = how
	to.task.waiters = append(to.task.waiters, t)
	to.task.touch() // so that its mark is looked at
	t.watch(0)
}

// watch sets what the task's stdout is watched for.
func (t *task) watch(want poll.Interest) {
	if err := t.w.poller.Change(t.proc.Stdout(), t.token(stdout), want); err != nil {
		t.end(err)
	}
}

// release reads those again that were held for t.
func (w *loop) release(t *task) {
	for _, waiter := range t.waiters {
		if waiter.holding == free {
			continue // its process has ended meanwhile
		}
		waiter.holding = free
		waiter.heard = w.now
		if waiter.proc != nil && !waiter.eof {
			waiter.watch(poll.Read)
		}
	}
	t.waiters = t.waiters[:0]
}
