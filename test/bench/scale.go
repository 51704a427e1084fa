package main

import (
	"context"
	"fmt"
	"strconv"
)

// measureScale runs only gust while one quantity grows, and measures a tuple's cost for
// the host, which must not grow.
func measureScale(ctx context.Context, m *measurer, h host, r *report) error {
	for _, n := range []int{1, 2, 4, 8, 16, 32, 64} {
		f := newFlux(pendingC).spout("spout", m.env.c("spout", "100", "1"), word).
			bolt("bolt", n, m.env.c("bolt", "0"), none, "spout", "SHUFFLE")
		if err := m.scale(ctx, h, r, fmt.Sprintf("scale: %d tasks", n), f); err != nil {
			return err
		}
	}
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		f := newFlux(n).spout("spout", m.env.c("spout", strconv.Itoa(min(n, 100)), "1"), word).
			bolt("bolt", 1, m.env.c("bolt", "0"), none, "spout", "SHUFFLE")
		if err := m.scale(ctx, h, r, fmt.Sprintf("scale: %d pending", n), f); err != nil {
			return err
		}
	}
	for _, n := range []int{10, 100, 1000} {
		if err := m.scale(ctx, h, r, fmt.Sprintf("scale: %d components", n), crowd(m.env, n, "spout", "100", "1")); err != nil {
			return err
		}
	}
	for _, n := range []int{10, 1000} {
		// Only one tuple: its spout sleeps in its second next.
		got, err := m.run(ctx, h, crowd(m.env, n, "lone", "1000000"))
		if err != nil {
			return err
		}
		name := fmt.Sprintf("idle: %d components", n)
		r.add(name, h, "host's wake-ups per second", got.switches/got.seconds, less)
		r.add(name, h, "host's CPU, % of a core", got.hostCPU/got.seconds*100, less)
		r.add(name, h, "memory of the host alone, MB", got.hostPSS/1e6, less)
	}
	return nil
}

// crowd is one spout and one bolt at work, and so many others with nothing to
// do that there are n components.
func crowd(e *env, n int, spout ...string) *flux {
	f := newFlux(pendingC).spout("spout", e.c(spout...), word).
		bolt("bolt", 1, e.c("bolt", "0"), word, "spout", "SHUFFLE")
	for i := range n - 2 {
		f.bolt(fmt.Sprint("idle", i), 1, e.c("bolt", "0"), none, "bolt", "SHUFFLE")
	}
	return f
}

func (m *measurer) scale(ctx context.Context, h host, r *report, name string, f *flux) error {
	say("%s", name)
	got, err := m.run(ctx, h, f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	tuples := got.per(spoutAcks)
	r.add(name, h, "tuples per second", tuples/got.seconds, more)
	r.add(name, h, "host's CPU per tuple, ns", got.hostCPU/tuples*1e9, less)
	r.add(name, h, "memory of the host alone, MB", got.hostPSS/1e6, less)
	return nil
}
