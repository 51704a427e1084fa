package worker

import (
	"maps"
	"slices"
	"time"

	"gust/topology"
)

// snapshot adds up what the loop has counted.
func (w *loop) snapshot() Stats {
	s := Stats{Topology: w.topology, Trees: w.acker.stats}
	s.Trees.Failed.Held = maps.Clone(s.Trees.Failed.Held)
	if w.activeAt > 0 {
		end := w.now
		if w.stop.phase == leavingAll {
			end = w.stop.since // children that take their time to exit do no work
		}
		s.Seconds = time.Duration(end - w.activeAt).Seconds()
	}
	for _, c := range w.plan.components {
		s.Components = append(s.Components, c.snapshot())
	}
	return s
}

func (c *component) snapshot() ComponentStats {
	s := ComponentStats{
		Name: c.name(), Kind: c.spec.Kind.String(), Tasks: len(c.tasks),
		Errors: c.errors, LastError: c.lastError,
		ExecuteLatency: c.execute.latency(), ProcessLatency: c.process.latency(), CompleteLatency: c.complete.latency(),
	}
	for _, out := range c.outputs {
		n := out.count
		s.Emitted += n.emitted
		s.Transferred += n.transferred
		if c.spec.Kind == topology.Spout {
			s.Acked += n.acked
			s.Failed += n.failed
		}
		s.Outputs = append(s.Outputs, OutputStats{
			Stream: n.stream, Emitted: n.emitted, Transferred: n.transferred, Acked: n.acked, Failed: n.failed,
		})
	}
	for _, n := range c.inputs {
		s.Executed += n.executed
		s.Acked += n.acked
		s.Failed += n.failed
		s.Inputs = append(s.Inputs, InputStats{
			Component: n.from.name(), Stream: n.stream, Executed: n.executed, Acked: n.acked, Failed: n.failed,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(c.metrics)) {
		s.Metrics = append(s.Metrics, *c.metrics[name])
	}
	for _, t := range c.tasks {
		s.Restarts += t.restarts
		s.Processes = append(s.Processes, ProcessStats{
			Task: int(t.id), PID: t.pid, Ready: t.cameUp, Restarts: t.restarts, Death: t.death,
		})
	}
	return s
}
