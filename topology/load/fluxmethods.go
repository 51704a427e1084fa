package load

import (
	"strings"

	"gust/conf"
	"gust/topology"
)

// fluxMethod is a method of Flux's shell components that a file may call. Its call is
// false if the arguments do not fit.
type fluxMethod struct {
	name string
	args string // its arguments, for errors
	call func(f *fluxReader, c *topology.Component, args []value) bool
}

// fluxMethods are FluxShellBolt's and FluxShellSpout's methods, those that they
// inherit from ShellBolt and ShellSpout included.
var fluxMethods = []fluxMethod{
	{"setDefaultStream", "one list of fields", (*fluxReader).setDefaultStream},
	{"setNamedStream", "a stream's name and a list of fields", (*fluxReader).setNamedStream},
	{"addComponentConfig", "a key and a value", (*fluxReader).addComponentConfig},
	{"setEnv", "one table of strings", (*fluxReader).setEnv},
}

// configMethods carries out the calls that configure a shell component. Those
// of a Java component are its own affair.
func (f *fluxReader) configMethods(c *topology.Component, t *table) {
	calls := t.list("configMethods")
	if c.Java != "" {
		return
	}
	for _, v := range calls {
		call := f.table(v, t.what+": a config method")
		name, args := call.text("name"), call.list("args")
		call.unknown(f.warnf)
		method, known := findFluxMethod(name)
		switch {
		case !known:
			f.warnf(v.place, "ignoring unknown config method %q of %s%s",
				name, t.what, topology.DidYouMean(name, fluxMethodNames()))
		case !method.call(f, c, args):
			f.errorf(v.place, "%s: the arguments of %s must be %s", t.what, name, method.args)
		}
	}
}

func findFluxMethod(name string) (fluxMethod, bool) {
	for _, m := range fluxMethods {
		if m.name == name {
			return m, true
		}
	}
	return fluxMethod{}, false
}

func fluxMethodNames() []string {
	names := make([]string, len(fluxMethods))
	for i, m := range fluxMethods {
		names[i] = m.name
	}
	return names
}

func (f *fluxReader) setDefaultStream(c *topology.Component, args []value) bool {
	return len(args) == 1 && declare(c, topology.DefaultStream, args[0])
}

func (f *fluxReader) setNamedStream(c *topology.Component, args []value) bool {
	if len(args) != 2 {
		return false
	}
	name, ok := args[0].text()
	return ok && declare(c, name, args[1])
}

func (f *fluxReader) addComponentConfig(c *topology.Component, args []value) bool {
	if len(args) != 2 {
		return false
	}
	key, ok := args[0].text()
	if ok {
		c.Config = conf.Merge(c.Config, conf.Conf{key: f.confValue(entry{key, args[1]})})
	}
	return ok
}

// setEnv accepts a table, or NAME=VALUE strings, which users know from the shell.
func (f *fluxReader) setEnv(c *topology.Component, args []value) bool {
	env := map[string]string{}
	for _, arg := range args {
		entries, isTable := arg.data.([]entry)
		if !isTable {
			text, _ := arg.text()
			name, val, ok := strings.Cut(text, "=")
			if !ok {
				return false
			}
			env[name] = val
		}
		for _, e := range entries {
			text, ok := e.value.text()
			if !ok {
				return false
			}
			env[e.key] = text
		}
	}
	c.Env = env
	return len(args) > 0
}

// declare declares an output stream, or replaces its fields, as in the map of
// FluxShellBolt.
func declare(c *topology.Component, name string, list value) bool {
	fields, ok := list.texts()
	if !ok {
		return false
	}
	if stream := c.Stream(name); stream != nil {
		stream.Fields = fields
	} else {
		c.Outputs = append(c.Outputs, topology.Stream{Name: name, Fields: fields})
	}
	return true
}
