package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gust/component"
	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/terminal"
	"gust/project/lint"
	"gust/topology"
	"gust/topology/load"
)

// roleOptions are the flags that select the topology in which to look for a component.
type roleOptions struct {
	sourceOptions
	topology string
}

// AddFlags declares the flags.
func (o *roleOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.StringVar(&o.topology, "topology", "", "find the component in the topology in `FILE`\n(default: the project's)")
}

// find finds a component by its name or class. If no topology has it, the result is nil
// for a class, and an error for a name.
func (o *roleOptions) find(ctx context.Context, c *cli, name string) (*component.Role, error) {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	topologies, failed, err := o.topologies(ctx, c)
	if err != nil {
		return nil, err
	}
	found, all, err := component.Find(topologies, name)
	isClass := component.ClassOf(name) != ""
	switch {
	case err != nil:
		return nil, err
	case found != nil && found.Component.Java != "":
		return nil, lint.WithoutJava(found.Topology)
	case found != nil:
		return found, nil
	case !isClass && failed != nil:
		return nil, failed
	case !isClass:
		return nil, unknownRole(name, all)
	case failed != nil:
		text, _, _ := strings.Cut(failed.Error(), "\n")
		c.Warn(fmt.Sprintf("running %s without its topology: %s", name, strings.TrimSuffix(text, ":")))
	}
	return nil, nil
}

// topologies are the topology that the flags name or, by default, all of the project in
// this directory. If one of the latter cannot be loaded, failed is the first error.
func (o *roleOptions) topologies(ctx context.Context, c *cli) (all []*load.Loaded, failed, err error) {
	may := consent{ask: somebody(c)}
	o.runs = true
	if o.topology != "" || o.name != "" {
		loaded, err := loadSource(ctx, c, &o.sourceOptions, o.topology, may)
		return []*load.Loaded{loaded}, nil, err
	}
	names, err := load.ProjectTopologies(load.Request{ConfigFile: o.configFile})
	if errors.Is(err, fs.ErrNotExist) && o.configFile == "" {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		one := o.sourceOptions
		one.name = name
		loaded, err := loadSource(ctx, c, &one, "", may)
		if _, without := errors.AsType[*load.NoStreamparseError](err); without || ctx.Err() != nil {
			return nil, nil, err
		}
		if err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		all = append(all, loaded)
	}
	return all, failed, nil
}

// unknownRole is the error for the name of an unknown component.
func unknownRole(name string, all []*component.Role) error {
	const forms = "write a class as bolts.wordcount:WordCountBolt, and a command after --"
	if len(all) == 0 {
		remedy := forms
		if above := load.ProjectAbove("."); above != "" && above != "." {
			remedy = fmt.Sprintf("the project is in %s: run %s there (cd %s)", above, program.Name, above)
		}
		return &usageError{err: hint.With(fmt.Errorf("%q is not a class, and no topology here has such a component", name), remedy)}
	}
	var names []string
	for _, r := range all {
		names = append(names, r.Component.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return hint.With(fmt.Errorf("no component %q (want one of %s)%s", name, terminal.Listed(names), topology.DidYouMean(name, names)), forms)
}
