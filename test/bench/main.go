// Bench compares gust with Storm's local mode: the same children, the same topology file
// and the same measurement, in turn, A B A B. `make bench` runs it; README.md describes
// the measurements, and docs/performance.md the results.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	only    string
	rounds  int
	seconds float64
	warm    float64
	root    string
	deps    string
	results string
	python  string
	gust    string
	earlier string
	noStorm bool
}

func (o *options) parse(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.only, "only", "", "measure only these comma-separated `PARTS`: "+strings.Join(partNames(), ", "))
	flags.IntVar(&o.rounds, "rounds", 3, "repeat each measurement `N` times, gust and Storm in turn")
	flags.Float64Var(&o.seconds, "seconds", 10, "measure each run for `SECS` seconds")
	flags.Float64Var(&o.warm, "warm", 5, "start to measure `SECS` seconds after a run's first tuple")
	flags.StringVar(&o.root, "root", ".", "use the repository in `DIR`")
	flags.StringVar(&o.deps, "deps", ".deps/bench", "keep built programs, and find Storm, in `DIR`")
	flags.StringVar(&o.results, "results", "test/bench/results", "write the results as JSON to `DIR`")
	flags.StringVar(&o.python, "python", ".venv/bin/python", "use the Python at `PATH`, which has streamparse and msgpack")
	flags.StringVar(&o.gust, "gust", "", "measure the gust at `PATH` (default: build it)")
	flags.StringVar(&o.earlier, "earlier", "", "compare one worker with the earlier gust at `PATH`")
	flags.BoolVar(&o.noStorm, "no-storm", false, "do not measure Storm")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, part := range o.parts() {
		if !slices.Contains(partNames(), part) {
			return fmt.Errorf("unknown part %q (want %s)", part, strings.Join(partNames(), ", "))
		}
	}
	if flags.NArg() > 0 || o.rounds < 1 || o.seconds <= 0 || o.warm < 0 {
		return errors.New("invalid flags: want no arguments, -rounds of 1 or more, and -seconds above 0")
	}
	return nil
}

// parts are the chosen parts, none for all.
func (o *options) parts() []string {
	return strings.FieldsFunc(o.only, func(r rune) bool { return r == ',' || r == ' ' })
}

func (o *options) wants(part string) bool {
	parts := o.parts()
	return len(parts) == 0 || slices.Contains(parts, part)
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == clusterCommand {
		if err := clusterMain(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var o options
	if err := o.parse(os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func bench(ctx context.Context, o *options) error {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		return errors.New("cannot measure: /proc/self/smaps_rollup is missing, which only Linux has")
	}
	e, err := prepare(ctx, o)
	if err != nil {
		return err
	}
	hosts := []host{gustHost{e}}
	switch missing := e.stormMissing(); {
	case o.noStorm:
	case missing != "":
		say("only gust: %s", missing)
	default:
		hosts = append(hosts, stormHost{e})
	}
	if e.bytewax != "" {
		hosts = append(hosts, bytewaxHost{env: e})
	}
	r := newReport(o)
	m := &measurer{env: e, warm: seconds(o.warm), window: seconds(o.seconds), capacity: map[string]float64{}}
	err = measureAll(ctx, o, m, hosts, r)
	r.print(os.Stdout) // all results so far, also after an interrupt
	return errors.Join(err, r.save(inDir(o.root, o.results)))
}

func measureAll(ctx context.Context, o *options, m *measurer, hosts []host, r *report) error {
	for round := range o.rounds {
		for _, w := range workloads {
			if !o.wants(w.name) {
				continue
			}
			for _, h := range hosts {
				if !w.runsOn(h) {
					continue
				}
				say("round %d of %d, %s: %s", round+1, o.rounds, w.name, h.name())
				if err := w.measure(ctx, m, h, r); err != nil {
					return fmt.Errorf("%s on %s: %w", w.name, h.name(), err)
				}
			}
		}
		if o.wants("workers") {
			say("round %d of %d, workers", round+1, o.rounds)
			if err := measureWorkers(ctx, m, round, r); err != nil {
				return err
			}
		}
		if o.wants("cluster") {
			if err := onCluster(o, m, func() error { return measureCluster(ctx, m, round, r) }); err != nil {
				return err
			}
		}
		if o.wants("watched") {
			say("round %d of %d, watched", round+1, o.rounds)
			if err := measureWatched(ctx, m, round, r); err != nil {
				return err
			}
		}
		if o.wants("alone") {
			say("round %d of %d, alone", round+1, o.rounds)
			if err := measureAlone(ctx, m, r); err != nil {
				return err
			}
		}
	}
	if o.wants("storm-workers") {
		if err := onCluster(o, m, func() error { return measureSlots(ctx, m, o.rounds, r) }); err != nil {
			return err
		}
	}
	if o.wants("scale") {
		if err := measureScale(ctx, m, hosts[0], r); err != nil {
			return err
		}
	}
	if o.wants("growth") {
		if err := measureGrowth(ctx, m, r); err != nil {
			return err
		}
	}
	if o.wants("pressure") {
		return measurePressure(ctx, m, hosts[0], r)
	}
	return nil
}

// onCluster measures something with a Storm cluster, if there can be one.
func onCluster(o *options, m *measurer, measure func() error) error {
	if missing := m.env.clusterMissing(); o.noStorm || missing != "" {
		say("no Storm cluster: %s", cmp.Or(missing, "-no-storm"))
		return nil
	}
	return measure()
}

// inDir is a path that is relative to a directory.
func inDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// say prints progress to stderr; the results go to stdout.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "== "+format+"\n", args...) }
