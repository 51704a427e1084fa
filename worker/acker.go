package worker

// acker keeps the tuple trees. Storm's acker may be on another machine than the bolts,
// and XORs random ids so that it needs no memory per edge. Here all edges end in one
// process, and a count of open tuples is enough.
//
// An injected tuple has a tree as well, on a list of its own (inject.go), and so has a tuple
// that another worker has sent (proxy.go).
//
// A tree is a slot in a table, with a generation, so that a late tuple of a tree that
// ended long ago cannot touch the tree that has the slot now. Each spout task has a
// list of its trees, oldest first, whose head is a slot of its own. Timeouts and the
// death of a spout walk through these lists.
//
// It belongs to the loop, but does not know it: onEnd decides what follows from a
// verdict.
type acker struct {
	trees []tree
	free  uint32 // head of the list of free slots, linked by next; 0 is its end
	stats TreeStats
	lists uint64 // of trees, that beginList has begun

	// onEnd is called for each tree that ends, while the tree can still be read.
	onEnd func(t *tree, ref treeRef, v verdict)
}

// treeRef refers to a tree. The zero value refers to none.
type treeRef struct{ index, gen uint32 }

func (r treeRef) none() bool { return r.index == 0 }

// tree is a spout's tuple with an id, and all tuples that are anchored to it.
type tree struct {
	gen     uint32
	live    bool
	open    int32      // its tuples in flight
	id      []byte     // the spout's id, raw, in the spout's codec; of a proxy, what its answer names
	spout   *spoutTask // nil if the tuple was injected
	by      *injected  // what it has instead
	link    *link      // or instead of both: it is a proxy, for the worker at the other end
	stream  *outputCount
	emitted int64
	next    uint32
	prev    uint32
	listed  uint64 // the number of the last list that it was put on
	values  kept
	trace   *trace // nil, unless the tree is traced
	// The sweep sets these: which tuple of a tree that timed out has been in flight longest, and since when.
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
	forgotten // a proxy, whose link is lost: nobody is told
)

func newAcker() *acker { return &acker{trees: make([]tree, 1, 1024)} }

// list makes the head of an empty list for a spout task.
func (a *acker) list() uint32 {
	head := a.alloc()
	a.trees[head].next, a.trees[head].prev = head, head
	return head
}

// release gives back the head of an empty list.
func (a *acker) release(list uint32) {
	a.trees[list].next = a.free
	a.free = list
}

func (a *acker) alloc() uint32 {
	if i := a.free; i != 0 {
		a.free = a.trees[i].next
		return i
	}
	a.trees = append(a.trees, tree{})
	return uint32(len(a.trees) - 1)
}

// plant begins a tree. The emit itself counts as an open tuple, so that the tree cannot
// end before the emit has been routed.
func (a *acker) plant(list uint32, spout *spoutTask, stream *outputCount, id []byte, values kept, now int64) treeRef {
	ref, t := a.begin(list, now)
	t.id = append(t.id[:0], id...)
	t.spout = spout
	t.stream = stream
	t.values = values
	a.stats.Emitted++
	a.stats.Pending++
	return ref
}

// plantInjected begins the tree of an injected tuple. The stats do not count it: they are
// the sums of what the spouts have emitted.
func (a *acker) plantInjected(list uint32, by *injected, now int64) treeRef {
	ref, t := a.begin(list, now)
	t.by = by
	return ref
}

// begin puts a tree at the end of a list.
func (a *acker) begin(list uint32, now int64) (treeRef, *tree) {
	i := a.alloc()
	t := &a.trees[i]
	t.gen++
	t.live = true
	t.open = 1
	t.emitted = now
	newest := a.trees[list].prev
	t.prev, t.next = newest, list
	a.trees[newest].next = i
	a.trees[list].prev = i
	return treeRef{i, t.gen}, t
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

// beginList begins a list of trees, to which include adds each tree once. Its trees
// remember its number, since an emit may be anchored to a hundred thousand of them, and
// searching the list for each would stall the loop.
func (a *acker) beginList() { a.lists++ }

// include appends a tree to the list, unless the tree has ended or is already on it,
// and returns the extended slice.
func (a *acker) include(trees []treeRef, r treeRef) []treeRef {
	t := a.find(r)
	if t == nil || t.listed == a.lists {
		return trees
	}
	t.listed = a.lists
	return append(trees, r)
}

// grow adds an open tuple to the tree.
func (a *acker) grow(r treeRef) {
	if t := a.find(r); t != nil {
		t.open++
	}
}

// done removes an open tuple from the tree. Without open tuples, the tree is acked.
func (a *acker) done(r treeRef) {
	if t := a.find(r); t != nil {
		if t.open--; t.open == 0 {
			a.end(r.index, acked)
		}
	}
}

// fail ends the tree, even if other tuples of it are open.
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
	if t.by == nil && t.link == nil { // a spout's
		a.stats.count(v)
	}
	a.onEnd(t, treeRef{i, t.gen}, v)
	if cap(t.id) > maxKeptID {
		t.id = nil
	}
	t.spout, t.by, t.link, t.stream, t.trace, t.holder = nil, nil, nil, nil, nil, culprit{}
	t.next = a.free
	a.free = i
}

// count counts the end of a tree.
func (s *TreeStats) count(v verdict) {
	s.Pending--
	switch v {
	case acked:
		s.Acked++
	case failedByBolt:
		s.Failed.Bolt++
	case timedOut:
		s.Failed.Timeout++
	case childDied:
		s.Failed.Died++
	case shutDown:
		s.Failed.Shutdown++
	}
}

// failAll fails all trees of a list.
func (a *acker) failAll(list uint32, v verdict) {
	for ref, _ := a.oldest(list); !ref.none(); ref, _ = a.oldest(list) {
		a.fail(ref, v)
	}
}

// held counts a tree that timed out for the component that held a tuple of it.
func (a *acker) held(component string) {
	if a.stats.Failed.Held == nil {
		a.stats.Failed.Held = map[string]uint64{}
	}
	a.stats.Failed.Held[component]++
}

// maxKeptID is the largest id whose memory a free slot keeps for the next tree.
const maxKeptID = 256

// rejuvenate makes the trees of a list younger. None is from the future then.
func (a *acker) rejuvenate(list uint32, by, now int64) {
	for i := a.trees[list].next; i != list; i = a.trees[i].next {
		t := &a.trees[i]
		t.emitted = min(t.emitted+by, now)
	}
}

// oldest returns the tree of the list that was planted first, or none.
func (a *acker) oldest(list uint32) (treeRef, *tree) {
	i := a.trees[list].next
	if i == list {
		return treeRef{}, nil
	}
	return treeRef{i, a.trees[i].gen}, &a.trees[i]
}
