package rest

import (
	"net/http"
	"net/url"

	"gust/status"
)

// ackerComponent is Storm's acker. gust's acker is part of the worker and receives no
// messages, so its counts are all zero.
const ackerComponent = "__acker"

// componentsOf are the components of a topology, and with sys=1 also the acker.
func componentsOf(t topology, r *http.Request) []status.ComponentView {
	if !yes(r, "sys") {
		return t.Components
	}
	return append(t.Components[:len(t.Components):len(t.Components)], acker())
}

func acker() status.ComponentView { return status.ComponentView{Name: ackerComponent, Kind: "bolt"} }

// componentCounts is what a component of either kind has done in a window:
// UIHelpers.getCommonAggStatsMap.
type componentCounts struct {
	Executors   int    `json:"executors"`
	Tasks       int    `json:"tasks"`
	Emitted     uint64 `json:"emitted"`
	Transferred uint64 `json:"transferred"`
	Acked       uint64 `json:"acked"`
	Failed      uint64 `json:"failed"`
	componentRequested
	RequestedGenericResourcesComp string `json:"requestedGenericResourcesComp"`
}

func componentCountsOf(c status.ComponentView) componentCounts {
	return componentCounts{
		Executors: c.Executors, Tasks: c.Tasks,
		Emitted: c.Counts.Emitted, Transferred: c.Counts.Transferred, Acked: c.Counts.Acked, Failed: c.Counts.Failed,
	}
}

// Spout is a spout on its topology's page: UIHelpers.getTopologySpoutAggStatsMap.
type Spout struct {
	SpoutID        string `json:"spoutId"`
	EncodedSpoutID string `json:"encodedSpoutId"`
	componentCounts
	CompleteLatency string `json:"completeLatency"`
	LastError
}

func (a *api) spout(t topology, c status.ComponentView, r *http.Request) Spout {
	return Spout{
		SpoutID: c.Name, EncodedSpoutID: url.QueryEscape(c.Name), componentCounts: componentCountsOf(c),
		CompleteLatency: decimal(c.Counts.CompleteMillis()), LastError: a.lastError(t, c.LastError, r),
	}
}

// Bolt is a bolt on its topology's page: UIHelpers.getTopologyBoltAggStatsMap.
type Bolt struct {
	BoltID        string `json:"boltId"`
	EncodedBoltID string `json:"encodedBoltId"`
	componentCounts
	Capacity       string `json:"capacity"`
	ExecuteLatency string `json:"executeLatency"`
	Executed       uint64 `json:"executed"`
	ProcessLatency string `json:"processLatency"`
	LastError
}

func (a *api) bolt(t topology, c status.ComponentView, r *http.Request) Bolt {
	return Bolt{
		BoltID: c.Name, EncodedBoltID: url.QueryEscape(c.Name), componentCounts: componentCountsOf(c),
		Capacity: decimal(c.Capacity), ExecuteLatency: decimal(c.Counts.ExecuteMillis()), Executed: c.Counts.Executed,
		ProcessLatency: decimal(c.Counts.ProcessMillis()), LastError: a.lastError(t, c.LastError, r),
	}
}
