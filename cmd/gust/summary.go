package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"gust/internal/terminal"
	"gust/run"
	"gust/shell"
	"gust/status"
	"gust/worker"
)

// runOutcome is the outcome of a run, as `gust run --json` prints it.
type runOutcome struct {
	worker.Stats
	ID        string                `json:"id"`
	Diagnosis status.Diagnosis      `json:"diagnosis"` // before it was stopped
	Errors    []status.ErrorGroup   `json:"error_groups,omitempty"`
	Failures  []status.FailureFacet `json:"failures,omitempty"`
}

// printOutcome prints the outcome of a run, as tables or JSON.
func printOutcome(c *cli, s worker.Stats, report *status.Report, asJSON bool) error {
	if asJSON {
		return c.writeJSON(runOutcome{s, report.View.ID, report.Diagnosis, report.Errors, report.Facets})
	}
	_, err := io.WriteString(c.stdout, summary(s))
	return err
}

// summary is the outcome of a run as tables: the components' counts, latencies, metrics
// and last errors, and the counts of tuple trees.
func summary(s worker.Stats) string {
	var parts []string
	for _, part := range []string{countsTable(s), latencyTable(s), metricsTable(s), workersTable(s), errorLines(s), treeLines(s)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n")
}

// countsTable has a row for each component. If a component has several inputs or outputs,
// each has a row below it.
func countsTable(s worker.Stats) string {
	t := terminal.Table{
		Head:  []string{"component", "kind", "tasks", "emitted", "transferred", "executed", "acked", "failed", "restarts", "errors"},
		Texts: 2,
	}
	for _, c := range s.Components {
		executed := terminal.Thousands(c.Executed)
		if c.Kind == "spout" {
			executed = "" // a spout has no input
		}
		t.Add(c.Name, c.Kind, terminal.Thousands(c.Tasks), terminal.Thousands(c.Emitted), terminal.Thousands(c.Transferred),
			executed, terminal.Thousands(c.Acked), terminal.Thousands(c.Failed), unlessZero(c.Restarts), unlessZero(c.Errors))
		if len(c.Inputs) > 1 {
			for _, in := range c.Inputs {
				t.Add("  from "+in.Component+"/"+in.Stream, "", "", "", "",
					terminal.Thousands(in.Executed), terminal.Thousands(in.Acked), terminal.Thousands(in.Failed))
			}
		}
		if len(c.Outputs) > 1 {
			for _, out := range c.Outputs {
				acked, failed := "", ""
				if c.Kind == "spout" {
					acked, failed = terminal.Thousands(out.Acked), terminal.Thousands(out.Failed)
				}
				t.Add("  to "+out.Stream, "", "", terminal.Thousands(out.Emitted), terminal.Thousands(out.Transferred), "", acked, failed)
			}
		}
	}
	if len(t.Rows) == 0 {
		return ""
	}
	return t.String()
}

// latencyTable is separate from the counts, so that both fit a terminal's width.
func latencyTable(s worker.Stats) string {
	t := terminal.Table{Head: []string{"latency in ms", "", "mean", "p50", "p99"}, Texts: 2}
	for _, c := range s.Components {
		name := c.Name
		for _, l := range []struct {
			kind string
			*worker.Latency
		}{
			{"execute", c.ExecuteLatency},
			{"process", c.ProcessLatency},
			{"complete", c.CompleteLatency},
		} {
			if l.Latency != nil {
				t.Add(name, l.kind, terminal.Millis(l.Mean), terminal.Millis(l.P50), terminal.Millis(l.P99))
				name = ""
			}
		}
	}
	if len(t.Rows) == 0 {
		return ""
	}
	return t.String()
}

// metricsTable has the last value of each metric that a component reported.
func metricsTable(s worker.Stats) string {
	t := terminal.Table{Head: []string{"metrics of", "metric", "last value", "reports"}, Texts: 3}
	for _, c := range s.Components {
		name := c.Name
		for _, m := range c.Metrics {
			t.Add(name, terminal.Visible(m.Name), terminal.Shorten(terminal.Visible(m.Last), 60), terminal.Thousands(m.Reports))
			name = ""
		}
	}
	if len(t.Rows) == 0 {
		return ""
	}
	return t.String()
}

// workersTable has a row for each worker, if there are several, with the tasks that it ran.
func workersTable(s worker.Stats) string {
	t := terminal.Table{Head: []string{"worker", "tasks", "restarts"}, Texts: 2}
	for _, w := range s.Workers {
		var tasks []string
		for _, c := range s.Components {
			n := 0
			for _, p := range c.Processes {
				if p.Worker == w.Worker {
					n++
				}
			}
			if n > 0 {
				tasks = append(tasks, fmt.Sprintf("%s %d", c.Name, n))
			}
		}
		t.Add(strconv.Itoa(w.Worker), strings.Join(tasks, ", "), unlessZero(w.Restarts))
	}
	if len(t.Rows) == 0 {
		return ""
	}
	return t.String()
}

// errorLines has a line for each component's last error.
func errorLines(s worker.Stats) string {
	var b strings.Builder
	for _, c := range s.Components {
		if last := shell.Headline(c.LastError); last != "" {
			b.WriteString(terminal.Shorten(fmt.Sprintf("last error of %s: %s", c.Name, terminal.Visible(last)), 120) + "\n")
		}
	}
	return b.String()
}

// treeLines has the counts of tuple trees, and the throughput.
func treeLines(s worker.Stats) string {
	var b strings.Builder
	t := s.Trees
	fmt.Fprintf(&b, "trees: %s emitted, %s acked, %s failed, %s pending\n",
		terminal.Thousands(t.Emitted), terminal.Thousands(t.Acked), terminal.Thousands(t.Failed.Sum()), terminal.Thousands(t.Pending))
	for _, reason := range run.FailedReasons(t.Failed) {
		fmt.Fprintf(&b, "  failed: %s\n", reason)
	}
	fmt.Fprintf(&b, "%s ran for %ss", s.Topology, strconv.FormatFloat(s.Seconds, 'f', 2, 64))
	if s.Seconds > 0 {
		var emitted, transferred uint64
		for _, c := range s.Components {
			transferred += c.Transferred
			if c.Kind == "spout" {
				emitted += c.Emitted
			}
		}
		fmt.Fprintf(&b, ": %s tuples/s from the spouts, %s tuples/s between tasks",
			rate(emitted, s.Seconds), rate(transferred, s.Seconds))
	}
	b.WriteByte('\n')
	return b.String()
}

// rate is a number per second, with a decimal if it is small.
func rate(n uint64, seconds float64) string {
	r := float64(n) / seconds
	if 0 < r && r < 10 {
		return strconv.FormatFloat(r, 'f', 1, 64)
	}
	return terminal.Thousands(uint64(r + 0.5))
}

// unlessZero is an empty cell for 0.
func unlessZero(n uint64) string {
	if n == 0 {
		return ""
	}
	return terminal.Thousands(n)
}
