package rest

import (
	"net/http"

	"gust/status"
	"gust/status/served"
)

// Metrics are a topology's counts by component and stream, as Storm's documentation of the
// REST API has them. (Its code answers with the topology's page since 2.0.)
type Metrics struct {
	Window     string         `json:"window"`
	WindowHint string         `json:"windowHint"`
	Spouts     []SpoutMetrics `json:"spouts"`
	Bolts      []BoltMetrics  `json:"bolts"`
}

// SpoutMetrics are a spout's counts, by its output streams.
type SpoutMetrics struct {
	ID            string          `json:"id"`
	Emitted       []StreamCount   `json:"emitted"`
	Transferred   []StreamCount   `json:"transferred"`
	Acked         []StreamCount   `json:"acked"`
	Failed        []StreamCount   `json:"failed"`
	CompleteMsAvg []StreamLatency `json:"complete_ms_avg"`
}

// BoltMetrics are a bolt's counts: by its output streams what it emitted, the rest by its
// input streams.
type BoltMetrics struct {
	ID            string         `json:"id"`
	Emitted       []StreamCount  `json:"emitted"`
	Transferred   []StreamCount  `json:"transferred"`
	Acked         []InputCount   `json:"acked"`
	Failed        []InputCount   `json:"failed"`
	ProcessMsAvg  []InputLatency `json:"process_ms_avg"`
	Executed      []InputCount   `json:"executed"`
	ExecutedMsAvg []InputLatency `json:"executed_ms_avg"`
}

// StreamCount is a count of an output stream.
type StreamCount struct {
	StreamID string `json:"stream_id"`
	Value    uint64 `json:"value"`
}

// StreamLatency is a latency of an output stream.
type StreamLatency struct {
	StreamID string `json:"stream_id"`
	Value    string `json:"value"`
}

// InputCount is a count of an input stream.
type InputCount struct {
	ComponentID string `json:"component_id"`
	StreamCount
}

// InputLatency is a latency of an input stream.
type InputLatency struct {
	ComponentID string `json:"component_id"`
	StreamLatency
}

func (a *api) metrics(s served.Served, r *http.Request) (any, error) {
	window, err := windowOf(r)
	if err != nil {
		return nil, err
	}
	answer := &Metrics{Window: windowName(window), WindowHint: windowHint(window), Spouts: []SpoutMetrics{}, Bolts: []BoltMetrics{}}
	for _, c := range componentsOf(a.showOver(s, window), r) {
		if c.Kind == "spout" {
			answer.Spouts = append(answer.Spouts, spoutMetrics(c))
		} else {
			answer.Bolts = append(answer.Bolts, boltMetrics(c))
		}
	}
	return answer, nil
}

func spoutMetrics(c status.ComponentView) SpoutMetrics {
	return SpoutMetrics{
		ID:            c.Name,
		Emitted:       streamCounts(c, func(n status.Counts) uint64 { return n.Emitted }),
		Transferred:   streamCounts(c, func(n status.Counts) uint64 { return n.Transferred }),
		Acked:         streamCounts(c, func(n status.Counts) uint64 { return n.Acked }),
		Failed:        streamCounts(c, func(n status.Counts) uint64 { return n.Failed }),
		CompleteMsAvg: streamLatencies(c, status.Counts.CompleteMillis),
	}
}

func boltMetrics(c status.ComponentView) BoltMetrics {
	return BoltMetrics{
		ID:            c.Name,
		Emitted:       streamCounts(c, func(n status.Counts) uint64 { return n.Emitted }),
		Transferred:   streamCounts(c, func(n status.Counts) uint64 { return n.Transferred }),
		Acked:         inputCounts(c, func(n status.Counts) uint64 { return n.Acked }),
		Failed:        inputCounts(c, func(n status.Counts) uint64 { return n.Failed }),
		ProcessMsAvg:  inputLatencies(c, status.Counts.ProcessMillis),
		Executed:      inputCounts(c, func(n status.Counts) uint64 { return n.Executed }),
		ExecutedMsAvg: inputLatencies(c, status.Counts.ExecuteMillis),
	}
}

func streamCounts(c status.ComponentView, count func(status.Counts) uint64) []StreamCount {
	list := []StreamCount{}
	for _, out := range c.Outputs {
		list = append(list, StreamCount{out.Stream, count(out.Counts)})
	}
	return list
}

func streamLatencies(c status.ComponentView, millis func(status.Counts) float64) []StreamLatency {
	list := []StreamLatency{}
	for _, out := range c.Outputs {
		list = append(list, StreamLatency{out.Stream, decimal(millis(out.Counts))})
	}
	return list
}

func inputCounts(c status.ComponentView, count func(status.Counts) uint64) []InputCount {
	list := []InputCount{}
	for _, in := range c.Inputs {
		list = append(list, InputCount{in.Component, StreamCount{in.Stream, count(in.Counts)}})
	}
	return list
}

func inputLatencies(c status.ComponentView, millis func(status.Counts) float64) []InputLatency {
	list := []InputLatency{}
	for _, in := range c.Inputs {
		list = append(list, InputLatency{in.Component, StreamLatency{in.Stream, decimal(millis(in.Counts))}})
	}
	return list
}
