package convert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gust/topology"
)

// python writes the topology as a class of streamparse's DSL. The DSL validates the
// topology when it is imported, so it must be valid.
func (w *writer) python() {
	if err := w.topology.Validate(); err != nil {
		w.errs = append(w.errs, err)
		return
	}
	p := &pythonWriter{writer: w, names: map[string]string{}, taken: map[string]bool{}, classes: map[string]string{}}
	for _, name := range slices.Concat(pythonKeywords, topologyAttributes, dslNames) {
		p.taken[name] = true
	}
	for _, c := range w.topology.Components {
		p.check(c)
	}
	p.nameClasses()
	for _, c := range w.topology.Components {
		p.names[c.Name] = p.unused(identifier(c.Name))
	}
	body := p.body()
	p.imports(body)
	p.sharedOutputs()
	w.printf("\n\nclass %s(Topology):\n%s", p.unused(camelCase(w.topology.Name)), body)
}

// dslNames are the names that a file may import from streamparse.
var dslNames = []string{"GlobalStreamId", "Grouping", "ShellBolt", "ShellSpout", "Stream", "Topology"}

// topologyAttributes have a special meaning in a subclass of streamparse's Topology.
var topologyAttributes = []string{"config", "read", "specs", "thrift_bolts", "thrift_spouts", "thrift_topology", "write"}

var pythonKeywords = strings.Fields(`False None True and as assert async await break class continue def del elif else
	except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// pythonWriter writes one topology.
type pythonWriter struct {
	*writer
	names    map[string]string // the variable of each component
	taken    map[string]bool   // the names that mean something already
	classes  map[string]string // the name in this file of each class, by its path
	imported []string          // the paths of the classes, in order
}

// check reports what the DSL cannot express.
func (p *pythonWriter) check(c *topology.Component) {
	switch _, _, isClass := classAndSerializer(c.Script); {
	case c.Java != "":
		p.fail(c, "is Java, %s: declare it in Python by hand, with JavaBolt or JavaSpout", c.Java)
	case isClass:
	case len(c.Command) != 2:
		p.fail(c, "runs %q: streamparse allows only a program and one argument", c.Command)
	case len(c.Env) > 0:
		p.fail(c, "sets environment variables, which streamparse cannot express")
	case c.Serializer != "json":
		p.fail(c, "uses serializer %s, which streamparse cannot express", c.Serializer)
	}
	if c.Kind == topology.Spout && len(c.Outputs) == 0 {
		p.fail(c, "has no outputs, which streamparse requires of a spout")
	}
	for _, in := range c.Inputs {
		if in.Grouping.Type == topology.Custom {
			p.fail(c, "groups stream %q of %q by Java code: declare that in Python by hand", in.Stream, in.Component)
		}
	}
}

// nameClasses finds a name for every class that a component is of.
func (p *pythonWriter) nameClasses() {
	for _, c := range p.topology.Components {
		path, _, ok := classAndSerializer(c.Script)
		if !ok || p.classes[path] != "" {
			continue
		}
		module, class := splitClass(path)
		for _, part := range strings.Split(path, ".") {
			if identifier(part) != part || slices.Contains(pythonKeywords, part) {
				p.fail(c, "has the class %s, which is not a valid name in Python", path)
				break
			}
		}
		if p.taken[class] {
			// Two modules may have a class of one name.
			class = p.unused(camelCase(module[strings.LastIndexByte(module, '.')+1:]) + class)
		}
		p.taken[class], p.classes[path] = true, class
		p.imported = append(p.imported, path)
	}
}

// splitClass splits bolts.count.Count into its module and its class.
func splitClass(path string) (module, class string) {
	dot := strings.LastIndexByte(path, '.')
	return path[:dot], path[dot+1:]
}

// unused is the name, with a suffix if it is already in use.
func (p *pythonWriter) unused(name string) string {
	free := name
	for n := 2; p.taken[free]; n++ {
		free = name + "_" + strconv.Itoa(n)
	}
	p.taken[free] = true
	return free
}

// imports writes the import statements that the body needs.
func (p *pythonWriter) imports(body string) {
	var names []string
	for _, name := range dslNames {
		used := strings.Contains(body, name+"(") || strings.Contains(body, name+".") ||
			name == "Stream" && slices.ContainsFunc(p.topology.Components, needsStream)
		if name == "Topology" || used && name != "GlobalStreamId" {
			names = append(names, name)
		}
	}
	p.printf("from streamparse import %s\n", strings.Join(names, ", "))
	if strings.Contains(body, "GlobalStreamId(") {
		p.printf("from streamparse.thrift import GlobalStreamId\n")
	}
	if len(p.imported) > 0 {
		p.printf("\n")
	}
	slices.Sort(p.imported)
	byModule := map[string][]string{}
	for _, path := range p.imported {
		module, class := splitClass(path)
		if name := p.classes[path]; name != class {
			class += " as " + name
		}
		byModule[module] = append(byModule[module], class)
	}
	for _, module := range sortedKeys(byModule) {
		p.printf("from %s import %s\n", module, strings.Join(byModule[module], ", "))
	}
}

// needsStream reports whether a component's outputs are more than the fields of the
// default stream.
func needsStream(c *topology.Component) bool {
	return len(c.Outputs) > 1 || len(c.Outputs) == 1 &&
		(c.Outputs[0].Name != topology.DefaultStream || c.Outputs[0].Direct || len(c.Outputs[0].Fields) == 0)
}

// sharedOutputs declares the outputs in the classes, as streamparse 3 and later do. If
// the components of a class have different outputs, each component declares its own.
func (p *pythonWriter) sharedOutputs() {
	explained := false
	for _, path := range p.imported {
		outputs, same := p.outputsOf(path)
		if !same || outputs == "[]" {
			continue
		}
		if !explained {
			p.printf("\n# What a class emits is declared in the class: these lines belong there.\n")
			explained = true
		}
		p.printf("%s.outputs = %s\n", p.classes[path], outputs)
	}
}

// outputsOf is the outputs of the components of a class, and whether they are all the
// same.
func (p *pythonWriter) outputsOf(path string) (outputs string, same bool) {
	var all []string
	for _, c := range p.topology.Components {
		if class, _, ok := classAndSerializer(c.Script); ok && class == path {
			all = append(all, pythonOutputs(c))
		}
	}
	return all[0], len(slices.Compact(all)) == 1
}

// pythonOutputs is a component's outputs as the DSL writes them.
func pythonOutputs(c *topology.Component) string {
	if !needsStream(c) {
		if len(c.Outputs) == 0 {
			return "[]"
		}
		return pythonStrings(c.Outputs[0].Fields)
	}
	var streams []string
	for _, s := range c.Outputs {
		stream := "Stream(" + pythonStrings(s.Fields)
		if s.Name != topology.DefaultStream {
			stream += ", name=" + pythonString(s.Name)
		}
		if s.Direct {
			stream += ", direct=True"
		}
		streams = append(streams, stream+")")
	}
	return "[" + strings.Join(streams, ", ") + "]"
}

// body writes the body of the class.
func (p *pythonWriter) body() string {
	var b strings.Builder
	if len(p.topology.Config) > 0 {
		fmt.Fprintf(&b, "    config = %s\n", p.value("the topology", p.topology.Config))
	}
	declared := map[string]bool{}
	for _, c := range p.topology.Components {
		p.component(&b, c, declared)
		declared[c.Name] = true
	}
	return b.String()
}

// component writes one component. Those that are declared may be named by their variables.
func (p *pythonWriter) component(b *strings.Builder, c *topology.Component, declared map[string]bool) {
	variable := p.names[c.Name]
	var arguments []string
	if variable != c.Name || strings.HasPrefix(variable, "_") { // Python mangles __x
		arguments = append(arguments, "name="+pythonString(c.Name))
	}
	of := "Shell" + strings.ToUpper(c.Kind.String()[:1]) + c.Kind.String()[1:]
	if path, _, ok := classAndSerializer(c.Script); ok {
		of = p.classes[path]
		if _, same := p.outputsOf(path); !same {
			fmt.Fprintf(b, "    %s.outputs = %s\n", of, pythonOutputs(c))
		}
	} else if len(c.Command) == 2 {
		arguments = append(arguments, "command="+pythonString(c.Command[0]), "script="+pythonString(c.Command[1]))
		if len(c.Outputs) > 0 {
			arguments = append(arguments, "outputs="+pythonOutputs(c))
		}
	}
	if len(c.Inputs) > 0 {
		arguments = append(arguments, "inputs="+p.inputs(c, declared))
	}
	if c.Parallelism != 1 {
		arguments = append(arguments, fmt.Sprintf("par=%d", c.Parallelism))
	}
	if len(c.Config) > 0 {
		arguments = append(arguments, "config="+p.value(fmt.Sprintf("%s %q", c.Kind, c.Name), c.Config))
	}
	line := fmt.Sprintf("    %s = %s.spec(%s)\n", variable, of, strings.Join(arguments, ", "))
	if len(line) > 100 {
		line = fmt.Sprintf("    %s = %s.spec(\n        %s,\n    )\n", variable, of, strings.Join(arguments, ",\n        "))
	}
	b.WriteString(line)
}

// inputs is a bolt's inputs: a list if all have a shuffle grouping, else a dict.
func (p *pythonWriter) inputs(c *topology.Component, declared map[string]bool) string {
	shuffled := !slices.ContainsFunc(c.Inputs, func(in topology.Input) bool { return in.Grouping.Type != topology.Shuffle })
	var items []string
	for _, in := range c.Inputs {
		source := p.names[in.Component]
		switch {
		case !declared[in.Component]: // the source is declared later, or missing
			source = fmt.Sprintf("GlobalStreamId(componentId=%s, streamId=%s)", pythonString(in.Component), pythonString(in.Stream))
		case in.Stream != topology.DefaultStream:
			source += "[" + pythonString(in.Stream) + "]"
		}
		if !shuffled {
			source += ": " + pythonGrouping(in.Grouping)
		}
		items = append(items, source)
	}
	if shuffled {
		return "[" + strings.Join(items, ", ") + "]"
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func pythonGrouping(g topology.Grouping) string {
	if g.Type != topology.Fields {
		return "Grouping." + g.Type.String()
	}
	fields := pythonStrings(g.Fields)
	return "Grouping.fields(" + fields[1:len(fields)-1] + ")"
}

// value is a configuration's value as Python writes it.
func (p *pythonWriter) value(of string, v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case string:
		return pythonString(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, p.value(of, item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var items []string
		for _, key := range sortedKeys(v) {
			items = append(items, pythonString(key)+": "+p.value(of, v[key]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	p.errs = append(p.errs, fmt.Errorf("%s: its config holds a %T", of, v))
	return "None"
}

func pythonStrings(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = pythonString(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// pythonString is a string literal. JSON's syntax means the same in Python if characters
// beyond 16 bits are not escaped as surrogates, as here.
func pythonString(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // strings cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// identifier is a name as Python allows it.
func identifier(name string) string {
	id := strings.Map(func(r rune) rune {
		if r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, name)
	if id == "" || unicode.IsDigit(rune(id[0])) {
		id = "_" + id
	}
	return id
}

// camelCase is a name as Python's classes have it: word-count becomes WordCount.
func camelCase(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(identifier(name), func(r rune) bool { return r == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return identifier(b.String())
}
