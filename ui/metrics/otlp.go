package metrics

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"gust/status/served"
	"gust/ui/otlp"
)

// Export sends gust's metrics to an OpenTelemetry collector, once a minute or as
// OTEL_METRIC_EXPORT_INTERVAL says, if the environment names one:
// OTEL_EXPORTER_OTLP_METRICS_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT. Otherwise it does
// nothing. The other variables of the OpenTelemetry specification apply, too.
//
// If the collector cannot be reached, the run continues: report is called, from any
// goroutine, with the first error after each success. Stop sends the last figures and waits for that,
// at most for five seconds.
func Export(ctx context.Context, source served.Source, report func(error)) (stop func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	if !otlp.Metrics.Wanted() {
		return nothing, nil
	}
	sender, err := newExporter(ctx)
	if err != nil {
		return nothing, err
	}
	about, err := otlp.About(ctx)
	if err != nil {
		return nothing, err
	}
	reporting := &exporter{sender, otlp.Failures{Signal: otlp.Metrics, Report: report}}
	reader := metric.NewPeriodicReader(reporting, metric.WithProducer(producer{source}))
	provider := metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(about))
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, otlp.Patience)
		defer cancel()
		return provider.Shutdown(ctx)
	}, nil
}

func newExporter(ctx context.Context) (metric.Exporter, error) {
	grpc, err := otlp.Metrics.GRPC()
	switch {
	case err != nil:
		return nil, err
	case grpc:
		return otlpmetricgrpc.New(ctx)
	}
	return otlpmetrichttp.New(ctx)
}

// exporter reports its failures.
type exporter struct {
	metric.Exporter
	failures otlp.Failures
}

// Export sends the figures. It reports a failure itself, and returns none.
func (e *exporter) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	e.failures.Note(ctx, e.Exporter.Export(ctx, m))
	return nil
}

// producer makes the figures of a source whenever the SDK wants to send them.
type producer struct{ source served.Source }

// Produce reads all figures.
func (p producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	samples := map[*family][]sample{}
	read(p.source, func(s sample) { samples[s.family] = append(samples[s.family], s) }, (*reading).figures)
	scope := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: "gust"}}
	for _, f := range families {
		if of := samples[f]; of != nil {
			name, unit := f.otel()
			scope.Metrics = append(scope.Metrics, metricdata.Metrics{Name: name, Unit: unit, Description: f.help, Data: f.aggregation(of, now)})
		}
	}
	return []metricdata.ScopeMetrics{scope}, nil
}

// otel is the name of the family as OpenTelemetry wants it, without the endings, and its
// unit: "gust_queue_bytes" is "gust.queue" in "By". A collector that writes to Prometheus
// makes the family's name of them again.
func (f *family) otel() (name, unit string) {
	name = strings.Replace(f.name, "_", ".", 1)
	name = strings.TrimSuffix(name, "_total")
	if short, ok := strings.CutSuffix(name, "_seconds"); ok {
		return short, "s"
	}
	if short, ok := strings.CutSuffix(name, "_bytes"); ok {
		return short, "By"
	}
	return name, ""
}

// aggregation puts samples of the family into OpenTelemetry's form.
func (f *family) aggregation(samples []sample, now time.Time) metricdata.Aggregation {
	if f.kind == latency {
		h := metricdata.Histogram[float64]{Temporality: metricdata.CumulativeTemporality}
		for _, s := range samples {
			h.DataPoints = append(h.DataPoints, s.histogramPoint(now))
		}
		return h
	}
	points := make([]metricdata.DataPoint[float64], len(samples))
	for i, s := range samples {
		points[i] = metricdata.DataPoint[float64]{Attributes: s.attributes(), StartTime: s.since, Time: now, Value: s.value}
	}
	if f.kind == counter {
		return metricdata.Sum[float64]{DataPoints: points, Temporality: metricdata.CumulativeTemporality, IsMonotonic: true}
	}
	return metricdata.Gauge[float64]{DataPoints: points}
}

func (s sample) histogramPoint(now time.Time) metricdata.HistogramDataPoint[float64] {
	p := metricdata.HistogramDataPoint[float64]{
		Attributes: s.attributes(), StartTime: s.since, Time: now, Count: s.counts.Count, Sum: seconds(s.counts.Sum),
	}
	below := uint64(0)
	for _, edge := range edges {
		n := s.counts.Below(edge)
		p.Bounds = append(p.Bounds, seconds(edge))
		p.BucketCounts = append(p.BucketCounts, n-below)
		below = n
	}
	p.BucketCounts = append(p.BucketCounts, s.counts.Count-below)
	return p
}

// attributes are the labels of a sample that are not empty.
func (s sample) attributes() attribute.Set {
	var list []attribute.KeyValue
	for i, label := range s.labels {
		if s.values[i] != "" {
			list = append(list, attribute.String(label, s.values[i]))
		}
	}
	return attribute.NewSet(list...)
}
