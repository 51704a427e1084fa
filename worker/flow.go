package worker

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gust/topology"
)

// flow knows how many tuples are on their way to each bolt, and so how many more
// the spouts may add. A bolt's own queue does not tell: a fast bolt in front of a
// slow one has emptied its queue into that of the slow one before anybody could
// act on it. So the queues upstream count as well, and what spouts have been asked
// for, each as that many tuples as will come of it. How many tuples a component
// emits for one that it takes is measured over the last few hundred.
//
// A bolt has room while that sum is below the windows of its tasks. A spout is
// asked while all bolts downstream of it have room. Its output is read while they
// have room for a quarter more, since a single `next` may bring any number of
// tuples; the timeout of a tuple begins when it is read. Leaving a spout unread
// blocks nobody else. Of a bolt, which may be on a cycle, that is not true, and
// credit.go has the marks at which it is left unread.
//
// Tuples on a cycle count where they are, not where they may come by again.
type flow struct {
	order    []*component // upstream first; those on one cycle in any order
	measured int64        // when the ratios were last brought up to date
}

// traffic is what flow knows of a component.
type traffic struct {
	passed uint64 // taken by a bolt; emitted by a spout
	nexts  uint64 // `next` commands that a spout has answered

	keyed   bool    // of a bolt: a grouping, not gust, chooses the tasks of some tuples
	perNext ratio   // of a spout: passed for one of nexts
	reaches []reach // of a spout: the bolts downstream of it, in the order of flow

	// What the last survey found, in tuples.
	coming float64 // what queues upstream hold for this bolt
	asked  float64 // what spouts have been asked for
	room   float64 // how many more may come, asked not counted
	spare  float64 // the same where the windows are a quarter larger, and one

	visit uint64 // of a spout: the last call of componentsOf that found it
}

// ratio is the quotient of two counts that grow, over the last ratioSpan or so of
// the divisor.
type ratio struct {
	num, den         float64
	lastNum, lastDen uint64
}

const (
	ratioSpan    = 256
	measureEvery = 10 * time.Millisecond
	// A spout that works on a `next` for longer may be waiting for its source.
	blocksAfter = 100 * time.Millisecond
)

// update takes in what the two counts have become.
func (r *ratio) update(num, den uint64) {
	r.num += float64(num - r.lastNum)
	r.den += float64(den - r.lastDen)
	r.lastNum, r.lastDen = num, den
	for r.den > 2*ratioSpan {
		r.num, r.den = r.num/2, r.den/2
	}
}

func (r *ratio) value() float64 { return r.num / r.den }

// balances says whether gust chooses the task of a tuple, and so passes over those
// that have much to do.
func balances(g topology.GroupingType) bool {
	return g == topology.Shuffle || g == topology.LocalOrShuffle || g == topology.None
}

// newFlow begins with the guess that a tuple becomes one tuple.
func newFlow(components []*component) flow {
	f := flow{order: slices.Clone(components), measured: math.MinInt64 / 2}
	// findCycles numbers what is downstream first.
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

// measure brings the ratios up to date.
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

// send adds what comes of so many tuples of c to the bolts that read it.
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

// survey finds out what is coming to each bolt, and which room it has.
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

// imminent is how many tuples a spout has been asked for. One that takes its time
// may be waiting for its source, for any time: it does not count,
// or a spout without tuples would keep others from emitting theirs.
func (c *component) imminent(now int64) float64 {
	nexts := 0
	for _, t := range c.tasks {
		if _, since, ok := t.spout.commands.Oldest(); ok && now-since < int64(blocksAfter) {
			nexts += t.spout.commands.Nexts()
		}
	}
	return float64(nexts) * c.perNext.value()
}

// look finds how many tuples the tasks of a bolt have been given and not taken; and
// how many more they may be given until the windows are full, and until a quarter
// more has been given. Where groupings choose the tasks it is the task that is full
// first which counts.
func (c *component) measureRoom(now int64) (queued uint64, room, spare float64) {
	if c.keyed {
		room, spare = math.Inf(1), math.Inf(1)
	}
	down := downFrom(c.tasks, 0) == uint32(len(c.tasks)) // all of them
	for _, t := range c.tasks {
		queued += t.bolt.window.queued()
		if !c.keyed && !down && t.state != running {
			continue // it is passed over
		}
		limit := t.bolt.window.limit(now)
		free, more := left(limit, t.bolt), left(limit+limit/4+1, t.bolt)
		if t.overMark {
			free = min(free, 0)
		}
		if !c.keyed {
			room += max(0, free)
			spare += max(0, more)
		} else if share := t.bolt.share.value(); share > 0 {
			room = min(room, free/share)
			spare = min(spare, more/share)
		}
	}
	return queued, room, spare
}

// left is how much of a limit a bolt's queue leaves; it is negative above it.
func left(limit uint64, b *boltTask) float64 { return float64(limit) - float64(b.window.queued()) }

// mayAsk is how many `next` the spouts of a component may be asked for, by the last
// survey: all of them together, and none where it is not positive.
func (c *component) mayAsk() float64 {
	n := math.Inf(1)
	for _, r := range c.reaches {
		if r.per > 0 {
			n = min(n, (r.to.room-r.to.asked)/r.per)
		}
	}
	return n / c.perNext.value()
}

// ask notes that they have been asked for so many more.
func (c *component) ask(nexts int) {
	for _, r := range c.reaches {
		r.to.asked += float64(nexts) * c.perNext.value() * r.per
	}
}

// mayEmit is how many tuples of a spout may be read, by the last survey.
func (c *component) mayEmit() float64 {
	n := math.Inf(1)
	for _, r := range c.reaches {
		if r.per > 0 {
			n = min(n, r.to.spare/r.per)
		}
	}
	return n
}

// widen lets the windows grow that keep spouts of c from being asked although tasks
// of the bolt have nothing to do. It says whether one has grown.
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
				grew = b.window.widen(now) || grew
			}
		}
	}
	return grew
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

// probe asks the bolts downstream of c how far they are.
func (c *component) probe() {
	for _, r := range c.reaches {
		for _, t := range r.to.tasks {
			t.bolt.probe()
		}
	}
}
