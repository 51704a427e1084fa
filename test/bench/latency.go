package main

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// measureLatency loads a spout and a bolt with a share of what the host can move. The
// spout keeps to its schedule whatever the host does, and a tuple's latency counts from
// when it was due: counted from its emit, a stall would affect one tuple, though a
// thousand had to wait.
func measureLatency(ctx context.Context, m *measurer, h host, r *report) error {
	capacity, err := m.capacityOf(ctx, h)
	if err != nil {
		return err
	}
	for _, percent := range []int{10, 50, 90} {
		got, err := m.run(ctx, h, pacedTopology(m.env, capacity*float64(percent)/100))
		if err != nil {
			return err
		}
		late := got.after["gauge"].latency.since(got.before["gauge"].latency)
		name := fmt.Sprintf("latency at %d %% load", percent)
		r.add(name, h, "tuples per second", got.per(boltTuples("gauge"))/got.seconds, more)
		r.add(name, h, "p50, ms", late.quantile(0.5)/1e6, less)
		r.add(name, h, "p99, ms", late.quantile(0.99)/1e6, less)
		r.add(name, h, "p99.9, ms", late.quantile(0.999)/1e6, less)
	}
	return nil
}

// capacityOf is how many tuples per second the host moves of those that
// measureLatency sends, found out once.
func (m *measurer) capacityOf(ctx context.Context, h host) (float64, error) {
	if c, ok := m.capacity[h.name()]; ok {
		return c, nil
	}
	short := *m
	short.window = min(m.window, 5*time.Second)
	got, err := short.run(ctx, h, pacedTopology(m.env, 0))
	if err != nil {
		return 0, err
	}
	c := got.per(boltTuples("gauge")) / got.seconds
	m.capacity[h.name()] = c
	return c, nil
}

func pacedTopology(e *env, rate float64) *flux {
	return newFlux(pendingC).
		spout("spout", e.c("paced", strconv.FormatFloat(rate, 'f', 0, 64), "100"), word).
		bolt("gauge", 1, e.c("gauge"), none, "spout", "SHUFFLE")
}
