package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gust/status/served"
)

// Handler serves the metrics of a source's topologies, and those of gust's own process, as
// Prometheus fetches them.
func Handler(source served.Source) http.Handler {
	return promhttp.HandlerFor(registry(source), promhttp.HandlerOpts{
		// A figure that cannot be shown must not hide the others.
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
	})
}

func registry(source served.Source) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{source}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// collector reads the figures whenever Prometheus asks for them.
type collector struct{ source served.Source }

// Describe names all metrics.
func (c collector) Describe(descs chan<- *prometheus.Desc) {
	for _, f := range families {
		descs <- f.desc
	}
}

// Collect reads all figures.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	emit := func(s sample) { metrics <- s.metric() }
	read(c.source, emit, func(r *reading) {
		r.figures()
		r.stormFigures()
	})
}

// metric is the sample in Prometheus' form.
func (s sample) metric() prometheus.Metric {
	if s.kind == latency {
		buckets := make(map[float64]uint64, len(edges))
		for _, edge := range edges {
			buckets[seconds(edge)] = s.counts.Below(edge)
		}
		return prometheus.MustNewConstHistogram(s.desc, s.counts.Count, seconds(s.counts.Sum), buckets, s.values...)
	}
	types := [...]prometheus.ValueType{counter: prometheus.CounterValue, gauge: prometheus.GaugeValue, untyped: prometheus.UntypedValue}
	return prometheus.MustNewConstMetric(s.desc, types[s.kind], s.value, s.values...)
}
