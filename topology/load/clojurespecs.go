package load

import (
	"math"
	"slices"
	"strings"

	"gust/topology"
	"gust/topology/load/clojure"
)

// builtins are the functions that a topology file gets from streamparse.specs
// and backtype.storm.clojure.
func (r *clojureReader) builtins() map[string]clojure.Builtin {
	return map[string]clojure.Builtin{
		"python-spout-spec": r.spec(topology.Spout, "options class outputs", (*clojureSpec).python),
		"python-bolt-spec":  r.spec(topology.Bolt, "options inputs class outputs", (*clojureSpec).python),
		"shell-spout-spec":  r.spec(topology.Spout, "command outputs", (*clojureSpec).shell),
		"shell-bolt-spec":   r.spec(topology.Bolt, "inputs command outputs", (*clojureSpec).shell),
		"spout-spec":        r.spec(topology.Spout, "spout", (*clojureSpec).object),
		"bolt-spec":         r.spec(topology.Bolt, "inputs bolt", (*clojureSpec).object),

		"topology":             func(c clojure.Call) (any, error) { return c.Values() },
		"direct-stream":        r.stream(true),
		"direct-output-fields": r.stream(true),
		"output-fields":        r.stream(false),
	}
}

// stream is a function that makes a stream of its fields.
func (r *clojureReader) stream(direct bool) clojure.Builtin {
	return func(c clojure.Call) (any, error) {
		arguments, err := c.Values()
		if err != nil {
			return nil, err
		}
		if len(arguments) != 1 {
			return nil, c.Errorf("%s takes the fields of a stream", c.Items[0].Text)
		}
		return topology.Stream{Fields: r.strings(arguments[0], "the fields of a stream"), Direct: direct}, nil
	}
}

// spec is a function that declares a component. usage are its arguments, in words,
// which keywords may follow: :p and :conf.
func (r *clojureReader) spec(kind topology.Kind, usage string, read func(*clojureSpec) error) clojure.Builtin {
	return func(c clojure.Call) (any, error) {
		s := &clojureSpec{
			clojureReader: r, call: c, rest: c.Args(), usage: usage,
			component: &topology.Component{Kind: kind, Parallelism: 1, Config: map[string]any{}},
		}
		err := read(s)
		if err == nil {
			err = s.keywords()
		}
		if err != nil {
			r.fail(err)
		}
		return s.component, nil
	}
}

// clojureSpec is one call of a function that declares a component.
type clojureSpec struct {
	*clojureReader
	call      clojure.Call
	rest      []clojure.Form // the arguments that were not read yet
	usage     string
	component *topology.Component
}

// next returns the next argument, unevaluated.
func (s *clojureSpec) next() (clojure.Form, error) {
	if len(s.rest) == 0 || s.rest[0].Kind == clojure.Keyword {
		return clojure.Form{}, s.call.Errorf("%s: missing argument: (%[1]s %s :p 1)", s.call.Items[0].Text, s.usage)
	}
	form := s.rest[0]
	s.rest = s.rest[1:]
	return form, nil
}

// value returns the next argument's value.
func (s *clojureSpec) value() (clojure.Value, error) {
	form, err := s.next()
	if err != nil {
		return clojure.Value{}, err
	}
	return s.call.Eval(form)
}

// python reads (python-spout-spec options class outputs) or
// (python-bolt-spec options inputs class outputs).
func (s *clojureSpec) python() error {
	options, err := s.value()
	if err != nil {
		return err
	}
	if _, isMap := options.Data.(clojure.Entries); !isMap && options.Data != nil {
		return s.call.Errorf("%s takes the topology's options first, not %s: (%[1]s %[3]s :p 1)", s.call.Items[0].Text, options, s.usage)
	}
	if err := s.inputs(); err != nil {
		return err
	}
	class, err := s.value()
	if err != nil {
		return err
	}
	text, ok := class.Data.(string)
	if !ok || !strings.Contains(text, ".") || strings.ContainsAny(text, " \t\n") {
		s.at(class.Line, `the class must be a string such as "bolts.wordcount.WordCounter", not %s`, class)
	}
	s.component.Script = text
	return s.outputs()
}

// shell reads (shell-spout-spec command outputs) or (shell-bolt-spec inputs
// command outputs). The command is a vector, or a program and its script.
func (s *clojureSpec) shell() error {
	if err := s.inputs(); err != nil {
		return err
	}
	command, err := s.value()
	if err != nil {
		return err
	}
	var words []string
	if program, ok := command.Data.(string); ok {
		script, err := s.value()
		if err != nil {
			return err
		}
		text, ok := script.Data.(string)
		if !ok {
			s.at(script.Line, "the script of %s must be a string, not %s", program, script)
		}
		words = []string{program, text}
	} else {
		words = s.strings(command, "a command")
	}
	switch {
	case isModuleRun(words):
		s.component.Script = words[len(words)-1]
	case len(words) == 0:
		s.at(command.Line, `the command is empty (want one such as ["python" "words.py"])`)
	default:
		s.component.Command = words
	}
	return s.outputs()
}

// object reads (spout-spec spout) or (bolt-spec inputs bolt), whose component is an
// object in the JVM. Only its own code knows its outputs.
func (s *clojureSpec) object() error {
	if err := s.inputs(); err != nil {
		return err
	}
	object, err := s.next()
	s.component.Java = "Clojure object " + object.Excerpt()
	return err
}

// inputs reads the inputs of a bolt: a map from a component's name, or a vector of the
// name and a stream, to the grouping. A spout has no inputs.
func (s *clojureSpec) inputs() error {
	if s.component.Kind == topology.Spout {
		return nil
	}
	inputs, err := s.value()
	if err != nil {
		return err
	}
	for _, e := range s.entries(inputs, "the inputs of a bolt") {
		in := topology.Input{Stream: topology.DefaultStream, Grouping: s.grouping(e.Value)}
		if name, ok := e.Key.Data.(string); ok {
			in.Component = name
		} else if from := s.strings(e.Key, `an input's component, or its ["component" "stream"],`); len(from) == 2 {
			in.Component, in.Stream = from[0], from[1]
		} else if _, ok := e.Key.Data.([]clojure.Value); ok {
			s.at(e.Key.Line, `an input must be a component, or its ["component" "stream"], not a vector of %d`, len(from))
		}
		s.component.Inputs = append(s.component.Inputs, in)
	}
	return nil
}

// grouping reads a keyword, or the fields of a fields grouping. As in Storm, a vector
// without fields is global, and nil is the grouping none.
func (s *clojureSpec) grouping(v clojure.Value) topology.Grouping {
	switch data := v.Data.(type) {
	case nil:
		return topology.Grouping{Type: topology.None}
	case []clojure.Value:
		if len(data) == 0 {
			return topology.Grouping{Type: topology.Global}
		}
		return topology.Grouping{Type: topology.Fields, Fields: s.strings(v, "the fields of a grouping")}
	case clojure.Name:
		names := groupingKeywords()
		if slices.Contains(names, v.String()) {
			grouping, _ := topology.ParseGroupingType(string(data))
			return topology.Grouping{Type: grouping}
		}
		s.at(v.Line, "unknown grouping %s (want %s)%s", v, strings.Join(names, ", "), topology.DidYouMean(v.String(), names))
	default:
		s.at(v.Line, `a grouping must be a keyword such as :shuffle or a vector of fields, not %s`, v)
	}
	return topology.Grouping{}
}

// groupingKeywords are the groupings that have a keyword.
func groupingKeywords() []string {
	var names []string
	for _, name := range topology.GroupingNames() {
		if name != topology.Custom.String() && name != topology.Fields.String() {
			names = append(names, ":"+strings.ToLower(strings.ReplaceAll(name, "_", "-")))
		}
	}
	return names
}

// outputs reads the streams: a vector of fields is the default stream, a map has
// one entry for each.
func (s *clojureSpec) outputs() error {
	outputs, err := s.value()
	if err != nil {
		return err
	}
	streams, isMap := outputs.Data.(clojure.Entries)
	if !isMap {
		s.component.Outputs = []topology.Stream{s.output(topology.DefaultStream, outputs)}
		return nil
	}
	for _, e := range streams {
		name, ok := e.Key.Data.(string)
		if !ok {
			s.at(e.Key.Line, "the name of a stream must be a string, not %s", e.Key)
		}
		s.component.Outputs = append(s.component.Outputs, s.output(name, e.Value))
	}
	return nil
}

// output reads one stream.
func (s *clojureSpec) output(name string, v clojure.Value) topology.Stream {
	if stream, ok := v.Data.(topology.Stream); ok {
		stream.Name = name
		return stream
	}
	return topology.Stream{Name: name, Fields: s.strings(v, "the fields of a stream")}
}

// keywords reads the options after the arguments: :p, or :parallelism-hint, and :conf.
func (s *clojureSpec) keywords() error {
	known := []string{":p", ":conf", ":parallelism-hint"}
	for ; len(s.rest) > 0; s.rest = s.rest[2:] {
		word := s.rest[0]
		switch {
		case word.Kind != clojure.Keyword:
			return s.call.Errorf("%s: too many arguments, the first is %s: (%[1]s %[3]s :p 1)", s.call.Items[0].Text, word.Excerpt(), s.usage)
		case !slices.Contains(known, ":"+word.Text):
			s.at(word.Line, "%s has no keyword %s%s", s.call.Items[0].Text, word.Excerpt(), topology.DidYouMean(":"+word.Text, known))
		}
		if len(s.rest) == 1 {
			return s.call.Errorf("%s has no value after %s", s.call.Items[0].Text, word.Excerpt())
		}
		v, err := s.call.Eval(s.rest[1])
		if err != nil {
			return err
		}
		if word.Text == "conf" {
			s.component.Config = s.config(v)
		} else if v.Data != nil && slices.Contains(known, ":"+word.Text) {
			s.component.Parallelism = s.parallelism(v)
		}
	}
	return nil
}

// parallelism reads a whole number.
func (s *clojureSpec) parallelism(v clojure.Value) int {
	n, ok := v.Data.(int64)
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		s.at(v.Line, "the parallelism must be a whole number, not %s", v)
		return 1
	}
	return int(n)
}
