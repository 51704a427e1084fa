package run

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/reload"
	"gust/topology"
	"gust/worker"
)

// generation is a topology that runs until its file changes.
type generation struct {
	topology *topology.Topology
	conf     conf.Conf
	worker   *worker.Worker
	close    func() // when the worker has ended
}

// openFunc makes a generation of a topology.
type openFunc func(*topology.Topology, conf.Conf) (*generation, error)

// reloader is a run that follows its sources (--watch): it starts components
// again when what they are made of has changed, and the topology when its
// declaration has. What is broken is told, and the old goes on. It is the
// [runner] of a session.
type reloader struct {
	log zerolog.Logger
	// next waits until files have changed, and returns their paths.
	next func(context.Context) ([]string, error)
	// load reads the topology again, open makes a worker for it.
	load func(context.Context) (*topology.Topology, conf.Conf, error)
	open openFunc

	mu      sync.Mutex
	current *generation
	before  worker.Stats // of the generations that have ended
	aborted bool
}

// Run runs one generation after the other, until ctx is cancelled or one fails.
func (r *reloader) Run(ctx context.Context) error {
	for {
		next, err := r.live(ctx, r.generation())
		if next == nil {
			return err
		}
		if err != nil || ctx.Err() != nil {
			next.close()
			return err
		}
		r.succeed(next)
	}
}

// follow runs the options' topology: in a worker alone, or in one generation after
// the other where its sources are watched. closed is to be called when the run has
// ended.
func (o *Options) follow(open openFunc, log zerolog.Logger) (_ statsRunner, closed func(), _ error) {
	first, err := open(o.Topology, o.Conf)
	if err != nil {
		return nil, nil, err
	}
	if o.Reload == nil {
		return first.worker, first.close, nil
	}
	files, err := watchFiles(o.Topology, o.ConfigFile)
	if err != nil {
		first.close()
		return nil, nil, err
	}
	log.Info().Msg("watching sources: components restart when they change")
	return &reloader{log: log, next: files.Next, load: o.Reload, open: open, current: first}, func() { files.Close() }, nil
}

// Abort ends the run at once.
func (r *reloader) Abort() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.aborted = true
	r.current.worker.Abort()
}

// Stats are those of the whole run. The tasks are those of the topology as it was
// loaded last.
func (r *reloader) Stats() worker.Stats {
	r.mu.Lock()
	current, before := r.current, r.before
	r.mu.Unlock()
	return before.Add(current.worker.Stats())
}

func (r *reloader) generation() *generation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// succeed makes next the current generation, after the one before has ended. An
// abort that came in between is for that one as well.
func (r *reloader) succeed(next *generation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = r.before.Add(r.current.worker.Stats())
	r.current = next
	if r.aborted {
		next.worker.Abort()
	}
}

// live runs a generation, and reacts to changes meanwhile. It returns when the
// generation has ended, with the one that is to follow, if that is why.
func (r *reloader) live(ctx context.Context, g *generation) (next *generation, err error) {
	defer g.close()
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		failure = g.worker.Run(running)
	}()
	changes, until := context.WithCancel(ctx)
	defer until()
	go func() {
		<-ended
		until() // nobody waits for changes then
	}()
	for next == nil {
		changed, err := r.next(changes)
		if err != nil {
			if changes.Err() == nil {
				r.log.Error().Msgf("no longer watching for changes: %v", err)
			}
			break
		}
		next = r.react(changes, g, changed)
	}
	if next != nil {
		stop()
	}
	<-ended
	return next, failure
}

// react does what a change asks for. It returns the generation that is to
// follow, where the topology itself has changed.
func (r *reloader) react(ctx context.Context, g *generation, changed []string) (next *generation) {
	change, err := reload.Of(ctx, g.topology, changed)
	if err != nil {
		r.keep(ctx, err)
		return nil
	}
	if len(change.Broken) > 0 {
		var broken error
		for _, b := range change.Broken {
			b.File = relative(b.File)
			broken = errors.Join(broken, b)
		}
		r.keep(ctx, broken)
		return nil
	}
	if !declares(changed) {
		r.restart(g, change.Components, changed)
		return nil
	}
	t, merged, err := r.load(ctx)
	if err != nil {
		r.keep(ctx, err)
		return nil
	}
	if !reflect.DeepEqual(t, g.topology) || !reflect.DeepEqual(merged, g.conf) {
		if next, err = r.open(t, merged); err != nil {
			r.keep(ctx, err)
			return nil
		}
		r.log.Info().Msgf("the topology changed (%s): restarting it", files(changed))
		return next
	}
	r.restart(g, change.Components, changed)
	return nil
}

// restart starts the components again that are made of what has changed.
func (r *reloader) restart(g *generation, components, changed []string) {
	if len(components) == 0 {
		r.log.Debug().Msgf("changed, but not part of any component: %s", files(changed))
		return
	}
	r.log.Info().Msgf("%s changed: restarting %s", files(changed), terminal.Listed(components))
	for _, component := range components {
		g.worker.Restart(component)
	}
}

// declares tells whether one of the files may be part of the topology's
// declaration: its outputs, in Python, stand in the components' modules.
func declares(changed []string) bool {
	return slices.ContainsFunc(changed, func(file string) bool {
		switch filepath.Ext(file) {
		case ".py", ".clj", ".toml", ".yaml", ".yml", ".json", ".properties":
			return true
		}
		return false
	})
}

// keep tells why the old goes on.
func (r *reloader) keep(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.log.Error().Msgf("the changed topology cannot run, so the old one keeps running: %s", hint.Text(err))
	}
}

// files names changed files, the first few of many.
func files(paths []string) string {
	const most = 3
	var names []string
	for _, path := range paths[:min(most, len(paths))] {
		names = append(names, relative(path))
	}
	if more := len(paths) - most; more > 0 {
		return strings.Join(names, ", ") + " and " + terminal.Count(more, "other")
	}
	return strings.Join(names, ", ")
}
