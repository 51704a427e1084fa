package run

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/fswatch"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/reload"
	"gust/topology"
	"gust/topology/load"
)

// openFunc makes a generation of a topology.
type openFunc func(*topology.Topology, conf.Conf) (*generation, error)

// reloader follows the sources of a run (--watch). It restarts components when their
// sources change, and the topology when its declaration changes. If the new sources are
// broken, it logs the error, and the old processes continue.
type reloader struct {
	log   zerolog.Logger
	files *fswatch.Watcher
	// load reads the topology again; open makes a generation of it.
	load func(context.Context) (*topology.Topology, conf.Conf, error)
	open openFunc
}

// generations are the first one, and those that follow it after changes.
func (o *Options) generations(open openFunc, kept *settings, log zerolog.Logger) (_ *generations, closed func(), err error) {
	var r *reloader
	closed = func() {}
	if o.Reload != nil {
		files, err := watchFiles(o.Topology, o.ConfigFile)
		if err != nil {
			return nil, nil, err
		}
		r, closed = &reloader{log: log, files: files, load: o.Reload, open: open}, func() { files.Close() }
	}
	first, err := open(o.Topology, o.Conf)
	if err != nil {
		closed()
		return nil, nil, err
	}
	if r != nil {
		log.Info().Msg("watching sources: components restart when they change")
	}
	return &generations{reloader: r, wanted: make(chan *generation), ended: make(chan struct{}), status: kept.status, settings: kept, current: first}, closed, nil
}

// next reacts to changes while a generation runs, until the context ends. It returns the
// next generation, or nil.
func (r *reloader) next(ctx context.Context, g *generation) *generation {
	for {
		changed, err := r.files.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				r.log.Error().Msgf("no longer watching for changes: %v", err)
			}
			return nil
		}
		if next := r.react(ctx, g, changed); next != nil {
			return next
		}
	}
}

// react reacts to a change. If the topology itself has changed, it returns the next
// generation.
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

// restart restarts the components that use the changed files.
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

// declarations are the extensions of files that may be part of a topology's declaration.
// In Python, a component's module declares its outputs.
var declarations = slices.Concat(load.Extensions, []string{".json", ".properties"})

// declares reports whether one of the files may be part of the topology's declaration.
func declares(changed []string) bool {
	return slices.ContainsFunc(changed, func(file string) bool {
		return slices.Contains(declarations, filepath.Ext(file))
	})
}

// keep logs why the old topology keeps running.
func (r *reloader) keep(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.log.Error().Msgf("the changed topology cannot run, so the old one keeps running: %s", hint.Text(err))
	}
}

// files names changed files; if there are many, only the first ones.
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
