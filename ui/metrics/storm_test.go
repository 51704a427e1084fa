package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"gust/status/served"
	"gust/ui/rest"
)

// An exporter for Storm reads the REST API, and calls the members of its answers by the
// names here. gust's metrics are what it would make of gust's own REST API.
func TestFiguresAreThoseOfTheRESTAPI(t *testing.T) {
	demo := made("demo", 2, nil)
	source := served.One(demo)
	api := rest.Handler(source)
	get := func(path string) (answer map[string]any) {
		t.Helper()
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, recorder.Body)
		}
		return answer
	}
	metrics := metricsOf(t, source)
	compared := 0
	compare := func(object any, prefix, extra string, members map[string]string) {
		t.Helper()
		for metric, member := range members {
			value, ok := object.(map[string]any)[member]
			if !ok {
				t.Errorf("the REST API has no %s", member)
				continue
			}
			want, err := strconv.ParseFloat(fmt.Sprint(value), 64) // latencies are strings
			if err != nil {
				t.Errorf("%s: %v", member, err)
				continue
			}
			got := valueOf(t, metrics, prefix+metric+"{"+extra)
			if math.Abs(got-want) > 0.001 {
				t.Errorf("%s%s of %s is %v, and %s of the REST API %v", prefix, metric, extra, got, member, want)
			}
			compared++
		}
	}
	of := fmt.Sprintf(`topology_id="%s",topology_name="demo"`, demo.ID())
	compare(get("/api/v1/topology/summary")["topologies"].([]any)[0], "storm_topology_", of+"}", map[string]string{
		"tasks_total": "tasksTotal", "workers_total": "workersTotal", "executors_total": "executorsTotal", "replication_count": "replicationCount",
	})
	topology := get("/api/v1/topology/" + demo.ID())
	for _, stats := range topology["topologyStats"].([]any) {
		compare(stats, "storm_topology_stats_", of+`,window="`+stats.(map[string]any)["window"].(string)+`"}`, map[string]string{
			"emitted": "emitted", "transferred": "transferred", "acked": "acked", "failed": "failed", "complete_latency": "completeLatency",
		})
	}
	compare(topology["spouts"].([]any)[0], "storm_topology_spouts_", `spout_id="words",`+of+"}", map[string]string{
		"executors": "executors", "tasks": "tasks", "emitted": "emitted", "transferred": "transferred", "acked": "acked", "failed": "failed",
		"complete_latency": "completeLatency",
	})
	compare(topology["bolts"].([]any)[0], "storm_topology_bolts_", `bolt_id="count",`+of+"}", map[string]string{
		"executors": "executors", "tasks": "tasks", "emitted": "emitted", "acked": "acked", "failed": "failed",
		"capacity": "capacity", "execute_latency": "executeLatency", "process_latency": "processLatency",
	})
	// All of them, each window by itself, but the uptime, which goes on between the answers.
	if series := strings.Count(metrics, "\nstorm_topology_"); compared != series-1 {
		t.Errorf("%d series are compared, of %d", compared, series)
	}
}

// valueOf is the value of the series that a line begins with.
func valueOf(t *testing.T, metrics, series string) float64 {
	t.Helper()
	_, rest, ok := strings.Cut("\n"+metrics, "\n"+series+" ")
	if !ok {
		t.Errorf("no series %s", series)
		return math.NaN()
	}
	text, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Errorf("%s: %v", series, err)
	}
	return value
}
