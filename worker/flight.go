package worker

import "gust/multilang"

// flight is the table of the tuples in flight to one bolt task: those that it holds,
// having neither acked nor failed them (ShellBolt.inputs).
//
// A tuple's id on the wire is its slot's index and the slot's generation. Finding it
// takes no map and no allocation, and the generation exposes an id that is late, forged
// or used twice:
//
//	63                        24 23          0
//	+---------------------------+-------------+
//	| generation (39 bits)      | slot        |
//	+---------------------------+-------------+
//
// Slot 0 is never a tuple's: it is the head of the list of tuples in flight, oldest
// first, and the ids of heartbeats are its own.
type flight struct {
	slots []slot
	free  int32 // head of the list of free slots, linked by next; 0 is its end
	n     int
	// untaken is the oldest tuple that the bolt is not known to have read; 0 if there is none.
	untaken int32
}

// slot is one tuple in flight.
type slot struct {
	gen    uint64 // of the tuple that holds the slot, or held it last
	sent   int64  // when it was put into the outbox
	seq    uint64 // its number among the process's tuples
	tree   treeRef
	more   []treeRef // further trees, if it has several anchors
	in     *inputCount
	values kept
	hop    *hop  // nil, unless a tree of it is traced
	from   *debt // to the worker that has sent it; nil if that is this one
	next   int32
	prev   int32
	state  slotState
}

// slotState says what a slot holds, or how its last tuple ended.
type slotState uint8

const (
	slotUnused slotState = iota
	slotHeld
	slotAcked
	slotFailed
	slotExpired // gust gave it up: it timed out, or its process died
)

const (
	slotBits = 24
	maxSlots = 1 << slotBits
)

func newFlight() *flight { return &flight{slots: make([]slot, 1, 64)} }

// open takes a slot for a tuple with a number. The table must not be full.
func (f *flight) open(now int64, seq uint64, in *inputCount, values kept, trees []treeRef) multilang.TupleID {
	i := f.free
	if i != 0 {
		f.free = f.slots[i].next
	} else {
		i = int32(len(f.slots))
		f.slots = append(f.slots, slot{})
	}
	s := &f.slots[i]
	s.gen++
	s.sent = now
	s.seq = seq
	s.in = in
	s.values = values
	s.state = slotHeld
	switch len(trees) {
	case 0:
		s.tree = treeRef{}
	case 1:
		s.tree = trees[0]
	default:
		s.tree = trees[0]
		s.more = append(s.more[:0], trees[1:]...)
	}
	newest := f.slots[0].prev
	s.prev, s.next = newest, 0
	f.slots[newest].next = i
	f.slots[0].prev = i
	f.n++
	if f.untaken == 0 {
		f.untaken = i
	}
	return multilang.TupleID(s.gen<<slotBits | uint64(i))
}

// full says whether every id is in use.
func (f *flight) full() bool { return f.free == 0 && len(f.slots) == maxSlots }

// find returns the slot of an id. held says whether the tuple is in flight. If not, was
// says how it ended, or slotUnused if the id is too old to know, or not one of ours.
func (f *flight) find(id multilang.TupleID) (index int32, held bool, was slotState) {
	i := int32(id & (maxSlots - 1))
	if i == 0 || int(i) >= len(f.slots) {
		return 0, false, slotUnused
	}
	s := &f.slots[i]
	if s.gen != uint64(id)>>slotBits {
		return 0, false, slotUnused
	}
	return i, s.state == slotHeld, s.state
}

// issued says whether the id was ever used.
func (f *flight) issued(id multilang.TupleID) bool {
	i := id & (maxSlots - 1)
	gen := uint64(id) >> slotBits
	return i != 0 && int(i) < len(f.slots) && gen > 0 && gen <= f.slots[i].gen
}

// close frees a slot.
func (f *flight) close(i int32, how slotState) {
	s := &f.slots[i]
	if s.from != nil {
		if f.isUntaken(s.seq) {
			s.from.take()
		}
		s.from = nil
	}
	if f.untaken == i {
		f.untaken = s.next
	}
	f.slots[s.prev].next = s.next
	f.slots[s.next].prev = s.prev
	if s.more = s.more[:0]; cap(s.more) > maxKeptTrees {
		s.more = nil
	}
	s.state = how
	s.hop = nil
	s.next = f.free
	f.free = i
	f.n--
}

// maxKeptTrees is for how many trees a free slot keeps memory.
const maxKeptTrees = 256

// take counts the tuples up to a number as executed, when the bolt has read them. (Storm
// counts a tuple when it has called execute.) For traces: it began to work on each of them
// since its last answer, or since it was sent the tuple.
func (f *flight) take(seq uint64, answer int64) {
	for f.untaken != 0 {
		s := &f.slots[f.untaken]
		if s.seq > seq {
			return
		}
		if s.in != nil {
			s.in.executed++
		}
		if s.from != nil {
			s.from.take()
		}
		if s.hop != nil {
			s.hop.take(max(s.sent, answer))
		}
		f.untaken = s.next
	}
}

// isUntaken says whether tuple number seq is not known to have been read. A tick has the number
// of the tuple before it, which may have been read.
func (f *flight) isUntaken(seq uint64) bool {
	if f.untaken == 0 {
		return false
	}
	first := &f.slots[f.untaken]
	return seq > first.seq || seq == first.seq && first.in != nil
}

// rejuvenate makes the tuples in flight younger. None is from the future then.
func (f *flight) rejuvenate(by, now int64) {
	for i := f.oldest(); i != 0; i = f.slots[i].next {
		f.slots[i].sent = min(f.slots[i].sent+by, now)
	}
}

// oldest is the index of the tuple that has been in flight longest, or 0.
func (f *flight) oldest() int32 { return f.slots[0].next }

// newest is the index of the tuple that was put in flight last, or 0.
func (f *flight) newest() int32 { return f.slots[0].prev }

// heartbeatID returns an id for a heartbeat: of slot 0, so that it is no tuple's.
func (f *flight) heartbeatID() multilang.TupleID {
	f.slots[0].gen++
	return multilang.TupleID(f.slots[0].gen << slotBits)
}

// isHeartbeat says whether an id is a heartbeat's. Some clients ack those too.
func (f *flight) isHeartbeat(id multilang.TupleID) bool {
	gen := uint64(id) >> slotBits
	return id&(maxSlots-1) == 0 && gen > 0 && gen <= f.slots[0].gen
}
