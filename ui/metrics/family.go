package metrics

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"gust/internal/histogram"
)

// family is a metric: what all its samples have in common.
type family struct {
	name   string // as Prometheus has it
	kind   kind
	help   string
	labels []string
	desc   *prometheus.Desc
}

// kind says how the values of a family behave.
type kind int

const (
	counter kind = iota // it only grows
	gauge
	latency // a histogram of durations, in seconds
	// untyped is a gauge whose name, which is not gust's, Prometheus wants a counter or a
	// histogram to have.
	untyped
)

// families are all metrics, in the order of their definition.
var families []*family

// define adds a metric to the families. labels are words.
func define(k kind, name, labels, help string) *family {
	f := &family{name: name, kind: k, help: help, labels: strings.Fields(labels)}
	f.desc = prometheus.NewDesc(name, help, f.labels, nil)
	families = append(families, f)
	return f
}

// Metrics of gust itself, and of topologies.
var (
	buildInfo = define(gauge, "gust_build_info", "version revision goversion", "1, with the build of gust as labels.")
	up        = define(gauge, "gust_up", "topology", "1 while the topology runs, 0 when it has ended.")
	active    = define(gauge, "gust_topology_active", "topology", "1 while spouts are asked for tuples, 0 while the topology starts, is deactivated or ends.")
	startTime = define(gauge, "gust_topology_start_time_seconds", "topology", "When the topology was started, in seconds since 1970.")
	diagnosis = define(gauge, "gust_diagnosis", "topology kind component severity", "1, with what keeps the topology from going faster as labels.")

	treesEmitted = define(counter, "gust_trees_emitted_total", "topology", "Tuples that spouts emitted with an id.")
	treesAcked   = define(counter, "gust_trees_acked_total", "topology", "Tuple trees that were acked.")
	treesFailed  = define(counter, "gust_trees_failed_total", "topology reason held_by",
		"Tuple trees that failed, by the reason: bolt, timeout, died or shutdown. After a timeout, held_by is the bolt that held a tuple of the tree.")
	deadLetters = define(counter, "gust_dead_letters_total", "topology", "Failed trees whose spout got an ack, since the tuple had failed gust.max.attempts times.")
)

// Metrics of workers, of a topology that has several.
var (
	workerUp       = define(gauge, "gust_worker_up", "topology worker", "1 while the worker answers, 0 if it is down or silent. Only for topologies with several workers.")
	workerRestarts = define(counter, "gust_worker_restarts_total", "topology worker", "Restarts of the worker's process. Only for topologies with several workers.")
	linkUp         = define(gauge, "gust_link_up", "topology worker peer", "1 while the worker has a connection to the worker peer. Only for topologies with several workers.")
	taskWorker     = define(gauge, "gust_task_worker", "topology component task", "The number of the worker that runs the task. Only for topologies with several workers.")
)

// Metrics of components.
var (
	tasks      = define(gauge, "gust_tasks", "topology component state", "Tasks by the state of their process: down, loading, running or leaving.")
	restarts   = define(counter, "gust_restarts_total", "topology component", "Restarts of the component's processes.")
	errorCount = define(counter, "gust_errors_total", "topology component", "Errors that the component reported, protocol errors, and deaths that it did not report itself.")
	capacity   = define(gauge, "gust_capacity", "topology component", "Storm's capacity: the part of the last ten minutes for which the busiest task of a bolt worked, 0 to 1.")
	busy       = define(gauge, "gust_busy", "topology component", "The part of the last minute for which the busiest task of a bolt worked, 0 to 1.")

	executeLatency = define(latency, "gust_execute_latency_seconds", "topology component",
		"How long a bolt works on a tuple: from its delivery, or the bolt's previous answer if that is later, to its ack or fail.")
	processLatency  = define(latency, "gust_process_latency_seconds", "topology component", "From a tuple's delivery to the bolt's ack or fail, including the wait in the queue.")
	completeLatency = define(latency, "gust_complete_latency_seconds", "topology component", "From a spout's emit to the ack of the tuple tree.")

	spoutWait = define(counter, "gust_spout_wait_seconds_total", "topology component reason",
		"How long a spout's tasks emitted nothing, by the reason: loading, no data, max pending, backpressure or inactive.")
	componentMetric = define(gauge, "gust_component_metric", "topology component name", "The last value that a task of the component reported under this name, if it is a number.")
)

// Metrics of tasks.
var (
	emitted     = define(counter, "gust_emitted_total", "topology component kind task stream", "Tuples emitted to a stream.")
	transferred = define(counter, "gust_transferred_total", "topology component kind task stream", "Tuples sent to the tasks that read the stream; one emitted tuple may go to none or to several.")
	executed    = define(counter, "gust_executed_total", "topology component kind task source stream", "Tuples that a bolt took from a stream of the component source.")
	acked       = define(counter, "gust_acked_total", "topology component kind task source stream", "Tuples that a bolt acked, or, with an empty source, tuple trees of a spout that were acked.")
	failed      = define(counter, "gust_failed_total", "topology component kind task source stream", "Tuples that a bolt failed, or, with an empty source, tuple trees of a spout that failed.")

	queueBytes    = define(gauge, "gust_queue_bytes", "topology component task", "Bytes that wait in gust for the task's process.")
	queueTuples   = define(gauge, "gust_queue_tuples", "topology component task", "Tuples that wait for a bolt's task.")
	inFlight      = define(gauge, "gust_in_flight_tuples", "topology component task", "Tuples that a bolt's task has neither acked nor failed, including the queue.")
	pending       = define(gauge, "gust_pending_trees", "topology component task", "Tuple trees of a spout's task that are neither acked nor failed.")
	oldestSeconds = define(gauge, "gust_oldest_seconds", "topology component task", "The age of the oldest tuple in flight of a bolt's task, or of the oldest pending tree of a spout's.")
)

// sample is a value of a family.
type sample struct {
	*family
	values []string // of its labels
	value  float64
	counts histogram.Counts // of a latency, in the place of the value
	since  time.Time        // when its topology was started
}

// emitter takes samples.
type emitter func(sample)

// edges are the upper bounds of a latency's buckets in nanoseconds, from 16 µs to nine
// minutes. Each is a bound of a histogram's buckets, too, so that the counts are exact.
var edges = func() (bounds []int64) {
	for bit := 14; bit <= 39; bit++ {
		bounds = append(bounds, 1<<bit)
	}
	return bounds
}()

// seconds is a number of nanoseconds.
func seconds(ns int64) float64 { return float64(ns) / 1e9 }
