package status

import "time"

// Point is what a topology, or a component, did in a short time: a point of a chart.
// Rates are per second, latencies in milliseconds.
type Point struct {
	Time     int64   `json:"t"` // its end, in seconds since 1970
	Emitted  float32 `json:"emitted"`
	Executed float32 `json:"executed"` // of bolts
	Acked    float32 `json:"acked"`
	Failed   float32 `json:"failed"`
	P50      float32 `json:"p50"` // complete latency of a spout or the topology, execute latency of a bolt
	P99      float32 `json:"p99"`
	Waiting  float32 `json:"waiting"`  // pending trees of a spout or the topology, queued tuples of a bolt
	Restarts float32 `json:"restarts"` // the number in this time
	// Failed trees per second, by reason; only for the topology.
	ByBolt  float32 `json:"by_bolt,omitempty"`
	Timeout float32 `json:"timeout,omitempty"`
	Died    float32 `json:"died,omitempty"`
}

// pointSince is what a component did since an earlier moment.
func (t tally) pointSince(earlier tally, seconds float64, at time.Time) Point {
	n := t.counts.Minus(earlier.counts)
	p := Point{
		Time:    at.Unix(),
		Emitted: rate(n.Emitted, seconds), Executed: rate(n.Executed, seconds), Acked: rate(n.Acked, seconds), Failed: rate(n.Failed, seconds),
		Waiting: float32(t.queued), Restarts: float32(t.restarts - earlier.restarts),
	}
	took := t.latency.execute.Since(earlier.latency.execute)
	if t.spout {
		took = t.latency.complete.Since(earlier.latency.complete)
		p.Waiting = float32(t.pending)
	}
	p.P50, p.P99 = float32(took.Percentile(0.5)/1e6), float32(took.Percentile(0.99)/1e6)
	return p
}

// pointSince is what the topology did since an earlier moment.
func (m *moment) pointSince(earlier *moment) Point {
	seconds := m.at.Sub(earlier.at).Seconds()
	p := Point{Time: m.at.Unix()}
	var took latencies
	for i, t := range m.components {
		was := earlier.component(i)
		one := t.pointSince(was, seconds, m.at)
		p.Restarts += one.Restarts
		if t.spout {
			p.Emitted += one.Emitted
			took = took.plus(t.latency.since(was.latency))
		} else {
			p.Executed += one.Executed
		}
	}
	p.P50, p.P99 = float32(took.complete.Percentile(0.5)/1e6), float32(took.complete.Percentile(0.99)/1e6)
	was, now := earlier.trees, m.trees
	p.Acked = rate(now.Acked-was.Acked, seconds)
	p.ByBolt = rate(now.Failed.Bolt-was.Failed.Bolt, seconds)
	p.Timeout = rate(now.Failed.Timeout-was.Failed.Timeout, seconds)
	p.Died = rate(now.Failed.Died-was.Failed.Died, seconds)
	p.Failed = p.ByBolt + p.Timeout + p.Died + rate(now.Failed.Shutdown-was.Failed.Shutdown, seconds)
	p.Waiting = float32(now.Pending)
	return p
}

func rate(n uint64, seconds float64) float32 {
	if seconds <= 0 {
		return 0
	}
	return float32(float64(n) / seconds)
}
