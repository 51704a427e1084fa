package worker

import (
	"fmt"
	"slices"

	"gust/topology"
)

// simTruth knows what really happened to each tuple, since it sees what the children write
// and read. So it can judge the loops' verdicts. Each emit has a number of its own, which is
// the first of its values; those of a task rise.
type simTruth struct {
	world *simWorld
	last  uint64
	emits map[uint64]*simEmit
	roots map[uint64]*simRoot
	seen  map[[2]topology.TaskID]uint64 // the last tuple that came from one task to another
	keys  map[string]topology.TaskID    // where the tuples of a key go
}

func newSimTruth(w *simWorld) simTruth {
	return simTruth{world: w, emits: map[uint64]*simEmit{}, roots: map[uint64]*simRoot{}, seen: map[[2]topology.TaskID]uint64{}, keys: map[string]topology.TaskID{}}
}

// simEmit is a tuple that a child has emitted.
type simEmit struct {
	number uint64
	from   *simChild
	stream string
	key    string
	expect int               // how many tasks get it
	got    []topology.TaskID // those that have
	roots  []*simRoot        // of the trees that it belongs to

	injected bool // by a worker, and so in no order with others of its source
}

// simRoot is a spout's tuple with an id.
type simRoot struct {
	number  uint64
	spout   *simChild // nil if it was injected
	open    int       // tuples that have to be acked before the tree may be
	failed  bool
	verdict bool // a loop has decided
	emits   []*simEmit
}

// simDelivery is a tuple that a child of a bolt has read and neither acked nor failed.
type simDelivery struct {
	*simEmit
	id string // as a JSON text
}

// emit notes a tuple. It is a root if a spout gives it an id.
func (truth *simTruth) emit(from *simChild, stream, key string, direct topology.TaskID, anchors []*simDelivery, root bool) *simEmit {
	truth.last++
	e := &simEmit{number: truth.last, from: from, stream: stream, key: key}
	for _, a := range anchors {
		for _, r := range a.roots {
			if !slices.Contains(e.roots, r) {
				e.roots = append(e.roots, r)
			}
		}
	}
	if root {
		r := &simRoot{number: e.number, spout: from}
		truth.roots[r.number] = r
		e.roots = append(e.roots, r)
	}
	out := from.keeper.task.comp.output([]byte(stream))
	if out == nil {
		for _, r := range e.roots {
			r.failed = true
		}
		out = &output{}
	}
	for _, edge := range out.edges {
		switch {
		case edge.grouping == topology.All:
			e.expect += len(edge.to.tasks)
		case edge.grouping != topology.Direct || slices.ContainsFunc(edge.to.tasks, func(t *task) bool { return t.id == direct }):
			e.expect++
		}
	}
	for _, r := range e.roots {
		r.open += e.expect
		r.emits = append(r.emits, e)
	}
	truth.emits[e.number] = e
	truth.world.tracef("  %v emits %d on %s, for %d tasks, of %v", from, e.number, stream, e.expect, e.roots)
	return e
}

func (r *simRoot) String() string { return fmt.Sprintf("tree %d", r.number) }

// deliver notes that a child has read a tuple.
func (truth *simTruth) deliver(to *simChild, number uint64, m *simMessage) *simDelivery {
	w := truth.world
	e := truth.emits[number]
	task := to.keeper.task
	if e == nil || m.Comp == nil || *m.Comp != e.from.keeper.task.comp.name() || m.Stream != e.stream || m.Task != int(e.from.keeper.task.id) {
		w.violate("%v got the tuple %d, which nobody has emitted on the stream %q of the task %d", to, number, m.Stream, m.Task)
	}
	if slices.Contains(e.got, task.id) {
		w.violate("%v got the tuple %d of %v twice", to, number, e.from)
	}
	e.got = append(e.got, task.id)
	if len(e.got) > e.expect {
		w.violate("%d tasks got the tuple %d of %v, not %d", len(e.got), number, e.from, e.expect)
	}
	pair := [2]topology.TaskID{e.from.keeper.task.id, task.id}
	if last := truth.seen[pair]; last > number && !e.injected {
		w.violate("%v got the tuple %d of %v after %d", to, number, e.from, last)
	}
	if !e.injected {
		truth.seen[pair] = number
	}
	truth.checkGrouping(e, to)
	return &simDelivery{e, string(m.ID)}
}

// checkGrouping checks that a tuple went where its grouping says.
func (truth *simTruth) checkGrouping(e *simEmit, to *simChild) {
	for _, edge := range e.from.keeper.task.comp.output([]byte(e.stream)).edges {
		if edge.to.name() != to.keeper.task.comp.name() {
			continue
		}
		switch edge.grouping {
		case topology.Global:
			if to.keeper.task.id != edge.to.tasks[0].id {
				truth.world.violate("%v got a tuple of a global grouping", to)
			}
		case topology.Fields:
			where := fmt.Sprintf("%s %s %s %s", e.from.keeper.task.comp.name(), e.stream, edge.to.name(), e.key)
			if before, known := truth.keys[where]; known && before != to.keeper.task.id {
				truth.world.violate("tuples of one key went to the tasks %d and %d (%s)", before, to.keeper.task.id, where)
			}
			truth.keys[where] = to.keeper.task.id
		}
	}
}

// ack notes that a child has acked a tuple.
func (d *simDelivery) ack() {
	for _, r := range d.roots {
		r.open--
	}
}

// fail notes that it has failed it.
func (d *simDelivery) fail() {
	for _, r := range d.roots {
		r.failed = true
	}
}

// judge checks the verdict of a loop on a tree.
func (truth *simTruth) judge(number uint64, v verdict) {
	r := truth.roots[number]
	w := truth.world
	switch {
	case r == nil:
		w.violate("a verdict on the tree %d, which there is not", number)
	case r.verdict:
		w.violate("a second verdict on the tree %d", number)
	case v == acked && r.failed:
		w.violate("the tree %d was acked, and a bolt has failed a tuple of it", number)
	case v == acked && r.open > 0:
		w.violate("the tree %d was acked too early: %d tuples of it are not\n%s", number, r.open, r.describe())
	}
	w.tracef("  tree %d: verdict %d", number, v)
	r.verdict = true
}

// describe lists the tuples of a tree.
func (r *simRoot) describe() (text string) {
	for _, e := range r.emits {
		text += fmt.Sprintf("    tuple %d of %v on %s: for %d tasks, read by %v\n", e.number, e.from, e.stream, e.expect, e.got)
	}
	return text
}

// checkDelivered checks that all tuples have been read by those to whom they go.
func (truth *simTruth) checkDelivered() {
	for n := uint64(1); n <= truth.last; n++ {
		if e := truth.emits[n]; len(e.got) != e.expect {
			truth.world.violate("the tuple %d of %v on %s went to %v only, not to %d tasks", n, e.from, e.stream, e.got, e.expect)
		}
	}
}
