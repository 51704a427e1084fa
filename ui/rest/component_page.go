package rest

import (
	"net/http"
	"net/url"

	"gust/status"
	"gust/status/served"
)

// Component is a component's page: UIHelpers.getComponentPage. What only one kind has is
// in SpoutPage and BoltPage.
type Component struct {
	User      *string `json:"user"`
	ID        string  `json:"id"`
	EncodedID string  `json:"encodedId"`
	Name      string  `json:"name"` // of the topology
	Executors int     `json:"executors"`
	Tasks     int     `json:"tasks"`
	componentRequested
	RequestedGenericResources string `json:"requestedGenericResources"`
	display
	TopologyID                   string           `json:"topologyId"`
	EncodedTopologyID            string           `json:"encodedTopologyId"`
	TopologyStatus               string           `json:"topologyStatus"`
	Window                       string           `json:"window"`
	WindowHint                   string           `json:"windowHint"`
	ComponentType                string           `json:"componentType"`
	Debug                        bool             `json:"debug"`
	SamplingPct                  double           `json:"samplingPct"`
	EventLogLink                 string           `json:"eventLogLink"`
	ProfilingAndDebuggingCapable bool             `json:"profilingAndDebuggingCapable"`
	ProfileActionEnabled         bool             `json:"profileActionEnabled"`
	ProfilerActive               []any            `json:"profilerActive"`
	ComponentErrors              []ComponentError `json:"componentErrors"`
}

// SpoutPage is a spout's page: UIHelpers.unpackSpoutPageInfo.
type SpoutPage struct {
	Component
	SpoutSummary  []SpoutStats    `json:"spoutSummary"`
	OutputStats   []SpoutOutput   `json:"outputStats"`
	ExecutorStats []SpoutExecutor `json:"executorStats"`
}

// BoltPage is a bolt's page: UIHelpers.unpackBoltPageInfo.
type BoltPage struct {
	Component
	BoltStats     []BoltStats    `json:"boltStats"`
	InputStats    []BoltInput    `json:"inputStats"`
	OutputStats   []BoltOutput   `json:"outputStats"`
	ExecutorStats []BoltExecutor `json:"executorStats"`
}

// windowCounts is what a component of either kind has done in one of several windows.
type windowCounts struct {
	Window       string `json:"window"`
	WindowPretty string `json:"windowPretty"`
	Emitted      uint64 `json:"emitted"`
	Transferred  uint64 `json:"transferred"`
	Acked        uint64 `json:"acked"`
	Failed       uint64 `json:"failed"`
}

// SpoutStats is what a spout has done in a window: UIHelpers.getSpoutAggStatsMap.
type SpoutStats struct {
	windowCounts
	CompleteLatency string `json:"completeLatency"`
	LastError       string `json:"lastError"`
}

// BoltStats is what a bolt has done in a window: UIHelpers.getBoltAggStatsMap.
type BoltStats struct {
	windowCounts
	ExecuteLatency string `json:"executeLatency"`
	Executed       uint64 `json:"executed"`
	ProcessLatency string `json:"processLatency"`
	Capacity       string `json:"capacity"`
}

// SpoutOutput is what a spout has emitted to a stream: UIHelpers.getSpoutOutputStats.
type SpoutOutput struct {
	Stream          string `json:"stream"`
	Emitted         uint64 `json:"emitted"`
	Transferred     uint64 `json:"transferred"`
	CompleteLatency string `json:"completeLatency"`
	Acked           uint64 `json:"acked"`
	Failed          uint64 `json:"failed"`
}

// BoltInput is what a bolt has done with an input stream: UIHelpers.getBoltInputStats.
type BoltInput struct {
	Component          string `json:"component"`
	EncodedComponentID string `json:"encodedComponentId"`
	Stream             string `json:"stream"`
	ExecuteLatency     string `json:"executeLatency"`
	ProcessLatency     string `json:"processLatency"`
	Executed           uint64 `json:"executed"`
	Acked              uint64 `json:"acked"`
	Failed             uint64 `json:"failed"`
}

// BoltOutput is what a bolt has emitted to a stream: UIHelpers.getBoltOutputStats.
type BoltOutput struct {
	Stream      string `json:"stream"`
	Emitted     uint64 `json:"emitted"`
	Transferred uint64 `json:"transferred"`
}

func (a *api) componentPage(s served.Served, r *http.Request) (any, error) {
	window, err := windowOf(r)
	if err != nil {
		return nil, err
	}
	t := a.showOver(s, window)
	name := r.PathValue("component")
	c, err := componentOf(t, name)
	if err != nil {
		return nil, err
	}
	page := componentPage{api: a, topology: t, component: c, request: r, windows: windows(window)}
	page.common = Component{
		ID: c.Name, EncodedID: url.QueryEscape(c.Name), Name: t.Name, Executors: c.Executors, Tasks: c.Tasks,
		TopologyID: t.ID, EncodedTopologyID: url.QueryEscape(t.ID), TopologyStatus: t.Status,
		Window: windowName(window), WindowHint: windowHint(window), ComponentType: c.Kind,
		EventLogLink:                 t.logLink(r), // debugging of a bolt logs its tuples there
		ProfilingAndDebuggingCapable: true, ProfilerActive: []any{}, ComponentErrors: a.errors(s, t, c.Name, r),
	}
	page.common.Debug, page.common.SamplingPct = debugging(c)
	if c.Kind == "spout" {
		page.common.EventLogLink = eventsLink(r, t.ID)
	}
	for _, w := range page.windows {
		over := c
		if w != window {
			if over, err = componentOf(topology{View: s.View(w)}, name); err != nil {
				return nil, err // a reload has removed it meanwhile
			}
		}
		page.over = append(page.over, over)
	}
	page.executors = executorsOf(c, s.Tasks(name, window))
	if c.Kind == "spout" {
		return page.spout(), nil
	}
	return page.bolt(), nil
}

// componentOf finds a component of a topology.
func componentOf(t topology, name string) (*status.ComponentView, error) {
	if c := t.Component(name); c != nil {
		return c, nil
	}
	if name == ackerComponent {
		c := acker()
		return &c, nil
	}
	return nil, failure(http.StatusNotFound, "topology %q has no component %q", t.Name, name)
}

// componentPage is what a component's page is made of.
type componentPage struct {
	api       *api
	topology  topology
	component *status.ComponentView // over the window that was asked for
	request   *http.Request
	common    Component
	windows   []status.Window
	over      []*status.ComponentView // each of the windows
	executors []executor
}

func (p *componentPage) spout() SpoutPage {
	page := SpoutPage{Component: p.common, SpoutSummary: []SpoutStats{}, OutputStats: []SpoutOutput{}, ExecutorStats: []SpoutExecutor{}}
	for i, w := range p.windows {
		n := p.over[i].Counts
		page.SpoutSummary = append(page.SpoutSummary, SpoutStats{windowCountsOf(w, n), decimal(n.CompleteMillis()), headline(p.component.LastError)})
	}
	for _, out := range p.component.Outputs {
		n := out.Counts
		page.OutputStats = append(page.OutputStats, SpoutOutput{out.Stream, n.Emitted, n.Transferred, decimal(n.CompleteMillis()), n.Acked, n.Failed})
	}
	for _, e := range p.executors {
		page.ExecutorStats = append(page.ExecutorStats, SpoutExecutor{p.api.executor(p.topology, e, p.request), decimal(e.counts.CompleteMillis())})
	}
	return page
}

func (p *componentPage) bolt() BoltPage {
	page := BoltPage{Component: p.common, BoltStats: []BoltStats{}, InputStats: []BoltInput{}, OutputStats: []BoltOutput{}, ExecutorStats: []BoltExecutor{}}
	for i, w := range p.windows {
		n := p.over[i].Counts
		page.BoltStats = append(page.BoltStats, BoltStats{
			windowCountsOf(w, n), decimal(n.ExecuteMillis()), n.Executed, decimal(n.ProcessMillis()), decimal(p.over[i].Capacity),
		})
	}
	for _, in := range p.component.Inputs {
		n := in.Counts
		page.InputStats = append(page.InputStats, BoltInput{in.Component, url.QueryEscape(in.Component), in.Stream,
			decimal(n.ExecuteMillis()), decimal(n.ProcessMillis()), n.Executed, n.Acked, n.Failed})
	}
	for _, out := range p.component.Outputs {
		page.OutputStats = append(page.OutputStats, BoltOutput{out.Stream, out.Counts.Emitted, out.Counts.Transferred})
	}
	for _, e := range p.executors {
		page.ExecutorStats = append(page.ExecutorStats, BoltExecutor{p.api.executor(p.topology, e, p.request), decimal(e.capacity),
			decimal(e.counts.ExecuteMillis()), e.counts.Executed, decimal(e.counts.ProcessMillis())})
	}
	return page
}

func windowCountsOf(w status.Window, n status.Counts) windowCounts {
	return windowCounts{windowName(w), windowHint(w), n.Emitted, n.Transferred, n.Acked, n.Failed}
}
