package webui

import (
	"context"
	"fmt"

	"gust/storm"
	"gust/storm/generated"
)

// ClusterInfo is [storm.Client.ClusterInfo].
func (c *Client) ClusterInfo(ctx context.Context) (*generated.ClusterSummary, error) {
	var nimbuses struct{ Nimbuses []nimbus }
	var supervisors struct{ Supervisors []supervisor }
	var topologies struct{ Topologies []topology }
	for into, path := range map[any][]string{
		&nimbuses: {"nimbus", "summary"}, &supervisors: {"supervisor", "summary"}, &topologies: {"topology", "summary"},
	} {
		if err := c.get(ctx, nil, into, path...); err != nil {
			return nil, err
		}
	}
	cluster := &generated.ClusterSummary{}
	for _, n := range nimbuses.Nimbuses {
		cluster.Nimbuses = append(cluster.Nimbuses, &generated.NimbusSummary{
			Host: n.Host, Port: int32(n.Port), IsLeader: n.Status == "Leader", Version: n.Version, UptimeSecs: int32(n.NimbusUpTimeSeconds),
		})
	}
	for _, s := range supervisors.Supervisors {
		cluster.Supervisors = append(cluster.Supervisors, &generated.SupervisorSummary{
			SupervisorID: s.ID, Host: s.Host, Version: &s.Version, UptimeSecs: int32(s.UptimeSeconds),
			NumWorkers: int32(s.SlotsTotal), NumUsedWorkers: int32(s.SlotsUsed),
		})
	}
	for _, t := range topologies.Topologies {
		cluster.Topologies = append(cluster.Topologies, &generated.TopologySummary{
			ID: t.ID, Name: t.Name, Status: t.Status, Owner: &t.Owner, UptimeSecs: int32(t.UptimeSeconds),
			NumTasks: int32(t.TasksTotal), NumExecutors: int32(t.ExecutorsTotal), NumWorkers: int32(t.WorkersTotal),
			ReplicationCount:   new(int32(t.ReplicationCount)),
			RequestedMemonheap: (*float64)(&t.RequestedMemOnHeap), RequestedMemoffheap: (*float64)(&t.RequestedMemOffHeap), RequestedCPU: (*float64)(&t.RequestedCPU),
			AssignedMemonheap: (*float64)(&t.AssignedMemOnHeap), AssignedMemoffheap: (*float64)(&t.AssignedMemOffHeap), AssignedCPU: (*float64)(&t.AssignedCPU),
		})
	}
	return cluster, nil
}

// TopologyPage is [storm.Client.TopologyPage].
func (c *Client) TopologyPage(ctx context.Context, id, window string, system bool) (*generated.TopologyPageInfo, error) {
	var from topologyPage
	if err := c.topology(ctx, id, window, system, &from); err != nil {
		return nil, err
	}
	stats := generated.NewTopologyStats()
	stats.WindowToEmitted, stats.WindowToTransferred = map[string]int64{}, map[string]int64{}
	stats.WindowToAcked, stats.WindowToFailed = map[string]int64{}, map[string]int64{}
	stats.WindowToCompleteLatenciesMs = map[string]float64{}
	for _, row := range from.TopologyStats {
		stats.WindowToEmitted[row.Window], stats.WindowToTransferred[row.Window] = int64(row.Emitted), int64(row.Transferred)
		stats.WindowToAcked[row.Window], stats.WindowToFailed[row.Window] = int64(row.Acked), int64(row.Failed)
		stats.WindowToCompleteLatenciesMs[row.Window] = float64(row.CompleteLatency)
	}
	page := &generated.TopologyPageInfo{
		ID: from.ID, Name: &from.Name, Status: &from.Status, Owner: &from.Owner, UptimeSecs: new(int32(from.UptimeSeconds)),
		NumTasks: new(int32(from.TasksTotal)), NumExecutors: new(int32(from.ExecutorsTotal)), NumWorkers: new(int32(from.WorkersTotal)),
		TopologyStats: stats, IDToSpoutAggStats: map[string]*generated.ComponentAggregateStats{}, IDToBoltAggStats: map[string]*generated.ComponentAggregateStats{},
	}
	for _, s := range from.Spouts {
		page.IDToSpoutAggStats[s.SpoutID] = s.stats(true)
		page.IDToSpoutAggStats[s.SpoutID].LastError = s.info()
	}
	for _, b := range from.Bolts {
		page.IDToBoltAggStats[b.BoltID] = b.stats(false)
		page.IDToBoltAggStats[b.BoltID].LastError = b.info()
	}
	return page, nil
}

// ComponentPage is [storm.Client.ComponentPage].
func (c *Client) ComponentPage(ctx context.Context, id, component, window string, system bool) (*generated.ComponentPageInfo, error) {
	var from componentPage
	if err := c.topology(ctx, id, window, system, &from, "component", component); err != nil {
		return nil, err
	}
	spout := from.ComponentType == "spout"
	page := &generated.ComponentPageInfo{
		ComponentID: from.ID, ComponentType: generated.ComponentType_BOLT, TopologyID: &id, TopologyName: &from.Name,
		NumExecutors: new(int32(from.Executors)), NumTasks: new(int32(from.Tasks)),
		WindowToStats:    map[string]*generated.ComponentAggregateStats{},
		GsidToInputStats: map[*generated.GlobalStreamId]*generated.ComponentAggregateStats{},
		SidToOutputStats: map[string]*generated.ComponentAggregateStats{},
	}
	if spout {
		page.ComponentType = generated.ComponentType_SPOUT
	}
	for _, row := range append(from.SpoutSummary, from.BoltStats...) {
		page.WindowToStats[row.Window] = row.stats(spout)
	}
	for _, row := range from.InputStats {
		page.GsidToInputStats[&generated.GlobalStreamId{ComponentId: row.Component, StreamId: row.Stream}] = row.stats(spout)
	}
	for _, row := range from.OutputStats {
		page.SidToOutputStats[row.Stream] = row.stats(spout)
	}
	for _, row := range from.ExecutorStats {
		executor, err := c.executor(id, from.ID, row)
		if err != nil {
			return nil, err
		}
		page.ExecStats = append(page.ExecStats, &generated.ExecutorAggregateStats{ExecSummary: executor, Stats: row.stats(spout)})
	}
	for _, e := range from.ComponentErrors {
		page.Errors = append(page.Errors, &generated.ErrorInfo{
			Error: e.Error, ErrorTimeSecs: int32(e.ErrorTime), Host: &e.ErrorHost, Port: new(int32(e.ErrorPort)),
		})
	}
	return page, nil
}

// executor reads an executor, and notes the address of its log.
func (c *Client) executor(id, component string, row executorRow) (*generated.ExecutorSummary, error) {
	var tasks generated.ExecutorInfo
	if _, err := fmt.Sscanf(row.ID, "[%d-%d]", &tasks.TaskStart, &tasks.TaskEnd); err != nil {
		return nil, fmt.Errorf("the UI at %s: %q is not the id of an executor", c.base.Host, row.ID)
	}
	c.logs[worker{id, row.Host, int(row.Port)}] = row.WorkerLogLink
	return &generated.ExecutorSummary{
		ExecutorInfo: &tasks, ComponentID: component, Host: row.Host, Port: int32(row.Port), UptimeSecs: int32(row.UptimeSeconds),
	}, nil
}

// TopologyInfo is [storm.Client.TopologyInfo]: it has the executors and the errors of all components.
func (c *Client) TopologyInfo(ctx context.Context, id string) (*generated.TopologyInfo, error) {
	page, err := c.TopologyPage(ctx, id, storm.AllTime, false)
	if err != nil {
		return nil, err
	}
	info := &generated.TopologyInfo{
		ID: page.ID, Name: page.GetName(), Status: page.GetStatus(), Owner: page.Owner, UptimeSecs: page.GetUptimeSecs(),
		Errors: map[string][]*generated.ErrorInfo{},
	}
	for _, components := range []map[string]*generated.ComponentAggregateStats{page.IDToSpoutAggStats, page.IDToBoltAggStats} {
		for name := range components {
			component, err := c.ComponentPage(ctx, id, name, storm.AllTime, false)
			if err != nil {
				return nil, err
			}
			for _, e := range component.ExecStats {
				info.Executors = append(info.Executors, e.ExecSummary)
			}
			if len(component.Errors) > 0 {
				info.Errors[name] = component.Errors
			}
		}
	}
	return info, nil
}
