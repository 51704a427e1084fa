package convert

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gust/conf"
	"gust/topology"
	"gust/topology/load"
)

// toml writes the topology as gust's own form.
func (w *writer) toml(file string) {
	programs, classes, err := load.ComponentDirs(file)
	if err != nil {
		w.errs = append(w.errs, err)
		return
	}
	w.printf("name = %s\n", tomlString(w.topology.Name))
	if len(w.topology.Config) > 0 {
		w.printf("\n[config]\n")
		for _, e := range w.tomlConfig("the topology", w.topology.Config) {
			w.printf("%s\n", e)
		}
	}
	for _, c := range w.topology.Components {
		t := &tomlComponent{writer: w, Component: c, table: fmt.Sprintf("%ss.%s", c.Kind, tomlKey(c.Name)), base: filepath.Dir(file)}
		t.dirs.programs, t.dirs.classes = programs, classes
		t.write()
	}
}

// tomlComponent is a component that is being written.
type tomlComponent struct {
	*writer
	*topology.Component
	table string // its path, such as bolts.count
	base  string // the directory of the file
	dirs  struct{ programs, classes string }
	// later are the tables within the component's: they follow its own keys.
	later strings.Builder
}

// write writes the component's table.
func (t *tomlComponent) write() {
	if t.Java != "" {
		t.fail(t.Component, "is Java, %s: TOML topologies contain only programs", t.Java)
		return
	}
	t.printf("\n[%s]\n", t.table)
	serializer, dir := t.program()
	if dir != t.Dir {
		t.printf("dir = %s\n", tomlString(t.relative(t.Dir)))
	}
	if serializer != "" {
		t.printf("serializer = %s\n", tomlString(serializer))
	}
	t.inputs()
	t.outputs()
	if t.Parallelism != 1 {
		t.printf("parallelism = %d\n", t.Parallelism)
	}
	if tasks, err := conf.Merge(t.topology.Config, t.Config).Int(conf.TopologyTasks, 0); err == nil && tasks != t.Tasks {
		t.printf("tasks = %d\n", t.Tasks)
	}
	t.tableOf("env", t.envEntries())
	t.tableOf("config", t.tomlConfig(fmt.Sprintf("%s %q", t.Kind, t.Name), t.Config))
	t.text.WriteString(t.later.String())
}

// program writes the command. It returns the serializer if it must be named, else "", and
// the directory in which the command would run by default.
func (t *tomlComponent) program() (serializer, dir string) {
	if class, serializer, ok := classAndSerializer(t.Script); ok {
		t.printf("class = %s\n", tomlString(class))
		return serializer, t.dirs.classes
	}
	t.printf("command = %s\n", tomlStrings(t.Command))
	// If a configuration may set the serializer, it is named.
	if t.Serializer != "json" || t.Config[conf.TopologyMultilangSerializer] != nil || t.topology.Config[conf.TopologyMultilangSerializer] != nil {
		serializer = t.Serializer
	}
	return serializer, t.dirs.programs
}

// relative is a directory as the file names it: from its own directory, unless
// that leads far up.
func (t *tomlComponent) relative(dir string) string {
	base, err := filepath.Abs(t.base)
	if err != nil {
		return dir
	}
	if below, err := filepath.Rel(base, dir); err == nil && !strings.HasPrefix(below, "../..") {
		return below
	}
	return dir
}

// tableOf writes a key whose value is a table: on one line if it has one entry, else as a
// table of its own after the component's.
func (t *tomlComponent) tableOf(key string, entries []string) {
	switch len(entries) {
	case 0:
	case 1:
		t.printf("%s = { %s }\n", key, entries[0])
	default:
		fmt.Fprintf(&t.later, "\n[%s.%s]\n%s\n", t.table, key, strings.Join(entries, "\n"))
	}
}

func (t *tomlComponent) outputs() {
	if len(t.Outputs) == 1 && t.Outputs[0].Name == topology.DefaultStream && !t.Outputs[0].Direct {
		t.printf("outputs = %s\n", tomlStrings(t.Outputs[0].Fields))
		return
	}
	var entries []string
	for _, s := range t.Outputs {
		value := tomlStrings(s.Fields)
		if s.Direct {
			value = fmt.Sprintf("{ fields = %s, direct = true }", value)
		}
		entries = append(entries, tomlKey(s.Name)+" = "+value)
	}
	t.tableOf("outputs", entries)
}

// inputs writes the subscriptions in the shortest of the form's ways that has
// room for them: a list of sources, a table by source, or in full.
func (t *tomlComponent) inputs() {
	var sources, entries []string
	shuffled, short := true, true
	for _, in := range t.Inputs {
		source := in.Component
		if in.Stream != topology.DefaultStream {
			source += "/" + in.Stream
		}
		short = short && !strings.Contains(in.Component, "/") && !slices.Contains(sources, source)
		shuffled = shuffled && in.Grouping.Type == topology.Shuffle
		sources = append(sources, source)
		entries = append(entries, tomlKey(source)+" = "+t.grouping(in))
	}
	switch {
	case len(t.Inputs) == 0:
	case !short:
		t.fullInputs()
	case shuffled:
		t.printf("inputs = %s\n", tomlStrings(sources))
	default:
		t.tableOf("inputs", entries)
	}
}

// grouping is the value for an input's grouping.
func (t *tomlComponent) grouping(in topology.Input) string {
	switch in.Grouping.Type {
	case topology.Custom:
		t.fail(t.Component, "groups stream %q of %q by Java code, which TOML topologies cannot express", in.Stream, in.Component)
	case topology.Fields:
		return fmt.Sprintf("{ fields = %s }", tomlStrings(in.Grouping.Fields))
	}
	return tomlString(strings.ToLower(in.Grouping.Type.String()))
}

// fullInputs writes a table for each subscription.
func (t *tomlComponent) fullInputs() {
	for _, in := range t.Inputs {
		fmt.Fprintf(&t.later, "\n[[%s.inputs]]\nfrom = %s\nstream = %s\n", t.table, tomlString(in.Component), tomlString(in.Stream))
		if grouping := t.grouping(in); in.Grouping.Type == topology.Fields {
			fmt.Fprintf(&t.later, "fields = %s\n", tomlStrings(in.Grouping.Fields))
		} else {
			fmt.Fprintf(&t.later, "grouping = %s\n", grouping)
		}
	}
}

func (t *tomlComponent) envEntries() []string {
	var entries []string
	for _, name := range sortedKeys(t.Env) {
		entries = append(entries, tomlKey(name)+" = "+tomlString(t.Env[name]))
	}
	return entries
}

// tomlConfig are the lines of a configuration. of is its owner, for errors.
func (w *writer) tomlConfig(of string, config map[string]any) []string {
	var entries []string
	for _, key := range sortedKeys(config) {
		value, err := tomlValue(config[key])
		if _, isTable := config[key].(map[string]any); isTable && !strings.Contains(key, ".") {
			// A loader would join the table's keys to this one.
			err = fmt.Errorf("it is a table, which is allowed only for a key with a dot")
		}
		if err != nil {
			w.errs = append(w.errs, fmt.Errorf("%s: TOML cannot express config %s: %w", of, key, err))
		}
		entries = append(entries, tomlKey(key)+" = "+value)
	}
	return entries
}

// tomlValue is a value of a configuration.
func tomlValue(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", fmt.Errorf("it is null")
	case bool, int64:
		return fmt.Sprint(v), nil
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text, nil
	case string:
		return tomlString(v), nil
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			var err error
			if items[i], err = tomlValue(item); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	case map[string]any:
		if len(v) == 0 {
			return "{}", nil
		}
		var items []string
		for _, key := range sortedKeys(v) {
			value, err := tomlValue(v[key])
			if err != nil {
				return "", err
			}
			items = append(items, tomlKey(key)+" = "+value)
		}
		return "{ " + strings.Join(items, ", ") + " }", nil
	}
	return "", fmt.Errorf("it is a %T", v)
}

func tomlStrings(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = tomlString(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlString is a basic string.
func tomlString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// tomlKey is one part of a key, quoted if necessary.
func tomlKey(key string) string {
	bare := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
	}
	if key != "" && strings.IndexFunc(key, func(r rune) bool { return !bare(r) }) < 0 {
		return key
	}
	return tomlString(key)
}
