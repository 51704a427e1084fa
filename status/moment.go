package status

import (
	"time"

	"gust/internal/histogram"
	"gust/worker"
)

// moment is what all tasks had counted at a point in time. It never changes. Windows and
// history are differences of two moments.
type moment struct {
	at     time.Time
	active time.Duration // how long the topology had been active
	// rows are the counts of the layout's rows. A moment that is older than a row lacks
	// it; it counts as zero.
	rows       []Counts
	components []tally // by component, as in the layout
	trees      worker.TreeStats
}

// tally is a component's part of a moment: the counts of its tasks, and their state.
type tally struct {
	spout    bool
	counts   Counts
	latency  latencies
	errors   uint64
	restarts uint64
	spent    map[worker.SpoutDoing]time.Duration // by a spout's tasks; nil for a bolt

	tasks, down, loading int
	pending              int    // trees of a spout
	inFlight             int    // tuples delivered to a bolt and not answered
	queued               uint64 // those that it has not read
	queueBytes           int
	oldest               time.Duration // tuple in flight, or tree pending
}

// latencies are all durations of a component's tasks.
type latencies struct{ execute, process, complete histogram.Counts }

// Counts are what tasks have done with a stream. A count that a stream does not have is
// zero: an input counts executed tuples, an output emitted ones.
type Counts struct {
	Emitted     uint64        `json:"emitted"`
	Transferred uint64        `json:"transferred"`
	Executed    uint64        `json:"executed"`
	Acked       uint64        `json:"acked"`
	Failed      uint64        `json:"failed"`
	Completed   time.Duration `json:"-"` // complete latency of all acked trees together
	Executing   time.Duration `json:"-"` // execute latency of all answered tuples together
	Processing  time.Duration `json:"-"`
}

// Plus is the sum of two counts.
func (c Counts) Plus(o Counts) Counts {
	return Counts{
		c.Emitted + o.Emitted, c.Transferred + o.Transferred, c.Executed + o.Executed, c.Acked + o.Acked, c.Failed + o.Failed,
		c.Completed + o.Completed, c.Executing + o.Executing, c.Processing + o.Processing,
	}
}

// Minus is what was counted since o.
func (c Counts) Minus(o Counts) Counts {
	return Counts{
		c.Emitted - o.Emitted, c.Transferred - o.Transferred, c.Executed - o.Executed, c.Acked - o.Acked, c.Failed - o.Failed,
		c.Completed - o.Completed, c.Executing - o.Executing, c.Processing - o.Processing,
	}
}

// CompleteMillis is the mean complete latency in milliseconds; 0 if nothing was acked.
func (c Counts) CompleteMillis() float64 { return meanMillis(c.Completed, c.Acked) }

// ExecuteMillis is the mean execute latency in milliseconds.
func (c Counts) ExecuteMillis() float64 { return meanMillis(c.Executing, c.Acked+c.Failed) }

// ProcessMillis is the mean process latency in milliseconds.
func (c Counts) ProcessMillis() float64 { return meanMillis(c.Processing, c.Acked+c.Failed) }

func meanMillis(sum time.Duration, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n) / float64(time.Millisecond)
}

// row is a row of the moment; zero if the moment is nil or older than the row.
func (m *moment) row(i int) Counts {
	if m == nil || i >= len(m.rows) {
		return Counts{}
	}
	return m.rows[i]
}

// component is a component's part of the moment; zero if the moment is older than the
// component.
func (m *moment) component(i int) tally {
	if m == nil || i >= len(m.components) {
		return tally{}
	}
	return m.components[i]
}

func (l latencies) since(earlier latencies) latencies {
	return latencies{l.execute.Since(earlier.execute), l.process.Since(earlier.process), l.complete.Since(earlier.complete)}
}

func (l latencies) plus(o latencies) latencies {
	return latencies{l.execute.Plus(o.execute), l.process.Plus(o.process), l.complete.Plus(o.complete)}
}
