package topology

import (
	"maps"
	"slices"
	"strings"
)

// Environ is the environment of the component's processes: env, with the
// topology's variables (`topology.environment`) over it, and the component's own
// over those.
func (c *Component) Environ(env []string, topology map[string]string) []string {
	env = slices.Clone(env)
	for _, layer := range []map[string]string{topology, c.Env} {
		for _, name := range slices.Sorted(maps.Keys(layer)) {
			env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
			env = append(env, name+"="+layer[name])
		}
	}
	return env
}
