package metrics

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"gust/internal/histogram"
	"gust/internal/program"
	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/worker"
)

// reading reads one topology.
type reading struct {
	emit emitter
	name string
	*status.Status
	view *status.View // over all time
}

// read emits gust's build, and calls each with a reading of every topology. If several have
// the same name, it reads only the one that was started last: the others have ended, and
// their series would have the same labels.
func read(source served.Source, emit emitter, each func(*reading)) {
	version, revision, goversion := program.Build()
	emit(sample{family: buildInfo, value: 1, values: []string{version, revision, goversion}, since: begun})
	last := map[string]*reading{}
	var order []*reading
	for _, t := range source.Topologies() {
		name := t.Topology().Name
		if r := last[name]; r != nil {
			r.Status = t.Status
			continue
		}
		r := &reading{emit: emit, name: name, Status: t.Status}
		last[name] = r
		order = append(order, r)
	}
	for _, r := range order {
		r.view = r.View(status.AllTime)
		each(r)
	}
}

// begun is when gust was started, for what belongs to no topology.
var begun = time.Now()

// set emits a value of the topology. The first label of the family is the topology.
func (r *reading) set(f *family, value float64, labels ...string) {
	r.emit(sample{family: f, value: value, values: r.labels(labels), since: r.view.Started})
}

// count emits a count of the topology.
func (r *reading) count(f *family, n uint64, labels ...string) { r.set(f, float64(n), labels...) }

// labels puts the topology before other labels. Names come from other
// programs: bytes that are not UTF-8 are replaced.
func (r *reading) labels(more []string) []string {
	values := make([]string, 0, len(more)+1)
	values = append(values, strings.ToValidUTF8(r.name, "\uFFFD"))
	for _, v := range more {
		values = append(values, strings.ToValidUTF8(v, "\uFFFD"))
	}
	return values
}

// figures emits gust's own metrics.
func (r *reading) figures() {
	v := r.view
	r.set(up, number(v.Ended == nil))
	r.set(active, number(v.Phase == string(worker.Active)))
	r.set(startTime, float64(v.Started.UnixMilli())/1000)
	r.set(diagnosis, 1, string(v.Diagnosis.Kind), v.Diagnosis.Component, string(v.Diagnosis.Severity))
	r.trees()
	for i := range v.Workers {
		r.worker(&v.Workers[i])
	}
	for i := range v.Components {
		r.component(&v.Components[i])
	}
}

// trees emits the tuple trees. Each bolt has a series of timeouts from the beginning:
// Prometheus does not see the first increase of a series that appears with it.
func (r *reading) trees() {
	n := r.view.Trees
	r.count(treesEmitted, n.Emitted)
	r.count(treesAcked, n.Acked)
	r.count(deadLetters, n.DeadLetters)
	r.count(treesFailed, n.Failed.Bolt, string(worker.FailedByBolt), "")
	r.count(treesFailed, n.Failed.Died, string(worker.FailedByDeath), "")
	r.count(treesFailed, n.Failed.Shutdown, string(worker.FailedByShutdown), "")
	held := map[string]uint64{}
	for _, c := range r.view.Components {
		if c.Kind == topology.Bolt.String() {
			held[c.Name] = 0
		}
	}
	unheld := n.Failed.Timeout
	for name, trees := range n.Failed.Held {
		held[name] = trees
		unheld -= min(unheld, trees)
	}
	r.count(treesFailed, unheld, string(worker.FailedByTimeout), "")
	for name, trees := range held {
		r.count(treesFailed, trees, string(worker.FailedByTimeout), name)
	}
}

// taskStates are the states of tasks, and waits what a spout may wait for.
var (
	taskStates = [...]worker.TaskState{worker.TaskDown, worker.TaskLoading, worker.TaskRunning, worker.TaskLeaving}
	waits      = [...]worker.SpoutDoing{worker.SpoutLoading, worker.SpoutNoData, worker.SpoutMaxPending, worker.SpoutBackpressure, worker.SpoutInactive}
)

// worker emits a worker.
func (r *reading) worker(w *status.WorkerView) {
	id := strconv.Itoa(w.Worker)
	r.set(workerUp, number(w.State == worker.WorkerUp), id)
	r.count(workerRestarts, w.Restarts, id)
	for _, link := range w.Links {
		r.set(linkUp, number(link.Up), id, strconv.Itoa(link.Worker))
	}
}

// component emits a component and its tasks.
func (r *reading) component(c *status.ComponentView) {
	r.count(restarts, c.Restarts, c.Name)
	r.count(errorCount, c.Errors, c.Name)
	if c.Kind == topology.Spout.String() {
		r.latency(completeLatency, c.Complete, c.Name)
		for _, reason := range waits {
			r.set(spoutWait, float64(c.Waited[reason])/1000, c.Name, string(reason))
		}
	} else {
		r.latency(executeLatency, c.Execute, c.Name)
		r.latency(processLatency, c.Process, c.Name)
		r.set(capacity, c.Capacity, c.Name)
		r.set(busy, c.Busy, c.Name)
	}
	for _, m := range c.Metrics {
		var value float64
		if json.Unmarshal([]byte(m.Last), &value) == nil && m.Last != "null" {
			r.set(componentMetric, value, c.Name, m.Name)
		}
	}
	states := map[worker.TaskState]int{}
	for _, t := range r.Tasks(c.Name, status.AllTime) {
		states[t.State]++
		r.task(c, &t)
	}
	for _, state := range taskStates {
		r.set(tasks, float64(states[state]), c.Name, string(state))
	}
}

// latency emits durations, which may be nil.
func (r *reading) latency(f *family, l *status.Latency, component string) {
	var counts histogram.Counts
	if l != nil {
		counts = l.Of
	}
	r.emit(sample{family: f, counts: counts, values: r.labels([]string{component}), since: r.view.Started})
}

// task emits a task.
func (r *reading) task(c *status.ComponentView, t *status.TaskView) {
	id, spout := strconv.Itoa(t.Task), c.Kind == topology.Spout.String()
	for _, out := range t.Outputs {
		r.count(emitted, out.Counts.Emitted, c.Name, c.Kind, id, out.Stream)
		r.count(transferred, out.Counts.Transferred, c.Name, c.Kind, id, out.Stream)
		if spout {
			r.count(acked, out.Counts.Acked, c.Name, c.Kind, id, "", out.Stream)
			r.count(failed, out.Counts.Failed, c.Name, c.Kind, id, "", out.Stream)
		}
	}
	for _, in := range t.Inputs {
		r.count(executed, in.Counts.Executed, c.Name, c.Kind, id, in.Component, in.Stream)
		r.count(acked, in.Counts.Acked, c.Name, c.Kind, id, in.Component, in.Stream)
		r.count(failed, in.Counts.Failed, c.Name, c.Kind, id, in.Component, in.Stream)
	}
	if len(r.view.Workers) > 0 {
		r.set(taskWorker, float64(t.Worker), c.Name, id)
	}
	r.set(queueBytes, float64(t.Bytes), c.Name, id)
	r.set(oldestSeconds, t.Oldest, c.Name, id)
	if spout {
		r.set(pending, float64(t.Pending), c.Name, id)
	} else {
		r.set(queueTuples, float64(t.Queued), c.Name, id)
		r.set(inFlight, float64(t.InFlight), c.Name, id)
	}
}

// number is 1 for true.
func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
