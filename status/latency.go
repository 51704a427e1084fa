package status

import "gust/internal/histogram"

// latencyOf summarizes durations; it is nil if there are none.
func latencyOf(c histogram.Counts) *Latency {
	if c.Count == 0 {
		return nil
	}
	const ms = 1e6
	return &Latency{Mean: c.Mean() / ms, P50: c.Percentile(0.5) / ms, P99: c.Percentile(0.99) / ms, Of: c}
}
