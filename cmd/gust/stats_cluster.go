package main

import "gust/storm/generated"

// clusterSheets are a cluster's statistics.
func clusterSheets(cluster *generated.ClusterSummary) []*sheet {
	return []*sheet{clusterSummary(cluster), topologiesSummary(cluster.Topologies), supervisorsSummary(cluster.Supervisors)}
}

func clusterSummary(cluster *generated.ClusterSummary) *sheet {
	s := &sheet{key: "cluster", title: "Cluster summary", single: true, columns: columns(
		">stormVersion", ">nimbusUptime=nimbusUptimeSeconds", ">supervisors", ">slotsTotal", ">slotsUsed", ">slotsFree", ">executorsTotal", ">tasksTotal")}
	var slots, used, executors, tasks int
	for _, supervisor := range cluster.Supervisors {
		slots += int(supervisor.NumWorkers)
		used += int(supervisor.NumUsedWorkers)
	}
	for _, t := range cluster.Topologies {
		executors += int(t.NumExecutors)
		tasks += int(t.NumTasks)
	}
	var version, up any
	for _, nimbus := range cluster.Nimbuses {
		if nimbus.IsLeader {
			version, up = nimbus.Version, uptime(int(nimbus.UptimeSecs))
		}
	}
	s.add(version, up, len(cluster.Supervisors), slots, used, slots-used, executors, tasks)
	return s
}

func topologiesSummary(topologies []*generated.TopologySummary) *sheet {
	s := &sheet{key: "topologies", title: "Topology summary", columns: columns(
		">name", ">id", ">status", ">uptime=uptimeSeconds", ">workersTotal", ">executorsTotal", ">tasksTotal")}
	for _, t := range topologies {
		s.add(t.Name, t.ID, t.Status, uptime(int(t.UptimeSecs)), t.NumWorkers, t.NumExecutors, t.NumTasks)
	}
	return s
}

func supervisorsSummary(supervisors []*generated.SupervisorSummary) *sheet {
	s := &sheet{key: "supervisors", title: "Supervisor summary", columns: columns(
		">id", "host", "uptime=uptimeSeconds", ">slotsTotal", ">slotsUsed", "~version")}
	for _, supervisor := range supervisors {
		s.add(supervisor.SupervisorID, supervisor.Host, uptime(int(supervisor.UptimeSecs)),
			supervisor.NumWorkers, supervisor.NumUsedWorkers, known(supervisor.Version))
	}
	return s
}
