package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gust/component/solo"
	"gust/conf"
	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/topology"
	"gust/topology/load"
	"gust/worker"
)

// roleOptions are the flags that say in which topology a component is looked for.
type roleOptions struct {
	sourceOptions
	topology string
}

// AddFlags declares the flags.
func (o *roleOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.StringVar(&o.topology, "topology", "", "find the component in the topology in `FILE`\n(default: the project's)")
}

// role is a component in its topology: what it subscribes to, what it declares,
// and how it is started there.
type role struct {
	topology  *topology.Topology
	component *topology.Component
	python    string // the project's, or empty
}

// className is a class as the command line names it, MODULE:CLASS or
// MODULE.CLASS, in Python's form; empty for what cannot be one.
func className(name string) string {
	class := strings.Replace(name, ":", ".", 1)
	if module, last, ok := cutLast(class, "."); !ok || module == "" || last == "" {
		return ""
	}
	return class
}

// find finds a component by its name, or by its class. Where no topology has it,
// it is nil for a class, and else an error.
func (o *roleOptions) find(ctx context.Context, c *cli, name string) (*role, error) {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	class := className(name)
	topologies, failed, err := o.topologies(ctx, c)
	if err != nil {
		return nil, err
	}
	var names, byName, byClass []*role
	for _, loaded := range topologies {
		for _, component := range loaded.Topology.Components {
			r := &role{loaded.Topology, component, loaded.Python}
			names = append(names, r)
			switch {
			case component.Name == name:
				byName = append(byName, r)
			case class != "" && load.StreamparseClass(component.Command) == class:
				byClass = append(byClass, r)
			}
		}
	}
	found := byName
	if len(found) == 0 {
		found = byClass
	}
	switch {
	case len(found) > 0:
		return theOne(c, name, found)
	case class == "" && failed != nil:
		return nil, failed
	case class == "":
		return nil, unknownRole(name, names)
	case failed != nil:
		text, _, _ := strings.Cut(failed.Error(), "\n")
		c.Warn(fmt.Sprintf("running %s without its topology: %s", name, strings.TrimSuffix(text, ":")))
	}
	return nil, nil
}

// topologies are the one that the flags name, else all of the project in this
// directory. failed is why the first of those could not be loaded that could not.
func (o *roleOptions) topologies(ctx context.Context, c *cli) (all []*load.Loaded, failed, err error) {
	may := consent{ask: somebody(c)}
	o.runs = true
	if o.topology != "" || o.name != "" {
		loaded, err := loadSource(ctx, c, &o.sourceOptions, o.topology, may)
		return []*load.Loaded{loaded}, nil, err
	}
	project, err := conf.ReadProject(cmp.Or(o.configFile, "config.json"))
	if errors.Is(err, fs.ErrNotExist) && o.configFile == "" {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, name := range projectTopologies(project) {
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

// theOne is the only one of the components that were found, or one of those
// that are alike in all that matters to a component alone.
func theOne(c *cli, name string, found []*role) (*role, error) {
	first := found[0]
	if slices.ContainsFunc(found, func(r *role) bool { return !r.like(first) }) {
		var list []string
		for _, r := range found {
			list = append(list, fmt.Sprintf("%s of %s", r.component.Name, r.topology.Name))
		}
		return nil, hint.With(
			fmt.Errorf("%s matches several components: %s", name, terminal.Listed(list)),
			fmt.Sprintf("name one component, and its topology with -n: %s -n %s", first.component.Name, first.topology.Name),
		)
	}
	if first.component.Java != "" {
		return nil, withoutJava(first.topology)
	}
	return first, nil
}

// like tells whether two components differ in their names alone.
func (r *role) like(other *role) bool {
	a, b := *r.component, *other.component
	for _, c := range []*topology.Component{&a, &b} {
		c.Name, c.Parallelism, c.Tasks, c.Inputs = "", 0, 0, nil
	}
	return reflect.DeepEqual(a, b) && reflect.DeepEqual(r.inputs(), other.inputs()) &&
		reflect.DeepEqual(r.topology.Config, other.topology.Config)
}

// unknownRole is the error for a name that no component has.
func unknownRole(name string, all []*role) error {
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
		names = append(names, r.component.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return hint.With(fmt.Errorf("no component %q (want one of %s)%s", name, terminal.Listed(names), topology.DidYouMean(name, names)), forms)
}

// inputs are the streams that the component subscribes to, with their fields.
func (r *role) inputs() []solo.Input {
	var inputs []solo.Input
	for _, in := range r.component.Inputs {
		source := r.topology.Component(in.Component)
		if source == nil {
			continue
		}
		if stream := source.Stream(in.Stream); stream != nil {
			inputs = append(inputs, solo.Input{Component: in.Component, Stream: in.Stream, Fields: stream.Fields})
		}
	}
	return inputs
}

// outputs are the streams that the component declares: known, so never nil.
func (r *role) outputs() []topology.Stream {
	return append([]topology.Stream{}, r.component.Outputs...)
}

// conf is the component's configuration in a run with these options.
func (r *role) conf(options conf.Conf) (conf.Conf, error) {
	merged, err := worker.LocalConf(r.topology, options)
	if err != nil {
		return nil, err
	}
	return conf.Merge(merged, r.component.Config), nil
}

// environ is the environment of the component's processes.
func (r *role) environ(merged conf.Conf) ([]string, error) {
	variables, err := merged.StringMap(conf.TopologyEnvironment)
	if err != nil {
		return nil, err
	}
	return r.component.Environ(os.Environ(), variables), nil
}

// start is how the component is started, and what it speaks: serializer where
// that is not empty, else what it speaks in its topology.
func (r *role) start(serializer string) (command []string, codec multilang.Codec) {
	codec, _ = multilang.CodecNamed(cmp.Or(serializer, r.component.Serializer))
	if class := load.StreamparseClass(r.component.Command); class != "" && serializer != "" {
		return load.StreamparseCommand(r.python, serializer, class), codec
	}
	return r.component.Command, codec
}
