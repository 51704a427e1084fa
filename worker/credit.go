package worker

import (
	"gust/internal/poll"
	"gust/multilang"
)

// Backpressure. Three things bound what waits for a bolt, from the gentlest on:
//
//   - Spouts are not asked for more while a bolt downstream of them has no room:
//     its tasks' windows are full, counted in tuples (window.go, flow.go), or the
//     outbox of one is above the first mark, gust.queue.bytes. What is on its way
//     still comes through: nobody waits for anybody.
//   - A spout that emits more than it was expected to is not read any further,
//     between two of its tuples, until there is room again.
//   - A single input tuple of a bolt can beget any number of tuples, too. Above the
//     second mark, a multiple of the first, the output of those that emit to the bolt
//     is not read until the outbox is below the first mark again. The emitter blocks
//     on its full stdout, its own queue grows, and so on up to the spout.
//
// Not reading a bolt is safe where the tuples flow one way: the last bolt of the
// chain is always read, so that it goes on, and the chain with it. On a cycle it is
// not: two bolts that are not read because of each other's queues would wait
// forever. There the second mark is cycleMark times the first, far above what
// the spouts' waiting lets come together unless the cycle makes more tuples
// than it takes; and a bolt that is held there is not excused from heartbeats,
// so that in the worst case the hang is found, and one process and its tuples
// given up for the others to go on.
const (
	holdMark  = 4
	cycleMark = 64
)

// hold says whether a task's output is read, and for what it waits if not.
type hold uint8

const (
	free        hold = iota
	heldByQueue      // for the outbox of a task that it emits to
	heldInCycle      // the same, on a cycle
	heldByFlow       // for room in the windows downstream: spouts alone
)

// mark looks at a bolt's outbox after a round.
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
	if over := queue > most; over != t.over {
		t.over, w.moved = over, true
	}
}

// askSpouts asks those that wait for as much as there is room for. Those that are
// left wanting stay on the list.
func (w *loop) askSpouts() {
	for again := len(w.pumps) > 0; again; {
		w.survey()
		again = w.askEach()
		for _, c := range w.componentsOf(w.pumps) {
			again = c.widen(w.now) || again
		}
		again = again && len(w.pumps) > 0
	}
	for _, c := range w.componentsOf(w.pumps) {
		c.probe()
	}
}

// componentsOf is the components of spouts, each once. It is valid until the next call.
func (w *loop) componentsOf(spouts []*spoutTask) []*component {
	w.visit++
	w.components = w.components[:0]
	for _, s := range spouts {
		if s.comp.visit != w.visit {
			s.comp.visit = w.visit
			w.components = append(w.components, s.comp)
		}
	}
	return w.components
}

// askEach asks each spout that waits, in turn, for its share. It says whether any
// was asked. Those that got nothing stand first on the list of those that are left.
func (w *loop) askEach() (asked bool) {
	line := w.pumps
	w.pumps, w.part = w.askedLast[:0], w.part[:0]
	for i, s := range line {
		s.pumping = false
		wants := s.wants()
		n := wants
		if share := s.comp.mayAsk() / float64(len(line)-i); share <= 0 {
			n = 0
		} else if share < float64(wants) {
			n = max(1, int(share))
		}
		for range n {
			s.put(multilang.Next, nil)
		}
		s.comp.ask(n)
		asked = asked || n > 0
		if n == wants {
			continue
		}
		s.pumping = true
		if n == 0 {
			w.pumps = append(w.pumps, s)
		} else {
			w.part = append(w.part, s)
		}
	}
	w.pumps, w.askedLast = append(w.pumps, w.part...), line
	return asked
}

// mayGoOn says whether the spout's output may be read on after a tuple.
func (s *spoutTask) mayGoOn() bool {
	if s.w.closed || s.exited {
		return true
	}
	if s.grant--; s.grant > 0 {
		return true
	}
	s.w.survey()
	s.grant = int(min(s.comp.mayEmit(), maxGrant))
	return s.grant > 0
}

// maxGrant is how many tuples of a spout are read before room is looked for anew.
const maxGrant = 1 << 20

// holdForRoom leaves the spout unread until there is room again. What has been read
// already waits in its decoder.
func (s *spoutTask) holdForRoom() {
	s.holding = heldByFlow
	s.unreadFor = s.comp.tightest()
	s.w.held = append(s.w.held, s)
	s.watch(0)
	s.comp.probe()
}

// holdBehind stops reading t's output where the target's queue is over its second mark.
func (t *task) holdBehind(to target) {
	most, how := holdMark, heldByQueue
	if to.edge.cyclic {
		most, how = cycleMark, heldInCycle
	}
	if t.holding != free || t.proc == nil || t.eof || to.task.out.Len() <= most*to.task.comp.set.queueBytes {
		return
	}
	t.holding = how
	t.unreadFor = to.task.comp
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
		if waiter.holding == heldByQueue || waiter.holding == heldInCycle { // else its process has ended meanwhile
			w.unhold(waiter)
		}
	}
	t.waiters = t.waiters[:0]
}

// unhold has a task's output read again, at the end of this round.
func (w *loop) unhold(t *task) {
	t.holding = free
	t.heard = w.now
	if t.proc == nil {
		return
	}
	if !t.eof {
		t.watch(poll.Read)
	}
	w.resumed = append(w.resumed, t)
}

// readOn looks whether there is room for the spouts that are left unread, and
// handles what held tasks had said before.
func (w *loop) readOn() {
	if len(w.held) > 0 {
		w.survey()
		still := w.held[:0]
		for _, s := range w.held {
			switch {
			case s.holding != heldByFlow: // its process has ended meanwhile
			case w.closed || s.comp.mayEmit() > 0:
				w.unhold(s.task)
			default:
				still = append(still, s)
			}
		}
		clear(w.held[len(still):])
		w.held = still
		for _, c := range w.componentsOf(still) {
			c.probe()
		}
	}
	for i := 0; i < len(w.resumed); i++ {
		if t := w.resumed[i]; t.proc != nil && t.holding == free {
			t.handleRead()
		}
	}
	w.resumed = w.resumed[:0]
}
