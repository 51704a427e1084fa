package worker

// acker keeps the tuple trees. Storm's acker may sit on another machine than
// the bolts and XORs random ids so as to need no memory per edge; here all
// edges end in one process, and a count of them says the same.
//
// A tree is a slot in a table, with a generation, so that a tuple of a tree
// that has ended long ago cannot touch the tree that has the slot now. Each
// spout task has a list of its trees, oldest first, for which one slot is the
// head. Time-outs and the death of a spout walk these lists.
//
// It belongs to the loop, and knows nothing of it: what a verdict leads to is
// up to the two functions.
type acker struct {
	trees []tree
	free  uint32 // head of the list of free slots, linked by next; 0 is its end
	stats TreeStats
	lists uint64 // of trees, that were begun with gather

	// verdict is told of each tree that ends, while the tree can still be read.
	verdict func(t *tree, v verdict)
}

// treeRef names a tree. The zero value names none.
type treeRef struct{ index, gen uint32 }

func (r treeRef) none() bool { return r.index == 0 }

// tree is one spout tuple with an id and all that came of it.
type tree struct {
	gen     uint32
	live    bool
	open    int32  // tuples in flight that belong to it
	id      []byte // the spout's id, raw, in the spout's codec
	spout   *task
	stream  *outputCount
	emitted int64
	next    uint32
	prev    uint32
	listed  uint64 // the number of the last list that it is on
	values  kept
	// Set by the sweep: which tuple of a tree that timed out is in flight longest, and since when.
	holder    culprit
	heldSince int64
}

// verdict is how a tree ended.
type verdict uint8

const (
	acked verdict = iota
	failedByBolt
	timedOut
	childDied
	shutDown
)

func newAcker() *acker { return &acker{trees: make([]tree, 1, 1024)} }

// list makes the head of an empty list for a spout task.
func (a *acker) list() uint32 {
	head := a.alloc()
	a.trees[head].next, a.trees[head].prev = head, head
	return head
}

func (a *acker) alloc() uint32 {
	if i := a.free; i != 0 {
		a.free = a.trees[i].next
		return i
	}
	a.trees = append(a.trees, tree{})
	return uint32(len(a.trees) - 1)
}

// plant begins a tree, with one tuple open on behalf of the emit itself, so
// that it cannot end before the emit has been routed.
func (a *acker) plant(list uint32, spout *task, stream *outputCount, id []byte, values kept, now int64) treeRef {
	i := a.alloc()
	t := &a.trees[i]
	t.gen++
	t.live = true
	t.open = 1
	t.id = append(t.id[:0], id...)
	t.spout = spout
	t.stream = stream
	t.values = values
	t.emitted = now
	newest := a.trees[list].prev
	t.prev, t.next = newest, list
	a.trees[newest].next = i
	a.trees[list].prev = i
	a.stats.Emitted++
	a.stats.Pending++
	return treeRef{i, t.gen}
}

// find returns a tree that has not ended, or nil.
func (a *acker) find(r treeRef) *tree {
	if r.index == 0 {
		return nil
	}
	t := &a.trees[r.index]
	if t.gen != r.gen || !t.live {
		return nil
	}
	return t
}

// gather begins a list of trees, each of which include puts on it once. A list is
// known by its number, which its trees are marked with: an emit may be anchored to
// a hundred thousand, and to search the list for each would stall the loop.
func (a *acker) gather() { a.lists++ }

// include appends a tree to the list, unless it has ended or is on it already, and
// returns the extended slice.
func (a *acker) include(trees []treeRef, r treeRef) []treeRef {
	t := a.find(r)
	if t == nil || t.listed == a.lists {
		return trees
	}
	t.listed = a.lists
	return append(trees, r)
}

// grow adds a tuple to the tree.
func (a *acker) grow(r treeRef) {
	if t := a.find(r); t != nil {
		t.open++
	}
}

// done takes a tuple off the tree; the last one completes it.
func (a *acker) done(r treeRef) {
	if t := a.find(r); t != nil {
		if t.open--; t.open == 0 {
			a.end(r.index, acked)
		}
	}
}

// fail ends the tree, whatever else is open in it.
func (a *acker) fail(r treeRef, v verdict) {
	if a.find(r) != nil {
		a.end(r.index, v)
	}
}

func (a *acker) end(i uint32, v verdict) {
	t := &a.trees[i]
	t.live = false
	a.trees[t.prev].next = t.next
	a.trees[t.next].prev = t.prev
	a.stats.Pending--
	switch v {
	case acked:
		a.stats.Acked++
	case failedByBolt:
		a.stats.Failed.Bolt++
	case timedOut:
		a.stats.Failed.Timeout++
	case childDied:
		a.stats.Failed.Died++
	case shutDown:
		a.stats.Failed.Shutdown++
	}
	a.verdict(t, v)
	if cap(t.id) > maxKeptID {
		t.id = nil
	}
	t.spout, t.stream, t.holder = nil, nil, culprit{}
	t.next = a.free
	a.free = i
}

// held notes which component held a tuple of a tree that timed out.
func (a *acker) held(component string) {
	if a.stats.Failed.Held == nil {
		a.stats.Failed.Held = map[string]uint64{}
	}
	a.stats.Failed.Held[component]++
}

// maxKeptID is the largest id whose memory a free slot keeps for the next.
const maxKeptID = 256

// oldest is the tree of the list that was planted first, or none.
func (a *acker) oldest(list uint32) (treeRef, *tree) {
	i := a.trees[list].next
	if i == list {
		return treeRef{}, nil
	}
	return treeRef{i, a.trees[i].gen}, &a.trees[i]
}
