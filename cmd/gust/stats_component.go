package main

import (
	"cmp"
	"maps"
	"slices"

	"gust/storm/generated"
	"gust/storm/operate"
)

// componentSheets are a component's statistics.
func componentSheets(page *generated.ComponentPageInfo) []*sheet {
	sheets := []*sheet{componentSummary(page)}
	if page.ComponentType == generated.ComponentType_SPOUT {
		return append(sheets, spoutWindows(page), spoutOutputs(page), spoutExecutors(page))
	}
	sheets = append(sheets, boltWindows(page))
	if len(page.GsidToInputStats) > 0 {
		sheets = append(sheets, boltInputs(page))
	}
	if len(page.SidToOutputStats) > 0 {
		sheets = append(sheets, boltOutputs(page))
	}
	return append(sheets, boltExecutors(page))
}

func componentSummary(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "component", title: "Component summary", single: true, columns: columns(
		">id", ">name=topology", ">executors", ">tasks", "-type")}
	kind := "bolt"
	if page.ComponentType == generated.ComponentType_SPOUT {
		kind = "spout"
	}
	s.add(page.ComponentID, page.GetTopologyName(), page.GetNumExecutors(), page.GetNumTasks(), kind)
	return s
}

func spoutWindows(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "windows", title: "Spout stats", columns: columns(
		"windowPretty=window", ">emitted", ">transferred", ">completeLatency", ">acked", ">failed")}
	for _, window := range windows {
		if stats := page.WindowToStats[window.value.(string)]; stats != nil {
			s.add(append([]any{window}, spoutCells(stats)...)...)
		}
	}
	return s
}

// spoutCells are the figures that all tables of spouts have.
func spoutCells(stats *generated.ComponentAggregateStats) []any {
	common := commonOf(stats)
	return []any{common.GetEmitted(), common.GetTransferred(), spoutOf(stats).GetCompleteLatencyMs(), common.GetAcked(), common.GetFailed()}
}

func spoutOutputs(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "outputs", title: "Output stats (All time)", columns: columns(
		"stream", ">emitted", ">transferred", ">completeLatency", ">acked", ">failed")}
	for _, stream := range slices.Sorted(maps.Keys(page.SidToOutputStats)) {
		s.add(append([]any{stream}, spoutCells(page.SidToOutputStats[stream])...)...)
	}
	return s
}

func spoutExecutors(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "executors", title: "Executors (All time)", columns: columns(
		">id", ">uptime=uptimeSeconds", "host", ">port", ">emitted", ">+transferred", ">completeLatency", ">acked", ">failed")}
	for _, e := range executorsOf(page) {
		s.add(append(executorCells(e.ExecSummary), spoutCells(e.Stats)...)...)
	}
	return s
}

func boltWindows(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "windows", title: "Bolt stats", columns: columns(
		"windowPretty=window", ">emitted", ">transferred", ">executeLatency", ">executed", ">processLatency", ">acked", ">failed")}
	for _, window := range windows {
		if stats := page.WindowToStats[window.value.(string)]; stats != nil {
			common, bolt := commonOf(stats), boltOf(stats)
			s.add(window, common.GetEmitted(), common.GetTransferred(), bolt.GetExecuteLatencyMs(), bolt.GetExecuted(),
				bolt.GetProcessLatencyMs(), common.GetAcked(), common.GetFailed())
		}
	}
	return s
}

func boltInputs(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "inputs", title: "Input stats (All time)", columns: columns(
		"component", ">stream", ">executeLatency", ">processLatency", ">executed", ">acked", ">failed")}
	streams := slices.SortedFunc(maps.Keys(page.GsidToInputStats), func(a, b *generated.GlobalStreamId) int {
		return cmp.Or(cmp.Compare(a.ComponentId, b.ComponentId), cmp.Compare(a.StreamId, b.StreamId))
	})
	for _, stream := range streams {
		common, bolt := commonOf(page.GsidToInputStats[stream]), boltOf(page.GsidToInputStats[stream])
		s.add(stream.ComponentId, stream.StreamId, bolt.GetExecuteLatencyMs(), bolt.GetProcessLatencyMs(), bolt.GetExecuted(),
			common.GetAcked(), common.GetFailed())
	}
	return s
}

func boltOutputs(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "outputs", title: "Output stats (All time)", columns: columns("stream", ">emitted", ">transferred")}
	for _, stream := range slices.Sorted(maps.Keys(page.SidToOutputStats)) {
		common := commonOf(page.SidToOutputStats[stream])
		s.add(stream, common.GetEmitted(), common.GetTransferred())
	}
	return s
}

func boltExecutors(page *generated.ComponentPageInfo) *sheet {
	s := &sheet{key: "executors", title: "Executors (All time)", columns: columns(
		">id", ">uptime=uptimeSeconds", "host", ">port", ">emitted", ">+transferred", ">+capacity", ">executeLatency", ">executed",
		">+processLatency", ">+acked", ">failed")}
	for _, e := range executorsOf(page) {
		common, bolt := commonOf(e.Stats), boltOf(e.Stats)
		s.add(append(executorCells(e.ExecSummary), common.GetEmitted(), common.GetTransferred(), bolt.GetCapacity(),
			bolt.GetExecuteLatencyMs(), bolt.GetExecuted(), bolt.GetProcessLatencyMs(), common.GetAcked(), common.GetFailed())...)
	}
	return s
}

// executorsOf are a component's executors, sorted by task.
func executorsOf(page *generated.ComponentPageInfo) []*generated.ExecutorAggregateStats {
	list := slices.DeleteFunc(slices.Clone(page.ExecStats), func(e *generated.ExecutorAggregateStats) bool {
		return e.ExecSummary == nil || e.ExecSummary.ExecutorInfo == nil
	})
	slices.SortFunc(list, func(a, b *generated.ExecutorAggregateStats) int {
		return cmp.Compare(a.ExecSummary.ExecutorInfo.TaskStart, b.ExecSummary.ExecutorInfo.TaskStart)
	})
	return list
}

// executorCells identify an executor and its place.
func executorCells(e *generated.ExecutorSummary) []any {
	return []any{operate.ExecutorID(e), uptime(int(e.UptimeSecs)), e.Host, e.Port}
}
