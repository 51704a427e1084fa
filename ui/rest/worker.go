package rest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"gust/internal/terminal"
	"gust/status"
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

// workers are the workers of a topology.
func (a *api) workers(t topology, r *http.Request) []Worker {
	all := Worker{
		SupervisorID: a.supervisorID(), Host: a.host, Port: t.port, TopologyID: t.ID, TopologyName: t.Name,
		ExecutorsTotal: t.Executors, ComponentNumTasks: map[string]int{},
		Uptime: terminal.Uptime(int(t.Uptime)), UptimeSeconds: int(t.Uptime), WorkerLogLink: t.logLink(r), Owner: t.Owner,
	}
	if len(t.Workers) == 0 {
		for _, c := range t.Components {
			all.ComponentNumTasks[c.Name] = c.Tasks
		}
		return []Worker{all}
	}
	var list []Worker
	for _, w := range t.Workers {
		one := all
		one.Host, one.Port = a.place(t, w.Worker)
		one.Uptime, one.UptimeSeconds, one.ComponentNumTasks = terminal.Uptime(int(w.Uptime)), int(w.Uptime), w.Tasks
		one.ExecutorsTotal = 0
		for name, tasks := range w.Tasks {
			one.ExecutorsTotal += executorsHere(t.Component(name), tasks)
		}
		list = append(list, one)
	}
	return list
}

// executorsHere is a worker's share of a component's executors. gust spreads tasks, so that
// it is a fraction if executors have several; it is rounded to what is nearest.
func executorsHere(c *status.ComponentView, tasks int) int {
	if c == nil || c.Tasks == 0 {
		return tasks
	}
	return (2*tasks*c.Executors + c.Tasks) / (2 * c.Tasks)
}

// place is where a worker runs. The workers of one machine have ports from workerPort on,
// those that were started by hand the address at which the others reach them.
func (a *api) place(t topology, number int) (host string, port int) {
	if number >= len(t.Workers) {
		return a.host, t.port
	}
	w := &t.Workers[number]
	if host, text, err := net.SplitHostPort(w.Address); err == nil {
		if port, err := strconv.Atoi(text); err == nil {
			return host, port
		}
	}
	return cmp.Or(w.Host, a.host), t.port + number
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
		for i := range t.workers() {
			host, port := a.place(t, i)
			list = append(list, HostPort{host, port})
		}
	}
	return TopologyWorkers{list, logviewerOf(r)}, nil
}

// workerPort is the port of a topology's worker: the first of Storm's supervisor.slots.ports.
// Nothing listens there. All topologies have the same, so that a run says of itself what
// `gust ui`, which shows many, says of it.
const workerPort = 6700

// slotCounts are the slots of the supervisor: one for each worker, and at least one.
func slotCounts(running []topology) (total, used, free int) {
	for _, t := range running {
		used += t.workers()
	}
	total = max(used, 1)
	return total, used, total - used
}

// hostPort names a worker in an address.
func (a *api) hostPort(t topology, worker int) string {
	host, port := a.place(t, worker)
	return fmt.Sprintf("%s:%d", host, port)
}
