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

// Left is a component that is run by pystorm as it is, though it was to be run fast.
type Left struct {
	Component string
	Mode      Mode // what was asked for: Fast or Auto
	Reason    error
}

// Apply returns the topology with the commands of its streamparse components
// rewritten, and those that had to be left, in which breakpoint() does not stop. The
// mode of a component is `forced` where that is not empty, else the component's own
// gust.runner, else the one in the topology's conf, `merged`. The topology given is
// not changed. find says where the program of a component lies, as its process will
// find it.
//
// An error names the component whose gust.runner is unknown, or whose interpreter
// cannot be the fast runner's though that is asked for.
func (f *Files) Apply(t *topology.Topology, merged conf.Conf, forced Mode, find func(*topology.Component) (string, error)) (*topology.Topology, []Left, error) {
	applied := *t
	applied.Components = slices.Clone(t.Components)
	var left []Left
	for i, c := range t.Components {
		mode, err := modeOf(c, merged, forced)
		if err != nil {
			return nil, nil, err
		}
		if !IsStreamparse(c.Command) {
			continue
		}
		if mode == Stock {
			applied.Components[i] = f.withoutDebugger(c, merged)
			continue
		}
		command, err := f.commandOf(c, mode, find)
		if _, unfit := errors.AsType[*InterpreterError](err); unfit && mode == Fast {
			return nil, nil, fmt.Errorf("%s %q: %w", c.Kind, c.Name, err)
		}
		if err != nil {
			left = append(left, Left{c.Name, mode, err})
			applied.Components[i] = f.withoutDebugger(c, merged)
			continue
		}
		rewritten := *c
		rewritten.Command = command
		applied.Components[i] = &rewritten
	}
	return &applied, left, nil
}

func (f *Files) commandOf(c *topology.Component, mode Mode, find func(*topology.Component) (string, error)) ([]string, error) {
	if !isProgram(c.Command) {
		return f.Command(mode, c.Command)
	}
	program, err := find(c)
	if err != nil {
		return nil, err
	}
	return f.Command(mode, append([]string{program}, c.Command[1:]...))
}

// withoutDebugger lets breakpoint() report where it is and go on in a component that
// pystorm runs as it is: the debugger that it would start reads stdin, which is the
// protocol's. A PYTHONBREAKPOINT that the user has set stays.
func (f *Files) withoutDebugger(c *topology.Component, merged conf.Conf) *topology.Component {
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
