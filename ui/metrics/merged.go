package metrics

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"gust/status/served"
)

// Merged serves the metrics of topologies that run in other processes, as their [Handler]
// serves them and scrape gets them, with those of gust's own process.
func Merged(scrape func(context.Context) [][]byte) http.Handler {
	own := registry(none{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		others := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return merge(scrape(r.Context())) })
		promhttp.HandlerFor(prometheus.Gatherers{own, others}, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(w, r)
	})
}

// none is the source of no topology.
type none struct{}

// Topologies are none.
func (none) Topologies() []served.Served { return nil }

// merge reads the metrics of several processes, and leaves out those that are not of a
// topology, such as a process' memory.
func merge(texts [][]byte) ([]*dto.MetricFamily, error) {
	byName := map[string]*dto.MetricFamily{}
	var order []string
	var failed error
	for _, text := range texts {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		found, err := parser.TextToMetricFamilies(bytes.NewReader(text))
		failed = errors.Join(failed, err)
		for name, f := range found {
			f.Metric = slices.DeleteFunc(f.Metric, func(m *dto.Metric) bool { return !ofTopology(m) })
			if len(f.Metric) == 0 {
				continue
			}
			if all := byName[name]; all != nil {
				all.Metric = append(all.Metric, f.Metric...)
				continue
			}
			byName[name] = f
			order = append(order, name)
		}
	}
	var list []*dto.MetricFamily
	for _, name := range order {
		list = append(list, byName[name])
	}
	return list, failed
}

// ofTopology reports whether a metric has the name of a topology.
func ofTopology(m *dto.Metric) bool {
	return slices.ContainsFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetName() == "topology" || l.GetName() == "topology_name" })
}
