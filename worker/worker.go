// Package worker is a topology alive in one process: its tasks, the router
// between them, the acker and the stats.
//
// Where to read: plan.go works a topology out; loop.go is the goroutine that
// all tuples pass through; task.go is the conversation with one process,
// spout.go and bolt.go what is special to each; router.go picks who gets a
// tuple, acker.go keeps the trees, credit.go bounds the queues, sweep.go the
// times, stop.go ends it all.
package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/poll"
	"gust/shell"
	"gust/supervisor"
	"gust/topology"
)

// Options are what a worker needs.
type Options struct {
	// Topology is valid (topology.Validate) and has no Java components.
	Topology *topology.Topology
	// Conf is the topology's conf, all layers merged, defaults included.
	Conf conf.Conf
	// Log takes what the components log and what happens to them, with the
	// fields "component" and "task". Its writer must not block.
	Log zerolog.Logger
	// Guard ends the children should gust itself be killed. It may be nil.
	Guard *guard.Guard
	// Ready is called once, when the first spout is activated, which is after
	// all bolts have answered; it may be nil, and must not block.
	Ready func()
	// Tap, where it is not nil, is asked for each process that was started who
	// listens to its pipes; nil is nobody. It is called on the loop, and must not block.
	Tap func(c *topology.Component, task topology.TaskID, pid int) Tap
	// Journal has the worker remember what happens until [Worker.Snapshot] takes it.
	Journal bool
	// KeepValues has it remember tuples' values for a while, for the journal's failures.
	KeepValues bool
}

// Worker runs a topology once.
//
// # Concurrency properties
//
// One goroutine, the loop, holds all conversations and all state (see
// loop.go). One goroutine per task starts its process, waits for its end and
// starts it again. Run owns them all and returns when they have returned.
type Worker struct {
	loop     *loop
	options  Options
	launcher *shell.Launcher

	ended chan struct{} // closed when final is written
	mu    sync.Mutex    // of final after that: its journal is handed over once
	final *Snapshot
}

// New checks the conf and prepares a run.
func New(o Options) (*Worker, error) {
	r := reader{conf: o.Conf}
	drain, mercy := r.seconds(conf.GustDrainSecs), r.seconds(conf.SupervisorWorkerShutdown)
	if r.err != nil {
		return nil, r.err
	}
	p, err := newPlan(o.Topology, o.Conf)
	if err != nil {
		return nil, err
	}
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	w := &loop{
		topology: o.Topology.Name, plan: p, log: o.Log, drain: drain, mercy: mercy, ready: o.Ready, tap: o.Tap,
		poller: poller, clock: clock{start: time.Now()},
		acker: newAcker(), chunk: make([]byte, chunkSize),
		services: len(p.tasks),
	}
	w.acker.verdict = func(t *tree, v verdict) { t.spout.spout.judged(t, v) }
	for _, t := range p.tasks {
		t.w = w
		t.log = o.Log.With().Str("component", t.comp.name()).Int("task", int(t.id)).Logger()
		if t.comp.spec.Kind == topology.Spout {
			t.spout = newSpoutTask(t)
			t.spout.list = w.acker.list()
		} else {
			t.bolt = newBoltTask(t)
		}
	}
	w.flow = newFlow(p.components)
	w.journal.on = o.Journal
	if o.Journal && o.KeepValues {
		w.kept.ring = make([]byte, keptRing)
	}
	return &Worker{loop: w, options: o, ended: make(chan struct{})}, nil
}

// Run starts every component, and returns when the topology has stopped and no
// process of it is left. Cancelling ctx stops it in order: spouts are
// deactivated, tuples in flight may finish for gust.drain.secs, children end.
// [Worker.Abort] cuts that short. The error is nil after an orderly stop, else
// the verdict that ended the run. It may be called once.
func (w *Worker) Run(ctx context.Context) error {
	defer w.finish()
	pidDir, err := w.options.Guard.TempDir("gust-pids-")
	if err != nil {
		return fmt.Errorf("cannot make a directory for the components' pids: %w", err)
	}
	defer os.RemoveAll(pidDir)
	w.loop.pidDir = pidDir
	w.launcher = shell.NewLauncher(w.options.Guard)
	defer w.launcher.Close()

	alive, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.loop.cancel = cancel
	defer context.AfterFunc(ctx, func() { w.loop.post(w.loop.begin) })()

	var services sync.WaitGroup
	for _, t := range w.loop.plan.tasks {
		s := w.service(t)
		services.Go(func() {
			err := supervisor.Supervise(alive, s, s.policy(), s.report)
			w.loop.post(func() {
				w.loop.services--
				if alive.Err() == nil {
					w.loop.fail(err)
				}
			})
		})
	}
	err = w.loop.run()
	if err != nil {
		w.loop.abandon()
	}
	services.Wait()
	return errors.Join(err, w.loop.verdict)
}

// finish leaves the stats for those who ask later.
func (w *Worker) finish() {
	w.final = w.loop.snapshot()
	close(w.ended)
	w.loop.poller.Close()
}

// Abort ends a run at once: children are killed. It may be called from any
// goroutine, more than once, and does not wait.
func (w *Worker) Abort() { w.loop.post(w.loop.abort) }

// Stats is what has happened so far, or in all after Run has returned. It may
// be called from any goroutine, once Run has been called.
func (w *Worker) Stats() Stats {
	answer := make(chan Stats, 1)
	w.loop.post(func() { answer <- w.loop.stats() })
	select {
	case stats := <-answer:
		return stats
	case <-w.ended:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.final.Stats()
	}
}
