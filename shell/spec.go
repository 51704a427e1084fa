package shell

import (
	"os"

	"gust/conf"
	"gust/topology"
)

// Spec says how to start a component's process.
type Spec struct {
	// Kind is "spout" or "bolt", for messages; "component" if it is empty.
	Kind      string
	Component string
	Task      int
	// Args are the program, as execvp takes it, and its arguments.
	Args []string
	// Dir is the working directory; empty is gust's own. A program and a PATH
	// that are relative are relative to it.
	Dir string
	// Env is the whole environment: gust adds only the guard's mark to it.
	Env []string
}

// NewSpec says how to start a component's processes. merged is the topology's conf, which
// the component's own overrides: topology.environment is part of its environment.
func NewSpec(c *topology.Component, merged conf.Conf) (Spec, error) {
	env, err := conf.Merge(merged, c.Config).StringMap(conf.TopologyEnvironment)
	if err != nil {
		return Spec{}, err
	}
	return Spec{
		Kind: c.Kind.String(), Component: c.Name,
		Args: c.Command, Dir: c.Dir, Env: c.Environ(os.Environ(), env),
	}, nil
}

// Program finds the program as the launcher will, and returns its path. The error is a
// [*NotFoundError] or a [*io/fs.PathError].
func (s Spec) Program() (string, error) {
	program, err := lookProgram(s)
	if err != nil {
		return "", err
	}
	dir, err := workingDir(s.Dir)
	return absolute(dir, program), err
}
