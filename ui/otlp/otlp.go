// Package otlp is what the exports to an OpenTelemetry collector share: the variables of the
// environment that name the collector, the description of this gust, and how failures are
// reported.
package otlp

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
	"go.opentelemetry.io/otel/sdk/resource"

	"gust/internal/hint"
	"gust/internal/program"
)

// Patience is how long the end of a run waits for a collector.
const Patience = 5 * time.Second

// Signal is a kind of data that is exported, as the variables name it.
type Signal string

// The signals that gust exports.
const (
	Metrics Signal = "METRICS"
	Traces  Signal = "TRACES"
)

// variable is the first of a signal's own variable and the one for all signals that is set,
// and its value. One that is empty is not set.
func (s Signal) variable(what string) (name, value string) {
	names := []string{"OTEL_EXPORTER_OTLP_" + string(s) + "_" + what, "OTEL_EXPORTER_OTLP_" + what}
	for _, name := range names {
		if value := get(name); value != "" {
			return name, value
		}
	}
	return names[1], ""
}

func get(name string) string { return strings.TrimSpace(os.Getenv(name)) }

// Wanted reports whether the environment names a collector for the signal, and does not turn
// its export off.
func (s Signal) Wanted() bool {
	if strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	if exporters := get("OTEL_" + string(s) + "_EXPORTER"); exporters != "" && !slices.Contains(strings.Split(strings.ReplaceAll(exporters, " ", ""), ","), "otlp") {
		return false
	}
	_, endpoint := s.variable("ENDPOINT")
	return endpoint != ""
}

// GRPC says whether the collector wants gRPC rather than HTTP. It is an error if the endpoint
// or the protocol is wrong: the exporters, which read both themselves, would only log that.
func (s Signal) GRPC() (bool, error) {
	name, endpoint := s.variable("ENDPOINT")
	if at, err := url.Parse(endpoint); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return false, hint.New(fmt.Sprintf("%s=%q is not the URL of a collector", name, endpoint), "set it to a URL such as http://localhost:4318")
	}
	name, protocol := s.variable("PROTOCOL")
	switch protocol {
	case "http/protobuf", "":
		return false, nil
	case "grpc":
		return true, nil
	}
	return false, hint.New(fmt.Sprintf("%s=%q: unsupported protocol", name, protocol), `set it to "http/protobuf" or "grpc"`)
}

// About describes this gust. What the environment says overrides it.
func About(ctx context.Context) (*resource.Resource, error) {
	version, _, _ := program.Build()
	host, _ := os.Hostname()
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "gust"),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", host+"-"+strconv.Itoa(os.Getpid())),
		attribute.String("host.name", host),
		attribute.Int("process.pid", os.Getpid()),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe gust to OpenTelemetry: %w", err)
	}
	return about, nil
}

// Failures reports the first failure of an export after each success. The SDK would print
// each.
type Failures struct {
	Signal  Signal
	Report  func(error)
	failing atomic.Bool
}

// Note notes how an export went.
func (f *Failures) Note(ctx context.Context, err error) {
	switch {
	case err == nil:
		f.failing.Store(false)
	case ctx.Err() == context.Canceled:
		// When it is stopped, the SDK gives up an export in flight to send the last data.
	case f.failing.CompareAndSwap(false, true):
		f.Report(fmt.Errorf("send %s to the OpenTelemetry collector: %w", strings.ToLower(string(f.Signal)), err))
	}
}
