// Package worker is a topology alive in one process: its tasks, the router
// between them, the acker and the stats.
package worker

import (
	"context"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/topology"
)

// Options are what a worker needs.
type Options struct {
	// Topology is valid (topology.Validate) and has no Java components.
	Topology *topology.Topology
	// Conf is the topology's conf, all layers merged, defaults included.
	Conf conf.Conf
	// Log takes what the components log and what happens to them, with the
	// fields "component" and "task".
	Log zerolog.Logger
}

// Worker runs a topology once.
type Worker struct{}

// New checks the conf and prepares a run.
func New(o Options) (*Worker, error) { return &Worker{}, nil }

// Run starts every component, and returns when the topology has stopped and no
// process of it is left. Cancelling ctx stops it in order: spouts are
// deactivated, tuples in flight may finish for gust.drain.secs, children end.
// [Worker.Abort] cuts that short. The error is nil after an orderly stop, else
// the verdict that ended the run.
func (w *Worker) Run(ctx context.Context) error { return nil }

// Abort ends a run at once: children are killed. It may be called from any
// goroutine, more than once, and does not wait.
func (w *Worker) Abort() {}

// Stats is what has happened so far, or in all after Run has returned. It may
// be called from any goroutine.
func (w *Worker) Stats() Stats { return Stats{} }
