package topology

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one reason why a topology cannot run.
type Problem struct {
	// Component is the component's name, empty if the topology itself is invalid.
	Component string
	// Text is a sentence that names the component, and a similar name if there is one.
	Text string
}

// Problems are all that is wrong with a topology, in the order of its
// components. As an error it has one line for each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Text
	}
	return strings.Join(lines, "\n")
}

// Validate checks the rules for a topology in any format, and returns nil or [Problems].
// It allows components that need a JVM (see [Topology.JavaComponents]), and programs that
// this machine does not have (see lint.Commands).
func (t *Topology) Validate() error { return t.validate(false) }

// ValidateForStorm is [Topology.Validate] for a topology that goes to a Storm cluster,
// whose workers have the JVM that custom groupings need.
func (t *Topology) ValidateForStorm() error { return t.validate(true) }

func (t *Topology) validate(jvm bool) error {
	v := validator{topology: t, jvm: jvm, blamed: map[*Component]bool{}}
	v.names()
	for _, c := range t.Components {
		v.numbers(c)
		v.outputs(c)
		v.inputs(c)
	}
	v.reachable()
	if len(v.problems) == 0 {
		return nil
	}
	return v.problems
}

// JavaComponents returns the components that need a JVM, in order.
func (t *Topology) JavaComponents() []*Component {
	var java []*Component
	for _, c := range t.Components {
		if c.Java != "" {
			java = append(java, c)
		}
	}
	return java
}

// validator gathers the problems of one topology.
type validator struct {
	topology *Topology
	problems Problems
	jvm      bool // custom groupings can run
	// blamed are the bolts whose inputs have a problem: it is not reported again that
	// they are unreachable.
	blamed map[*Component]bool
}

// add notes a problem of a component.
func (v *validator) add(c *Component, format string, args ...any) {
	text := fmt.Sprintf("%s %q ", c.Kind, c.Name) + fmt.Sprintf(format, args...)
	v.problems = append(v.problems, Problem{Component: c.Name, Text: text})
}

// names checks the components' names, and that there is a spout.
func (v *validator) names() {
	seen := map[string]*Component{}
	spouts := 0
	for _, c := range v.topology.Components {
		switch first := seen[c.Name]; {
		case c.Name == "":
			v.add(c, "has no name: give it one")
		case strings.HasPrefix(c.Name, "__"):
			v.add(c, `has a reserved name: names must not start with "__"`)
		case first != nil:
			v.add(c, "has the same name as another %s: component names must be unique", first.Kind)
		}
		seen[c.Name] = c
		if c.Kind == Spout {
			spouts++
		}
	}
	if spouts == 0 {
		v.problems = append(v.problems, Problem{
			Text: fmt.Sprintf("topology %q has no spout: nothing would ever be emitted", v.topology.Name),
		})
	}
}

// maxParallelism is more than a machine has processes, or a cluster has slots.
const maxParallelism = 100_000

// numbers checks a component's number of tasks, and its serializer.
func (v *validator) numbers(c *Component) {
	if c.Parallelism < 1 {
		v.add(c, "has a parallelism of %d: it must be at least 1", c.Parallelism)
	}
	if c.Parallelism > maxParallelism {
		v.add(c, "has a parallelism of %d: it must be %d at most", c.Parallelism, maxParallelism)
	}
	if c.Tasks < 0 {
		v.add(c, "has topology.tasks %d: it must not be negative", c.Tasks)
	}
	if c.Java == "" && c.Serializer != "json" && c.Serializer != "msgpack" {
		v.add(c, "has unknown serializer %q (want json or msgpack)", c.Serializer)
	}
}

// outputs checks the streams that a component declares.
func (v *validator) outputs(c *Component) {
	streams := map[string]bool{}
	for _, s := range c.Outputs {
		switch {
		case s.Name == "":
			v.add(c, "declares a stream without a name")
		case strings.HasPrefix(s.Name, "__"):
			v.add(c, `declares stream %q: names that start with "__" are reserved`, s.Name)
		case streams[s.Name]:
			v.add(c, "declares stream %q twice", s.Name)
		}
		streams[s.Name] = true

		fields := map[string]bool{}
		for _, field := range s.Fields {
			if fields[field] {
				v.add(c, "declares field %q of stream %q twice", field, s.Name)
			}
			fields[field] = true
		}
	}
}

// inputs checks the subscriptions of a component.
func (v *validator) inputs(c *Component) {
	before := len(v.problems)
	switch {
	case c.Kind == Spout && len(c.Inputs) > 0:
		v.add(c, "has inputs: a spout only emits; make it a bolt")
	case c.Kind == Bolt && len(c.Inputs) == 0:
		v.add(c, "has no inputs: it would never get a tuple")
	}
	type stream struct{ component, stream string }
	seen := map[stream]bool{}
	for _, in := range c.Inputs {
		key := stream{in.Component, in.Stream}
		if seen[key] {
			v.add(c, "subscribes to stream %q of %q twice", in.Stream, in.Component)
		} else {
			v.input(c, in)
		}
		seen[key] = true
	}
	v.blamed[c] = len(v.problems) > before
}

// input checks one subscription of a bolt against the source's declaration.
func (v *validator) input(c *Component, in Input) {
	if in.Grouping.Type == Custom && !v.jvm {
		v.add(c, "groups stream %q of %q by %s, which needs a JVM: submit it to a Storm cluster",
			in.Stream, in.Component, in.Grouping.customName())
	}
	source := v.topology.Component(in.Component)
	if source == nil {
		v.add(c, "subscribes to %q, but there is no such component%s",
			in.Component, DidYouMean(in.Component, v.topology.names()))
		return
	}
	stream := source.Stream(in.Stream)
	if stream == nil {
		// Only the code of a Java class knows its outputs.
		if source.Java == "" || len(source.Outputs) > 0 {
			v.add(c, "subscribes to stream %q of %s %q, which declares %s%s",
				in.Stream, source.Kind, source.Name, source.streamList(), DidYouMean(in.Stream, source.streamNames()))
		}
		return
	}
	v.grouping(c, in, stream)
}

// grouping checks that a grouping fits its stream.
func (v *validator) grouping(c *Component, in Input, stream *Stream) {
	g := in.Grouping
	switch {
	case g.Type == Direct && !stream.Direct:
		v.add(c, "has a direct grouping on stream %q of %q, which is not declared direct", in.Stream, in.Component)
	case g.Type != Direct && stream.Direct:
		v.add(c, "has a %s grouping on stream %q of %q, which is direct: only a direct grouping can read it",
			strings.ToLower(g.Type.String()), in.Stream, in.Component)
	case g.Type == Fields && len(g.Fields) == 0:
		v.add(c, "has a fields grouping without fields on stream %q of %q", in.Stream, in.Component)
	}
	if g.Type != Fields {
		return
	}
	for _, field := range g.Fields {
		if !slices.Contains(stream.Fields, field) {
			v.add(c, "groups stream %q of %q by field %q, but its fields are %s%s",
				in.Stream, in.Component, field, quoted(stream.Fields), DidYouMean(field, stream.Fields))
		}
	}
}

// reachable finds the bolts that get no spout's tuples: cycles without a source, and the
// bolts after them.
func (v *validator) reachable() {
	reached := map[string]bool{}
	for _, c := range v.topology.Components {
		reached[c.Name] = reached[c.Name] || c.Kind == Spout || v.blamed[c]
	}
	for grown := true; grown; {
		grown = false
		for _, c := range v.topology.Components {
			for _, in := range c.Inputs {
				if !reached[c.Name] && reached[in.Component] {
					reached[c.Name], grown = true, true
				}
			}
		}
	}
	for _, c := range v.topology.Components {
		if !reached[c.Name] {
			v.add(c, "cannot be reached from any spout: it gets tuples only from %s", quoted(c.sources()))
		}
	}
}

// names are the components' names, in order.
func (t *Topology) names() []string {
	names := make([]string, len(t.Components))
	for i, c := range t.Components {
		names[i] = c.Name
	}
	return names
}

// streamNames are the names of the component's output streams, in order.
func (c *Component) streamNames() []string {
	names := make([]string, len(c.Outputs))
	for i, s := range c.Outputs {
		names[i] = s.Name
	}
	return names
}

// streamList lists a component's streams, for errors.
func (c *Component) streamList() string {
	if len(c.Outputs) == 0 {
		return "no streams"
	}
	return quoted(c.streamNames())
}

// sources are the names of the components that a bolt subscribes to, each once.
func (c *Component) sources() []string {
	var names []string
	for _, in := range c.Inputs {
		if !slices.Contains(names, in.Component) {
			names = append(names, in.Component)
		}
	}
	return names
}

// customName is the Java code of a custom grouping, for errors.
func (g Grouping) customName() string {
	if g.Class == "" {
		return "a custom grouping"
	}
	return "the custom grouping " + g.Class
}

// quoted lists names for a message: "a", "b".
func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(list, ", ")
}
