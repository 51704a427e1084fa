package rest

import (
	"net/http"
	"time"

	"gust/conf"
	"gust/status"
	"gust/status/served"
)

// Topology is a topology's page: UIHelpers.getTopologySummary and unpackTopologyInfo.
type Topology struct {
	TopologySummary
	regularAndShared
	User               *string          `json:"user"`
	Window             string           `json:"window"`
	WindowHint         string           `json:"windowHint"`
	MsgTimeout         int              `json:"msgTimeout"`
	Debug              bool             `json:"debug"`
	SamplingPct        double           `json:"samplingPct"`
	TopologyStats      []TopologyStats  `json:"topologyStats"`
	Spouts             []Spout          `json:"spouts"`
	Bolts              []Bolt           `json:"bolts"`
	Workers            []Worker         `json:"workers"`
	TopologyErrors     []ComponentError `json:"topologyErrors"` // of all components: the last few
	Configuration      conf.Conf        `json:"configuration"`
	VisualizationTable []any            `json:"visualizationTable"`
	display
	BugtrackerURL *string `json:"bugtracker-url"`
	CentralLogURL *string `json:"central-log-url"`
	// Diagnosis is gust's own: what keeps the topology from going faster.
	Diagnosis status.Diagnosis `json:"diagnosis"`
}

// TopologyStats is what a topology has done in a window: UIHelpers.getTopologyStatsMap.
type TopologyStats struct {
	WindowPretty    string `json:"windowPretty"`
	Window          string `json:"window"`
	Emitted         uint64 `json:"emitted"`
	Transferred     uint64 `json:"transferred"`
	CompleteLatency string `json:"completeLatency"`
	Acked           uint64 `json:"acked"`
	Failed          uint64 `json:"failed"`
}

func (a *api) topologyPage(s served.Served, r *http.Request) (any, error) {
	window, err := windowOf(r)
	if err != nil {
		return nil, err
	}
	t := a.showOver(s, window)
	settings := s.Conf()
	timeout, _ := settings.Seconds(conf.TopologyMessageTimeout, 0) // the run has checked it
	page := &Topology{
		TopologySummary: t.summary(), Window: windowName(window), WindowHint: windowHint(window),
		MsgTimeout:    int(timeout / time.Second),
		TopologyStats: []TopologyStats{}, Spouts: []Spout{}, Bolts: []Bolt{}, Workers: []Worker{},
		TopologyErrors: a.errors(s, t, "", r), Configuration: settings, VisualizationTable: []any{}, Diagnosis: t.Diagnosis,
	}
	if t.Ended == nil {
		page.Workers = a.workers(t, r)
	}
	for _, c := range componentsOf(t, r) {
		if c.Kind == "spout" {
			page.Spouts = append(page.Spouts, a.spout(t, c, r))
		} else {
			page.Bolts = append(page.Bolts, a.bolt(t, c, r))
		}
	}
	page.Debug, page.SamplingPct = debuggingOf(t.View)
	for _, w := range windows(window) {
		v := t.View
		if w != window {
			v = s.View(w)
		}
		page.TopologyStats = append(page.TopologyStats, topologyStats(v, w))
	}
	return page, nil
}

func topologyStats(v *status.View, w status.Window) TopologyStats {
	return TopologyStats{
		WindowPretty: windowHint(w), Window: windowName(w), Emitted: v.Counts.Emitted, Transferred: v.Counts.Transferred,
		CompleteLatency: decimal(v.Counts.CompleteMillis()), Acked: v.Counts.Acked, Failed: v.Counts.Failed,
	}
}

// debugging says whether tuples of a component are sampled or logged, and which percentage of
// them. If not, Storm reports the percentage that its UI proposes.
func debugging(c *status.ComponentView) (on bool, percent double) {
	switch {
	case c.Sampling > 0:
		return true, double(c.Sampling)
	case c.Debug:
		return true, 100
	}
	return false, 10
}

// debuggingOf says the same of the topology: that all its spouts are debugged, since the tuples
// of bolts follow from theirs, and the lowest of their percentages.
func debuggingOf(t *status.View) (on bool, percent double) {
	for i := range t.Components {
		c := &t.Components[i]
		if c.Kind != "spout" {
			continue
		}
		debugged, of := debugging(c)
		if !debugged {
			return false, of
		}
		if !on || of < percent {
			on, percent = true, of
		}
	}
	return on, percent
}

// lag is how far spouts lag behind their source: TopologySpoutLag.lag. Only Storm's own Kafka
// spouts report it.
func (a *api) lag(served.Served, *http.Request) (any, error) { return struct{}{}, nil }
