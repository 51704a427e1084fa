package rest

import (
	"net/http"
	"slices"
	"strings"

	"gust/status"
	"gust/status/served"
)

// Profiling is the answer to a profiling action: UIHelpers.getTopologyProfilingRestartWorker.
type Profiling struct {
	Status string `json:"status"` // "ok"
	ID     string `json:"id"`     // of the worker: its host and port
}

// profiling restarts all tasks of a topology, which is what restarting its worker means. The
// other actions inspect a JVM.
func (a *api) profiling(s served.Served, r *http.Request) (any, error) {
	action, worker := r.PathValue("action"), r.PathValue("worker")
	t := a.show(s)
	switch action {
	case "start", "stop", "dumpprofile", "dumpjstack", "dumpheap":
		return nil, failure(http.StatusNotImplemented,
			"profiling/%s is for a JVM, and gust has none: profile the process of a task, for example with py-spy; "+
				"its pid is in the page of the component", action)
	case "restartworker":
	default:
		return nil, failure(http.StatusNotFound, "no profiling action %q", action)
	}
	// Storm made it a GET. So a link on another site's page could do it, because ui's guard lets links pass.
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return nil, failure(http.StatusForbidden, "profiling/restartworker is not for pages of other sites")
	}
	if err := mustRun(s); err != nil {
		return nil, err
	}
	var all []string
	for i := range t.workers() {
		all = append(all, a.hostPort(t, i))
	}
	number := slices.Index(all, worker)
	if number < 0 {
		return nil, failure(http.StatusNotFound, "topology %q has no worker %q, but %q", t.Name, worker, strings.Join(all, ", "))
	}
	for _, c := range t.Components {
		if err := restartOn(s, c.Name, number, len(all)); err != nil {
			return nil, refused(err)
		}
	}
	return Profiling{"ok", worker}, nil
}

// restartOn restarts the tasks of a component that are on a worker, of so many.
func restartOn(s served.Served, component string, worker, workers int) error {
	if workers == 1 {
		return s.Control.RestartComponent(component)
	}
	for _, t := range s.Tasks(component, status.AllTime) {
		if t.Worker == worker {
			if err := s.Control.RestartTask(t.Task); err != nil {
				return err
			}
		}
	}
	return nil
}
