package worker

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gust/topology"
)

// flow knows how many tuples are on their way to each bolt, and so how many more the
// spouts may add.
//
// A bolt's own queue does not show that: a fast bolt in front of a slow one has moved its
// queue into that of the slow one before anybody could react. So the queues upstream
// count as well, and so do the tuples that spouts have been asked for, each as the number
// of tuples that will come of it. How many tuples a component emits for one that it reads
// is measured over the last few hundred.
//
// A bolt has room while that sum is below the windows of its tasks. gust asks a spout
// while all bolts downstream of it have room. It reads the spout's output while they have
// room for a quarter more, since a single `next` may bring any number of tuples; the
// timeout of a tuple begins when gust reads it. To pause a spout blocks nobody else. A
// bolt may be on a cycle, so pausing one takes more: see pause.go.
//
// Tuples on a cycle count where they are, but not where the cycle may take them again.
type flow struct {
	order    []*component // upstream first; those on one cycle in any order
	measured int64        // when the ratios were last updated
}

// traffic is what flow knows of a component.
type traffic struct {
	passed uint64 // tuples that a bolt has read, or a spout has emitted
	nexts  uint64 // `next` commands that a spout has answered

	keyed   bool    // a grouping of the bolt, not gust, chooses the tasks of some tuples
	local   bool    // local_or_shuffle is one of its groupings
	perNext ratio   // passed for one of nexts, if it is a spout
	reaches []reach // the bolts downstream of a spout, in the order of flow

	// What the last survey found, in tuples.
	coming float64 // on their way to this bolt, in queues upstream
	asked  float64 // on their way when the spouts have emitted what they were asked for
	room   float64 // how many more may come, without what is in asked
	spare  float64 // the same if the windows were a quarter larger, and one tuple

	visit uint64 // the last call of componentsOf that found the spout
}

const (
	measureEvery = 10 * time.Millisecond
	// A spout that works on a `next` for longer than that may be waiting for its source.
	blocksAfter = 100 * time.Millisecond
)

// balances says whether gust chooses the task of a tuple, so that it can skip tasks that
// have much to do.
func balances(g topology.GroupingType) bool {
	return g == topology.Shuffle || g == topology.LocalOrShuffle || g == topology.None
}

// newFlow begins with the guess that one tuple becomes one tuple.
func newFlow(components []*component) flow {
	f := flow{order: slices.Clone(components), measured: math.MinInt64 / 2}
	// findCycles numbers from downstream to upstream.
	slices.SortStableFunc(f.order, func(a, b *component) int { return cmp.Compare(b.cycle, a.cycle) })
	for _, c := range f.order {
		slices.SortStableFunc(c.reaches, func(a, b reach) int { return cmp.Compare(b.to.cycle, a.to.cycle) })
		c.perNext = ratio{num: 1, den: 1}
		for _, t := range c.tasks {
			if t.bolt != nil {
				t.bolt.share = ratio{num: 1, den: float64(len(c.tasks))}
			}
		}
		for _, out := range c.outputs {
			for _, e := range out.edges {
				e.perTuple = ratio{num: 1, den: 1}
				if e.grouping == topology.All {
					e.perTuple.num = float64(len(e.to.tasks))
				}
			}
		}
	}
	return f
}

// measure updates the ratios.
func (f *flow) measure(now int64) {
	f.measured = now
	for _, c := range f.order {
		for _, out := range c.outputs {
			for _, e := range out.edges {
				e.perTuple.update(e.given, c.passed)
			}
		}
		if c.spec.Kind == topology.Spout {
			c.perNext.update(c.passed, c.nexts)
		}
		if c.keyed {
			all := uint64(0)
			for _, t := range c.tasks {
				all += t.bolt.window.older + t.bolt.window.given
			}
			for _, t := range c.tasks {
				t.bolt.share.update(t.bolt.window.older+t.bolt.window.given, all)
			}
		}
	}
	for _, spout := range f.order {
		for _, r := range spout.reaches {
			r.to.coming = 0
		}
		spout.spread(1, 0)
		for i := range spout.reaches {
			r := &spout.reaches[i]
			r.per = r.to.coming
			r.to.spread(r.per, 0)
		}
	}
}

// spread adds what will come of so many tuples of c to the bolts that read c.
func (c *component) spread(coming, asked float64) {
	if coming == 0 && asked == 0 {
		return
	}
	for _, out := range c.outputs {
		for _, e := range out.edges {
			if !e.cyclic {
				per := e.perTuple.value()
				e.to.coming += coming * per
				e.to.asked += asked * per
			}
		}
	}
}

// survey finds out how many tuples are coming to each bolt, and how much room it has.
func (l *loop) survey() {
	f := &l.flow
	if l.now-f.measured >= int64(measureEvery) {
		f.measure(l.now)
	}
	for _, c := range f.order {
		c.coming, c.asked = 0, 0
	}
	for _, c := range f.order {
		if c.spec.Kind == topology.Spout {
			c.spread(0, c.imminent(l.now))
			continue
		}
		queued, room, spare := c.measureRoom(l.now)
		c.room, c.spare = room-c.coming, spare-c.coming
		c.spread(c.coming+float64(queued), c.asked)
	}
}

// imminent is how many tuples a spout has been asked for. A task that takes its time may
// be waiting for its source, and does not count: otherwise a spout without tuples would
// keep others from emitting theirs.
func (c *component) imminent(now int64) float64 {
	nexts := 0
	for _, t := range c.tasks {
		if _, since, ok := t.spout.commands.Oldest(); ok && now-since < int64(blocksAfter) {
			nexts += t.spout.commands.Nexts()
		}
	}
	return float64(nexts) * c.perNext.value()
}

// measureRoom returns how many tuples the tasks of a bolt have not read yet; how many more
// fit into the windows; and how many more fit if these were a quarter larger. If groupings
// choose the tasks, the task that is full first decides.
func (c *component) measureRoom(now int64) (queued uint64, room, spare float64) {
	if c.keyed {
		room, spare = math.Inf(1), math.Inf(1)
	}
	down := downFrom(c.tasks, 0) == uint32(len(c.tasks)) // all of them
	for _, t := range c.tasks {
		queued += t.bolt.window.queued()
		if !c.keyed && !down && t.state != running {
			continue // shuffle skips it
		}
		if c.local && !c.keyed && t.stub != nil && downFrom(c.own, 0) < uint32(len(c.own)) {
			continue // local_or_shuffle does not use it, but a fields grouping of the same bolt does
		}
		limit := t.bolt.window.limit(now)
		within, beyond := left(limit, t.bolt), left(limit+limit/4+1, t.bolt)
		if t.overMark || t.bolt.over {
			within = min(within, 0)
		}
		if !c.keyed {
			room += max(0, within)
			spare += max(0, beyond)
		} else if share := t.bolt.share.value(); share > 0 {
			room = min(room, within/share)
			spare = min(spare, beyond/share)
		}
	}
	return queued, room, spare
}

// left is how much of a limit a bolt's queue leaves, negative if it is over the limit.
func left(limit uint64, b *boltTask) float64 { return float64(limit) - float64(b.window.queued()) }

// mayAsk is how many `next` gust may send to all spouts of a component together, by the
// last survey: none if it is not positive.
func (c *component) mayAsk() float64 {
	n := math.Inf(1)
	for _, r := range c.reaches {
		if r.per > 0 {
			n = min(n, (r.to.room-r.to.asked)/r.per)
		}
	}
	return n / c.perNext.value()
}

// ask notes that the spouts of a component have been sent so many more `next`.
func (c *component) ask(nexts int) {
	for _, r := range c.reaches {
		r.to.asked += float64(nexts) * c.perNext.value() * r.per
	}
}

// mayEmit is how many tuples of a spout gust may read, by the last survey.
func (c *component) mayEmit() float64 {
	n := math.Inf(1)
	for _, r := range c.reaches {
		if r.per > 0 {
			n = min(n, r.to.spare/r.per)
		}
	}
	return n
}

// widen enlarges windows that keep gust from asking the spouts of c although tasks of the
// bolt have nothing to do. It says whether one has grown.
func (c *component) widen(now int64) (grew bool) {
	for _, r := range c.reaches {
		if r.per == 0 || r.to.room > r.to.asked || !r.to.idles() {
			continue
		}
		due := r.to.coming + r.to.asked
		for _, t := range r.to.tasks {
			b := t.bolt
			if r.to.keyed && left(b.window.limit(now), b) > b.share.value()*due {
				continue // it is another task that the spouts wait for
			}
			if r.to.keyed || b.window.queued() == 0 {
				grew = b.widen(now) || grew
			}
		}
	}
	return grew
}

// widen enlarges the window of a task, and says whether it has grown. Another worker is asked to.
func (b *boltTask) widen(now int64) bool {
	if b.task.stub != nil {
		b.task.stub.want()
		return false
	}
	return b.window.widen(now)
}

// idles says whether a task of a bolt has nothing to do.
func (c *component) idles() bool {
	for _, t := range c.tasks {
		if t.bolt.window.queued() == 0 && t.state == running {
			return true
		}
	}
	return false
}

// probe asks the bolts downstream of c how much they have read.
func (c *component) probe() {
	for _, r := range c.reaches {
		for _, t := range r.to.tasks {
			t.bolt.probe()
		}
	}
}
