package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// result is the output of a soak as JSON.
type result struct {
	Passed   bool    `json:"passed"`
	Seed     uint64  `json:"seed"`
	CPUs     int     `json:"cpus"`
	Rate     float64 `json:"rate"` // the rate of new tuples, per second
	Workers  int     `json:"workers"`
	Seconds  float64 `json:"seconds"` // of faults
	Settling float64 `json:"settling_seconds"`

	figures
	Gust     trees          `json:"gust_trees"`
	Faults   map[string]int `json:"faults"`
	Deaths   int            `json:"deaths"`
	Restarts int            `json:"restarts"`
	// Killed is how many workers were, and Connections how many there were between workers.
	Killed      int     `json:"workers_killed"`
	Connections int     `json:"connections"`
	Drills      []drill `json:"drills"`

	GustCPU float64 `json:"gust_cpu_seconds"`
	// Before is gust at rest before the first fault, After when all was acked.
	Before  resources `json:"before"`
	After   resources `json:"after"`
	Samples []sample  `json:"samples"`

	Findings findings `json:"findings"`
}

// sample is a line of progress.
type sample struct {
	Seconds float64 `json:"seconds"`
	resources
	Emitted int `json:"emitted"`
	Acked   int `json:"acked"`
	Failed  int `json:"failed"`
	Faults  int `json:"faults"`
	Kills   int `json:"kills"`
	Deaths  int `json:"deaths"`
	// Restarts are those that have sent their pid.
	Restarts int `json:"restarts"`
}

// String is the result in words.
func (r *result) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(what string, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", what, fmt.Sprintf(format, args...))
	}
	row("tuples", "%d, of which %d were replayed; the sinks recorded %d", r.Tuples, r.Replayed, r.Received)
	row("ledgers", "%d emissions: %d acked, %d failed, %d orphaned by a spout's death", r.Emissions, r.Acked, r.Failed, r.Orphans)
	f, reported := r.Gust.Failed, r.Gust.Emitted > 0
	if reported {
		row("gust", "%d trees: %d acked; failed: %d by a bolt, %d timed out, %d died, %d at shutdown",
			r.Gust.Emitted, r.Gust.Acked, f.Bolt, f.Timeout, f.Died, f.Shutdown)
	}
	row("on purpose", "bolts failed at most %d trees and did not answer %d tuples", r.FailedOnPurpose, r.Forgotten)
	for _, name := range slices.Sorted(maps.Keys(r.Faults)) {
		row("fault", "%4d × %s", r.Faults[name], name)
	}
	if reported {
		row("deaths", "%d; gust counted %d restarts", r.Deaths, r.Restarts)
	} else {
		row("deaths", "%d", r.Deaths)
	}
	if r.Workers > 1 {
		row("workers", "%d, killed %d times; %d connections between them", r.Workers, r.Killed, r.Connections)
	}
	row("gust at rest", "%d descriptors before, %d after; %.1f MiB before, %.1f MiB after; %.1f s of CPU",
		r.Before.Descriptors, r.After.Descriptors, mib(r.Before.RSS), mib(r.After.RSS), r.GustCPU)
	row("time", "%.0f s of faults, %.1f s until all tuples were acked", r.Seconds, r.Settling)
	w.Flush()
	if r.Passed {
		b.WriteString("PASSED: no tuple was lost")
	} else {
		fmt.Fprintf(&b, "FAILED, seed %d\n%s", r.Seed, &r.Findings)
	}
	return b.String()
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
