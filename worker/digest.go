package worker

import (
	"time"

	"gust/internal/histogram"
	"gust/topology"
)

// Stats adds a snapshot up, component by component.
func (s *Snapshot) Stats() Stats {
	stats := Stats{Topology: s.Topology, Seconds: s.Active.Seconds(), Trees: s.Trees}
	for _, w := range s.Workers {
		stats.Workers = append(stats.Workers, WorkerStats{w.Worker, w.PID, w.Restarts, w.Death})
	}
	for i := range s.Components {
		stats.Components = append(stats.Components, s.Components[i].stats())
	}
	return stats
}

func (c *ComponentSnapshot) stats() ComponentStats {
	s := ComponentStats{
		Name: c.Name, Kind: c.Kind.String(), Tasks: len(c.Tasks),
		Errors: c.Errors, LastError: c.LastError, Metrics: c.Metrics,
	}
	for _, stream := range c.Outputs {
		s.Outputs = append(s.Outputs, OutputStats{Stream: stream})
	}
	for _, in := range c.Inputs {
		s.Inputs = append(s.Inputs, InputStats{Component: in.Component, Stream: in.Stream})
	}
	var execute, process, complete histogram.Counts
	for _, t := range c.Tasks {
		for i, n := range t.Outputs {
			out := &s.Outputs[i]
			out.Emitted += n.Emitted
			out.Transferred += n.Transferred
			out.Acked += n.Acked
			out.Failed += n.Failed
		}
		for i, n := range t.Inputs {
			in := &s.Inputs[i]
			in.Executed += n.Executed
			in.Acked += n.Acked
			in.Failed += n.Failed
		}
		execute, process, complete = execute.Plus(t.Execute), process.Plus(t.Process), complete.Plus(t.Complete)
		s.Restarts += t.Restarts
		s.Processes = append(s.Processes, ProcessStats{Task: t.Task, Worker: t.Worker, PID: t.PID, Ready: t.CameUp, Restarts: t.Restarts, Death: t.Death})
	}
	for _, out := range s.Outputs {
		s.Emitted += out.Emitted
		s.Transferred += out.Transferred
		if c.Kind == topology.Spout {
			s.Acked += out.Acked
			s.Failed += out.Failed
		}
	}
	for _, in := range s.Inputs {
		s.Executed += in.Executed
		s.Acked += in.Acked
		s.Failed += in.Failed
	}
	s.ExecuteLatency, s.ProcessLatency, s.CompleteLatency = latency(execute), latency(process), latency(complete)
	return s
}

// latency sums durations up, nil if there is none.
func latency(of histogram.Counts) *Latency {
	if of.Count == 0 {
		return nil
	}
	const ms = float64(time.Millisecond)
	return &Latency{Mean: of.Mean() / ms, P50: of.Percentile(0.50) / ms, P99: of.Percentile(0.99) / ms, of: of}
}
