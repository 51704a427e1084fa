package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// The cost of pipes without a host is measured right before the host, so that a busy
// machine slows both.

// measureLarge sends tuples of a megabyte. The baseline is a flood of bytes through as
// many pipes, copied once on the way by a program that does not look at them.
func measureLarge(ctx context.Context, m *measurer, h host, r *report) error {
	const bytes = 1 << 20
	bare, err := m.bare(ctx, "flood", strconv.Itoa(bytes), "2")
	if err != nil {
		return err
	}
	got, err := m.run(ctx, h, newFlux(8).
		spout("spout", m.env.c("spout", "1", "1", strconv.Itoa(bytes)), word).
		bolt("bolt", 1, m.env.c("bolt", "0"), none, "spout", "SHUFFLE"))
	if err != nil {
		return err
	}
	tuples := got.per(spoutAcks)
	r.addRun("large", h, got, tuples)
	r.add("large", h, "MB per second", tuples*bytes/1e6/got.seconds, more)
	r.add("large", h, "share of what bare pipes move", tuples*bytes/got.seconds/bare[0], more)
	return nil
}

// measureLone sends a tuple at a time through two bolts, ten milliseconds apart, and
// measures the time from its emit to its ack at the spout. It passes six pipes, like a
// message in the ring that is the baseline.
func measureLone(ctx context.Context, m *measurer, h host, r *report) error {
	bare, err := m.bare(ctx, "ring", "6", loneMicros, "3")
	if err != nil {
		return err
	}
	got, err := m.run(ctx, h, loneTopology(m.env))
	if err != nil {
		return err
	}
	trip := got.after["spout"].latency.since(got.before["spout"].latency)
	r.add("lone", h, "round trip p50, µs", trip.quantile(0.5)/1e3, less)
	r.add("lone", h, "round trip p99, µs", trip.quantile(0.99)/1e3, less)
	r.add("lone", h, "p50, times that of bare pipes", trip.quantile(0.5)/bare[0], less)
	return nil
}

// loneMicros is the time between two tuples of measureLone.
const loneMicros = "10000"

func loneTopology(e *env) *flux {
	return newFlux(1).
		spout("spout", e.c("lone", loneMicros), word).
		bolt("relay", 1, e.c("relay"), word, "spout", "SHUFFLE").
		bolt("gauge", 1, e.c("gauge"), none, "relay", "SHUFFLE")
}

// bare runs fastchild without a host and returns the numbers that it prints.
func (m *measurer) bare(ctx context.Context, args ...string) (numbers []float64, err error) {
	text, err := exec.CommandContext(ctx, m.env.child, args...).Output()
	if err != nil {
		return nil, fmt.Errorf("cannot measure bare pipes: %w", err)
	}
	for _, field := range strings.Fields(string(text)) {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, fmt.Errorf("cannot measure bare pipes: %w", err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		return nil, errors.New("cannot measure bare pipes: the program printed no number")
	}
	return numbers, nil
}
