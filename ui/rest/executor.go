package rest

import (
	"fmt"
	"math"
	"net/http"
	"net/url"

	"gust/internal/terminal"
	"gust/status"
)

// Executor is an executor of either kind of component.
type Executor struct {
	ID            string `json:"id"` // its first and last task: "[3-4]"
	EncodedID     string `json:"encodedId"`
	Uptime        string `json:"uptime"`
	UptimeSeconds int    `json:"uptimeSeconds"`
	Host          string `json:"host"`
	Port          int    `json:"port"`
	Emitted       uint64 `json:"emitted"`
	Transferred   uint64 `json:"transferred"`
	Acked         uint64 `json:"acked"`
	Failed        uint64 `json:"failed"`
	WorkerLogLink string `json:"workerLogLink"`
}

// SpoutExecutor is an executor of a spout: UIHelpers.getSpoutExecutorStats.
type SpoutExecutor struct {
	Executor
	CompleteLatency string `json:"completeLatency"`
}

// BoltExecutor is an executor of a bolt: UIHelpers.getBoltExecutorStats.
type BoltExecutor struct {
	Executor
	Capacity       string `json:"capacity"`
	ExecuteLatency string `json:"executeLatency"`
	Executed       uint64 `json:"executed"`
	ProcessLatency string `json:"processLatency"`
}

// executor is what some tasks of a component have done.
type executor struct {
	first, last int
	worker      int     // of the first task
	uptime      float64 // of the youngest process
	counts      status.Counts
	capacity    float64 // of the busiest task
}

// executorsOf distributes the tasks of a component, by rising id, over its executors as Storm
// does: if the numbers do not divide, the first executors have one task more.
func executorsOf(c *status.ComponentView, tasks []status.TaskView) []executor {
	var list []executor
	for left := min(c.Executors, len(tasks)); left > 0; left-- {
		n := (len(tasks) + left - 1) / left
		e := executor{first: tasks[0].Task, worker: tasks[0].Worker, last: tasks[n-1].Task, uptime: math.Inf(1)}
		for _, t := range tasks[:n] {
			e.uptime = min(e.uptime, t.Uptime)
			e.counts = e.counts.Plus(t.Counts)
			e.capacity = max(e.capacity, t.Capacity)
		}
		list = append(list, e)
		tasks = tasks[n:]
	}
	return list
}

func (a *api) executor(t topology, e executor, r *http.Request) Executor {
	id := fmt.Sprintf("[%d-%d]", e.first, e.last)
	host, port := a.place(t, e.worker)
	return Executor{
		ID: id, EncodedID: url.QueryEscape(id), Uptime: terminal.Uptime(int(e.uptime)), UptimeSeconds: int(e.uptime),
		Host: host, Port: port, WorkerLogLink: t.logLink(r),
		Emitted: e.counts.Emitted, Transferred: e.counts.Transferred, Acked: e.counts.Acked, Failed: e.counts.Failed,
	}
}
