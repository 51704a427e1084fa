package rest

import (
	"net/http"

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
	if worker != a.hostPort(t) {
		return nil, failure(http.StatusNotFound, "topology %q has no worker %q, but %q", t.Name, worker, a.hostPort(t))
	}
	for _, c := range t.Components {
		if err := s.Control.RestartComponent(c.Name); err != nil {
			return nil, refused(err)
		}
	}
	return Profiling{"ok", worker}, nil
}
