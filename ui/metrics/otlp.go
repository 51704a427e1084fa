package metrics

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"gust/internal/hint"
	"gust/status/served"
)

// Export sends gust's metrics to an OpenTelemetry collector, once a minute or as
// OTEL_METRIC_EXPORT_INTERVAL says, if the environment names one:
// OTEL_EXPORTER_OTLP_METRICS_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT. Otherwise it does
// nothing. The other variables of the OpenTelemetry specification apply, too.
//
// A collector that cannot be reached stops nothing: report is called, from any goroutine,
// with the first error after each success. Stop sends the last figures and waits for that,
// at most for five seconds.
func Export(ctx context.Context, source served.Source, report func(error)) (stop func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	if !exportWanted() {
		return nothing, nil
	}
	exporter, err := newExporter(ctx)
	if err != nil {
		return nothing, err
	}
	about, err := about(ctx)
	if err != nil {
		return nothing, fmt.Errorf("describe gust to OpenTelemetry: %w", err)
	}
	exporter = &reporter{Exporter: exporter, report: report}
	reader := metric.NewPeriodicReader(exporter, metric.WithProducer(producer{source}))
	provider := metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(about))
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, stopPatience)
		defer cancel()
		return provider.Shutdown(ctx)
	}, nil
}

// stopPatience is how long the end of a run waits for a collector.
const stopPatience = 5 * time.Second

// The variables of the OpenTelemetry specification that gust itself reads.
const (
	endpointVariable        = "OTEL_EXPORTER_OTLP_ENDPOINT"
	metricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	protocolVariable        = "OTEL_EXPORTER_OTLP_PROTOCOL"
	metricsProtocolVariable = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"
)

// variable is the first of the environment variables that is set, and its value. One that
// is empty is not set.
func variable(names ...string) (name, value string) {
	for _, name := range names {
		if value := strings.TrimSpace(os.Getenv(name)); value != "" {
			return name, value
		}
	}
	return names[len(names)-1], ""
}

// exportWanted reports whether the environment names a collector, and does not turn it off.
func exportWanted() bool {
	if _, off := variable("OTEL_SDK_DISABLED"); strings.EqualFold(off, "true") {
		return false
	}
	if _, exporters := variable("OTEL_METRICS_EXPORTER"); exporters != "" && !slices.Contains(strings.Split(strings.ReplaceAll(exporters, " ", ""), ","), "otlp") {
		return false
	}
	_, endpoint := variable(metricsEndpointVariable, endpointVariable)
	return endpoint != ""
}

// newExporter makes the exporter of the environment's protocol. It reads the endpoint by
// itself, but would only log that it is wrong.
func newExporter(ctx context.Context) (metric.Exporter, error) {
	name, endpoint := variable(metricsEndpointVariable, endpointVariable)
	if at, err := url.Parse(endpoint); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, hint.New(fmt.Sprintf("%s=%q is not the URL of a collector", name, endpoint), "set it to a URL such as http://localhost:4318")
	}
	name, protocol := variable(metricsProtocolVariable, protocolVariable)
	switch protocol {
	case "http/protobuf", "":
		return otlpmetrichttp.New(ctx)
	case "grpc":
		return otlpmetricgrpc.New(ctx)
	}
	return nil, hint.New(fmt.Sprintf("%s=%q: unsupported protocol", name, protocol), `set it to "http/protobuf" or "grpc"`)
}

// about describes this gust. What the environment says overrides it.
func about(ctx context.Context) (*resource.Resource, error) {
	version, _, _ := build()
	host, _ := os.Hostname()
	return resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "gust"),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", host+"-"+strconv.Itoa(os.Getpid())),
		attribute.String("host.name", host),
		attribute.Int("process.pid", os.Getpid()),
	), resource.WithFromEnv())
}

// reporter reports the first error after each success. The SDK would print each.
type reporter struct {
	metric.Exporter
	report  func(error)
	failing atomic.Bool
}

// Export sends the figures. Its failure has been dealt with.
func (r *reporter) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	err := r.Exporter.Export(ctx, m)
	switch {
	case err == nil:
		r.failing.Store(false)
	case ctx.Err() == context.Canceled:
		// When it is stopped, the SDK gives up an export in flight to send the last figures.
	case r.failing.CompareAndSwap(false, true):
		r.report(fmt.Errorf("send metrics to the OpenTelemetry collector: %w", err))
	}
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
