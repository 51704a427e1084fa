package runner

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/topology"
)

// Left is a component that pystorm runs unchanged although the fast runner was chosen.
type Left struct {
	Component string
	Mode      Mode // the one that was chosen: Fast or Auto
	Reason    error
}

// Apply returns a copy of the topology with the commands of its streamparse components
// rewritten, and the components that are left unchanged, in which only the hook of
// breakpoint() is gust's. The mode of a component is `forced` if that is set, else the component's
// own gust.runner, else that of the topology's conf, `merged`. find returns the path of
// a component's program, as its process will find it.
//
// An error names the component whose gust.runner is unknown, or whose interpreter the
// fast runner does not support in mode Fast.
func (f *Files) Apply(t *topology.Topology, merged conf.Conf, forced Mode, find func(*topology.Component) (string, error)) (*topology.Topology, []Left, error) {
	applied := *t
	applied.Components = slices.Clone(t.Components)
	var left []Left
	for i, c := range t.Components {
		mode, err := modeOf(c, merged, forced)
		if err != nil {
			return nil, nil, err
		}
		if _, _, ok := topology.Streamparse(c.Command); !ok {
			continue
		}
		if mode == Stock {
			applied.Components[i] = f.withHook(c, merged)
			continue
		}
		command, err := f.commandOf(c, mode, find)
		if _, unfit := errors.AsType[*InterpreterError](err); unfit && mode == Fast {
			return nil, nil, fmt.Errorf("%s %q: %w", c.Kind, c.Name, err)
		}
		if err != nil {
			left = append(left, Left{c.Name, mode, err})
			applied.Components[i] = f.withHook(c, merged)
			continue
		}
		rewritten := *c
		rewritten.Command = command
		applied.Components[i] = &rewritten
	}
	return &applied, left, nil
}

func (f *Files) commandOf(c *topology.Component, mode Mode, find func(*topology.Component) (string, error)) ([]string, error) {
	if run, _, ok := topology.Streamparse(c.Command); !ok || len(run) > 1 {
		return f.Command(mode, c.Command)
	}
	program, err := find(c)
	if err != nil {
		return nil, err
	}
	return f.Command(mode, append([]string{program}, c.Command[1:]...))
}

// withHook makes breakpoint() stop for `gust attach` in a component that pystorm runs
// unchanged: the debugger that it would start reads stdin, which belongs to the protocol.
// It keeps a PYTHONBREAKPOINT that the user has set.
func (f *Files) withHook(c *topology.Component, merged conf.Conf) *topology.Component {
	const name, path = "PYTHONBREAKPOINT", "PYTHONPATH"
	environment, _ := conf.Merge(merged, c.Config).StringMap(conf.TopologyEnvironment)
	get := func(name string) string { return cmp.Or(c.Env[name], environment[name], os.Getenv(name)) }
	if get(name) != "" {
		return c
	}
	changed := *c
	changed.Env = maps.Clone(c.Env)
	if changed.Env == nil {
		changed.Env = map[string]string{}
	}
	changed.Env[name] = "gust_runner.breakpoints.stock"
	changed.Env[path] = strings.TrimPrefix(get(path)+string(filepath.ListSeparator)+f.dir, string(filepath.ListSeparator))
	return &changed
}

func modeOf(c *topology.Component, merged conf.Conf, forced Mode) (Mode, error) {
	if forced != "" {
		return forced, nil
	}
	name, err := conf.Merge(merged, c.Config).String(conf.GustRunner, string(Auto))
	if err != nil {
		return "", fmt.Errorf("%s %q: %w", c.Kind, c.Name, err)
	}
	mode, err := ParseMode(name)
	if err != nil {
		return "", fmt.Errorf("%s %q: %s: %w", c.Kind, c.Name, conf.GustRunner, err)
	}
	return mode, nil
}
