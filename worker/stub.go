package worker

import (
	"fmt"

	"gust/multilang"
	"gust/topology"
	"gust/worker/peer"
)

// stub is what a task of another worker is here: a bolt's task without a process, with
// a flight and a window of its own, so that the router, the flow and the sweep need not know
// where a task is. A tuple for it takes a slot of the flight if it belongs to trees; the
// answer of the other worker is like a bolt's.
//
// What cannot be sent waits here, with its slots: until there is credit, or a connection, or
// another worker that has the task.
type stub struct {
	task *task
	peer *peerWorker
	up   bool // its worker says that the task has a process that works

	credit peer.Account
	sent   uint64 // the number of the last tuple that was sent over the link, or an earlier one
	asked  bool   // the other has been told that spouts wait for the task

	queue   []byte         // frames that wait
	waiting []waitingTuple // the same, one by one
	head    int            // the first of waiting, and
	at      int            // where it is in the queue
	cost    int            // of all that wait, as credit counts
}

// waitingTuple is a tuple in a stub's queue.
type waitingTuple struct {
	size int // of its frames
	cost int
	seq  uint64
	// slots is how many slots it has in the flight, first the id of the first one.
	slots int
	first multilang.TupleID
}

func newStub(t *task, p *peerWorker) *stub {
	s := &stub{task: t, peer: p, credit: peer.NewAccount(t.comp.shareBytes)}
	if t.bolt != nil {
		t.bolt.window.told = windowMin
	}
	return s
}

// linked is the connection that takes tuples for the task, or nil.
func (s *stub) linked() *link {
	if s.peer.leaving {
		return nil
	}
	return s.peer.link
}

// refresh sets whether the task counts as running: shuffle passes over tasks that do not.
func (s *stub) refresh() {
	state := down
	if s.up && s.peer.ready && s.linked() != nil {
		state = running
	}
	if t := s.task; t.state != state {
		t.state, t.since = state, t.loop.now
		t.loop.moved = true
	}
}

func (s *stub) setUp(up bool) {
	s.up = up
	s.refresh()
}

// give sends a tuple to the task, or has it wait.
func (s *stub) give(e *edge, from topology.TaskID, values []byte, place kept, trees []treeRef) {
	l := s.task.loop
	ps := l.peers
	if l.phase == ending {
		return // nobody takes it any more, and its trees have ended
	}
	b := s.task.bolt
	seq := b.window.give(l.now)
	slots := ps.slots[:0]
	switch {
	case e.cyclic:
		for i := range trees {
			slots = append(slots, peer.Slot{ID: s.open(seq, e.in, place, trees[i:i+1]), Entry: ps.entryOf(trees[i])})
		}
	case len(trees) > 0:
		slots = append(slots, peer.Slot{ID: s.open(seq, e.in, place, trees)})
	}
	ps.slots = slots
	traced := l.anyTraced(trees)
	cost := tupleCost(len(values), len(slots))
	if k := s.linked(); k != nil && s.head == len(s.waiting) && s.credit.MaySend() {
		k.out.Buf = peer.AppendTuple(k.out.Buf, s.task.id, from, e.in, slots, traced, values)
		s.send(k, seq, cost)
	} else {
		before := len(s.queue)
		s.queue = peer.AppendTuple(s.queue, s.task.id, from, e.in, slots, traced, values)
		w := waitingTuple{size: len(s.queue) - before, cost: cost, seq: seq, slots: len(slots)}
		if len(slots) > 0 {
			w.first = slots[0].ID
		}
		s.waiting = append(s.waiting, w)
		s.cost += cost
	}
	s.task.touch() // so that checkQueue looks at it
}

// tupleCost is what a tuple costs of a credit, in bytes: about what it takes in the queue of
// the task that gets it. Both sides have to agree.
func tupleCost(values, slots int) int { return values + 32 + 8*slots }

// open takes a slot for a tuple that belongs to trees.
func (s *stub) open(seq uint64, in int, place kept, trees []treeRef) multilang.TupleID {
	b := s.task.bolt
	if b.flight.full() {
		b.expire(b.flight.oldest(), failedByBolt)
	}
	for _, tree := range trees {
		b.loop.acker.grow(tree)
	}
	return b.flight.open(b.loop.now, seq, &b.inputs[in], place, trees)
}

// send notes that a tuple goes over a link.
func (s *stub) send(k *link, seq uint64, cost int) {
	s.sent = seq
	s.credit.Sent(uint64(cost))
	k.sent++
	k.touch()
}

// release sends what waits, as far as the credit goes.
func (s *stub) release() {
	k := s.linked()
	for k != nil && s.head < len(s.waiting) && s.credit.MaySend() {
		w := &s.waiting[s.head]
		if !s.expired(w) {
			k.out.Buf = append(k.out.Buf, s.queue[s.at:s.at+w.size]...)
			s.send(k, w.seq, w.cost)
		}
		s.drop()
	}
	s.task.touch()
}

// drop takes the first tuple out of the queue.
func (s *stub) drop() {
	w := &s.waiting[s.head]
	s.at += w.size
	s.cost -= w.cost
	s.head++
	switch {
	case s.head == len(s.waiting):
		s.queue, s.waiting, s.head, s.at = s.queue[:0], s.waiting[:0], 0, 0
		if cap(s.queue) > maxIdleQueue {
			s.queue = nil
		}
	case s.at > len(s.queue)/2 && s.head > len(s.waiting)/2:
		s.queue = s.queue[:copy(s.queue, s.queue[s.at:])]
		s.waiting = s.waiting[:copy(s.waiting, s.waiting[s.head:])]
		s.head, s.at = 0, 0
	}
}

// maxIdleQueue is the memory that an empty queue keeps.
const maxIdleQueue = 1 << 20

// expired says whether a waiting tuple has been given up, so that nobody wants it any more:
// all its slots have been closed. It then counts as taken.
func (s *stub) expired(w *waitingTuple) bool {
	if w.slots == 0 {
		return false
	}
	f := s.task.bolt.flight
	if _, held, _ := f.find(w.first); held {
		return false
	}
	if w.slots > 1 { // rare: a tuple on a cycle with several anchors
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			if f.slots[i].seq == w.seq {
				return false
			}
		}
	}
	s.task.bolt.window.taken++
	return true
}

// purge drops tuples that have expired while they waited, from the front.
func (s *stub) purge() {
	dropped := false
	for s.head < len(s.waiting) && s.expired(&s.waiting[s.head]) {
		s.drop()
		dropped = true
	}
	if dropped {
		s.task.touch()
	}
}

// load is how many bytes wait here or are on their way to the task.
func (s *stub) load() int { return int(s.credit.Spent()) + s.cost }

// answered handles an ACK or a FAIL of the task's worker.
func (s *stub) answered(f *peer.Frame) error {
	b := s.task.bolt
	i, held, _ := b.flight.find(f.ID)
	if !held {
		if !b.flight.issued(f.ID) {
			return fmt.Errorf("%w: %v of id %d, which was not sent", peer.ErrMalformed, f.Kind, f.ID)
		}
		return nil // it has been given up
	}
	if b.flight.slots[i].seq > s.sent {
		return fmt.Errorf("%w: %v of id %d, which was not sent yet", peer.ErrMalformed, f.Kind, f.ID)
	}
	b.loop.stop.progress = b.loop.now
	if f.Kind == peer.Ack {
		b.acked(i)
		return nil
	}
	v := verdict(f.Reason)
	if v == acked || v == timedOut || v >= forgotten {
		return fmt.Errorf("%w: FAIL for reason %d", peer.ErrMalformed, f.Reason)
	}
	by := s.task
	if t := b.loop.plan.known(f.From); t != nil {
		by = t
	}
	b.failTrees(i, v, culprit{task: by, slot: i, told: parseAbout(f.Body)})
	b.flight.close(i, slotFailed)
	return nil
}

// credited handles a CREDIT.
func (s *stub) credited(f *peer.Frame) error {
	b := s.task.bolt
	unsent := uint64(len(s.waiting) - s.head)
	if f.Taken > b.window.queued()-unsent {
		return fmt.Errorf("%w: CREDIT for %d tuples of task %d, which has %d", peer.ErrMalformed, f.Taken, f.Task, b.window.queued()-unsent)
	}
	if err := s.credit.Returned(f.Bytes); err != nil {
		return err
	}
	b.window.taken += f.Taken
	b.window.told = max(1, f.Window)
	b.window.limited = b.window.told
	s.asked = false
	b.loop.moved = true
	s.release()
	return nil
}

// want tells the task's worker, once for each credit, that spouts wait for the task.
func (s *stub) want() {
	if k := s.linked(); k != nil && !s.asked {
		s.asked = true
		k.out.First = peer.AppendWant(k.out.First, s.task.id)
		k.touch()
	}
}

// lost is called when the link has been lost. What was sent over it fails at once: its
// answer will not come. What was not waits for the next link.
func (s *stub) lost() {
	s.up, s.asked = false, false
	s.refresh()
	b := s.task.bolt
	if b == nil {
		return
	}
	f := b.flight
	s.task.fate = fmt.Sprintf("lost the connection to %v: %s", s.peer, s.peer.lost)
	for i := f.oldest(); i != 0 && f.slots[i].seq <= s.sent; i = f.oldest() {
		b.expire(i, childDied)
	}
	s.credit.Reset()
	b.window.taken = b.window.given - uint64(len(s.waiting)-s.head)
	b.window.told, b.window.limited = windowMin, windowMin
	s.task.touch() // who waits for it may go on
}

// reconnected is called when another link stands.
func (s *stub) reconnected() {
	if s.task.bolt != nil {
		s.release()
	}
}

// clear drops all that waits, at the end of the run.
func (s *stub) clear() {
	s.queue, s.waiting, s.head, s.at, s.cost = nil, nil, 0, 0, 0
	s.credit.Reset()
	s.task.touch()
}
