package load

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/topology"
)

// loadStreamparse imports a Python topology and fills in what its components
// need to run on this machine.
func loadStreamparse(ctx context.Context, r Request, loaded *Loaded, t projectTopology) (*Loaded, error) {
	python, err := findInterpreter(r, t.dir, t.name, loaded.Environment)
	if err != nil {
		return nil, err
	}
	described, err := python.describe(ctx, t, r.Stderr)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(t.dir, "src")
	if r.Resources != "" {
		dir = r.inDir(r.Resources)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	b := builder{python: python, dir: dir, environment: loaded.Environment}
	if loaded.Topology, loaded.Declared, err = b.topology(described); err != nil {
		return nil, fmt.Errorf("%s: %w", t.file, err)
	}
	loaded.Topology.Name, loaded.Topology.Source = t.name, t.file
	loaded.Python = python.path
	return loaded, nil
}

// builder converts a streamparse topology.
type builder struct {
	python      interpreter
	dir         string
	environment *conf.Environment
}

// topology returns with the topology the configuration that it declares itself.
func (b builder) topology(d *describedTopology) (t *topology.Topology, config map[string]any, err error) {
	if config, err = parseObject(d.Config); err != nil {
		return nil, nil, fmt.Errorf("config of the topology: %w", err)
	}
	t = &topology.Topology{Config: conf.Merge(b.environment.Conf(), config)}
	for _, described := range d.Components {
		c, err := b.component(described)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %q: %w", described.Kind, described.Name, err)
		}
		t.Components = append(t.Components, c)
	}
	return t, config, settle(t)
}

func (b builder) component(d describedComponent) (*topology.Component, error) {
	c := &topology.Component{Name: d.Name, Kind: topology.Spout, Dir: b.dir, Java: d.Java, JavaObject: d.Object.object()}
	if d.Kind == "bolt" {
		c.Kind = topology.Bolt
	}
	var err error
	if c.Parallelism, err = b.parallelism(d.Par); err != nil {
		return nil, err
	}
	if c.Config, err = parseObject([]byte(d.Config)); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if c.Java == "" {
		c.Command, c.Script = b.command(d.Command, d.Script)
	}
	for _, s := range d.Outputs {
		c.Outputs = append(c.Outputs, topology.Stream{Name: s.Name, Fields: s.Fields, Direct: s.Direct})
	}
	for _, in := range d.Inputs {
		grouping, ok := topology.ParseGroupingType(in.Grouping)
		if !ok {
			return nil, fmt.Errorf("unknown grouping of stream %q of %q", in.Stream, in.Component)
		}
		c.Inputs = append(c.Inputs, topology.Input{
			Component: in.Component,
			Stream:    in.Stream,
			Grouping:  topology.Grouping{Type: grouping, Fields: in.Fields, Class: in.Class, Object: in.Object.object()},
		})
	}
	return c, nil
}

// parallelism reads par: a number, or a number for each environment.
func (b builder) parallelism(par json.RawMessage) (int, error) {
	var n int
	if json.Unmarshal(par, &n) == nil {
		return n, nil
	}
	var each map[string]int
	if err := json.Unmarshal(par, &each); err != nil {
		return 0, fmt.Errorf("par must be a whole number, or one for each environment, not %s", par)
	}
	if n, ok := each[b.environment.Name]; ok {
		return n, nil
	}
	has := strings.Join(slices.Sorted(maps.Keys(each)), ", ")
	if b.environment.Name == "" {
		return 0, fmt.Errorf("par is set by environment (%s), but the project has no environments: add them to %s", has, configName)
	}
	return 0, fmt.Errorf("par has no number for environment %q: it has one for %s", b.environment.Name, has)
}

// command is a component's command line in Storm's form: the program, and the script as
// one word. For streamparse's own program it is the one of this machine, and the script
// is returned, too.
//
// streamparse puts the project's serializer before a Python component's script. It does
// so for every other ShellBolt, too, although node cannot run `node -s json x.js`; gust
// does not change those.
func (b builder) command(program, script string) (command []string, ofStreamparse string) {
	if program != topology.StreamparseRun {
		return []string{program, script}, ""
	}
	script = withSerializer(script, b.environment.Serializer)
	return b.python.runCommand(script), script
}

// withSerializer puts a serializer, if there is one, before a script that has none.
func withSerializer(script, serializer string) string {
	if serializer != "" && serializerOption(strings.Fields(script)) == "" {
		return "-s " + serializer + " " + script
	}
	return script
}

// parseObject reads a configuration that is a JSON object.
func parseObject(data []byte) (map[string]any, error) {
	v, err := conf.ParseJSON(data)
	if err != nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("must be a JSON object, not %s", data)
	}
	return object, nil
}

// settle sets what depends on the configurations: the number of tasks, and the
// serializer.
func settle(t *topology.Topology) error {
	for _, c := range t.Components {
		both := conf.Merge(t.Config, c.Config)
		tasks, err := both.Int(conf.TopologyTasks, 0)
		if err != nil {
			return fmt.Errorf("%s %q: %w", c.Kind, c.Name, err)
		}
		c.Tasks = cmp.Or(c.Tasks, tasks)
		c.Serializer = cmp.Or(c.Serializer, Serializer(c.Command, both))
	}
	return nil
}

// Serializer is the serializer of a command's process. A program of streamparse's names
// it itself; for any other program, Storm's key has it, as a Java class such as
// org.apache.storm.multilang.MessagePackSerializer.
func Serializer(command []string, c conf.Conf) string {
	if _, script, ok := topology.Streamparse(command); ok {
		words := strings.Fields(strings.Join(script, " "))
		return cmp.Or(serializerOption(words), "json")
	}
	class, _ := c[conf.TopologyMultilangSerializer].(string)
	if lower := strings.ToLower(class); strings.Contains(lower, "msgpack") || strings.Contains(lower, "messagepack") {
		return "msgpack"
	}
	return "json"
}

// StreamparseClass is the Python class that a component's command runs, such as
// "bolts.wordcount.WordCountBolt", or "" for a program that is not streamparse's.
func StreamparseClass(command []string) string {
	_, script, ok := topology.Streamparse(command)
	if !ok {
		return ""
	}
	words := strings.Fields(strings.Join(script, " "))
	for i, word := range words {
		isOption := strings.HasPrefix(word, "-")
		if !isOption && (i == 0 || words[i-1] != "-s" && words[i-1] != "--serializer") {
			return word
		}
	}
	return ""
}

// serializerOption is the value of the last -s or --serializer among a script's words, or "".
func serializerOption(words []string) string {
	var found string
	for i, word := range words {
		long, isLong := strings.CutPrefix(word, "--serializer=")
		switch {
		case isLong:
			found = long
		case (word == "-s" || word == "--serializer") && i+1 < len(words):
			found = words[i+1]
		}
	}
	return found
}
