package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gust/conf"
	"gust/topology"
)

// readFlux reads a topology in the form of Storm's Flux.
func readFlux(r Request, file string, rep *report) *topology.Topology {
	dir, err := r.componentDir(file)
	if err != nil {
		rep.errorf(place{file: file}, "the components have no directory to run in: %w", err)
		return nil
	}
	properties := map[string]string{}
	if r.Filter != "" {
		if properties, err = readProperties(r.inDir(r.Filter)); err != nil {
			rep.errs = append(rep.errs, err)
			return nil
		}
	}
	reader := fluxReader{report: rep, properties: properties, filter: r.Filter, dir: dir}
	definition := reader.read(file, nil)
	if len(rep.errs) > 0 {
		return nil
	}
	return definition.topology(rep)
}

// fluxReader reads Flux files, the one that is named and those that it includes.
type fluxReader struct {
	*report
	properties map[string]string // of the filter file
	filter     string            // its name, or ""
	dir        string            // the components' working directory
}

// fluxDefinition is a Flux file (TopologyDef), with its includes merged.
type fluxDefinition struct {
	place
	name       string
	config     map[string]any
	components []*topology.Component
	streams    []fluxStream
}

// fluxStream is an edge of the topology (StreamDef).
type fluxStream struct {
	place
	to    string
	input topology.Input
}

// read reads one file. includedBy are the files that led to it, for cycles.
func (f *fluxReader) read(file string, includedBy []string) *fluxDefinition {
	d := &fluxDefinition{place: place{file: file}}
	text, ok := f.substituted(file)
	if !ok {
		return d
	}
	t := f.table(parseYAML(file, text, f.report), "the topology")
	d.name = t.text("name")
	d.config = t.config("config")
	for _, v := range t.list("spouts") {
		d.components = append(d.components, f.component(v, topology.Spout))
	}
	for _, v := range t.list("bolts") {
		d.components = append(d.components, f.component(v, topology.Bolt))
	}
	for _, v := range t.list("streams") {
		d.streams = append(d.streams, f.stream(v))
	}
	for _, v := range t.list("includes") {
		f.include(d, v, append(slices.Clone(includedBy), file))
	}
	if source, ok := t.get("topologySource"); ok {
		f.errorf(source.place, "topologySource is Java code that builds the topology, which needs a JVM: submit it to a Storm cluster")
	}
	// Flux has these for Java components alone.
	t.get("components")
	t.get("workerHooks")
	t.unknown(f.warnf)
	return d
}

// component reads a spout or a bolt (VertexDef).
func (f *fluxReader) component(v value, kind topology.Kind) *topology.Component {
	t := f.table(v, "a "+kind.String())
	c := &topology.Component{Name: t.text("id"), Kind: kind, Dir: f.dir}
	if c.Name == "" {
		f.errorf(t.place, "a %s has no id", kind)
	}
	t.what = fmt.Sprintf("%s %q", kind, c.Name)
	c.Parallelism = t.number("parallelism", 1)
	c.Tasks = max(0, t.number("numTasks", 0)) // -1 is Flux's "not set"
	f.program(c, t)
	f.configMethods(c, t)
	// The component's config overrides that of its class, as in TopologyBuilder.
	c.Config = conf.Merge(c.Config, t.config("config"))
	for _, key := range []string{
		"properties", "factory", "factoryArgs", "onHeapMemoryLoad", "offHeapMemoryLoad", "cpuLoad",
	} {
		t.get(key)
	}
	t.unknown(f.warnf)
	return c
}

// program reads a component's program: for a shell component its command and the fields
// of its default stream, for any other the Java class.
func (f *fluxReader) program(c *topology.Component, t *table) {
	class := t.text("className")
	command, fields, isCommand := shellArguments(t.list("constructorArgs"))
	switch kind, certain := shellKind(class); {
	case class == "":
		f.errorf(t.place, "%s has no className", t.what)
	case kind == "" || !isCommand && !certain:
		c.Java = class
	case !isCommand:
		f.errorf(t.place, "%s: constructorArgs must begin with the command, a list of strings such as [python3, bolt.py]", t.what)
	case kind != c.Kind.String():
		f.errorf(t.place, "%s has the class of a %s: %s", t.what, kind, class)
	default:
		c.Command = command
		if fields != nil {
			c.Outputs = []topology.Stream{{Name: topology.DefaultStream, Fields: fields}}
		}
	}
}

// shellKind is the kind of shell component of a Java class, by its name: Flux's own
// classes in any package, and probably the users' subclasses of ShellBolt and ShellSpout.
func shellKind(class string) (kind string, certain bool) {
	name := class[strings.LastIndexAny(class, ".$")+1:]
	switch name {
	case "FluxShellSpout":
		return "spout", true
	case "FluxShellBolt":
		return "bolt", true
	}
	for suffix, kind := range map[string]string{
		"ShellSpout": "spout", "GenericSpout": "spout", "ShellBolt": "bolt", "GenericBolt": "bolt",
	} {
		if strings.HasSuffix(name, suffix) {
			return kind, false
		}
	}
	return "", false
}

// shellArguments reads a shell component's constructor arguments: the command,
// as a list or as single words, and after it a list of output fields.
func shellArguments(args []value) (command, fields []string, ok bool) {
	if len(args) == 0 {
		return nil, nil, false
	}
	if list, isList := args[0].texts(); isList {
		command, args = list, args[1:]
	} else {
		for len(args) > 0 {
			word, isText := args[0].text()
			if !isText {
				break
			}
			command, args = append(command, word), args[1:]
		}
	}
	if len(args) > 0 {
		if fields, ok = args[0].texts(); !ok {
			return nil, nil, false
		}
		args = args[1:]
	}
	return command, fields, len(command) > 0 && len(args) == 0
}

// stream reads an edge (StreamDef and GroupingDef).
func (f *fluxReader) stream(v value) fluxStream {
	t := f.table(v, "a stream")
	t.text("name") // Flux's documentation says that this is for people.
	s := fluxStream{place: t.place, to: t.text("to")}
	s.input.Component = t.text("from")
	t.what = fmt.Sprintf("the stream from %q to %q", s.input.Component, s.to)

	g := t.table("grouping")
	s.input.Stream = cmp.Or(g.text("streamId"), topology.DefaultStream)
	s.input.Grouping = f.grouping(g)
	t.unknown(f.warnf)
	g.unknown(f.warnf)
	return s
}

func (f *fluxReader) grouping(t *table) topology.Grouping {
	var g topology.Grouping
	args := t.texts("args")
	custom := t.table("customClass")
	name := t.text("type")
	kind, ok := topology.ParseGroupingType(name)
	switch g.Type = kind; {
	case name == "":
		f.errorf(t.place, "%s has no type: one of %s", t.what, strings.Join(topology.GroupingNames(), ", "))
	case !ok:
		f.errorf(t.place, "%s has type %q, but Storm's are %s%s",
			t.what, name, strings.Join(topology.GroupingNames(), ", "), topology.DidYouMean(name, topology.GroupingNames()))
	case kind == topology.Fields:
		g.Fields = args
	case kind == topology.Custom:
		g.Class = custom.text("className")
	}
	return g
}

// topology joins the edges to their bolts.
func (d *fluxDefinition) topology(rep *report) *topology.Topology {
	t := &topology.Topology{Name: d.name, Components: d.components, Config: d.config}
	for _, s := range d.streams {
		bolt := t.Component(s.to)
		if bolt == nil {
			rep.errorf(s.place, "the stream from %q to %q leads to no component%s",
				s.input.Component, s.to, topology.DidYouMean(s.to, d.names()))
			continue
		}
		bolt.Inputs = append(bolt.Inputs, s.input)
		if s.input.Grouping.Type == topology.Direct {
			declareDirect(t.Component(s.input.Component), s.input.Stream)
		}
	}
	return t
}

// declareDirect makes a stream direct. Flux cannot declare that: the only sign of it is
// the direct grouping of a subscriber.
func declareDirect(source *topology.Component, name string) {
	if source == nil {
		return
	}
	if stream := source.Stream(name); stream != nil {
		stream.Direct = true
	}
}

// names are the names of all components, for suggestions.
func (d *fluxDefinition) names() []string {
	names := make([]string, len(d.components))
	for i, c := range d.components {
		names[i] = c.Name
	}
	return names
}
