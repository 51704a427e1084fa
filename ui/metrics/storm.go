package metrics

import (
	"strconv"
	"time"

	"gust/status"
	"gust/topology"
)

// The names under which exporters for Storm publish what they read from the REST API of
// Storm's UI. Dashboards made for them work with gust, too. Latencies are in milliseconds, as there, and a missing one
// is 0. The resources that Storm's scheduler assigns have no counterpart.
var (
	stormUptime      = define(gauge, "storm_topology_uptime_seconds", "topology_name topology_id", "How long the topology has run.")
	stormTasks       = define(untyped, "storm_topology_tasks_total", "topology_name topology_id", "Tasks of the topology.")
	stormWorkers     = define(untyped, "storm_topology_workers_total", "topology_name topology_id", "Workers of the topology.")
	stormExecutors   = define(untyped, "storm_topology_executors_total", "topology_name topology_id", "Executors of the topology.")
	stormReplication = define(untyped, "storm_topology_replication_count", "topology_name topology_id", "Machines that have the topology's code: 1.")

	stormStatsEmitted     = define(gauge, "storm_topology_stats_emitted", "topology_name topology_id window", "Tuples emitted in the window.")
	stormStatsTransferred = define(gauge, "storm_topology_stats_transferred", "topology_name topology_id window", "Tuples transferred in the window.")
	stormStatsAcked       = define(gauge, "storm_topology_stats_acked", "topology_name topology_id window", "Tuple trees acked in the window.")
	stormStatsFailed      = define(gauge, "storm_topology_stats_failed", "topology_name topology_id window", "Tuple trees failed in the window.")
	stormStatsComplete    = define(gauge, "storm_topology_stats_complete_latency", "topology_name topology_id window", "Mean complete latency in the window, in milliseconds.")

	stormSpoutExecutors   = define(gauge, "storm_topology_spouts_executors", "topology_name topology_id spout_id", "Executors of the spout.")
	stormSpoutTasks       = define(gauge, "storm_topology_spouts_tasks", "topology_name topology_id spout_id", "Tasks of the spout.")
	stormSpoutEmitted     = define(gauge, "storm_topology_spouts_emitted", "topology_name topology_id spout_id", "Tuples emitted by the spout.")
	stormSpoutTransferred = define(gauge, "storm_topology_spouts_transferred", "topology_name topology_id spout_id", "Tuples transferred by the spout.")
	stormSpoutAcked       = define(gauge, "storm_topology_spouts_acked", "topology_name topology_id spout_id", "Tuple trees of the spout that were acked.")
	stormSpoutFailed      = define(gauge, "storm_topology_spouts_failed", "topology_name topology_id spout_id", "Tuple trees of the spout that failed.")
	stormSpoutComplete    = define(gauge, "storm_topology_spouts_complete_latency", "topology_name topology_id spout_id", "Mean complete latency, in milliseconds.")

	stormBoltExecutors = define(gauge, "storm_topology_bolts_executors", "topology_name topology_id bolt_id", "Executors of the bolt.")
	stormBoltTasks     = define(gauge, "storm_topology_bolts_tasks", "topology_name topology_id bolt_id", "Tasks of the bolt.")
	stormBoltEmitted   = define(gauge, "storm_topology_bolts_emitted", "topology_name topology_id bolt_id", "Tuples emitted by the bolt.")
	stormBoltAcked     = define(gauge, "storm_topology_bolts_acked", "topology_name topology_id bolt_id", "Tuples acked by the bolt.")
	stormBoltFailed    = define(gauge, "storm_topology_bolts_failed", "topology_name topology_id bolt_id", "Tuples failed by the bolt.")
	stormBoltCapacity  = define(gauge, "storm_topology_bolts_capacity", "topology_name topology_id bolt_id", "Storm's capacity of the bolt, 0 to 1.")
	stormBoltExecute   = define(gauge, "storm_topology_bolts_execute_latency", "topology_name topology_id bolt_id", "Mean execute latency, in milliseconds.")
	stormBoltProcess   = define(gauge, "storm_topology_bolts_process_latency", "topology_name topology_id bolt_id", "Mean process latency, in milliseconds.")
)

// stormFigures emits a topology under the names of Storm's exporters. They do not know
// topologies that have ended.
func (r *reading) stormFigures() {
	if r.view.Ended != nil {
		return
	}
	id := r.view.ID
	r.set(stormUptime, float64(int(r.view.Uptime)), id)
	r.set(stormTasks, float64(r.view.Tasks), id)
	r.set(stormWorkers, float64(max(1, len(r.view.Workers))), id)
	r.set(stormExecutors, float64(r.view.Executors), id)
	r.set(stormReplication, 1, id)
	for _, w := range status.StormWindows {
		name, v := ":all-time", r.view
		if w != status.AllTime {
			name, v = strconv.Itoa(int(time.Duration(w).Seconds())), r.View(w)
		}
		r.count(stormStatsEmitted, v.Counts.Emitted, id, name)
		r.count(stormStatsTransferred, v.Counts.Transferred, id, name)
		r.count(stormStatsAcked, v.Counts.Acked, id, name)
		r.count(stormStatsFailed, v.Counts.Failed, id, name)
		r.set(stormStatsComplete, v.Counts.CompleteMillis(), id, name)
	}
	for i := range r.view.Components {
		c := &r.view.Components[i]
		if c.Kind == topology.Spout.String() {
			r.set(stormSpoutExecutors, float64(c.Executors), id, c.Name)
			r.set(stormSpoutTasks, float64(c.Tasks), id, c.Name)
			r.count(stormSpoutEmitted, c.Counts.Emitted, id, c.Name)
			r.count(stormSpoutTransferred, c.Counts.Transferred, id, c.Name)
			r.count(stormSpoutAcked, c.Counts.Acked, id, c.Name)
			r.count(stormSpoutFailed, c.Counts.Failed, id, c.Name)
			r.set(stormSpoutComplete, c.Counts.CompleteMillis(), id, c.Name)
			continue
		}
		r.set(stormBoltExecutors, float64(c.Executors), id, c.Name)
		r.set(stormBoltTasks, float64(c.Tasks), id, c.Name)
		r.count(stormBoltEmitted, c.Counts.Emitted, id, c.Name)
		r.count(stormBoltAcked, c.Counts.Acked, id, c.Name)
		r.count(stormBoltFailed, c.Counts.Failed, id, c.Name)
		r.set(stormBoltCapacity, c.Capacity, id, c.Name)
		r.set(stormBoltExecute, c.Counts.ExecuteMillis(), id, c.Name)
		r.set(stormBoltProcess, c.Counts.ProcessMillis(), id, c.Name)
	}
}
