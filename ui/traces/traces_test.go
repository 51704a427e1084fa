package traces_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	service "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	data "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/topology"
	"gust/ui/traces"
	"gust/worker"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// collector takes traces over HTTP and gRPC.
type collector struct {
	service.UnimplementedTraceServiceServer
	taken chan *service.ExportTraceServiceRequest
	http  string // its addresses
	grpc  string
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{taken: make(chan *service.ExportTraceServiceRequest, 1000)}
	overHTTP := httptest.NewServer(c)
	t.Cleanup(overHTTP.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	overGRPC := grpc.NewServer()
	service.RegisterTraceServiceServer(overGRPC, c)
	go func() { _ = overGRPC.Serve(listener) }()
	t.Cleanup(overGRPC.Stop)
	c.http, c.grpc = overHTTP.URL, "http://"+listener.Addr().String()
	return c
}

func (c *collector) Export(_ context.Context, r *service.ExportTraceServiceRequest) (*service.ExportTraceServiceResponse, error) {
	c.taken <- r
	return &service.ExportTraceServiceResponse{}, nil
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request service.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	c.taken <- &request
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// spans are those of all requests so far, by the time of their start.
func (c *collector) spans(t *testing.T) (all []*data.Span) {
	t.Helper()
	for len(c.taken) > 0 {
		for _, resource := range (<-c.taken).ResourceSpans {
			if about := texts(resource.Resource.Attributes); about["service.name"] != "gust" {
				t.Errorf("the resource is %v", about)
			}
			for _, scope := range resource.ScopeSpans {
				all = append(all, scope.Spans...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *data.Span) int { return int(a.StartTimeUnixNano) - int(b.StartTimeUnixNano) })
	return all
}

// texts are the values of attributes.
func texts(attributes []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attributes {
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_IntValue:
			m[a.Key] = fmt.Sprint(v.IntValue)
		default:
			m[a.Key] = a.Value.GetStringValue()
		}
	}
	return m
}

// environment sets the variables of OpenTelemetry to these and no others.
func environment(t *testing.T, pairs ...string) {
	t.Helper()
	for _, name := range []string{
		"ENDPOINT", "TRACES_ENDPOINT", "PROTOCOL", "TRACES_PROTOCOL", "HEADERS", "TRACES_HEADERS", "COMPRESSION", "TRACES_COMPRESSION",
	} {
		t.Setenv("OTEL_EXPORTER_OTLP_"+name, "")
	}
	for _, name := range []string{"OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_TRACES_SAMPLER", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"} {
		t.Setenv(name, "")
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// traced is a topology with one trace: a tree that failed in its second hop.
func traced(began time.Time) *status.Status {
	s := status.New(&topology.Topology{Name: "demo"}, conf.Conf{}, began)
	ms := time.Millisecond
	s.Update(&worker.Snapshot{Time: began, Journal: worker.Journal{Traces: []worker.Trace{{
		Time: began, Spout: "words", Task: 1, Stream: "default", MessageID: `"m1"`, Values: `["secret"]`, Took: 30 * ms, Failed: worker.FailedByBolt, Error: "Traceback:\nValueError: x",
		Missed: 1, Hops: []worker.Hop{
			{From: worker.InputName{Component: "words", Stream: "default"}, FromTask: 1, Bolt: "split", Task: 2, State: worker.HopAcked, Taken: 5 * ms, Answered: 12 * ms},
			{Parent: 1, From: worker.InputName{Component: "split", Stream: "default"}, FromTask: 2, Bolt: "count", Task: 4, State: worker.HopFailed, Cause: true, Given: 10 * ms, Taken: 20 * ms, Answered: 30 * ms},
			{Parent: 1, From: worker.InputName{Component: "split", Stream: "default"}, FromTask: 2, Bolt: "count", Task: 5, State: worker.HopQueued, Given: 11 * ms},
		},
	}}}})
	return s
}

func TestExport(t *testing.T) {
	c := collect(t)
	for name, variables := range map[string][]string{
		"http":         {"OTEL_EXPORTER_OTLP_ENDPOINT", c.http},
		"traces alone": {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.http + "/v1/traces"},
		"grpc":         {"OTEL_EXPORTER_OTLP_ENDPOINT", c.grpc, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, variables...)
			began := time.Now().Add(-time.Minute)
			stop, err := traces.Export(t.Context(), served.One{Status: traced(began)}, func(err error) { t.Error(err) })
			if err != nil {
				t.Fatal(err)
			}
			if err := stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantSpans(t, c.spans(t), began)
		})
	}
}

func wantSpans(t *testing.T, spans []*data.Span, began time.Time) {
	t.Helper()
	names := map[string]string{"": ""} // by id
	for _, s := range spans {
		names[hex.EncodeToString(s.SpanId)] = s.Name
	}
	var lines []string
	for _, s := range spans {
		from, to := (int64(s.StartTimeUnixNano)-began.UnixNano())/1e6, (int64(s.EndTimeUnixNano)-began.UnixNano())/1e6
		lines = append(lines, fmt.Sprintf("%s < %q %d-%d %v %s", s.Name, names[hex.EncodeToString(s.ParentSpanId)], from, to, s.Status.GetCode(), texts(s.Attributes)["messaging.client.id"]))
		if !slices.Equal(s.TraceId, spans[0].TraceId) {
			t.Errorf("%s is in another trace", s.Name)
		}
		if strings.Contains(s.String(), "secret") {
			t.Errorf("%s has values: %s", s.Name, s)
		}
	}
	want := []string{
		`emit words < "" 0-30 STATUS_CODE_ERROR words[1]`,
		`execute split < "emit words" 0-12 STATUS_CODE_UNSET split[2]`,
		`execute count < "execute split" 10-30 STATUS_CODE_ERROR count[4]`,
		`execute count < "execute split" 11-30 STATUS_CODE_UNSET count[5]`,
	}
	slices.Sort(lines)
	slices.Sort(want)
	if !slices.Equal(lines, want) {
		t.Fatalf("the spans are\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for _, s := range spans {
		attributes := texts(s.Attributes)
		switch s.Name {
		case "emit words":
			if attributes["messaging.message.id"] != `"m1"` || attributes["messaging.destination.name"] != "words:default" || attributes["error.type"] != "bolt" || attributes["gust.trace.missed_hops"] != "1" || s.Kind != data.Span_SPAN_KIND_PRODUCER {
				t.Errorf("the root: %v", s)
			}
		case "execute split":
			if attributes["messaging.destination.name"] != "words:default" || attributes["messaging.operation.type"] != "process" || len(s.Events) != 1 || int64(s.Events[0].TimeUnixNano) != began.UnixNano()+5e6 || s.Kind != data.Span_SPAN_KIND_CONSUMER {
				t.Errorf("the first hop: %v", s)
			}
		case "execute count":
			if s.Status.GetCode() == data.Status_STATUS_CODE_ERROR && s.Status.Message != "failed by a bolt: ValueError: x" {
				t.Errorf("the hop that failed: %v", s.Status)
			}
		}
	}
}

// Each tree of a real topology is sent, once.
func TestExportOfARun(t *testing.T) {
	c := collect(t)
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT", c.http)
	components := statustest.WordCount()
	components[0].Script.Spout.Tuples = 50
	live := statustest.Start(t, "words", components, conf.Conf{conf.GustTracePercent: int64(100)})
	stop, err := traces.Export(t.Context(), served.One(live.Served), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	live.Until(t, "all trees", func(v *status.View) bool { return v.Trees.Acked == 50 })
	live.Until(t, "all traces", func(*status.View) bool { return live.Trace(50) != nil })
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	roots, hops := map[string]bool{}, 0
	for _, s := range c.spans(t) {
		if len(s.ParentSpanId) == 0 {
			roots[texts(s.Attributes)["messaging.message.id"]] = true
		} else {
			hops++
		}
	}
	if len(roots) != 50 || hops != 150 {
		t.Errorf("%d trees with %d hops, want 50 with 150", len(roots), hops)
	}
}

func TestFailuresAreReported(t *testing.T) {
	environment(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	reported := make(chan error, 10)
	stop, err := traces.Export(t.Context(), served.One{Status: traced(time.Now())}, func(err error) { reported <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-reported; !strings.HasPrefix(err.Error(), "send traces to the OpenTelemetry collector: ") {
		t.Errorf("reported: %v", err)
	}
}

func TestNothingIsExportedUnasked(t *testing.T) {
	c := collect(t)
	for name, variables := range map[string][]string{
		"no endpoint":      nil,
		"another exporter": {"OTEL_EXPORTER_OTLP_ENDPOINT", c.http, "OTEL_TRACES_EXPORTER", "none"},
	} {
		environment(t, variables...)
		stop, err := traces.Export(t.Context(), served.One{Status: traced(time.Now())}, func(err error) { t.Error(err) })
		if err != nil {
			t.Fatal(err)
		}
		if err := stop(t.Context()); err != nil || len(c.taken) > 0 {
			t.Errorf("%s: %d requests, %v", name, len(c.taken), err)
		}
	}
	environment(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nowhere")
	if _, err := traces.Export(t.Context(), served.One{Status: traced(time.Now())}, func(error) {}); err == nil || !strings.Contains(err.Error(), `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="nowhere" is not the URL`) {
		t.Errorf("a wrong endpoint: %v", err)
	}
}
