package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"
	"time"
)

// pressure is a topology whose spout is faster than its bolts: with the defaults, tuples
// must not wait long, and the bolts must not be idle.
type pressure struct {
	name  string
	tasks int           // of the slow bolt, which is called "work"
	each  time.Duration // that it needs for a tuple
	make  func(e *env, f *flux)
}

// slow is a spout and a bolt of so many tasks, with a shuffle grouping.
func slow(each time.Duration, tasks, bytes int) *pressure {
	name := fmt.Sprintf("%v, %d tasks, %s", each, tasks, size(bytes))
	if tasks == 1 {
		name = fmt.Sprintf("%v, 1 task, %s", each, size(bytes))
	}
	return &pressure{name, tasks, each, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, bytes), word).bolt("work", tasks, e.work(each), none, "spout", "SHUFFLE")
	}}
}

func size(bytes int) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d B", bytes)
}

func (e *env) timed(batch, bytes int) []string {
	return e.c("timed", strconv.Itoa(batch), strconv.Itoa(bytes))
}

// work is a worker's command; turn has a factor and seconds, or is empty.
func (e *env) work(each time.Duration, turn ...string) []string {
	return e.c(append([]string{"work", strconv.FormatFloat(float64(each)/1e3, 'f', -1, 64)}, turn...)...)
}

// pass is the command of a worker that passes its tuples on.
func (e *env) pass(each time.Duration) []string {
	command := e.work(each)
	command[1] = "pass"
	return command
}

const small = 20 // bytes of a tuple

var pressures = []*pressure{
	slow(10*time.Microsecond, 1, small),
	slow(100*time.Microsecond, 1, small),
	slow(time.Millisecond, 1, small),
	slow(time.Millisecond, 8, small),
	slow(10*time.Millisecond, 4, 200),
	slow(10*time.Millisecond, 64, small),
	slow(50*time.Millisecond, 8, small),
	slow(500*time.Millisecond, 8, small),
	slow(5*time.Second, 1, small),
	slow(5*time.Second, 64, small),
	slow(10*time.Millisecond, 4, 1),
	slow(10*time.Millisecond, 4, 1<<20),
	{"50ms, 8 tasks, fields grouping", 8, 50 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("work", 8, e.work(50*time.Millisecond), none, "spout", "FIELDS", "word")
	}},
	{"20ms, 8 tasks, all grouping", 8, 20 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("work", 8, e.work(20*time.Millisecond), none, "spout", "ALL")
	}},
	{"50ms, 8 tasks, 5,000 tuples in a next", 8, 50 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(5000, small), word).bolt("work", 8, e.work(50*time.Millisecond), none, "spout", "SHUFFLE")
	}},
	{"5s, 1 task, 8 spouts", 1, 5 * time.Second, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("work", 1, e.work(5*time.Second), none, "spout", "SHUFFLE")
		f.Spouts[0].Parallelism = 8
	}},
	{"chain: relay, 10ms with 4 tasks, relay", 4, 10 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("before", 1, e.c("relay"), word, "spout", "SHUFFLE")
		f.bolt("pass", 1, e.c("relay"), word, "before", "SHUFFLE").bolt("work", 4, e.work(10*time.Millisecond), none, "pass", "SHUFFLE")
	}},
	{"chain: 1ms, 2ms, 4ms", 1, 4 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("first", 1, e.pass(time.Millisecond), word, "spout", "SHUFFLE")
		f.bolt("second", 1, e.pass(2*time.Millisecond), word, "first", "SHUFFLE").bolt("work", 1, e.work(4*time.Millisecond), none, "second", "SHUFFLE")
	}},
	{"fan-out: one to 10, 10ms with 8 tasks", 8, 10 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("split", 1, e.c("split", "10"), word, "spout", "SHUFFLE")
		f.bolt("work", 8, e.work(10*time.Millisecond), none, "split", "SHUFFLE")
	}},
	{"fan-out: one to 1,000, 1ms with 8 tasks", 8, time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("split", 1, e.c("split", "1000"), word, "spout", "SHUFFLE")
		f.bolt("work", 8, e.work(time.Millisecond), none, "split", "SHUFFLE")
	}},
	{"500µs and 50ms by turns of 5 s, 4 tasks", 4, 500 * time.Microsecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("work", 4, e.work(500*time.Microsecond, "100", "5"), none, "spout", "SHUFFLE")
	}},
	{"10ms and 1s by turns of 5 s, 4 tasks", 4, 10 * time.Millisecond, func(e *env, f *flux) {
		f.spout("spout", e.timed(1, small), word).bolt("work", 4, e.work(10*time.Millisecond, "100", "5"), none, "spout", "SHUFFLE")
	}},
}

// measurePressure runs only gust, and prints its own table.
func measurePressure(ctx context.Context, m *measurer, h host, r *report) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	defer table.Flush()
	fmt.Fprintln(table, "| a bolt's tuple\t| bolts at work, %\t| acked/s\t| p50, ms\t| p99, ms\t| max, ms\t| failed\t| host, MB\t|")
	fmt.Fprintln(table, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, p := range pressures {
		say("pressure: %s", p.name)
		f := newFlux(0)
		delete(f.Config, "topology.max.spout.pending")
		delete(f.Config, "topology.message.timeout.secs")
		p.make(m.env, f)
		its := *m
		its.warm, its.window = max(m.warm, 3*p.each), max(m.window, 8*p.each)
		got, err := its.run(ctx, h, f)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		busy := float64(got.after["work"].busy-got.before["work"].busy) / 1e9 / got.seconds / float64(p.tasks)
		late := got.after["spout"].latency.since(got.before["spout"].latency)
		name := "pressure: " + p.name
		for _, v := range []struct {
			measure string
			value   float64
			better  better
		}{
			{"bolts at work, %", 100 * busy, more},
			{"acked, trees per second", got.per(spoutAcks) / got.seconds, more},
			{"p50, ms", late.quantile(0.5) / 1e6, less},
			{"p99, ms", late.quantile(0.99) / 1e6, less},
			{"max, ms", late.quantile(1) / 1e6, less},
			{"failed", float64(got.after["spout"].fails), less},
			{"memory of the host alone, MB", got.hostPSS / 1e6, less},
		} {
			r.add(name, h, v.measure, v.value, v.better)
		}
		fmt.Fprintf(table, "| %s\t| %.1f\t| %s\t| %s\t| %s\t| %s\t| %d\t| %s\t|\n", p.name, 100*busy, show(got.per(spoutAcks)/got.seconds),
			show(late.quantile(0.5)/1e6), show(late.quantile(0.99)/1e6), show(late.quantile(1)/1e6), got.after["spout"].fails, show(got.hostPSS/1e6))
	}
	return nil
}
