package load

import (
	"fmt"
	"slices"
	"strings"

	"gust/topology"
)

// readTOML reads a topology in gust's own format, which docs/topology-toml.md describes.
// Unlike Flux it has no legacy: an unknown key is an error.
func readTOML(r Request, file string, rep *report) *topology.Topology {
	dir, err := r.componentDir(file)
	if err != nil {
		rep.errorf(place{file: file}, "the components have no directory to run in: %w", err)
		return nil
	}
	document := parseTOML(file, rep)
	reader := tomlReader{report: rep, dir: dir}
	top := rep.table(document, "the topology")
	t := &topology.Topology{Name: top.text("name"), Config: reader.config(top)}
	spouts, bolts := top.table("spouts"), top.table("bolts")
	top.unknown(rep.errorf)

	type declared struct {
		entry
		kind topology.Kind
	}
	var all []declared
	for _, e := range spouts.entries {
		all = append(all, declared{e, topology.Spout})
	}
	for _, e := range bolts.entries {
		all = append(all, declared{e, topology.Bolt})
	}
	slices.SortStableFunc(all, func(a, b declared) int { return a.value.line - b.value.line })
	for _, d := range all {
		t.Components = append(t.Components, reader.component(d.key, d.value, d.kind))
	}
	return t
}

// tomlReader reads the parts of a file in gust's own form.
type tomlReader struct {
	*report
	dir string // the components' working directory
}

// component reads [spouts.NAME] or [bolts.NAME].
func (r *tomlReader) component(name string, v value, kind topology.Kind) *topology.Component {
	t := r.table(v, fmt.Sprintf("%s %q", kind, name))
	c := &topology.Component{
		Name:        name,
		Kind:        kind,
		Env:         r.env(t),
		Serializer:  t.text("serializer"),
		Parallelism: t.number("parallelism", 1),
		Tasks:       t.number("tasks", 0),
		Config:      r.config(t),
		Outputs:     r.outputs(t),
		Inputs:      r.inputs(t), // A spout's, too: that is for Validate to refuse.
	}
	if c.Script = r.class(t, c.Serializer); c.Script == "" {
		c.Command, c.Dir = r.command(t), r.dir
	}
	if dir := t.text("dir"); dir != "" {
		c.Dir = absoluteIn(v.file, dir)
	}
	t.unknown(r.errorf)
	return c
}

// class reads the class of a streamparse component, as the argument of streamparse_run;
// "" is a component with a command.
func (r *tomlReader) class(t *table, serializer string) (script string) {
	v, ok := t.get("class")
	if !ok {
		return ""
	}
	class := t.text("class")
	if _, both := t.get("command"); both {
		r.errorf(v.place, "%s has both a class and a command: keep one of them", t.what)
	}
	if !strings.Contains(class, ".") || strings.ContainsAny(class, " \t\n") {
		r.errorf(v.place, `%s: class must be a module and its class, such as "bolts.wordcount.WordCounter", not %s`, t.what, v)
	}
	if serializer != "" {
		return "-s " + serializer + " " + class
	}
	return class
}

// command reads the command: a list of words, or one string that is split as a shell
// splits it.
func (r *tomlReader) command(t *table) []string {
	v, ok := t.get("command")
	if !ok {
		r.errorf(t.place, `%s has no command (want one such as command = ["node", "words.js"], or class = "spouts.words.WordSpout")`, t.what)
		return nil
	}
	if line, isText := v.text(); isText {
		words, err := splitWords(line)
		if err != nil {
			r.errorf(v.place, "%s: command: %w", t.what, err)
		}
		return words
	}
	words, ok := v.texts()
	if !ok || len(words) == 0 {
		t.wrong(v, "command", "a list of words, or a string")
	}
	return words
}

// env reads the environment variables of a component.
func (r *tomlReader) env(t *table) map[string]string {
	entries := t.table("env").entries
	if len(entries) == 0 {
		return nil
	}
	env := map[string]string{}
	for _, e := range entries {
		text, ok := e.value.text()
		if !ok {
			r.errorf(e.value.place, "%s: env %s must be a string, not %s", t.what, e.key, e.value)
		}
		env[e.key] = text
	}
	return env
}

// outputs reads the output streams: a list of fields is the default stream, a
// table has one entry for each stream.
func (r *tomlReader) outputs(t *table) []topology.Stream {
	v, ok := t.get("outputs")
	if !ok {
		return nil
	}
	if fields, isList := v.texts(); isList {
		return []topology.Stream{{Name: topology.DefaultStream, Fields: fields}}
	}
	entries, ok := v.data.([]entry)
	if !ok {
		t.wrong(v, "outputs", "a list of fields, or a table of streams")
	}
	var streams []topology.Stream
	for _, e := range entries {
		streams = append(streams, r.output(e, t.what))
	}
	return streams
}

// output reads one stream: a list of fields, or a table.
func (r *tomlReader) output(e entry, component string) topology.Stream {
	if fields, ok := e.value.texts(); ok {
		return topology.Stream{Name: e.key, Fields: fields}
	}
	t := r.table(e.value, fmt.Sprintf("%s: stream %q", component, e.key))
	s := topology.Stream{Name: e.key, Fields: t.texts("fields"), Direct: t.flag("direct")}
	t.unknown(r.errorf)
	return s
}

// inputs reads the subscriptions of a bolt: a list, or a table whose keys are the sources.
func (r *tomlReader) inputs(t *table) []topology.Input {
	v, ok := t.get("inputs")
	if !ok {
		return nil
	}
	var inputs []topology.Input
	switch data := v.data.(type) {
	case []value:
		for _, item := range data {
			inputs = append(inputs, r.listedInput(item, t.what))
		}
	case []entry:
		for _, e := range data {
			inputs = append(inputs, r.keyedInput(e, t.what))
		}
	default:
		t.wrong(v, "inputs", "a list or a table")
	}
	return inputs
}

// listedInput reads an input of a list: "words", "words/errors" or a table.
func (r *tomlReader) listedInput(v value, bolt string) topology.Input {
	if source, ok := v.text(); ok {
		return inputFrom(source)
	}
	t := r.table(v, bolt+": an input")
	from, stream := t.text("from"), t.text("stream")
	in := inputFrom(from)
	if stream != "" {
		in.Component, in.Stream = from, stream // from may have a slash in it
	}
	in.Grouping = r.grouping(t)
	t.unknown(r.errorf)
	if in.Component == "" {
		r.errorf(t.place, `%s does not say from = "COMPONENT"`, t.what)
	}
	return in
}

// keyedInput reads an input of a table: the key is the source, the value its
// grouping, as a word or as a table.
func (r *tomlReader) keyedInput(e entry, bolt string) topology.Input {
	in := inputFrom(e.key)
	what := fmt.Sprintf("%s: input %q", bolt, e.key)
	if word, ok := e.value.text(); ok {
		in.Grouping = r.groupingWord(word, e.value.place, what)
		return in
	}
	t := r.table(e.value, what)
	in.Grouping = r.grouping(t)
	t.unknown(r.errorf)
	return in
}

// grouping reads the keys `grouping` and `fields`: fields alone mean a fields
// grouping, neither a shuffle.
func (r *tomlReader) grouping(t *table) topology.Grouping {
	g := topology.Grouping{Fields: t.texts("fields")}
	if len(g.Fields) > 0 {
		g.Type = topology.Fields
	}
	if word, ok := t.get("grouping"); ok {
		text, isText := word.text()
		if !isText {
			t.wrong(word, "grouping", "a string")
		}
		g.Type = r.groupingWord(text, word.place, t.what).Type
	}
	if g.Type != topology.Fields && len(g.Fields) > 0 {
		r.errorf(t.place, "%s: fields belong to a fields grouping, not to a %s one", t.what, strings.ToLower(g.Type.String()))
	}
	return g
}

// groupingWord reads a grouping's name.
func (r *tomlReader) groupingWord(word string, at place, what string) topology.Grouping {
	names := tomlGroupings()
	if !slices.Contains(names, strings.ToLower(strings.ReplaceAll(word, "-", "_"))) {
		r.errorf(at, "%s: unknown grouping %q (want %s)%s", what, word, strings.Join(names, ", "), topology.DidYouMean(word, names))
	}
	kind, _ := topology.ParseGroupingType(word)
	return topology.Grouping{Type: kind}
}

// tomlGroupings are the groupings of the form: all but custom, which is Java code.
func tomlGroupings() []string {
	var names []string
	for _, name := range topology.GroupingNames() {
		if name != topology.Custom.String() {
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

// inputFrom is a shuffled subscription to "COMPONENT" or "COMPONENT/STREAM".
func inputFrom(source string) topology.Input {
	component, stream, ok := strings.Cut(source, "/")
	if !ok {
		stream = topology.DefaultStream
	}
	return topology.Input{Component: component, Stream: stream}
}

// config reads a configuration. Tables within it are part of the keys, so that
// topology.debug = true needs no quotes; see [flatten].
func (r *tomlReader) config(t *table) map[string]any {
	config := map[string]any{}
	r.flatten(config, "", t.table("config").entries)
	return config
}

// flatten joins the keys of nested tables with dots. A key with dots in it was quoted: it
// is a whole key and keeps its value, even a table. So does topology.environment, the one
// key of Storm's whose value is a table.
func (r *tomlReader) flatten(config map[string]any, prefix string, entries []entry) {
	for _, e := range entries {
		key := prefix + e.key
		inner, isTable := e.value.data.([]entry)
		if isTable && !strings.Contains(e.key, ".") && key != "topology.environment" {
			r.flatten(config, key+".", inner)
			continue
		}
		config[key] = r.confValue(entry{key, e.value})
	}
}
