package worker

import (
	"encoding/json"
	"testing"
	"time"

	"gust/internal/histogram"
)

// latencyOf is the latency of durations in milliseconds.
func latencyOf(ms ...int) *Latency {
	var h histogram.Histogram
	for _, d := range ms {
		h.Add(int64(d) * int64(time.Millisecond))
	}
	return latency(h.Counts())
}

func TestAddStats(t *testing.T) {
	earlier := Stats{
		Topology: "t", Seconds: 10,
		Components: []ComponentStats{
			{Name: "s", Kind: "spout", Tasks: 1, Emitted: 7, Transferred: 9, Acked: 5, Failed: 2, Restarts: 1, Errors: 1, LastError: "old",
				Outputs:         []OutputStats{{"default", 3, 4, 2, 1}, {"gone", 4, 5, 3, 1}},
				CompleteLatency: latencyOf(1, 1, 1), Metrics: []MetricStats{{"m", 2, "1"}},
				Processes: []ProcessStats{{Task: 1, Restarts: 1}}},
			{Name: "b", Kind: "bolt", Tasks: 1, Executed: 9, Processes: []ProcessStats{{Task: 2}}},
		},
		Trees: TreeStats{Emitted: 7, Acked: 5, Failed: FailedStats{Timeout: 2, Held: map[string]uint64{"b": 2}}},
	}
	later := Stats{
		Topology: "t", Seconds: 5,
		Components: []ComponentStats{
			{Name: "new", Kind: "bolt", Tasks: 1, Executed: 1, Processes: []ProcessStats{{Task: 1}}},
			{Name: "s", Kind: "spout", Tasks: 2, Emitted: 1, Transferred: 1, Acked: 1,
				Outputs:         []OutputStats{{"default", 1, 1, 1, 0}},
				CompleteLatency: latencyOf(1000), Metrics: []MetricStats{{"m", 1, "2"}},
				Processes: []ProcessStats{{Task: 2, Ready: true}, {Task: 3}}},
		},
		Trees: TreeStats{Emitted: 1, Acked: 1, Failed: FailedStats{Bolt: 1, Held: map[string]uint64{"new": 1}}},
	}
	want := Stats{
		Topology: "t", Seconds: 15,
		Components: []ComponentStats{
			later.Components[0],
			{Name: "s", Kind: "spout", Tasks: 2, Emitted: 8, Transferred: 10, Acked: 6, Failed: 2, Restarts: 1, Errors: 1, LastError: "old",
				Outputs:         []OutputStats{{"default", 4, 5, 3, 1}, {"gone", 4, 5, 3, 1}},
				CompleteLatency: latencyOf(1, 1, 1, 1000), Metrics: []MetricStats{{"m", 3, "2"}},
				Processes: later.Components[1].Processes},
			{Name: "b", Kind: "bolt", Executed: 9, Processes: []ProcessStats{}},
		},
		Trees: TreeStats{Emitted: 8, Acked: 6, Failed: FailedStats{Timeout: 2, Bolt: 1, Held: map[string]uint64{"b": 2, "new": 1}}},
	}
	before := asJSON(t, earlier) + asJSON(t, later)
	if got := asJSON(t, earlier.Add(later)); got != asJSON(t, want) {
		t.Errorf("got  %s\nwant %s", got, asJSON(t, want))
	}
	if asJSON(t, earlier)+asJSON(t, later) != before {
		t.Error("Add has changed what it was given")
	}
	if got := asJSON(t, later.Add(Stats{}).Trees); got != asJSON(t, later.Trees) {
		t.Errorf("with nothing added the trees are %s", got)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
