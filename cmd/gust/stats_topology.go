package main

import (
	"maps"
	"slices"
	"strings"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

// windows are Storm's windows in a readable form, in Storm's order.
var windows = [...]shown{
	{"10m 0s", "10m", "600"}, {"3h 0m 0s", "3h", "10800"}, {"1d 0h 0m 0s", "1d", "86400"}, {"All time", "all", storm.AllTime},
}

// topologySheets are a topology's statistics.
func topologySheets(page *generated.TopologyPageInfo) []*sheet {
	sheets := []*sheet{topologySummary(page), topologyStats(page.TopologyStats)}
	if len(page.IDToSpoutAggStats) > 0 {
		sheets = append(sheets, spoutsSheet(page.IDToSpoutAggStats))
	}
	return append(sheets, boltsSheet(page.IDToBoltAggStats))
}

func topologySummary(page *generated.TopologyPageInfo) *sheet {
	s := &sheet{key: "topology", title: "Topology summary", single: true, columns: columns(
		">name", ">id", ">status", ">uptime=uptimeSeconds", ">workersTotal", ">executorsTotal", ">tasksTotal")}
	s.add(page.GetName(), page.ID, page.GetStatus(), uptime(int(page.GetUptimeSecs())),
		page.GetNumWorkers(), page.GetNumExecutors(), page.GetNumTasks())
	return s
}

func topologyStats(stats *generated.TopologyStats) *sheet {
	s := &sheet{key: "topologyStats", title: "Topology stats", columns: columns(
		">windowPretty=window", ">emitted", ">transferred", ">completeLatency", ">acked", ">failed")}
	if stats == nil {
		return s
	}
	for _, window := range windows {
		key := window.value.(string)
		s.add(window, stats.WindowToEmitted[key], stats.WindowToTransferred[key],
			stats.WindowToCompleteLatenciesMs[key], stats.WindowToAcked[key], stats.WindowToFailed[key])
	}
	return s
}

func spoutsSheet(spouts map[string]*generated.ComponentAggregateStats) *sheet {
	s := &sheet{key: "spouts", title: "Spouts (All time)", columns: columns(
		"spoutId", ">emitted", ">transferred", ">completeLatency", ">acked", ">failed", ">~executors", ">~tasks", "~lastError")}
	for _, id := range slices.Sorted(maps.Keys(spouts)) {
		common := commonOf(spouts[id])
		s.add(id, common.GetEmitted(), common.GetTransferred(), spoutOf(spouts[id]).GetCompleteLatencyMs(),
			common.GetAcked(), common.GetFailed(), common.GetNumExecutors(), common.GetNumTasks(), lastError(spouts[id]))
	}
	return s
}

func boltsSheet(bolts map[string]*generated.ComponentAggregateStats) *sheet {
	s := &sheet{key: "bolts", title: "Bolt (All time)", columns: columns(
		"boltId", ">+executors", ">+tasks", ">emitted", ">+transferred", ">capacity", ">executeLatency", ">executed",
		">processLatency", ">acked", ">failed", ">lastError")}
	for _, id := range slices.Sorted(maps.Keys(bolts)) {
		common, bolt := commonOf(bolts[id]), boltOf(bolts[id])
		s.add(id, common.GetNumExecutors(), common.GetNumTasks(), common.GetEmitted(), common.GetTransferred(),
			bolt.GetCapacity(), bolt.GetExecuteLatencyMs(), bolt.GetExecuted(), bolt.GetProcessLatencyMs(),
			common.GetAcked(), common.GetFailed(), lastError(bolts[id]))
	}
	return s
}

// lastError is the last line of a component's last error, which is the most informative;
// `errors` has the rest.
func lastError(stats *generated.ComponentAggregateStats) string {
	if stats.LastError == nil {
		return ""
	}
	what, _ := operate.Explain(stats.LastError.Error)
	lines := strings.Split(strings.TrimSpace(what), "\n")
	return terminal.Shorten(strings.TrimSpace(lines[len(lines)-1]), 200)
}

// commonOf, spoutOf and boltOf are parts of figures; empty if Nimbus has sent none.
func commonOf(stats *generated.ComponentAggregateStats) *generated.CommonAggregateStats {
	if stats == nil || stats.CommonStats == nil {
		return &generated.CommonAggregateStats{}
	}
	return stats.CommonStats
}

func spoutOf(stats *generated.ComponentAggregateStats) *generated.SpoutAggregateStats {
	if stats == nil || stats.SpecificStats == nil || stats.SpecificStats.Spout == nil {
		return &generated.SpoutAggregateStats{}
	}
	return stats.SpecificStats.Spout
}

func boltOf(stats *generated.ComponentAggregateStats) *generated.BoltAggregateStats {
	if stats == nil || stats.SpecificStats == nil || stats.SpecificStats.Bolt == nil {
		return &generated.BoltAggregateStats{}
	}
	return stats.SpecificStats.Bolt
}
