package worker

import (
	"encoding/binary"
	"fmt"
	"slices"

	"gust/multilang"
	"gust/topology"
	"gust/worker/peer"
)

// checkPeers checks what must hold of a worker's connections, whatever the others do.
func (n *simNode) checkPeers() {
	ps := n.loop.peers
	if ps == nil {
		return
	}
	for _, k := range ps.inOrder() {
		if k.stands && (k.peer == nil || k.peer.link != k) {
			n.world.violate("%v has two connections that stand with one worker", n)
		}
	}
	if v := ps.own.PlacementVersion; v < n.placement {
		n.world.violate("%v has gone back from placement %d to %d", n, n.placement, v)
	} else {
		n.placement = v
	}
	for ref := range ps.entries.of {
		if n.loop.acker.find(ref) == nil {
			n.world.violate("%v is engaged for an entry with a proxy that has ended", n)
		}
	}
	if ps.entries.Len() > len(ps.entries.of) {
		n.world.violate("%v is engaged for %d entries, and has %d proxies for them", n, ps.entries.Len(), len(ps.entries.of))
	}
	for _, t := range n.loop.plan.stubs {
		if t.bolt == nil || n.loop.phase == ending {
			continue
		}
		s := t.stub
		waiting := map[uint64]bool{}
		for _, w := range s.waiting[s.head:] {
			waiting[w.seq] = true
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			switch seq := f.slots[i].seq; {
			case seq > s.sent && !waiting[seq]:
				n.world.violate("%v: a slot waits for an answer of %v to a tuple that is neither sent nor queued", n, t)
			case seq <= s.sent && s.peer.link == nil:
				n.world.violate("%v: a slot waits for an answer of %v, over a connection that is lost", n, t)
			}
		}
	}
}

// simTraffic is what is under way between two workers, from one to the other: written or
// to be written, and not handled.
type simTraffic struct {
	tuples  map[topology.TaskID]int // of a task of the receiver
	slots   map[simSlot]int         // that these name
	costs   map[topology.TaskID]uint64
	marks   int             // frames of OVER and UNDER
	answers map[simSlot]int // to slots of the receiver, about tasks of the sender
	bytes   map[topology.TaskID]uint64
	taken   map[topology.TaskID]uint64 // of credit
}

// simSlot is a slot in the flight of a stub.
type simSlot struct {
	task topology.TaskID
	id   multilang.TupleID
}

// traffic reads what is on the way from one end of a connection to the other.
func (w *simWorld) traffic(from, to *link, at *simSide) *simTraffic {
	stream := append(w.stream[:0], at.pieces...)
	stream = append(append(stream, at.partial...), at.arrived...)
	for _, seg := range at.way {
		stream = append(stream, seg.bytes...)
	}
	stream = append(stream, at.other.held...)
	rest := from.out // it only forgets what it writes
	_, _ = rest.WriteTo(func(p []byte) (int, error) {
		stream = append(stream, p...)
		return len(p), nil
	})
	w.stream = stream
	traffic := &simTraffic{
		tuples: map[topology.TaskID]int{}, slots: map[simSlot]int{}, costs: map[topology.TaskID]uint64{},
		answers: map[simSlot]int{}, bytes: map[topology.TaskID]uint64{}, taken: map[topology.TaskID]uint64{},
	}
	d := peer.NewDecoder(0)
	d.Admit(from.peers.loop.plan.maxTuple)
	_, _ = d.Fill(stream, func([]byte) (int, error) { return len(stream), nil })
	var f peer.Frame
	for {
		ok, err := d.Next(&f)
		if err != nil {
			w.violate("what is under way on %v cannot be read: %v", at, err)
		}
		if !ok {
			return traffic
		}
		switch f.Kind {
		case peer.Tuple:
			traffic.tuples[f.Task]++
			traffic.costs[f.Task] += uint64(tupleCost(len(f.Body), len(f.Slots)))
			for _, s := range f.Slots {
				traffic.slots[simSlot{f.Task, s.ID}]++
			}
		case peer.Over, peer.Under:
			traffic.marks++
		case peer.Ack, peer.Fail:
			traffic.answers[simSlot{f.Task, f.ID}]++
		case peer.Credit:
			traffic.bytes[f.Task] += f.Bytes
			traffic.taken[f.Task] += f.Taken
		}
	}
}

// checkPairs checks the books of each connection that stands, at both ends.
func (w *simWorld) checkPairs() {
	proxies, leaves, marks, quiet := 0, 0, 0, true
	for _, a := range w.nodes {
		for _, b := range w.nodes {
			if a == b || a.idles() || b.idles() {
				continue
			}
			ka, kb := a.loop.peers.all[b.number].link, b.loop.peers.all[a.number].link
			if ka == nil || kb == nil {
				quiet = false
				continue
			}
			atA, atB := a.kernel.files[ka.fd-3].stream.(*simSide), b.kernel.files[kb.fd-3].stream.(*simSide)
			if atA.other != atB || atA.reset || atB.reset || atA.fin || atB.fin {
				quiet = false
				continue
			}
			there, back := w.traffic(ka, kb, atB), w.traffic(kb, ka, atA)
			proxies += w.checkPair(a, b, kb, there, back)
			marks += there.marks
			leaves += len(there.slots) + len(there.answers)
		}
	}
	if !quiet {
		return
	}
	for _, n := range w.nodes {
		if n.idles() {
			return
		}
		for _, t := range n.tasks {
			if t.bolt != nil && t.stub == nil {
				for i := t.bolt.flight.oldest(); i != 0; i = t.bolt.flight.slots[i].next {
					leaves++
				}
			} else if t.bolt != nil {
				leaves += len(t.stub.waiting) - t.stub.head
			}
		}
	}
	if marks == 0 {
		w.checkMarks()
	}
	if most := leaves * (len(w.nodes) + len(w.nodes[0].loop.plan.components)); w.single && !w.timeouts && proxies > most {
		w.violate("%d proxies for %d tuples that are somewhere", proxies, leaves)
	}
}

// checkMarks checks that each worker knows which tasks are over, as the others see them.
func (w *simWorld) checkMarks() {
	for _, a := range w.nodes {
		for _, t := range a.tasks {
			if t.bolt == nil {
				continue
			}
			over := ""
			for _, b := range w.nodes {
				if there := b.loop.plan.byID[t.id]; b != a && there.bolt.told && slices.Contains(there.comp.askers, a.number) {
					over += fmt.Sprint(b, " ")
				}
			}
			if (over != "") != t.bolt.over {
				w.violate("%v holds %v for over: %v; those who say so: %s", a, t, t.bolt.over, over)
			}
		}
	}
}

// idles says whether there is nothing to check of a worker.
func (n *simNode) idles() bool {
	return n.dead || n.ended || n.loop.peers == nil || n.loop.phase == ending
}

// checkPair checks what a worker has sent to the tasks of another.
func (w *simWorld) checkPair(a, b *simNode, kb *link, there, back *simTraffic) (proxies int) {
	owed := map[simSlot]int{} // the proxies of a's slots
	for i := range b.loop.acker.trees {
		if tree := &b.loop.acker.trees[i]; tree.live && tree.link == kb {
			task, size := binary.Uvarint(tree.id)
			id, _ := binary.Uvarint(tree.id[size:])
			owed[simSlot{topology.TaskID(task), multilang.TupleID(id)}]++
			proxies++
		}
	}
	for _, here := range b.loop.plan.tasks {
		if here.bolt == nil {
			continue
		}
		t := a.loop.plan.byID[here.id]
		held := map[simSlot]bool{}
		for i := t.bolt.flight.oldest(); i != 0; i = t.bolt.flight.slots[i].next {
			if s := &t.bolt.flight.slots[i]; s.seq <= t.stub.sent {
				held[simSlot{t.id, multilang.TupleID(s.gen<<slotBits | uint64(i))}] = true
			}
		}
		for _, slots := range []map[simSlot]int{there.slots, owed, back.answers} {
			for s := range slots {
				n := there.slots[s] + owed[s] + back.answers[s]
				switch {
				case s.task != t.id:
				case n > 1:
					w.violate("the tuple %v of %v at %v: %d under way, %d proxies, %d answers under way", s, a, b, there.slots[s], owed[s], back.answers[s])
				case !held[s] && !w.timeouts:
					w.violate("%v has no slot for the tuple %v at %v", a, s, b)
				}
				delete(held, s)
			}
		}
		if len(held) > 0 && !w.timeouts { // a proxy that times out is not answered: the slot does so as well
			w.violate("%v waits for answers from %v, and none will come: %v", a, b, held)
		}
		w.checkCredit(a, b, kb, t, here, there, back)
	}
	return proxies
}

// checkCredit checks the credit of a task at another worker, in bytes and in tuples.
func (w *simWorld) checkCredit(a, b *simNode, kb *link, t, here *task, there, back *simTraffic) {
	bytes, tuples := there.costs[t.id]+back.bytes[t.id], uint64(there.tuples[t.id])+back.taken[t.id]
	d := kb.debts[here.id]
	if d == nil { // nothing has arrived
		if t.stub.credit.Spent() != bytes {
			w.violate("%v has spent %d bytes on %v, which owes nobody, and %d are under way", a, t.stub.credit.Spent(), t, bytes)
		}
		return
	}
	for _, r := range here.bolt.foreign.runs[here.bolt.foreign.head:] {
		if r.of == d {
			bytes += r.bytes
		}
	}
	for i := here.bolt.flight.oldest(); i != 0; i = here.bolt.flight.slots[i].next {
		if s := &here.bolt.flight.slots[i]; s.from == d && here.bolt.flight.isUntaken(s.seq) {
			tuples++
		}
	}
	var f peer.Frame
	owed, dec := d.Debt, peer.NewDecoder(0)
	frame := owed.Append(nil, t.id, 1)
	dec.Admit(1)
	_, _ = dec.Fill(make([]byte, len(frame)), func(p []byte) (int, error) { return copy(p, frame), nil })
	if ok, err := dec.Next(&f); !ok || err != nil {
		w.violate("a CREDIT cannot be read: %v", err)
	}
	bytes, tuples = bytes+f.Bytes, tuples+f.Taken
	if spent := t.stub.credit.Spent(); spent != bytes {
		w.violate("%v has spent %d bytes on %v at %v, and of these %d are under way, queued or owed", a, spent, t, b, bytes)
	}
	unsent := uint64(len(t.stub.waiting) - t.stub.head)
	if given := t.bolt.window.queued() - unsent; given != tuples {
		w.violate("%v has sent %d tuples to %v at %v that it has not taken, and %d are under way, queued or owed", a, given, t, b, tuples)
	}
}

// cutFrames notes what a side has read: what is left over of whole frames.
func (s *simSide) cutFrames(b []byte) {
	s.partial = append(s.partial, b...)
	for {
		end := simFrameEnd(s.partial)
		if end == 0 {
			return
		}
		if w := s.conn.net.world; w.trace != nil {
			f := simFrame(s.partial[:end])
			w.tracef("  %v reads %v task %d, id %d, slots %v, bytes %d, taken %d", s, f.Kind, f.Task, f.ID, f.Slots, f.Bytes, f.Taken)
		}
		if frame := s.partial[:end]; peer.Kind(frame[0]) == peer.Piece {
			s.pieces = append(s.pieces, frame...)
			if _, size := binary.Uvarint(frame[1:]); frame[1+size] == 1 {
				s.pieces = nil
			}
		}
		s.partial = s.partial[end:]
	}
}

// simFrameEnd is where the first frame ends; 0 if it is not complete.
func simFrameEnd(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	n, size := binary.Uvarint(b[1:])
	if size <= 0 || len(b) < 1+size+int(n) {
		return 0
	}
	return 1 + size + int(n)
}

func (s simSlot) String() string { return fmt.Sprintf("%d of task %d", s.id, s.task) }
