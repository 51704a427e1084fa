package run

import (
	"context"
	"sync"

	"gust/conf"
	"gust/topology"
	"gust/worker"
)

// generation is a topology that runs until its declaration changes.
type generation struct {
	topology *topology.Topology
	conf     conf.Conf
	worker   *worker.Worker
	close    func() // when the worker has ended
}

// after is what the generation has done, and those before it.
func (g *generation) after(before *worker.Stats) worker.Stats {
	stats := g.worker.Stats()
	if before == nil {
		return stats
	}
	return before.Add(stats)
}

// generations are one run: a generation, and with a reloader others after it. They
// are the [runner] of a session.
type generations struct {
	reloader *reloader // nil where the sources are not watched

	mu      sync.Mutex
	current *generation
	before  *worker.Stats // of the generations that have ended; nil where none has
	aborted bool
}

// Run runs one generation after the other, until ctx is cancelled or one fails.
func (g *generations) Run(ctx context.Context) error {
	for {
		next, err := g.live(ctx, g.now())
		if next == nil {
			return err
		}
		if err != nil || ctx.Err() != nil {
			next.close()
			return err
		}
		g.succeed(next)
	}
}

// live runs a generation. It returns when that has ended, with the one that is to
// follow, if that is why.
func (g *generations) live(ctx context.Context, now *generation) (next *generation, err error) {
	defer now.close()
	if g.reloader == nil {
		return nil, now.worker.Run(ctx)
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		failure = now.worker.Run(running)
	}()
	changes, until := context.WithCancel(ctx)
	defer until()
	go func() {
		<-ended
		until() // nobody waits for changes then
	}()
	if next = g.reloader.next(changes, now); next != nil {
		stop()
	}
	<-ended
	return next, failure
}

// Abort ends the run at once.
func (g *generations) Abort() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.aborted = true
	g.current.worker.Abort()
}

// Stats are those of the whole run. The tasks are those of the topology as it was
// loaded last.
func (g *generations) Stats() worker.Stats {
	g.mu.Lock()
	current, before := g.current, g.before
	g.mu.Unlock()
	return current.after(before)
}

func (g *generations) now() *generation {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.current
}

// succeed makes next the current generation, after the one before has ended. An
// abort that came in between is for that one as well.
func (g *generations) succeed(next *generation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	ended := g.current.after(g.before)
	g.before, g.current = &ended, next
	if g.aborted {
		next.worker.Abort()
	}
}
