package rest

import (
	"net/http"
	"time"

	"gust/conf"
	"gust/internal/terminal"
)

// ClusterSummary is the cluster: UIHelpers.getClusterSummary.
type ClusterSummary struct {
	User             *string     `json:"user"`
	StormVersion     string      `json:"stormVersion"`
	StormVersionInfo VersionInfo `json:"stormVersionInfo"`
	// NimbusUptime is a key of Storm 0.9 that streamparse still prints.
	NimbusUptime   string `json:"nimbusUptime"`
	Supervisors    int    `json:"supervisors"`
	Topologies     int    `json:"topologies"`
	SlotsTotal     int    `json:"slotsTotal"`
	SlotsUsed      int    `json:"slotsUsed"`
	SlotsFree      int    `json:"slotsFree"`
	ExecutorsTotal int    `json:"executorsTotal"`
	TasksTotal     int    `json:"tasksTotal"`
	capacity
	FragmentedMem          double `json:"fragmentedMem"`
	FragmentedCPU          double `json:"fragmentedCpu"`
	MemAssignedPercentUtil string `json:"memAssignedPercentUtil"`
	CPUAssignedPercentUtil string `json:"cpuAssignedPercentUtil"`
	AvailGenerics          string `json:"availGenerics"`
	TotalGenerics          string `json:"totalGenerics"`
	display
	BugtrackerURL *string `json:"bugtracker-url"`
	CentralLogURL *string `json:"central-log-url"`
}

// VersionInfo says what answers: org.apache.storm.utils.IVersionInfo.
type VersionInfo struct {
	Version     string `json:"version"`
	Revision    string `json:"revision"` // "gust"
	Branch      string `json:"branch"`
	Date        string `json:"date"`
	User        string `json:"user"`
	URL         string `json:"url"`
	SrcChecksum string `json:"srcChecksum"`
}

func (a *api) clusterSummary(*http.Request) (any, error) {
	c := &ClusterSummary{
		StormVersion: StormVersion, StormVersionInfo: VersionInfo{Version: StormVersion, Revision: "gust"},
		NimbusUptime: terminal.Uptime(a.uptime()), Supervisors: 1, MemAssignedPercentUtil: "0.0", CPUAssignedPercentUtil: "0.0",
	}
	running := a.running()
	c.Topologies = len(running)
	c.SlotsTotal, c.SlotsUsed, c.SlotsFree = slotCounts(running)
	for _, t := range running {
		c.ExecutorsTotal += t.Executors
		c.TasksTotal += t.Tasks
	}
	return c, nil
}

// clusterConfiguration is the configuration that Nimbus runs with. The keys of the UI are
// for Storm's own pages: their heading, and the rows of their tables.
func (a *api) clusterConfiguration(*http.Request) (any, error) {
	return conf.Merge(conf.Conf{"ui.title": "gust", "ui.pagination": 20}, conf.Defaults()), nil
}

// uptime is how long Nimbus and the supervisor have been up, in seconds.
func (a *api) uptime() int { return int(time.Since(a.began).Seconds()) }
