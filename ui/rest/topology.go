package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"gust/conf"
	"gust/internal/terminal"
	"gust/status"
	"gust/status/served"
)

// topology is a topology as it is shown: what it has done in a window, and where it runs.
type topology struct {
	*status.View
	owner string
	port  int
}

// show shows a topology over all time.
func (a *api) show(t served.Served) topology { return a.showOver(t, status.AllTime) }

// showOver shows a topology over a window.
func (a *api) showOver(t served.Served, w status.Window) topology {
	return topology{t.View(w), ownerOf(t.Conf()), a.slots.port(t.ID())}
}

// workers is how many workers a topology has.
func (t topology) workers() int {
	if t.Ended != nil {
		return 0
	}
	return 1
}

// logFile is the name of the topology's log: WebAppUtils.logsFilename.
func (t topology) logFile() string { return t.ID + "/" + strconv.Itoa(t.port) + "/worker.log" }

// logLink is the address of the topology's log.
func (t topology) logLink(r *http.Request) string { return logLink(r, t.logFile()) }

// TopologySummary is a topology in a list: UIHelpers.getTopologyMap.
type TopologySummary struct {
	ID               string  `json:"id"`
	EncodedID        string  `json:"encodedId"`
	Owner            string  `json:"owner"`
	Name             string  `json:"name"`
	Status           string  `json:"status"`
	Uptime           string  `json:"uptime"`
	UptimeSeconds    int     `json:"uptimeSeconds"`
	TasksTotal       int     `json:"tasksTotal"`
	WorkersTotal     int     `json:"workersTotal"`
	ExecutorsTotal   int     `json:"executorsTotal"`
	ReplicationCount int     `json:"replicationCount"`
	SchedulerInfo    *string `json:"schedulerInfo"`
	requested
	assigned
	TopologyVersion *string `json:"topologyVersion"`
	StormVersion    string  `json:"stormVersion"`
}

func (t topology) summary() TopologySummary {
	return TopologySummary{
		ID: t.ID, EncodedID: url.QueryEscape(t.ID), Owner: t.owner, Name: t.Name, Status: t.Status,
		Uptime: terminal.Uptime(int(t.Uptime)), UptimeSeconds: int(t.Uptime),
		TasksTotal: t.Tasks, WorkersTotal: t.workers(), ExecutorsTotal: t.Executors, ReplicationCount: 1, StormVersion: StormVersion,
	}
}

// Topologies are those that run: UIHelpers.getAllTopologiesSummary.
type Topologies struct {
	Topologies []TopologySummary `json:"topologies"`
	display
}

func (a *api) topologySummary(*http.Request) (any, error) {
	answer := Topologies{Topologies: []TopologySummary{}}
	for _, t := range a.running() {
		answer.Topologies = append(answer.Topologies, t.summary())
	}
	return answer, nil
}

// History names all topologies, those that have ended, too: UIHelpers.getTopologyHistoryInfo.
type History struct {
	TopoHistory []string `json:"topo-history"`
}

func (a *api) history(*http.Request) (any, error) {
	answer := History{TopoHistory: []string{}}
	for _, t := range a.source.Topologies() {
		answer.TopoHistory = append(answer.TopoHistory, t.ID())
	}
	return answer, nil
}

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
		MsgTimeout: int(timeout / time.Second), Debug: len(t.Components) > 0,
		TopologyStats: []TopologyStats{}, Spouts: []Spout{}, Bolts: []Bolt{}, Workers: []Worker{},
		TopologyErrors: a.errors(s, t, "", r), Configuration: settings, VisualizationTable: []any{}, Diagnosis: t.Diagnosis,
	}
	if t.Ended == nil {
		page.Workers = append(page.Workers, a.worker(t, r))
	}
	for _, c := range componentsOf(t, r) {
		if c.Kind == "spout" {
			page.Spouts = append(page.Spouts, a.spout(t, c, r))
		} else {
			page.Bolts = append(page.Bolts, a.bolt(t, c, r))
		}
	}
	for _, c := range t.Components {
		page.Debug = page.Debug && c.Debug
	}
	page.SamplingPct = samplingPct(page.Debug)
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

// samplingPct is which part of the tuples is logged: with debugging all of them. Without,
// Storm gives the part that its UI proposes.
func samplingPct(debug bool) double {
	if debug {
		return 100
	}
	return 10
}

// lag is how far spouts are behind their source: TopologySpoutLag.lag. Storm knows it only
// of its own Kafka spouts.
func (a *api) lag(served.Served, *http.Request) (any, error) { return struct{}{}, nil }
