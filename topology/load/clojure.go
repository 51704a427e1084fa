package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/topology"
	"gust/topology/load/clojure"
)

// clojureDefaults are the settings that the sparse of streamparse 1 and 2, whose
// topologies are in Clojure, adds to every topology.
var clojureDefaults = conf.Conf{
	conf.TopologyMaxSpoutPending: int64(5000),
	conf.TopologyMessageTimeout:  int64(60),
}

// loadClojure loads a topology of streamparse 1 or 2. It needs no Python: the file
// declares everything.
func loadClojure(ctx context.Context, r Request, loaded *Loaded, t projectTopology) (*Loaded, error) {
	ofEnvironment := loaded.Environment.Conf()
	declared, warnings, err := readClojure(t.file, conf.Merge(clojureDefaults, ofEnvironment, r.Options))
	if err != nil {
		return nil, err
	}
	declared.Name, declared.Source, declared.Config = t.name, t.file, map[string]any{}
	for key, value := range clojureDefaults {
		if _, ok := ofEnvironment[key]; !ok {
			declared.Config[key] = value
		}
	}
	loaded.Warnings = warnings
	// The classes of streamparse 1 and 2 speak JSON, and know no option for another serializer.
	if err := loaded.finish(ctx, r, declared, home{dir: t.dir, src: filepath.Join(t.dir, "src")}); err != nil {
		return nil, err
	}
	loaded.Topology.Config = conf.Merge(oldLogKeys(ofEnvironment), loaded.Topology.Config)
	return loaded, nil
}

// oldLogKeys are an environment's settings of pystorm's log files under the names
// that they have in streamparse 1 and 2.
func oldLogKeys(environment conf.Conf) conf.Conf {
	old := conf.Conf{}
	for key, value := range environment {
		if rest, ok := strings.CutPrefix(key, "pystorm.log."); ok {
			old["streamparse.log."+rest] = value
		}
	}
	return old
}

// readClojure reads the file. options is the argument of the topology's function.
func readClojure(file string, options conf.Conf) (*topology.Topology, []string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the topology: %w", err)
	}
	r := &clojureReader{report: &report{}, file: file}
	t := &topology.Topology{}
	forms, err := clojure.Read(string(text))
	if err == nil {
		var declared clojure.Value
		if declared, err = r.evaluate(forms, options); err == nil {
			r.topology(t, declared)
		}
	}
	if err != nil {
		r.fail(err)
	}
	if err := r.err(); err != nil {
		if r.code {
			err = hint.With(err, "gust does not run Clojure: write the value instead, or declare the topology in Python or TOML")
		}
		return nil, nil, err
	}
	return t, r.warnings, nil
}

// clojureReader converts the value of a Clojure file to a topology. The functions that
// declare components ([streamparse.specs] and Storm's own DSL, backtype.storm.clojure)
// are builtins of the program, and return *topology.Component. They report their own
// errors, so that the user sees those of all components at once.
type clojureReader struct {
	*report
	file string
	code bool // an error is about code that only Clojure can run
}

// fail reports an error of the package clojure.
func (r *clojureReader) fail(err error) {
	e, ok := errors.AsType[*clojure.Error](err)
	if !ok {
		r.errs = append(r.errs, err)
		return
	}
	r.code = r.code || e.Code
	r.at(e.Line, "%s", e.Text)
}

// at reports an error in a line.
func (r *clojureReader) at(line int, format string, args ...any) {
	r.errorf(place{r.file, line}, format, args...)
}

// evaluate calls the last function of the file, as sparse does, or takes its value. A
// -main after it runs the file without streamparse.
func (r *clojureReader) evaluate(forms []clojure.Form, options conf.Conf) (clojure.Value, error) {
	program := clojure.New(forms, r.builtins())
	names := slices.DeleteFunc(slices.Clone(program.Names()), func(name string) bool { return name == "-main" })
	if len(names) == 0 {
		return clojure.Value{}, fmt.Errorf("%s defines no topology: it has no (defn NAME [options] ...)", r.file)
	}
	return program.Value(names[len(names)-1], clojureValue(map[string]any(options)))
}

// clojureValue is a value of a configuration as a program sees it.
func clojureValue(v any) clojure.Value {
	switch v := v.(type) {
	case map[string]any:
		entries := clojure.Entries{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			entries = append(entries, clojure.Entry{Key: clojure.Value{Data: key}, Value: clojureValue(v[key])})
		}
		return clojure.Value{Data: entries}
	case []any:
		items := []clojure.Value{}
		for _, item := range v {
			items = append(items, clojureValue(item))
		}
		return clojure.Value{Data: items}
	}
	return clojure.Value{Data: v}
}

// topology reads the file's value: a vector of the spouts and the bolts.
func (r *clojureReader) topology(t *topology.Topology, declared clojure.Value) {
	parts, ok := declared.Data.([]clojure.Value)
	if !ok || len(parts) < 2 || len(parts) > 3 {
		what := declared.String()
		if ok {
			what = fmt.Sprintf("a vector of %d", len(parts))
		}
		r.at(declared.Line, "the topology must be a vector of two maps, the spouts and the bolts, not %s", what)
		return
	}
	for i, kind := range []topology.Kind{topology.Spout, topology.Bolt} {
		for _, e := range r.entries(parts[i], fmt.Sprintf("the map of the %ss", kind)) {
			if c := r.component(e, kind); c != nil {
				t.Components = append(t.Components, c)
			}
		}
	}
	if len(parts) == 3 {
		r.third(parts[2])
	}
	dropUnread(t)
}

// third warns of a third map. Storm takes it for state spouts, which do not exist, and
// ignores it; so does gust.
func (r *clojureReader) third(v clojure.Value) {
	entries, _ := v.Data.(clojure.Entries)
	for _, e := range entries {
		r.warnf(place{r.file, e.Key.Line}, "%s is ignored, as on Storm: it is in a third map, after the spouts and the bolts", e.Key)
	}
}

// dropUnread removes the default streams without fields that no bolt reads. A Clojure
// topology cannot omit the outputs of a component: it has [].
func dropUnread(t *topology.Topology) {
	read := map[string]bool{}
	for _, c := range t.Components {
		for _, in := range c.Inputs {
			read[in.Component] = read[in.Component] || in.Stream == topology.DefaultStream
		}
	}
	for _, c := range t.Components {
		c.Outputs = slices.DeleteFunc(c.Outputs, func(s topology.Stream) bool {
			return s.Name == topology.DefaultStream && len(s.Fields) == 0 && !s.Direct && !read[c.Name]
		})
	}
}

// component reads an entry of the map of the spouts or of the bolts.
func (r *clojureReader) component(e clojure.Entry, kind topology.Kind) *topology.Component {
	name, ok := e.Key.Data.(string)
	if !ok {
		r.at(e.Key.Line, "the name of a %s must be a string, not %s", kind, e.Key)
		return nil
	}
	declared, ok := e.Value.Data.(*topology.Component)
	if !ok {
		r.at(e.Value.Line, "%s %q must be a (python-%s-spec ...) or (shell-%s-spec ...), not %s", kind, name, kind, kind, e.Value)
		return nil
	}
	if declared.Kind != kind {
		r.at(e.Value.Line, "%s %q is in the map of the %ss", declared.Kind, name, kind)
	}
	c := *declared // two names may share a spec
	c.Name = name
	return &c
}

// entries reads a map; nil is an empty one. It reports any other value.
func (r *clojureReader) entries(v clojure.Value, what string) clojure.Entries {
	entries, ok := v.Data.(clojure.Entries)
	if !ok && v.Data != nil {
		r.at(v.Line, "%s must be a map, not %s", what, v)
	}
	return entries
}

// strings reads a vector of strings; nil is an empty one. It reports any other value.
func (r *clojureReader) strings(v clojure.Value, what string) []string {
	items, ok := v.Data.([]clojure.Value)
	if !ok && v.Data != nil {
		r.at(v.Line, "%s must be a vector of strings, not %s", what, v)
	}
	texts := []string{}
	for _, item := range items {
		text, ok := item.Data.(string)
		if !ok {
			r.at(item.Line, "%s must be strings, not %s", what, item)
		}
		texts = append(texts, text)
	}
	return texts
}

// config reads a configuration.
func (r *clojureReader) config(v clojure.Value) map[string]any {
	config := map[string]any{}
	for _, e := range r.entries(v, ":conf") {
		key, ok := e.Key.Data.(string)
		if !ok {
			r.at(e.Key.Line, "a key of :conf must be a string, not %s", e.Key)
		}
		config[key] = r.confValue(e.Value)
	}
	return config
}

// confValue is a value of a configuration. A keyword in it becomes its name, as in JSON.
func (r *clojureReader) confValue(v clojure.Value) any {
	switch data := v.Data.(type) {
	case nil, bool, int64, float64, string:
		return data
	case clojure.Name:
		return string(data)
	case []clojure.Value:
		list := []any{}
		for _, item := range data {
			list = append(list, r.confValue(item))
		}
		return list
	case clojure.Entries:
		object := map[string]any{}
		for _, e := range data {
			key := e.Key.String()
			if name, ok := r.confValue(e.Key).(string); ok {
				key = name
			}
			object[key] = r.confValue(e.Value)
		}
		return object
	}
	r.at(v.Line, ":conf holds %s, which JSON does not have", v)
	return nil
}

// isModuleRun reports whether a command runs a class by hand: python -m streamparse.run
// CLASS.
func isModuleRun(command []string) bool {
	run, script, ok := topology.Streamparse(command)
	return ok && len(run) > 1 && len(script) == 1 && strings.HasPrefix(filepath.Base(command[0]), "python")
}
