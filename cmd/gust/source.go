package main

import (
	"context"
	"errors"

	"gust/conf"
	"gust/internal/terminal"
	"gust/project/lint"
	"gust/project/virtualenv"
	"gust/run"
	"gust/topology"
	"gust/topology/load"
)

// loadTopology reads the topology that the command line names, and checks that gust can
// run it. It also returns the conf of the run.
func loadTopology(ctx context.Context, c *cli, o *runOptions, path string) (*topology.Topology, conf.Conf, error) {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	o.given, o.runs = o.options.conf, true
	loaded, err := loadSource(ctx, c, &o.sourceOptions, path, consent{yes: o.yes, ask: somebody(c)})
	if err != nil {
		return nil, nil, err
	}
	merged, err := run.Conf(loaded.Topology, o.options.conf, o.watch)
	if err != nil {
		return nil, nil, err
	}
	return loaded.Topology, merged, lint.Runnable(loaded.Topology, merged)
}

// loadSource reads the topology that the command line names, for any command. If the
// project's Python lacks packages, it offers to install them, and continues.
func loadSource(ctx context.Context, c *cli, o *sourceOptions, path string, may consent) (*load.Loaded, error) {
	request := o.request(c, path)
	loaded, err := load.Load(ctx, request)
	if err != nil && ctx.Err() == nil {
		repair := virtualenv.Repair{Python: o.python, ConfigFile: o.configFile, Voice: c, Agree: func(ctx context.Context, question string) (bool, error) {
			return may.agree(ctx, c, question)
		}}
		if request.Python, err = repair.Run(ctx, err); err == nil {
			loaded, err = load.Load(ctx, request)
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, errors.New("interrupted while reading the topology")
		}
		return nil, err
	}
	for _, w := range loaded.Warnings {
		c.Warn(w)
	}
	return loaded, nil
}
