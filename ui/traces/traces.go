// Package traces sends the traces of sampled tuple trees to an OpenTelemetry collector: a span
// for the spout's tuple, and below it one for each hop.
package traces

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"gust/status"
	"gust/status/served"
	"gust/ui/otlp"
	"gust/worker"
)

// Export sends the traces of a source to an OpenTelemetry collector, if the environment names
// one: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT. Otherwise it does
// nothing. The other variables of the OpenTelemetry specification apply, too.
//
// If the collector cannot be reached, the run continues: report is called, from any
// goroutine, with the first error after each success. Stop sends the last traces and waits for that, at
// most for five seconds.
func Export(ctx context.Context, source served.Source, report func(error)) (stop func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	if !otlp.Traces.Wanted() {
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
	reporting := &exporter{sender, otlp.Failures{Signal: otlp.Traces, Report: report}}
	// A collector that is slow may delay the copying below, which delays nothing else.
	provider := sdk.NewTracerProvider(sdk.WithBatcher(reporting, sdk.WithBlocking()), sdk.WithResource(about))
	c := &copier{source: source, tracer: provider.Tracer("gust"), sent: map[string]uint64{}}
	copying, cancel := context.WithCancel(context.Background())
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		c.run(copying)
	}()
	return func(ctx context.Context) error {
		ctx, done := context.WithTimeout(ctx, otlp.Patience)
		defer done()
		cancel()
		select {
		case <-copied:
		case <-ctx.Done():
		}
		return provider.Shutdown(ctx)
	}, nil
}

func newExporter(ctx context.Context) (sdk.SpanExporter, error) {
	grpc, err := otlp.Traces.GRPC()
	switch {
	case err != nil:
		return nil, err
	case grpc:
		return otlptracegrpc.New(ctx)
	}
	return otlptracehttp.New(ctx)
}

// exporter reports its failures.
type exporter struct {
	sdk.SpanExporter
	failures otlp.Failures
}

// ExportSpans sends spans. Its failure has been dealt with.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	e.failures.Note(ctx, e.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

// copier makes spans of the traces that a source shows.
type copier struct {
	source served.Source
	tracer trace.Tracer
	sent   map[string]uint64 // the number of the last trace that was copied, by topology
}

// every is how often the copier looks. A topology keeps many more traces than come meanwhile.
const every = time.Second

// run copies until the context ends, and once more then.
func (c *copier) run(ctx context.Context) {
	next := time.NewTicker(every)
	defer next.Stop()
	for over := false; !over; {
		select {
		case <-next.C:
		case <-ctx.Done():
			over = true
		}
		for _, t := range c.source.Topologies() {
			c.copy(t)
		}
	}
}

// copy makes spans of the traces that a topology has had since the last time.
func (c *copier) copy(t served.Served) {
	for _, one := range slices.Backward(t.Traces(status.TraceFilter{After: c.sent[t.ID()]})) {
		c.sent[t.ID()] = one.Number
		c.spans(t.Topology().Name, one)
	}
}

// spans makes the spans of a trace. The times of hops are relative to the spout's emit.
func (c *copier) spans(topology string, t *status.Trace) {
	at := func(ms float64) time.Time { return t.Time.Add(time.Duration(ms * float64(time.Millisecond))) }
	attributes := func(component string, task int, from, stream, does, kind string) trace.SpanStartEventOption {
		return trace.WithAttributes(
			attribute.String("messaging.system", "gust"),
			attribute.String("messaging.operation.name", does),
			attribute.String("messaging.operation.type", kind),
			attribute.String("messaging.destination.name", from+":"+stream),
			attribute.String("messaging.client.id", component+"["+strconv.Itoa(task)+"]"),
			attribute.String("gust.topology", topology),
			attribute.String("gust.component", component),
			attribute.Int("gust.task", task),
		)
	}
	ctx, root := c.tracer.Start(context.Background(), "emit "+t.Spout, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindProducer), trace.WithTimestamp(t.Time),
		attributes(t.Spout, t.Task, t.Spout, t.Stream, "emit", "send"),
		trace.WithAttributes(attribute.String("messaging.message.id", t.MessageID), attribute.Int("gust.trace.number", int(t.Number))))
	if t.Missed > 0 {
		root.SetAttributes(attribute.Int("gust.trace.missed_hops", t.Missed))
	}
	if t.Failed != "" {
		fail(root, t)
	}
	below := make([]context.Context, 1, 1+len(t.Hops)) // by the number of the hop
	below[0] = ctx
	for i := range t.Hops {
		h := &t.Hops[i]
		ctx, span := c.tracer.Start(below[h.Parent], "execute "+h.To, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(at(h.Given)),
			attributes(h.To, h.Task, h.From, h.Stream, "execute", "process"),
			trace.WithAttributes(attribute.String("gust.hop.state", string(h.State))))
		below = append(below, ctx)
		if h.Taken != nil {
			span.AddEvent("taken", trace.WithTimestamp(at(*h.Taken)))
		}
		if h.State == worker.HopFailed || h.Cause {
			fail(span, t)
		}
		span.End(trace.WithTimestamp(at(h.Ended(t))))
	}
	root.End(trace.WithTimestamp(at(t.Took)))
}

// fail makes a span that of an error.
func fail(span trace.Span, t *status.Trace) {
	description := reasons[t.Failed]
	if t.Headline != "" {
		description = fmt.Sprintf("%s: %s", description, t.Headline)
	}
	span.SetStatus(codes.Error, description)
	span.SetAttributes(attribute.String("error.type", string(t.Failed)))
}

// reasons are in words why trees fail.
var reasons = map[worker.FailReason]string{
	worker.FailedByBolt: "failed by a bolt", worker.FailedByTimeout: "timed out", worker.FailedByDeath: "process died", worker.FailedByShutdown: "run ended",
}
