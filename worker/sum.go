package worker

import (
	"cmp"
	"maps"
	"slices"
)

// Add sums up what a topology has done in two runs, of which later followed: with
// changed components, perhaps. Both are of [Worker.Stats]. Counts and latencies are of both; tasks, processes
// and last words are later's. A component that later lacks stays, without tasks.
func (s Stats) Add(later Stats) Stats {
	sum := later
	sum.Seconds += s.Seconds
	sum.Trees = s.Trees.Plus(later.Trees)
	sum.Components = mergeBy(s.Components, later.Components, ComponentStats.key, ComponentStats.add)
	return sum
}

func (c ComponentStats) key() string { return c.Kind + " " + c.Name }
func (o OutputStats) key() string    { return o.Stream }
func (i InputStats) key() string     { return i.Component + "\x00" + i.Stream }
func (m MetricStats) key() string    { return m.Name }

func (c ComponentStats) add(later ComponentStats) ComponentStats {
	sum := c
	sum.Tasks, sum.Processes = later.Tasks, append([]ProcessStats{}, later.Processes...)
	sum.Emitted += later.Emitted
	sum.Transferred += later.Transferred
	sum.Executed += later.Executed
	sum.Acked += later.Acked
	sum.Failed += later.Failed
	sum.Restarts += later.Restarts
	sum.Errors += later.Errors
	sum.LastError = cmp.Or(later.LastError, c.LastError)
	sum.Outputs = mergeBy(c.Outputs, later.Outputs, OutputStats.key, OutputStats.add)
	sum.Inputs = mergeBy(c.Inputs, later.Inputs, InputStats.key, InputStats.add)
	sum.Metrics = mergeBy(c.Metrics, later.Metrics, MetricStats.key, MetricStats.add)
	sum.ExecuteLatency = c.ExecuteLatency.add(later.ExecuteLatency)
	sum.ProcessLatency = c.ProcessLatency.add(later.ProcessLatency)
	sum.CompleteLatency = c.CompleteLatency.add(later.CompleteLatency)
	return sum
}

func (o OutputStats) add(later OutputStats) OutputStats {
	o.Emitted += later.Emitted
	o.Transferred += later.Transferred
	o.Acked += later.Acked
	o.Failed += later.Failed
	return o
}

func (i InputStats) add(later InputStats) InputStats {
	i.Executed += later.Executed
	i.Acked += later.Acked
	i.Failed += later.Failed
	return i
}

func (m MetricStats) add(later MetricStats) MetricStats {
	m.Reports += later.Reports
	m.Last = cmp.Or(later.Last, m.Last)
	return m
}

// Plus is the sum of the counts of two workers.
func (t TreeStats) Plus(later TreeStats) TreeStats {
	t.Emitted += later.Emitted
	t.Acked += later.Acked
	t.Pending += later.Pending
	t.DeadLetters += later.DeadLetters
	t.Failed.Bolt += later.Failed.Bolt
	t.Failed.Timeout += later.Failed.Timeout
	t.Failed.Died += later.Failed.Died
	t.Failed.Shutdown += later.Failed.Shutdown
	held := map[string]uint64{}
	maps.Copy(held, t.Failed.Held)
	for component, n := range later.Failed.Held {
		held[component] += n
	}
	t.Failed.Held = held
	return t
}

// add merges the durations, so that the percentiles are those of all of them.
func (l *Latency) add(later *Latency) *Latency {
	switch {
	case l == nil:
		return later
	case later == nil:
		return l
	}
	return latency(l.of.Plus(later.of))
}

// mergeBy adds the items of two lists that have the same key, in the order of the
// later list. To those that it lacks, which follow, it adds nothing.
func mergeBy[T any](earlier, later []T, key func(T) string, add func(T, T) T) []T {
	list := slices.Clone(later)
	for _, item := range earlier {
		if same := slices.IndexFunc(later, func(l T) bool { return key(l) == key(item) }); same >= 0 {
			list[same] = add(item, list[same])
			continue
		}
		var none T
		list = append(list, add(item, none))
	}
	return list
}
