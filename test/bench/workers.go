package main

import (
	"cmp"
	"context"
	"fmt"
)

// What the rows of several workers are compared with, if it is not Storm.
const (
	oneWorker = "one worker"
	earlier   = "earlier"
)

// measureWorkers compares two workers with one, and one with the gust of an earlier version.
// In each comparison the sides take turns.
func measureWorkers(ctx context.Context, m *measurer, round int, r *report) error {
	if m.env.earlier != "" {
		before := *m.env
		before.gust = m.env.earlier
		const name = "one worker: acked"
		err := m.inTurn(ctx, name, round, cAcked(m.env), cAcked(m.env), gustHost{&before}, func(of string, got *measured) {
			r.addWorkers(name, cmp.Or(of, earlier), got, got.per(spoutAcks))
		})
		if err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name  string
		flux  *flux
		count func(counts) float64
	}{
		{"acked", cAcked(m.env), spoutAcks},
		{"unacked", cUnacked(m.env), boltTuples("bolt")},
	} {
		name := "two workers: " + part.name + ", and one"
		err := m.inTurn(ctx, name, round, part.flux.over(2), part.flux, gustHost{m.env}, func(of string, got *measured) {
			r.addWorkers(name, cmp.Or(of, oneWorker), got, got.per(part.count))
		})
		if err != nil {
			return err
		}
	}
	const name = "two workers: lone, and one"
	lone := loneTopology(m.env)
	return m.inTurn(ctx, name, round, lone.over(2), lone, gustHost{m.env}, func(of string, got *measured) {
		trip := got.after["spout"].latency.since(got.before["spout"].latency)
		for _, q := range []float64{0.5, 0.99} {
			r.addOf(name, cmp.Or(of, oneWorker), fmt.Sprintf("round trip p%g, µs", q*100), trip.quantile(q)/1e3, less)
		}
	})
}

// clusterWarm is how many times longer than usual a run of a cluster is left alone before it is
// measured: on a busy machine, two JVMs compile the hot code for half a minute.
const clusterWarm = 4

// patient is the measurer for that.
func (m *measurer) patient() *measurer {
	patient := *m
	patient.warm *= clusterWarm
	return &patient
}

// measureCluster runs two workers of gust and two of a Storm cluster, in turn.
func measureCluster(ctx context.Context, m *measurer, round int, r *report) error {
	m = m.patient()
	for _, part := range []struct {
		name  string
		flux  *flux
		count func(counts) float64
	}{
		{"acked", cAcked(m.env), spoutAcks},
		{"unacked", cUnacked(m.env), boltTuples("bolt")},
		{"wordcount", wordCount("json", "stock", usual)(m.env), spoutAcks},
	} {
		if part.flux == nil {
			continue
		}
		name, f := "two workers: "+part.name, part.flux.over(2)
		err := m.inTurn(ctx, name, round, f, f, clusterHost{m.env}, func(of string, got *measured) {
			r.addWorkers(name, of, got, got.per(part.count))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inTurn measures gust with a topology, and another host with another: first the one, and in
// the next round the other, so that a machine that becomes slower favours neither. add gets
// the name of the host, which is empty for the other side if that is gust, too.
func (m *measurer) inTurn(ctx context.Context, name string, round int, f, other *flux, on host, add func(of string, got *measured)) error {
	for turn := range 2 {
		h, f := host(gustHost{m.env}), f
		of := h.name()
		if (turn+round)%2 == 1 {
			h, f = on, other
			if of = h.name(); of == "gust" {
				of = ""
			}
		}
		say("%s: %s", name, cmp.Or(of, "the other gust"))
		got, err := m.run(ctx, h, f)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", name, h.name(), err)
		}
		add(of, got)
	}
	return nil
}

// addWorkers adds the figures of a run at full speed, in which the host may be several
// processes.
func (r *report) addWorkers(name, of string, got *measured, tuples float64) {
	r.addOf(name, of, "tuples per second", tuples/got.seconds, more)
	r.addOf(name, of, "host's CPU per tuple, ns", got.hostCPU/tuples*1e9, less)
	r.addOf(name, of, "CPU s per million, all processes", got.treeCPU/tuples*1e6, less)
	r.addOf(name, of, "memory of the host alone, MB", got.hostPSS/1e6, less)
}

// measureGrowth runs eight spouts and eight bolts over more and more workers.
func measureGrowth(ctx context.Context, m *measurer, r *report) error {
	h := gustHost{m.env}
	for _, n := range []int{1, 2, 4, 8} {
		f := cAcked(m.env).over(n)
		f.Spouts[0].Parallelism, f.Bolts[0].Parallelism = 8, 8
		if err := m.scale(ctx, h, r, fmt.Sprintf("growth: %d workers", n), f); err != nil {
			return err
		}
	}
	return nil
}
