package run

import (
	"context"
	"sync"
	"time"

	"gust/conf"
	"gust/status"
	"gust/topology"
	"gust/worker"
)

// workers are what a generation runs: one worker of this process, or several as one.
type workers interface {
	viewer
	Run(context.Context) error
	Abort()
}

// viewer shows and controls workers that run.
type viewer interface {
	Stats() worker.Stats
	Snapshot() *worker.Snapshot

	Activate()
	Deactivate()
	Restart(component string)
	RestartTask(topology.TaskID)
	SetDebug(component string, on bool)
	SetSampling(spout string, percent float64)
	Inject(worker.Injection) error
}

// generation is a topology that runs until its declaration changes.
type generation struct {
	topology *topology.Topology
	conf     conf.Conf
	worker   workers
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

// generations are one run: a generation, and those that follow it after a reload or a
// rebalance. They are the [runner] of a session.
type generations struct {
	reloader *reloader        // nil if the sources are not watched
	wanted   chan *generation // takes a generation that is to follow; see replace
	ended    chan struct{}    // closed when the run has ended
	status   *status.Status
	settings *settings
	letters  *deadLetters

	mu      sync.Mutex
	current *generation
	before  *worker.Stats // of the generations that have ended; nil where none has
	aborted bool

	// observing is held while a snapshot is on its way from the current generation into
	// the status, and while another becomes the current one: none counts twice.
	observing sync.Mutex
}

// Run runs one generation after the other, until ctx is cancelled or one fails.
func (g *generations) Run(ctx context.Context) error {
	defer close(g.ended)
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

// live runs a generation, and returns when that has ended. next is the generation that
// replaces it, if there is one.
func (g *generations) live(ctx context.Context, now *generation) (next *generation, err error) {
	defer now.close()
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = now.worker.Run(running)
	}()
	next = g.following(ctx, now, ended)
	if next != nil {
		g.status.Announce(status.Rebalancing, time.Now())
		stop()
	}
	<-ended
	return next, err
}

// following waits for the next generation. It is nil if the current one ends without a
// successor.
func (g *generations) following(ctx context.Context, now *generation, ended <-chan struct{}) *generation {
	changes, until := context.WithCancel(ctx)
	reloaded := make(chan *generation, 1)
	go func() {
		defer close(reloaded)
		if g.reloader != nil {
			reloaded <- g.reloader.next(changes, now)
		}
	}()
	defer func() {
		until()
		if late := <-reloaded; late != nil {
			late.close()
		}
	}()
	for changed := reloaded; ; changed = nil { // once: without a reloader, or when it gives up, nothing comes
		select {
		case next := <-changed:
			if next != nil {
				return next
			}
		case next := <-g.wanted:
			return next
		case <-ended:
			return nil
		}
	}
}

// replace replaces the current generation. It reports whether the run still continues;
// otherwise it closes the next generation.
func (g *generations) replace(next *generation) bool {
	select {
	case g.wanted <- next:
		return true
	case <-g.ended:
		next.close()
		return false
	}
}

// observe brings the status up to date.
func (g *generations) observe() {
	g.observing.Lock()
	defer g.observing.Unlock()
	g.letters.update(g.status.Update(g.now().worker.Snapshot()))
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

// set changes settings, and the generation that runs.
func (g *generations) set(change func(*settings, workers)) {
	g.settings.mu.Lock()
	defer g.settings.mu.Unlock()
	change(g.settings, g.now().worker)
}

// succeed makes next the current generation, after the one before has ended. An
// abort that came in between is for that one as well, and so is what users have set.
func (g *generations) succeed(next *generation) {
	g.observing.Lock()
	defer g.observing.Unlock()
	g.letters.update(g.status.Update(g.current.worker.Snapshot()))
	g.status.Begin(next.topology, next.conf)
	g.settings.confLevel(logLevel(next.conf))
	g.settings.mu.Lock()
	defer g.settings.mu.Unlock()
	g.settings.apply(next.worker)
	g.mu.Lock()
	defer g.mu.Unlock()
	ended := g.current.after(g.before)
	g.before, g.current = &ended, next
	if g.aborted {
		next.worker.Abort()
	}
}
