package metrics

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	service "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	data "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"gust/status/served"
)

// fakeCollector takes metrics over HTTP and gRPC.
type fakeCollector struct {
	service.UnimplementedMetricsServiceServer
	taken chan *service.ExportMetricsServiceRequest

	mu      sync.Mutex
	refuses bool
	auth    string // of the last request
}

func newFakeCollector() *fakeCollector {
	return &fakeCollector{taken: make(chan *service.ExportMetricsServiceRequest, 1000)}
}

func (f *fakeCollector) Export(_ context.Context, r *service.ExportMetricsServiceRequest) (*service.ExportMetricsServiceResponse, error) {
	f.taken <- r
	return &service.ExportMetricsServiceResponse{}, nil
}

func (f *fakeCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	refuses := f.refuses
	f.auth = r.Header.Get("Authorization")
	f.mu.Unlock()
	if refuses || r.URL.Path != "/v1/metrics" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body)
	}
	data, err := io.ReadAll(body)
	var request service.ExportMetricsServiceRequest
	if err != nil || proto.Unmarshal(data, &request) != nil {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	f.taken <- &request
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (f *fakeCollector) refuse(refuses bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuses = refuses
}

// next is the next request that is taken.
func (f *fakeCollector) next(t *testing.T) *service.ExportMetricsServiceRequest {
	t.Helper()
	select {
	case r := <-f.taken:
		return r
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is sent to the collector")
		return nil
	}
}

// environment sets the variables of OpenTelemetry to these and no others.
func environment(t *testing.T, pairs ...string) {
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_SDK_DISABLED", "OTEL_METRICS_EXPORTER",
		"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_METRIC_EXPORT_INTERVAL",
	} {
		t.Setenv(name, "")
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// metricIn is the metric of that name in a request.
func metricIn(t *testing.T, r *service.ExportMetricsServiceRequest, name string) *data.Metric {
	t.Helper()
	for _, resource := range r.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				if m.Name == name {
					return m
				}
			}
		}
	}
	t.Fatalf("no metric %s in %v", name, r)
	return nil
}

// texts are attributes as "key=value", sorted.
func texts(attributes []*common.KeyValue) string {
	var list []string
	for _, a := range attributes {
		list = append(list, a.Key+"="+a.Value.GetStringValue())
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func unexpected(t *testing.T) func(error) { return func(err error) { t.Error(err) } }

// A collector gets the same figures as Prometheus.
func TestExport(t *testing.T) {
	fake := newFakeCollector()
	overHTTP := httptest.NewServer(fake)
	defer overHTTP.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	overGRPC := grpc.NewServer()
	service.RegisterMetricsServiceServer(overGRPC, fake)
	go func() { _ = overGRPC.Serve(listener) }()
	defer overGRPC.Stop()

	for name, variables := range map[string][]string{
		"http":           {"OTEL_EXPORTER_OTLP_ENDPOINT", overHTTP.URL},
		"http by name":   {"OTEL_EXPORTER_OTLP_ENDPOINT", overHTTP.URL + "/", "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
		"metrics alone":  {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", overHTTP.URL + "/v1/metrics"},
		"grpc":           {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://" + listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
		"metrics' grpc":  {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://" + listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"},
		"several chosen": {"OTEL_EXPORTER_OTLP_ENDPOINT", overHTTP.URL, "OTEL_METRICS_EXPORTER", "console, otlp"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, append(variables, "OTEL_METRIC_EXPORT_INTERVAL", "100", "OTEL_RESOURCE_ATTRIBUTES", "team=words")...)
			stop, err := Export(t.Context(), served.One(made("demo", 1, nil)), unexpected(t))
			if err != nil {
				t.Fatal(err)
			}
			fake.next(t)
			request := fake.next(t)
			if err := stop(t.Context()); err != nil {
				t.Error(err)
			}
			wantFigures(t, request)
			for len(fake.taken) > 0 {
				<-fake.taken
			}
		})
	}
}

func wantFigures(t *testing.T, request *service.ExportMetricsServiceRequest) {
	t.Helper()
	if about := texts(request.ResourceMetrics[0].Resource.Attributes); !strings.Contains(about, "service.name=gust ") || !strings.Contains(about, "team=words") {
		t.Errorf("the resource is %s", about)
	}
	sum := metricIn(t, request, "gust.emitted").GetSum()
	if sum == nil || !sum.IsMonotonic || sum.AggregationTemporality != data.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
		t.Fatalf("gust.emitted is %v", sum)
	}
	point := sum.DataPoints[0]
	if got := texts(point.Attributes); got != "component=words kind=spout stream=default task=1 topology=demo" || point.GetAsDouble() != 10 || point.StartTimeUnixNano == 0 {
		t.Errorf("gust.emitted is %v of %s", point, got)
	}
	queue := metricIn(t, request, "gust.queue")
	if points := queue.GetGauge().GetDataPoints(); queue.Unit != "By" || len(points) != 2 || points[1].GetAsDouble() != 512 {
		t.Errorf("gust.queue is %v", queue)
	}
	latency := metricIn(t, request, "gust.complete_latency")
	h := latency.GetHistogram().GetDataPoints()[0]
	if latency.Unit != "s" || h.Count != 4 || h.GetSum() != 3600.009 || len(h.BucketCounts) != len(h.ExplicitBounds)+1 {
		t.Fatalf("gust.complete_latency is %v", latency)
	}
	for i, n := range h.BucketCounts {
		want := uint64(0)
		switch {
		case i == len(h.ExplicitBounds):
			want = 1 // of an hour
		case h.ExplicitBounds[i] == 0.004194304:
			want = 3 // of 3 ms
		}
		if n != want {
			t.Errorf("bucket %d of gust.complete_latency has %d, want %d", i, n, want)
		}
	}
}

// A collector that writes to Prometheus makes the names of the page of those it gets: dots
// become underscores, and the unit and "_total" for what only grows come to the end.
func TestNamesComeBackInPrometheus(t *testing.T) {
	units := map[string]string{"": "", "s": "_seconds", "By": "_bytes"}
	for _, f := range families {
		name, unit := f.otel()
		again := strings.ReplaceAll(name, ".", "_") + units[unit]
		if f.kind == counter {
			again += "_total"
		}
		if strings.HasPrefix(f.name, "gust_") && again != f.name {
			t.Errorf("%s is sent as %s, which comes back as %s", f.name, name, again)
		}
	}
}

// With the last figures at the end nothing is lost between two exports.
func TestStopSendsTheLastFigures(t *testing.T) {
	fake := newFakeCollector()
	server := httptest.NewServer(fake)
	defer server.Close()
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret")
	stop, err := Export(t.Context(), served.One(made("demo", 1, nil)), unexpected(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTrees := metricIn(t, fake.next(t), "gust.trees_acked").GetSum().DataPoints[0]
	if wantTrees.GetAsDouble() != 4 {
		t.Errorf("trees acked: %v", wantTrees)
	}
	if fake.auth != "Bearer secret" {
		t.Errorf("Authorization: %q", fake.auth)
	}
}

// A collector that refuses is reported once, and once more after it has worked again.
func TestFailuresAreReportedOnce(t *testing.T) {
	fake := newFakeCollector()
	fake.refuse(true)
	server := httptest.NewServer(fake)
	defer server.Close()
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_METRIC_EXPORT_INTERVAL", "50")
	reported := make(chan error, 1000)
	stop, err := Export(t.Context(), sources{}, func(err error) { reported <- err })
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-reported; !strings.Contains(err.Error(), "send metrics to the OpenTelemetry collector: ") {
			t.Errorf("reported: %v", err)
		}
		fake.refuse(false)
		fake.next(t)
		fake.refuse(true)
	}
	<-reported
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(reported); n != 0 {
		t.Errorf("%d more failures are reported than there were collectors that broke", n)
	}
}

func TestNothingIsExportedUnasked(t *testing.T) {
	fake := newFakeCollector()
	server := httptest.NewServer(fake)
	defer server.Close()
	for name, variables := range map[string][]string{
		"no endpoint":        nil,
		"the SDK turned off": {"OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_SDK_DISABLED", "true"},
		"another exporter":   {"OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_METRICS_EXPORTER", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, variables...)
			stop, err := Export(t.Context(), sources{}, unexpected(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := stop(t.Context()); err != nil || len(fake.taken) > 0 {
				t.Errorf("%d requests, %v", len(fake.taken), err)
			}
		})
	}
}

func TestWrongVariablesAreNamed(t *testing.T) {
	for _, c := range []struct {
		variables []string
		want      string
	}{
		{[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT=\"localhost:4318\" is not the URL of a collector\nhint: set it to a URL such as http://localhost:4318"},
		{[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "x"}, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=\"x\" is not the URL of a collector\nhint: set it to a URL such as http://localhost:4318"},
		{[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1", "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}, "OTEL_EXPORTER_OTLP_PROTOCOL=\"http/json\": unsupported protocol\nhint: set it to \"http/protobuf\" or \"grpc\""},
	} {
		environment(t, c.variables...)
		stop, err := Export(t.Context(), sources{}, unexpected(t))
		if err == nil || err.Error() != c.want {
			t.Errorf("%v:\n%v\nwant\n%s", c.variables, err, c.want)
		}
		if err := stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
