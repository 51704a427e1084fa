package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/lint"
	"gust/run"
	"gust/topology"
	"gust/topology/load"
)

// loadTopology reads the topology that the command line means, and makes sure
// that gust can run it: it is sound, needs no JVM, and its programs are there. It
// returns the conf of the run, too.
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
	return loaded.Topology, merged, runnable(loaded.Topology, merged)
}

// loadSource reads the topology that the command line means, whatever it is
// wanted for. Where the project's Python lacks packages it offers to install
// them, and goes on.
func loadSource(ctx context.Context, c *cli, o *sourceOptions, path string, may consent) (*load.Loaded, error) {
	request := o.request(c, path)
	loaded, err := load.Load(ctx, request)
	if err != nil && ctx.Err() == nil {
		if request.Python, err = repairEnvironment(ctx, c, o, may, err); err == nil {
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

// runnable is nil, or everything of one sort that keeps gust from running t under a conf.
func runnable(t *topology.Topology, merged conf.Conf) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("topology %q cannot run:\n%w", t.Name, err)
	}
	if err := withoutJava(t); err != nil {
		return err
	}
	if err := lint.Commands(t, merged); err != nil {
		return fmt.Errorf("topology %q cannot be started:\n%w", t.Name, err)
	}
	return nil
}

// withoutJava is an error that lists the components in Java, if there are any.
func withoutJava(t *topology.Topology) error {
	java := t.JavaComponents()
	if len(java) == 0 {
		return nil
	}
	var list strings.Builder
	for _, component := range java {
		fmt.Fprintf(&list, "\n%s %q: %s", component.Kind, component.Name, component.Java)
	}
	return hint.With(
		fmt.Errorf("topology %q has %s in Java, but gust does not run a JVM:%s",
			t.Name, terminal.Count(len(java), "component"), list.String()),
		"submit it to a Storm cluster, or replace them with programs",
	)
}
