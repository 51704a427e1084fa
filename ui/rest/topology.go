package rest

import (
	"net/http"
	"net/url"
	"strconv"

	"gust/internal/terminal"
	"gust/status"
	"gust/status/served"
)

// topology is a topology as it is shown: what it has done in a window, and where it runs.
type topology struct {
	*status.View
	port int // of its first worker
	of   *status.Status
}

// show shows a topology over all time.
func (a *api) show(t served.Served) topology { return a.showOver(t, status.AllTime) }

// showOver shows a topology over a window.
func (a *api) showOver(t served.Served, w status.Window) topology {
	return topology{t.View(w), workerPort, t.Status}
}

// workers is how many workers a topology has.
func (t topology) workers() int {
	if t.Ended != nil {
		return 0
	}
	return max(1, len(t.Workers))
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
		ID: t.ID, EncodedID: url.QueryEscape(t.ID), Owner: t.Owner, Name: t.Name, Status: t.Status,
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
