package worker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gust/multilang"
)

// Random opens and closes against a map: no id is given to two tuples, every
// one in flight is found, none of the others is, and the list is in the order
// of the deliveries.
func TestFlightAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			f := newFlight()
			held := map[multilang.TupleID]int64{} // by id: when it was sent
			gone := map[multilang.TupleID]slotState{}
			var order []multilang.TupleID
			for now := range int64(3000) {
				if len(order) == 0 || len(order) < 50 && rnd.IntN(2) == 0 {
					id := f.open(now, 0, nil, kept{}, nil)
					if _, twice := held[id]; twice || gone[id] != slotUnused {
						t.Fatalf("the id %d was given out twice", id)
					}
					held[id] = now
					order = append(order, id)
				} else {
					i := rnd.IntN(len(order))
					if rnd.IntN(3) == 0 {
						i = 0
					}
					id := order[i]
					slot, ok, _ := f.find(id)
					if !ok || f.slots[slot].sent != held[id] {
						t.Fatalf("the id %d, in flight since %d, is not found", id, held[id])
					}
					how := []slotState{slotAcked, slotFailed, slotExpired}[rnd.IntN(3)]
					f.close(slot, how)
					gone[id] = how
					delete(held, id)
					order = slices.Delete(order, i, i+1)
				}
				if f.n != len(order) {
					t.Fatalf("%d in flight, want %d", f.n, len(order))
				}
			}
			for id := range held {
				if !f.issued(id) {
					t.Errorf("the id %d, which is in flight, counts as never issued", id)
				}
			}
			for id, how := range gone {
				_, ok, was := f.find(id)
				if ok || was != slotUnused && was != how || !f.issued(id) {
					t.Errorf("the id %d, closed as %d: held %v, was %d, issued %v", id, how, ok, was, f.issued(id))
				}
			}
			if got := flightOrder(f); !slices.Equal(got, order) {
				t.Errorf("in flight by age: %v, want %v", got, order)
			}
			if len(f.slots) > 52 {
				t.Errorf("%d slots for never more than 50 tuples at a time", len(f.slots))
			}
		})
	}
}

// id is the id of the tuple in a slot.
func (f *flight) id(i int32) multilang.TupleID {
	return multilang.TupleID(f.slots[i].gen<<slotBits | uint64(i))
}

// flightOrder lists the ids in flight, the oldest first.
func flightOrder(f *flight) (ids []multilang.TupleID) {
	for i := f.oldest(); i != 0; i = f.slots[i].next {
		ids = append(ids, f.id(i))
	}
	return ids
}

func TestFlightTellsIDsApart(t *testing.T) {
	f := newFlight()
	first := f.open(1, 1, nil, kept{}, nil)
	slot, _, _ := f.find(first)
	f.close(slot, slotAcked)
	if _, held, was := f.find(first); held || was != slotAcked {
		t.Errorf("a tuple acked just now: held %v, was %d", held, was)
	}
	second := f.open(2, 2, nil, kept{}, nil) // takes the slot that is free
	again, held, _ := f.find(second)
	if !held || again != slot {
		t.Fatalf("the free slot %d was not used again, but %d", slot, again)
	}
	if _, held, was := f.find(first); held || was != slotUnused {
		t.Errorf("a tuple whose slot is another's now: held %v, was %d", held, was)
	}
	beat := f.heartbeatID()
	for _, c := range []struct {
		name              string
		id                multilang.TupleID
		issued, heartbeat bool
	}{
		{"in flight", second, true, false},
		{"long ago", first, true, false},
		{"heartbeat", beat, false, true},
		{"heartbeat to come", beat + 1<<slotBits, false, false},
		{"zero", 0, false, false},
		{"generation to come", second + 1<<slotBits, false, false},
		{"slot to come", second + 1, false, false},
		{"generation zero", multilang.TupleID(slot), false, false},
		{"largest", ^multilang.TupleID(0), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := f.issued(c.id); got != c.issued {
				t.Errorf("issued(%d) = %v", c.id, got)
			}
			if got := f.isHeartbeat(c.id); got != c.heartbeat {
				t.Errorf("isHeartbeat(%d) = %v", c.id, got)
			}
			if _, held, _ := f.find(c.id); held != (c.id == second) {
				t.Errorf("find(%d) says that it is held: %v", c.id, held)
			}
		})
	}
}

func TestFlightKeepsTrees(t *testing.T) {
	f := newFlight()
	trees := []treeRef{{1, 1}, {2, 1}, {3, 7}}
	for n := range len(trees) + 1 {
		id := f.open(0, 0, nil, kept{}, trees[:n])
		slot, _, _ := f.find(id)
		s := &f.slots[slot]
		got := slices.Clone(s.more)
		if !s.tree.none() {
			got = append([]treeRef{s.tree}, got...)
		}
		if !slices.Equal(got, trees[:n]) {
			t.Errorf("a tuple of the trees %v has %v", trees[:n], got)
		}
		f.close(slot, slotAcked) // the next one takes this slot, with what is left in it
	}
}

// A tick has the number of the tuple before it, which may have been read when the tick has not.
func TestFlightTellsATickFromTheTupleBefore(t *testing.T) {
	f := newFlight()
	tuple, tick := &inputCount{}, (*inputCount)(nil)
	f.open(1, 1, tuple, kept{}, nil)
	if !f.isUntaken(1) {
		t.Error("a tuple that nobody has read counts as taken")
	}
	f.take(1, 0)
	f.open(2, 1, tick, kept{}, nil)
	f.open(3, 2, tuple, kept{}, nil)
	if f.isUntaken(1) || !f.isUntaken(2) {
		t.Errorf("with a tick behind it, the tuple that was read is untaken: %v; the one behind the tick: %v", f.isUntaken(1), f.isUntaken(2))
	}
}
