package shell

import (
	"os"

	"gust/conf"
	"gust/topology"
)

// Spec says how to start a component's process.
type Spec struct {
	// Kind is "spout" or "bolt", for messages; "component" where it is empty.
	Kind      string
	Component string
	Task      int
	// Args are the program, as execvp takes it, and its arguments.
	Args []string
	// Dir is the working directory; empty is gust's own. A program and a PATH
	// that are relative are relative to it.
	Dir string
	// Env is the whole environment: nothing of gust's own is added to it but
	// the guard's mark.
	Env []string
}

// NewSpec says how to start a component's processes. merged is the topology's conf,
// and the component's own overrides it: topology.environment is part of what its
// processes are given.
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

// Program finds the program as the launcher will, and returns its path: a
// [*NotFoundError] or a [*io/fs.PathError] says why there is none.
func (s Spec) Program() (string, error) {
	program, err := lookProgram(s)
	if err != nil {
		return "", err
	}
	dir, err := workingDir(s.Dir)
	return absolute(dir, program), err
}
