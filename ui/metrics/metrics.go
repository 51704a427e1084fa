// Package metrics shows topologies to monitoring systems: to Prometheus, which fetches the
// figures from [Handler], and to an OpenTelemetry collector, to which [Export] sends them.
//
// Where to begin: family.go has every metric with its help; figures.go reads a topology's
// status into them; storm.go has the names that exporters for Storm use; prometheus.go and
// otlp.go put the figures into the two systems' forms.
package metrics
