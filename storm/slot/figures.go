package slot

import (
	"strconv"
	"time"

	"gust/status"
	"gust/storm/generated"
	"gust/topology"
)

// figures are what Storm's UI and clients show of the executors of this worker.
type figures struct {
	topology  string // its id
	status    *status.Status
	tasks     topology.Tasks
	executors []executor
	started   time.Time
}

// heartbeat is what a worker writes into ZooKeeper.
func (f *figures) heartbeat(now time.Time) *generated.ClusterWorkerHeartbeat {
	beat := &generated.ClusterWorkerHeartbeat{
		StormID: f.topology, TimeSecs: int32(now.Unix()), UptimeSecs: int32(now.Sub(f.started).Seconds()),
		ExecutorStats: map[*generated.ExecutorInfo]*generated.ExecutorStats{},
	}
	ackers := false
	for _, e := range f.executors {
		if e.first < 1 || int(e.last) > len(f.tasks) {
			continue
		}
		name := f.tasks[e.first-1].Component
		stats := newStats()
		switch component := f.status.Topology().Component(name); {
		case component != nil:
			f.count(stats, component, e)
		case !ackers:
			// gust has no tasks for ackers: all that they would have done is counted at the first.
			ackers = true
			f.countAcks(stats)
		default:
			stats.Specific = &generated.ExecutorSpecificStats{Bolt: newBoltStats()}
		}
		beat.ExecutorStats[e.info()] = stats
	}
	return beat
}

// windowName is a window's name in Storm's figures.
func windowName(w status.Window) string {
	if w == status.AllTime {
		return ":all-time"
	}
	return strconv.Itoa(int(time.Duration(w).Seconds()))
}

// newStats has all windows, empty. gust counts all tuples: its rate of samples is 1.
func newStats() *generated.ExecutorStats {
	return &generated.ExecutorStats{Emitted: windows[string, int64](), Transferred: windows[string, int64](), Rate: 1}
}

func newBoltStats() *generated.BoltStats {
	type stream = *generated.GlobalStreamId
	return &generated.BoltStats{
		Acked: windows[stream, int64](), Failed: windows[stream, int64](), Executed: windows[stream, int64](),
		ProcessMsAvg: windows[stream, float64](), ExecuteMsAvg: windows[stream, float64](),
	}
}

func newSpoutStats() *generated.SpoutStats {
	return &generated.SpoutStats{
		Acked: windows[string, int64](), Failed: windows[string, int64](), CompleteMsAvg: windows[string, float64](),
	}
}

func windows[Stream comparable, Figure any]() map[string]map[Stream]Figure {
	m := map[string]map[Stream]Figure{}
	for _, w := range status.StormWindows {
		m[windowName(w)] = map[Stream]Figure{}
	}
	return m
}

// count adds up the tasks of an executor.
func (f *figures) count(stats *generated.ExecutorStats, c *topology.Component, e executor) {
	spout, bolt := newSpoutStats(), newBoltStats()
	for _, w := range status.StormWindows {
		in, out := f.counts(c.Name, e, w)
		name := windowName(w)
		for stream, n := range out {
			set(stats.Emitted[name], stream, n.Emitted)
			set(stats.Transferred[name], stream, n.Transferred)
			set(spout.Acked[name], stream, n.Acked)
			set(spout.Failed[name], stream, n.Failed)
			if n.Acked > 0 {
				spout.CompleteMsAvg[name][stream] = n.CompleteMillis()
			}
		}
		for stream, n := range in {
			id := &generated.GlobalStreamId{ComponentId: stream.Component, StreamId: stream.Stream}
			set(bolt.Executed[name], id, n.Executed)
			set(bolt.Acked[name], id, n.Acked)
			set(bolt.Failed[name], id, n.Failed)
			if n.Acked+n.Failed > 0 {
				bolt.ExecuteMsAvg[name][id] = n.ExecuteMillis()
				bolt.ProcessMsAvg[name][id] = n.ProcessMillis()
			}
		}
	}
	if c.Kind == topology.Spout {
		stats.Specific = &generated.ExecutorSpecificStats{Spout: spout}
	} else {
		stats.Specific = &generated.ExecutorSpecificStats{Bolt: bolt}
	}
}

// set sets a figure; those that are 0 are left out, as Storm does.
func set[Stream comparable](m map[Stream]int64, stream Stream, n uint64) {
	if n > 0 {
		m[stream] = int64(n)
	}
}

// inputStream is a stream that a bolt reads.
type inputStream struct{ Component, Stream string }

// counts adds up what an executor's tasks have done in a window.
func (f *figures) counts(component string, e executor, w status.Window) (in map[inputStream]status.Counts, out map[string]status.Counts) {
	in, out = map[inputStream]status.Counts{}, map[string]status.Counts{}
	for _, t := range f.status.Tasks(component, w) {
		if id := topology.TaskID(t.Task); id < e.first || id > e.last {
			continue
		}
		for _, v := range t.Inputs {
			key := inputStream{v.Component, v.Stream}
			in[key] = in[key].Plus(v.Counts)
		}
		for _, v := range t.Outputs {
			out[v.Stream] = out[v.Stream].Plus(v.Counts)
		}
	}
	return in, out
}

// The streams between spouts and ackers.
const (
	ackInit = "__ack_init"
	ackAck  = "__ack_ack"
	ackFail = "__ack_fail"
)

// countAcks counts the trees of all spouts that have ended, as an acker's would be.
func (f *figures) countAcks(stats *generated.ExecutorStats) {
	bolt := newBoltStats()
	for _, w := range status.StormWindows {
		name := windowName(w)
		var acked, failed uint64
		for _, c := range f.status.View(w).Components {
			if c.Kind != topology.Spout.String() {
				continue
			}
			id := &generated.GlobalStreamId{ComponentId: c.Name, StreamId: ackInit}
			set(bolt.Executed[name], id, c.Counts.Acked+c.Counts.Failed)
			set(bolt.Acked[name], id, c.Counts.Acked+c.Counts.Failed)
			acked += c.Counts.Acked
			failed += c.Counts.Failed
		}
		for _, m := range []map[string]map[string]int64{stats.Emitted, stats.Transferred} {
			set(m[name], ackAck, acked)
			set(m[name], ackFail, failed)
		}
	}
	stats.Specific = &generated.ExecutorSpecificStats{Bolt: bolt}
}
