// Package rest serves the REST API of Storm's UI and the addresses of its logviewer, so that
// `sparse stats`, exporters, dashboards and scripts made for a Storm cluster also work with a
// run. docs/rest.md lists the addresses and the differences.
//
// A run looks like a topology on a cluster with one Nimbus, one supervisor and one worker.
// The keys and types are those of Storm 2.8 (org.apache.storm.daemon.ui.UIHelpers and
// org.apache.storm.daemon.logviewer); each type here names what it mirrors. Clients depend
// on more than the keys:
//
//   - Windows come in the order 600, 10800, 86400, :all-time: some clients read the first
//     row, others the last. A client that asks for the last minute gets it as the first row.
//   - Latencies and capacities are strings with three decimals.
//   - A count is 0 and never null, a double always has a fraction.
//   - Only failures have the key "error" at the top.
package rest

import (
	"net/http"
	"os"
	"slices"
	"time"

	"gust/status/served"
)

// StormVersion is the version that the API reports. Clients split it at its dots.
const StormVersion = "2.8.3"

// prefix is where Storm 2 has its API, and its logviewer.
const prefix = "/api/v1/"

// The addresses that [Handler] answers, as patterns of [http.ServeMux], by what they are about.
var (
	// ClusterPatterns are about all topologies.
	ClusterPatterns = append([]string{prefix, prefix + "topology/summary"}, logviewerPatterns("/listLogs", "/searchLogs")...)
	// TopologyPatterns are about the topology whose id is in the path.
	TopologyPatterns = append([]string{prefix + "topology/{id}", prefix + "topology/{id}/", prefix + "topology-workers/{id}"},
		logviewerPatterns("/deepSearch/{id}")...)
	// LogPatterns are about the log that the query names; it is of a daemon if the query has
	// is-daemon=yes, and otherwise of the topology whose id its name begins with.
	LogPatterns = logviewerPatterns("/log", "/download", "/search")
	// DaemonLogPatterns are about the log of a daemon.
	DaemonLogPatterns = logviewerPatterns("/daemonlog", "/daemondownload")
	// Patterns are all of them.
	Patterns = slices.Concat(ClusterPatterns, TopologyPatterns, LogPatterns, DaemonLogPatterns)
)

// api answers requests about the topologies of a source.
type api struct {
	source  served.Source
	began   time.Time // since when Nimbus and the supervisor are up
	host    string
	loggers loggers
}

// Handler answers Storm's REST API for the topologies of a source.
func Handler(source served.Source) http.Handler {
	a := &api{source: source, began: time.Now(), host: hostname()}
	mux := http.NewServeMux()
	get := func(path string, answer func(*http.Request) (any, error)) {
		mux.HandleFunc("GET "+prefix+path, answering(answer))
	}
	get("cluster/summary", a.clusterSummary)
	get("cluster/configuration", a.clusterConfiguration)
	get("nimbus/summary", a.nimbusSummary)
	get("owner-resources", a.ownerResources)
	get("owner-resources/{owner}", a.ownerResource)
	get("supervisor/summary", a.supervisorSummary)
	get("supervisor", a.supervisorPage)
	get("history/summary", a.history)
	get("topology/summary", a.topologySummary)
	get("topology/{id}", a.about(a.topologyPage))
	get("topology/{id}/metrics", a.about(a.metrics))
	get("topology/{id}/lag", a.about(a.lag))
	get("topology/{id}/component/{component}", a.about(a.componentPage))
	get("topology/{id}/visualization-init", a.about(a.visualizationInit))
	get("topology/{id}/visualization", a.about(a.visualization))
	get("topology/{id}/logconfig", a.about(a.logConfig))
	get("topology-workers/{id}", a.about(a.topologyWorkers))
	// Storm's documentation and its code disagree on whether a timeout follows.
	for _, timeout := range []string{"", "/{timeout}"} {
		get("topology/{id}/profiling/{action}/{worker}"+timeout, a.about(a.profiling))
	}

	post := func(path string, do operation) {
		mux.HandleFunc("POST "+prefix+"topology/{id}/"+path, answering(a.about(a.operating(do))))
	}
	post("activate", activate)
	post("deactivate", deactivate)
	post("rebalance/{wait}", rebalance)
	post("kill/{wait}", kill)
	post("debug/{action}/{percent}", debug)
	post("component/{component}/debug/{action}/{percent}", debug)
	mux.HandleFunc("POST "+prefix+"topology/{id}/logconfig", answering(a.about(a.setLogConfig)))

	a.logviewer(mux)
	mux.HandleFunc("/", answering(func(r *http.Request) (any, error) { return nil, noAddress(mux, r) }))
	return mux
}

// noAddress is the error of a request that no address matches.
func noAddress(mux *http.ServeMux, r *http.Request) error {
	other := r.Clone(r.Context())
	for _, other.Method = range []string{http.MethodGet, http.MethodPost} {
		if _, pattern := mux.Handler(other); pattern != "/" {
			return failure(http.StatusMethodNotAllowed, "%s takes %s, not %s", r.URL.Path, other.Method, r.Method)
		}
	}
	return failure(http.StatusNotFound, "no such address: %s %s", r.Method, r.URL.Path)
}

// about finds the topology that a request is about.
func (a *api) about(answer func(served.Served, *http.Request) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		t, ok := served.Find(a.source, r.PathValue("id"))
		if !ok {
			return nil, failure(http.StatusNotFound, "topology %q is not alive", r.PathValue("id"))
		}
		return answer(t, r)
	}
}

// running are the topologies that have not ended: only these are on the cluster.
func (a *api) running() []topology {
	var list []topology
	for _, t := range a.source.Topologies() {
		if shown := a.show(t); shown.Ended == nil {
			list = append(list, shown)
		}
	}
	return list
}

// hostname is the name of this machine, as Storm's supervisors call theirs.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
