package rest

import (
	"fmt"
	"net/http"

	"gust/internal/terminal"
	"gust/status/served"
)

// Worker is the process of a topology: UIHelpers.getWorkerSummaryMap.
type Worker struct {
	SupervisorID       string         `json:"supervisorId"`
	Host               string         `json:"host"`
	Port               int            `json:"port"`
	TopologyID         string         `json:"topologyId"`
	TopologyName       string         `json:"topologyName"`
	ExecutorsTotal     int            `json:"executorsTotal"`
	AssignedMemOnHeap  double         `json:"assignedMemOnHeap"`
	AssignedMemOffHeap double         `json:"assignedMemOffHeap"`
	AssignedCPU        double         `json:"assignedCpu"`
	ComponentNumTasks  map[string]int `json:"componentNumTasks"`
	Uptime             string         `json:"uptime"`
	UptimeSeconds      int            `json:"uptimeSeconds"`
	WorkerLogLink      string         `json:"workerLogLink"`
	Owner              string         `json:"owner"`
}

// worker is the only worker of a topology.
func (a *api) worker(t topology, r *http.Request) Worker {
	w := Worker{
		SupervisorID: a.supervisorID(), Host: a.host, Port: t.port, TopologyID: t.ID, TopologyName: t.Name,
		ExecutorsTotal: t.Executors, ComponentNumTasks: map[string]int{},
		Uptime: terminal.Uptime(int(t.Uptime)), UptimeSeconds: int(t.Uptime), WorkerLogLink: t.logLink(r), Owner: t.Owner,
	}
	for _, c := range t.Components {
		w.ComponentNumTasks[c.Name] = c.Tasks
	}
	return w
}

// TopologyWorkers say where a topology runs: UIHelpers.getTopologyWorkers.
type TopologyWorkers struct {
	HostPortList []HostPort `json:"hostPortList"`
	logviewer
}

// HostPort is where a worker runs.
type HostPort struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

func (a *api) topologyWorkers(s served.Served, r *http.Request) (any, error) {
	list := []HostPort{}
	if t := a.show(s); t.Ended == nil {
		list = append(list, HostPort{a.host, t.port})
	}
	return TopologyWorkers{list, logviewerOf(r)}, nil
}

// workerPort is the port of a topology's worker: the first of Storm's supervisor.slots.ports.
// Nothing listens there. All topologies have the same, so that a run says of itself what
// `gust ui`, which shows many, says of it.
const workerPort = 6700

// slotCounts are the slots of the supervisor: one for each topology, and at least one.
func slotCounts(running []topology) (total, used, free int) {
	used = len(running)
	total = max(used, 1)
	return total, used, total - used
}

// hostPort names a worker in an address.
func (a *api) hostPort(t topology) string { return fmt.Sprintf("%s:%d", a.host, t.port) }
