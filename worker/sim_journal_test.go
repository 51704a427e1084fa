package worker

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"gust/topology"
)

// What the loops' journals say is compared with the truth: why trees have failed and who is to
// blame for it, how injected tuples have ended, and where the tuples of traced trees went.

// simInjected is a tuple that was injected and has not ended.
type simInjected struct {
	root *simRoot
	at   int64
}

// checkJournal takes the journal, and checks what it says.
func (n *simNode) checkJournal() {
	j := n.loop.journal.take()
	for i := range j.Failures {
		n.checkFailure(&j.Failures[i])
	}
	for i := range j.Injected {
		n.checkInjected(&j.Injected[i])
	}
	for i := range j.Traces {
		n.checkTrace(&j.Traces[i])
	}
}

// checkSaid checks, when the loop has ended, that it has said all that it had to say.
func (n *simNode) checkSaid() {
	for number := range n.unsaid {
		n.world.violate("%v has not said why the tree %d has failed", n, number)
	}
	for ticket := range n.injected {
		n.world.violate("%v has not said how the injected tuple %d has ended", n, ticket)
	}
}

// root is the tree that the journal means.
func (n *simNode) root(id string) *simRoot {
	number, err := strconv.ParseUint(id, 10, 64)
	r := n.world.truth.roots[number]
	if err != nil || r == nil {
		n.world.violate("%v knows of a tree of the id %s, which there is not", n, id)
	}
	return r
}

// checkFailure checks a failure: it is said once, and the tuple because of which the tree
// has failed is one of the tree, which the task has, or had, or may have.
func (n *simNode) checkFailure(f *FailedTree) {
	r := n.root(f.MessageID)
	v, unsaid := n.unsaid[r.number]
	if !unsaid {
		n.world.violate("%v says twice that %v has failed, or it has not: %+v", n, r, f)
	}
	delete(n.unsaid, r.number)
	if f.Reason != failReasons[v] || f.Task != int(r.spout.keeper.task.id) {
		n.world.violate("%v says that %v of %v has failed because of %q of task %d, and the verdict was %d", n, r, r.spout, f.Reason, f.Task, v)
	}
	if c := f.Cause; c != nil && !r.touches(c.Bolt, c.Task, &c.From) {
		n.world.violate("%v blames task %d of %q for %v, which never had a tuple of it from %v (%s)\n%s", n, c.Task, c.Bolt, r, c.From, f.Reason, r.describe())
	}
}

// touches says whether a task has got a tuple of the tree, on a stream if that is said, or
// whether one may be on its way to it.
func (r *simRoot) touches(bolt string, task int, from *InputName) bool {
	for _, e := range r.emits {
		if from != nil && (e.stream != from.Stream || e.from.keeper.task.comp.name() != from.Component) {
			continue
		}
		if e.touches(bolt, task) {
			return true
		}
	}
	return false
}

func (e *simEmit) touches(bolt string, task int) bool {
	if slices.Contains(e.got, topology.TaskID(task)) {
		return true
	}
	out := e.from.keeper.task.comp.output([]byte(e.stream))
	return len(e.got) < e.expect && out != nil && slices.ContainsFunc(out.edges, func(edge *edge) bool { return edge.to.name() == bolt })
}

// inject injects a tuple into a bolt, as if its source had emitted it.
func (n *simNode) inject() {
	l, w := n.loop, n.world
	var bolts []*component
	for _, c := range l.plan.components {
		if c.spec.Kind == topology.Bolt {
			bolts = append(bolts, c)
		}
	}
	to := simPick(w, bolts...)
	in := simPick(w, to.inputs...)
	if in.from == nil { // ticks
		return
	}
	source := &simChild{world: w, keeper: &simKeeper{node: n, task: in.from.tasks[0]}}
	key, pad := "k"+strconv.Itoa(w.rand.IntN(8)), w.rand.IntN(100)
	number := w.truth.last + 1
	i := Injection{
		Ticket: number, Bolt: to.name(), From: InputName{in.from.name(), in.stream}, Task: int(simPick(w, to.tasks...).id),
		Values: fmt.Appendf(nil, `[%d,"%s",2,"%*s"]`, number, key, pad, ""), Serializer: "json",
	}
	if err := l.inject(&i); err != nil {
		if !l.phase.stopping() {
			w.violate("%v cannot inject %+v: %v", n, i, err)
		}
		return
	}
	r := w.truth.inject(source, in.stream, key)
	n.injected[i.Ticket] = simInjected{r, w.now}
}

// inject notes a tuple that one task gets.
func (truth *simTruth) inject(from *simChild, stream, key string) *simRoot {
	truth.last++
	r := &simRoot{number: truth.last, open: 1}
	e := &simEmit{number: truth.last, from: from, stream: stream, key: key, expect: 1, injected: true, roots: []*simRoot{r}}
	r.emits = append(r.emits, e)
	truth.emits[e.number], truth.roots[r.number] = e, r
	truth.world.tracef("  %d is injected on %s of %v", e.number, stream, from)
	return r
}

// checkInjected checks how an injected tuple has ended.
func (n *simNode) checkInjected(end *InjectedEnd) {
	in, flies := n.injected[end.Ticket]
	if !flies {
		n.world.violate("%v says twice how the injected tuple %d has ended, or it is unknown", n, end.Ticket)
	}
	delete(n.injected, end.Ticket)
	v := acked
	if !end.Acked {
		v = verdict(slices.Index(failReasons[:], end.Reason))
	}
	n.world.truth.judge(in.root.number, v)
	if end.Acked != (end.Reason == "") {
		n.world.violate("%v says that the injected tuple %d was acked: %v, and has failed because of %q", n, end.Ticket, end.Acked, end.Reason)
	}
	if end.Bolt != "" && !in.root.touches(end.Bolt, end.Task, nil) {
		n.world.violate("%v blames task %d of %q for the injected tuple %d\n%s", n, end.Task, end.Bolt, end.Ticket, in.root.describe())
	}
	if took := time.Duration(n.world.now - in.at); end.Took > took+time.Millisecond {
		n.world.violate("%v says that the injected tuple %d took %v, and it was %v", n, end.Ticket, end.Took, took)
	}
}

// simHop is what a hop and a delivery have in common.
type simHop struct {
	stream   string
	from, to topology.TaskID
}

// checkTrace checks the trace of a tree: each hop is one that a tuple of it has made, or may
// make, after its parent. If the tree was acked and no tuple of it belongs to others or
// has gone round a cycle, all hops are there, and acked.
func (n *simNode) checkTrace(t *Trace) {
	w, r := n.world, n.root(t.MessageID)
	left := map[simHop]int{}
	for _, e := range r.emits {
		for _, to := range e.got {
			left[simHop{e.stream, e.from.keeper.task.id, to}]++
		}
	}
	whole := t.Failed == "" && t.Missed == 0 && w.single && !n.cyclic()
	for i, h := range t.Hops {
		id := simHop{h.From.Stream, topology.TaskID(h.FromTask), topology.TaskID(h.Task)}
		left[id]--
		switch {
		case !r.touches(h.Bolt, h.Task, &h.From):
			w.violate("%v: the trace of %v has a hop that no tuple of it has made: %+v\n%s", n, r, h, r.describe())
		case h.Parent > i, h.Parent > 0 && t.Hops[h.Parent-1].Task != h.FromTask, h.Parent == 0 && h.FromTask != t.Task && t.Missed == 0 && !n.cyclic():
			w.violate("%v: the trace of %v has a hop %d with a wrong parent: %+v", n, r, i+1, t.Hops)
		case h.Given < 0, h.State != HopQueued && h.Taken < h.Given, h.Answered > 0 && h.Answered < h.Taken, max(h.Given, h.Taken, h.Answered) > t.Took:
			w.violate("%v: the trace of %v, which took %v, has a hop with wrong times: %+v", n, r, t.Took, h)
		case whole && (left[id] < 0 || h.State != HopAcked):
			w.violate("%v: the trace of %v has a hop too many, or one that was not acked: %+v\n%s", n, r, h, r.describe())
		}
	}
	for id, more := range left {
		if whole && more > 0 {
			w.violate("%v: the trace of %v has no hop %+v: %+v\n%s", n, r, id, t.Hops, r.describe())
		}
	}
}

// cyclic says whether tuples can go round.
func (n *simNode) cyclic() bool {
	for _, c := range n.loop.plan.components {
		for _, out := range c.outputs {
			if slices.ContainsFunc(out.edges, func(e *edge) bool { return e.cyclic }) {
				return true
			}
		}
	}
	return false
}
