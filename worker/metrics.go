package worker

import (
	"gust/multilang"
)

// metric keeps a metric that the component reports.
func (t *task) metric(m *multilang.Message) {
	if t.comp.metrics == nil {
		t.comp.metrics = map[string]*MetricStats{}
	}
	stats := t.comp.metrics[string(m.Name)]
	if stats == nil {
		if len(t.comp.metrics) >= maxMetrics {
			t.offend("metrics", "more than %d metric names: dropping %q", maxMetrics, m.Name)
			return
		}
		stats = &MetricStats{Name: string(m.Name)}
		t.comp.metrics[stats.Name] = stats
	}
	stats.Reports++
	stats.Last = t.show(m.Params).String()
	t.log.Debug().Str("metric", stats.Name).Str("value", stats.Last).Msg("metric")
}

// maxMetrics is how many names of metrics a component may use.
const maxMetrics = 1000
