package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/guard"
	"gust/internal/supervisor"
	"gust/shell"
	"gust/topology"
)

// Options is what a worker needs.
type Options struct {
	// Topology is valid (topology.Validate) and has no Java components.
	Topology *topology.Topology
	// Conf is the topology's conf, all layers merged, defaults included.
	Conf conf.Conf
	// Log receives what the components log and what happens to them, with the
	// fields "component" and "task". Its writer must not block.
	Log zerolog.Logger
	// Guard kills the children if gust itself is killed. It may be nil.
	Guard *guard.Guard
	// Ready is called once, when the first spout is activated, which is after
	// all bolts have answered. It may be nil, and must not block.
	Ready func()
	// Tap, if it is not nil, is called for each new process and returns who listens
	// to its pipes, or nil. It is called on the loop, and must not block.
	Tap func(c *topology.Component, task topology.TaskID, pid int) Tap
	// Breakpoints lets processes stop at breakpoints until the user attaches to their
	// debugger, unless gust.breakpoints of the conf is false.
	Breakpoints bool
	// Journal has the worker remember what happens until [Worker.Snapshot] takes it.
	Journal bool
	// KeepValues has it remember tuples' values for a while, for the journal's failures.
	KeepValues bool
	// Peers, if it is not nil, makes the worker one of several of its topology.
	Peers *Peers
}

// Worker runs a topology once.
//
// # Concurrency properties
//
// One goroutine, the loop, talks to all processes and has all state (see loop.go).
// One goroutine per task starts its process, waits for its exit and restarts it. Run
// owns them all and returns when they have returned.
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
	r := getter{conf: o.Conf}
	drainTime, exitWait := r.seconds(conf.GustDrainSecs), r.seconds(conf.SupervisorWorkerShutdown)
	startTimeout, silence := r.seconds(conf.SupervisorWorkerStartTimeout), r.seconds(conf.GustPeerSilence)
	if r.err != nil {
		return nil, r.err
	}
	p, err := newPlan(o.Topology, o.Conf, o.Peers)
	if err != nil {
		return nil, err
	}
	k, err := newSystem()
	if err != nil {
		return nil, err
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	l := newLoop(o, p, k)
	l.drainTime, l.exitWait, l.startTimeout = drainTime, exitWait, startTimeout
	if l.peers != nil {
		l.peers.silence = max(1, int(silence/checkEvery))
	}
	return &Worker{loop: l, options: o, ended: make(chan struct{})}, nil
}

// Run starts every component, and returns when the topology has stopped and none of
// its processes is left. Cancelling ctx stops it in order: gust deactivates the
// spouts, in-flight tuples may finish for gust.drain.secs, and the children exit.
// [Worker.Abort] cuts that short. The error is nil after an orderly stop, otherwise it
// says what ended the run. Run may be called once.
func (w *Worker) Run(ctx context.Context) error {
	defer w.finish()
	pidDir, err := w.options.Guard.TempDir("gust-pids-")
	if err != nil {
		return fmt.Errorf("cannot make a directory for the components' pids: %w", err)
	}
	defer os.RemoveAll(pidDir)
	w.loop.pidDir = pidDir
	if w.options.Journal && w.options.KeepValues {
		if err := w.loop.kept.open(); err != nil {
			return err
		}
	}
	w.launcher = shell.NewLauncher(w.options.Guard)
	defer w.launcher.Close()

	alive, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.loop.cancel = cancel
	defer context.AfterFunc(ctx, func() { w.loop.post(w.loop.startDraining) })()

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
	if w.loop.peers != nil {
		w.loop.peers.network.flush()
	}
	return errors.Join(err, w.loop.failure)
}

// finish keeps the stats for later callers of Stats.
func (w *Worker) finish() {
	w.final = w.loop.snapshot()
	close(w.ended)
	w.loop.kernel.Release()
	w.loop.kept.close()
}

// Abort ends a run at once: children are killed. It may be called from any
// goroutine, more than once, and does not wait.
func (w *Worker) Abort() { w.loop.post(w.loop.abort) }

// Leave ends this worker alone in order, where it is one of several: its spouts are deactivated
// and their trees finish; then it takes no more tuples, finishes those that it has, and goes.
// The others go on. All of that takes gust.drain.secs at most. It may be called from any
// goroutine, and does not wait. [Worker.Run]'s context stops the whole topology instead.
func (w *Worker) Leave() { w.loop.post(w.loop.leave) }

// Forsake tells this worker that another one is gone and will not be restarted, so that an orderly
// stop of the topology does not wait for it. It may be called from any goroutine, and does
// not wait.
func (w *Worker) Forsake(worker int) {
	w.loop.post(func() {
		if w.loop.peers != nil {
			w.loop.peers.forsake(worker)
		}
	})
}

// End ends a run without waiting for the tuples in flight, which fail. Otherwise it is an
// orderly stop. It may be called from any goroutine, and does not wait.
func (w *Worker) End() { w.loop.post(w.loop.endRun) }

// Stats returns what has happened so far, or in the whole run after Run has returned.
// It may be called from any goroutine, after Run has been called.
func (w *Worker) Stats() Stats {
	stats := make(chan Stats, 1)
	w.loop.post(func() { stats <- w.loop.stats() })
	select {
	case s := <-stats:
		return s
	case <-w.ended:
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.final.Stats()
	}
}
