package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/terminal"
	fast "gust/runner"
	"gust/topology"
	"gust/worker"
)

// runRun loads the topology at path, or the project's where path is empty, and
// runs it.
func runRun(ctx context.Context, c *cli, o *runOptions, path string) error {
	began := time.Now()
	t, merged, err := loadTopology(ctx, c, o, path)
	if err != nil {
		return err
	}
	if workers, err := o.options.conf.Int(conf.TopologyWorkers, 1); err == nil && workers > 1 {
		c.Warn(fmt.Sprintf("a local run has one worker, not %d", workers))
	}
	return runTopology(ctx, c, o, path, t, merged, began)
}

// runTopology runs t, which was loaded from path, and prints what it has done
// however the run ends. began is when the user began to wait.
func runTopology(ctx context.Context, c *cli, o *runOptions, path string, t *topology.Topology, merged conf.Conf, began time.Time) error {
	tasks, err := runTasks(c, t, merged)
	if err != nil {
		return err
	}
	drain, err := merged.Seconds(conf.GustDrainSecs, 0)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := logWriter(c, o.log, actorWidth(tasks))
	log := openLog(out, logLevel(merged), func() { cancel(errLogUnread) })
	defer log.Close()

	if o.pprof != "" {
		served, err := startProfiles(o.pprof)
		if err != nil {
			return err
		}
		defer served.close()
		log.Info().Msg("serving profiles at " + served.url)
	}
	watchdog, unguard := startGuard(c)
	defer unguard()
	recorded, err := o.record.start(t, merged, log.Logger)
	if err != nil {
		return err
	}
	defer recorded.close()

	ready, once := make(chan struct{}), sync.Once{}
	open := func(t *topology.Topology, merged conf.Conf) (*generation, error) {
		running, done, err := makeFast(t, merged, fast.Mode(o.runner), log.Logger)
		if err != nil {
			return nil, err
		}
		since := began
		if since.IsZero() {
			since = time.Now()
		}
		began = time.Time{} // only the first generation is waited for since then
		w, err := worker.New(worker.Options{
			Topology: running,
			Conf:     merged,
			Log:      log.Logger,
			Guard:    watchdog,
			Tap:      recorded.tap(),
			Ready: func() {
				log.Info().Msgf("running after %.2fs", time.Since(since).Seconds())
				once.Do(func() { close(ready) })
			},
		})
		if err != nil {
			done()
			return nil, err
		}
		return &generation{t, merged, w, done}, nil
	}
	w, closed, err := o.follow(c, t, merged, path, open, log.Logger)
	if err != nil {
		return err
	}
	defer closed()
	signals, release := terminal.CatchSignals()
	defer release()
	log.Info().Msg(outline(t, len(tasks)))
	noteLogPath(t, merged, log.Logger)
	run := &watch{
		worker: w, log: log.Logger,
		limit: max(0, time.Duration(o.time)), ready: ready, drain: drain,
		signals: signals, release: release,
	}
	failure := run.run(ctx)
	log.Close() // the last lines of the log come before the summary
	stats := w.Stats()
	if failure == nil {
		failure = verdict(stats, run.interrupted)
	}
	return errors.Join(failure, printStats(c.stdout, stats, o.json))
}

// startGuard starts the guard of the run's processes. A run goes on without it:
// it is there for the case that gust is killed.
func startGuard(c *cli) (g *guard.Guard, unguard func()) {
	executable, err := os.Executable()
	if err == nil {
		g, err = guard.Start(executable)
	}
	if err != nil {
		c.Warn(fmt.Sprintf("if gust is killed, its components may keep running: %v", err))
	}
	return g, func() {
		if err := g.Close(); err != nil {
			c.Warn(err.Error())
		}
	}
}

// runTasks are the tasks that become processes: all but the ackers.
func runTasks(c *cli, t *topology.Topology, merged conf.Conf) (topology.Tasks, error) {
	ackers, err := merged.Int(conf.TopologyAckerExecutors, 1)
	if err != nil {
		return nil, err
	}
	most, err := merged.Int(conf.TopologyMaxTaskParallelism, 0)
	if err != nil {
		return nil, err
	}
	tasks, capped := t.AssignTasks(ackers, most)
	if len(capped) > 0 {
		c.Warn(fmt.Sprintf("%s caps the tasks of %s", conf.TopologyMaxTaskParallelism, strings.Join(capped, ", ")))
	}
	return slices.DeleteFunc(tasks, func(task topology.Task) bool {
		return task.Component == topology.AckerComponent
	}), nil
}

// outline says in a line what runs, such as
// "wordcount: 1 spout, 2 bolts, 4 processes; press Ctrl-C to stop".
func outline(t *topology.Topology, processes int) string {
	kinds := make(map[topology.Kind]int)
	for _, component := range t.Components {
		kinds[component.Kind]++
	}
	return fmt.Sprintf("%s: %s, %s, %s; press Ctrl-C to stop", t.Name,
		terminal.Count(kinds[topology.Spout], "spout"), terminal.Count(kinds[topology.Bolt], "bolt"), terminal.Count(processes, "process"))
}
