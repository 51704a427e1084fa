package worker

import "time"

// Trace is the way of one tuple tree through the topology. gust traces some trees only, as
// gust.trace.percent and [Worker.SetSampling] say.
type Trace struct {
	Time      time.Time // when the spout's tuple was emitted
	Spout     string
	Task      int
	Stream    string
	MessageID string        // as JSON text
	Values    string        // of the spout's tuple, as JSON text; empty if they were not kept
	Took      time.Duration // from the emit to the end of the tree
	Failed    FailReason    // empty if the tree was acked
	Error     string        // if it failed, as [FailedTree] has it
	Hops      []Hop         // in the order in which they were given
	Missed    int           // hops for which there was no room
}

// Hop is a tuple of a traced tree on its way from one task to another.
type Hop struct {
	// Parent is the number of the hop to whose tuple it is anchored, counted from 1: the first
	// one, if there are several. It is 0 for the spout's own tuple, and for one that comes back
	// over a cycle from another worker.
	Parent   int
	From     InputName // the stream
	FromTask int
	Bolt     string
	Task     int
	Values   string // as JSON text; empty if they were not kept
	State    HopState
	// Cause says that the tree failed because of it.
	Cause bool
	// Given, Taken and Answered say when the bolt was given the tuple, when it began to work
	// on it, and when it acked or failed it, since the spout's emit. Taken is an estimate: a
	// bolt does not say when it begins, but it does not do so before it has answered the tuple
	// before. What had not happened by the end of the tree is 0.
	Given, Taken, Answered time.Duration
}

// HopState is how far a bolt had come with a tuple when its tree ended.
type HopState string

// The states of a hop.
const (
	HopQueued  HopState = "queued"  // the bolt is not known to have taken it
	HopWorking HopState = "working" // it has, but did not answer
	HopAcked   HopState = "acked"
	HopFailed  HopState = "failed"
)

// Bounds of what tracing costs. A tree beyond them is not traced, and a hop is counted only.
const (
	mostTraced   = 200     // trees per second that gust begins to trace
	mostHops     = 20_000  // hops per second
	mostTreeHops = 1000    // hops of one tree
	mostLive     = 5000    // traced trees at one time
	mostLiveHops = 100_000 // their hops
	tracedValues = 512     // bytes of a tuple's text
)

// tracing keeps within the bounds. A loop that traces nothing looks only at live.
type tracing struct {
	live  int // trees that are traced now
	hops  int // that these have
	begun allowance
	given allowance
}

func newTracing() tracing {
	return tracing{begun: allowance{most: mostTraced, left: mostTraced}, given: allowance{most: mostHops, left: mostHops}}
}

// allowance is how much may still be done at a rate. What is not used is saved up for one
// second, so that a burst may be traced, and a steady stream is traced evenly.
type allowance struct {
	most float64 // per second
	left float64
	at   int64 // when left was right
}

// take takes one, if there is one.
func (a *allowance) take(now int64) bool {
	a.left = min(a.most, a.left+a.most*time.Duration(now-a.at).Seconds())
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// trace is what the loop keeps of a traced tree until it ends.
type trace struct {
	planted int64 // never made up for: a trace shows the time at a breakpoint, too
	hops    []*hop
	missed  int
	parent  *hop   // of the tuple that is being emitted,
	listed  uint64 // if this is the number of its list of trees
}

// hop is a tuple of a traced tree that a bolt was given.
type hop struct {
	trace           *trace
	also            *hop // the same tuple, in another tree
	parent          *hop
	number          int
	from            *task
	to              *boltTask
	in              *inputCount
	values          kept
	state           HopState
	elsewhere       *tracedElsewhere // what became of it on another worker; nil if it was not sent there
	given           int64
	taken, answered int64
}

// sample has the tree traced, if it falls to it.
func (s *spoutTask) sample(r treeRef) {
	l := s.loop
	if percent := s.comp.set.tracePercent; !l.journal.on || percent < 100 && l.rand.Float64()*100 >= percent {
		return
	}
	g := &l.tracing
	if g.live >= mostLive || !g.begun.take(l.now) {
		return
	}
	g.live++
	l.acker.find(r).trace = &trace{planted: l.now}
}

// traceHop adds the tuple that was just given to a bolt, from a task, to the traces of its trees.
func (l *loop) traceHop(t *task, to *boltTask, place kept, trees []treeRef) {
	g := &l.tracing
	s := &to.flight.slots[to.flight.newest()]
	for _, ref := range trees {
		tree := l.acker.find(ref)
		if tree == nil || tree.trace == nil {
			continue
		}
		trace := tree.trace
		if len(trace.hops) >= mostTreeHops || g.hops >= mostLiveHops || !g.given.take(l.now) {
			trace.missed++
			continue
		}
		g.hops++
		h := &hop{trace: trace, also: s.hop, number: len(trace.hops) + 1, from: t, to: to, in: s.in, values: place, state: HopQueued, given: l.now}
		if t.bolt != nil && t.stub == nil && trace.listed == l.acker.lists {
			h.parent = trace.parent
		}
		trace.hops = append(trace.hops, h)
		s.hop = h
	}
}

// parents makes the hop, in each tree that it belongs to, the parent of the tuple that is
// being emitted, unless the tree has one.
func (h *hop) parents(list uint64) {
	for ; h != nil; h = h.also {
		if h.trace.listed != list {
			h.trace.parent, h.trace.listed = h, list
		}
	}
}

// take notes since when the bolt has worked on the tuple.
func (h *hop) take(since int64) {
	for ; h != nil; h = h.also {
		if h.state == HopQueued {
			h.state, h.taken = HopWorking, since
		}
	}
}

// answer notes the bolt's ack or fail. Of one on another worker whose hops have not come, it is not
// known since when it has worked on the tuple.
func (h *hop) answer(now int64, state HopState) {
	for ; h != nil; h = h.also {
		if h.state == HopQueued {
			h.taken = now
		}
		h.state, h.answered = state, now
	}
}

// of is the hop among those of a tuple that belongs to a trace, or nil.
func (h *hop) of(t *trace) *hop {
	for ; h != nil && h.trace != t; h = h.also {
	}
	return h
}

// hopOf is the culprit's tuple in a trace, nil if it is not known.
func (c culprit) hopOf(t *trace) *hop {
	if c.slot == 0 || c.told != nil { // the slot is then not that of the task
		return nil
	}
	return c.task.bolt.flight.slots[c.slot].hop.of(t)
}

// traced notes the trace of a tree that ends.
func (s *spoutTask) traced(t *tree, v verdict) {
	l := s.loop
	l.tracing.live--
	l.tracing.hops -= len(t.trace.hops)
	if len(l.journal.Traces) >= journalMost {
		return // before anything is made readable
	}
	took := time.Duration(l.now - t.trace.planted)
	shown := Trace{
		Time: l.kernel.Time().Add(-took), Spout: s.comp.name(), Task: int(s.task.id), MessageID: s.task.show(t.id).String(),
		Values: s.comp.shownValues(l, t.values, tracedValues), Took: took,
	}
	if t.stream != nil {
		shown.Stream = t.stream.name
	}
	var cause *hop
	if v != acked {
		by := l.culprit
		shown.Failed, shown.Error = failReasons[v], by.said(v)
		cause = by.hopOf(t.trace)
	}
	shown.Hops, shown.Missed = t.trace.show(cause)
	note(&l.journal.Traces, shown)
}

// show makes the hops readable, those on other workers included.
func (t *trace) show(cause *hop) (hops []Hop, missed int) {
	missed = t.missed
	numbers := make([]int, len(t.hops)+1) // under which each hop is shown
	for _, h := range t.hops {
		one := h.show(t.planted)
		one.Cause = h == cause
		if h.parent != nil {
			one.Parent = numbers[h.parent.number]
		}
		hops = append(hops, one)
		numbers[h.number] = len(hops)
		if h.elsewhere != nil {
			hops = h.elsewhere.graft(hops)
			missed += h.elsewhere.Missed
		}
	}
	return hops, missed
}

// show makes the hop readable. Its times begin with the spout's emit.
func (h *hop) show(planted int64) Hop {
	shown := Hop{
		From: InputName{h.in.from.name(), h.in.stream}, FromTask: int(h.from.id), Bolt: h.to.comp.name(), Task: int(h.to.task.id),
		Values: h.from.comp.shownValues(h.to.loop, h.values, tracedValues), State: h.state, Given: time.Duration(h.given - planted),
	}
	if h.state != HopQueued {
		shown.Taken = time.Duration(h.taken - planted)
	}
	if h.state == HopAcked || h.state == HopFailed {
		shown.Answered = time.Duration(h.answered - planted)
	}
	return shown
}
