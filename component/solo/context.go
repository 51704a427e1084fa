package solo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gust/multilang"
	"gust/topology"
)

// ownTask is the component's task; the sources' follow, and last the sink's.
const ownTask = 1

// sink is the target of everything that the component emits.
const sink = "output"

// source is a stream of input tuples.
type source struct {
	component, stream string
	fields            []string
	task              int32
	origin            multilang.Origin
}

// sources are the streams of the steps' tuples, in the order of their first tuples. It
// sets the streams of the steps. An error names a line with too many or too few values,
// or with several possible streams.
func (o *Options) sources() ([]*source, error) {
	var sources []*source
	for i := range o.Steps {
		s := &o.Steps[i]
		if s.Tuple == nil {
			continue
		}
		n, err := countValues(s.Tuple)
		if err != nil {
			return nil, fmt.Errorf("line %d of the input: %w", s.Line, err)
		}
		fields, err := o.settle(s, n)
		if err != nil {
			return nil, fmt.Errorf("line %d of the input: %w", s.Line, err)
		}
		src := find(sources, s.Component, s.Stream)
		if src == nil {
			src = &source{component: s.Component, stream: s.Stream, fields: fields, task: taskOf(sources, s.Component)}
			src.origin = o.Program.Codec.NewOrigin(s.Component, s.Stream, src.task)
			sources = append(sources, src)
		}
		if src.fields == nil {
			src.fields = numbered(n)
		}
		if n != len(src.fields) {
			return nil, fmt.Errorf("line %[1]d of the input: wrong number of values in the tuple: %[2]d (want %[5]d, the fields of %[3]s/%[4]s: %[6]s)",
				s.Line, n, s.Component, s.Stream, len(src.fields), strings.Join(src.fields, ", "))
		}
	}
	return sources, nil
}

// settle finds the stream of a step's tuple of n values, and returns the stream's fields;
// nil if they have no names.
func (o *Options) settle(s *Step, n int) ([]string, error) {
	var fields []string
	if in, err := o.input(s, n); err != nil {
		return nil, err
	} else if in != nil {
		s.Component, s.Stream, fields = in.Component, in.Stream, in.Fields
	}
	s.Component = cmp.Or(s.Component, DefaultSource)
	s.Stream = cmp.Or(s.Stream, topology.DefaultStream)
	switch {
	case o.Fields != nil && s.Component == DefaultSource && s.Stream == topology.DefaultStream:
		return o.Fields, nil
	case s.Fields != nil:
		return s.Fields, nil
	}
	return fields, nil
}

// input is the bolt's input for a step's tuple of n values, or nil. If several inputs
// with the same fields fit, it is the first.
func (o *Options) input(s *Step, n int) (*Input, error) {
	if o.Fields != nil && s.Component == "" {
		return nil, nil
	}
	var named, fit []*Input
	for i := range o.Inputs {
		in := &o.Inputs[i]
		if (s.Component == "" || s.Component == in.Component) && (s.Stream == "" || s.Stream == in.Stream) {
			named = append(named, in)
			if len(in.Fields) == n {
				fit = append(fit, in)
			}
		}
	}
	switch {
	case len(named) == 0:
		return nil, nil
	case len(named) == 1:
		return named[0], nil
	case len(fit) == 0:
		return nil, fmt.Errorf("the tuple has %d values, which fits no input: %s", n, list(named))
	case slices.ContainsFunc(fit, func(in *Input) bool { return !slices.Equal(in.Fields, fit[0].Fields) }):
		return nil, fmt.Errorf("the tuple fits several inputs, %s: choose one, as in {\"tuple\": %s, \"comp\": %q, \"stream\": %q}",
			list(fit), s.Tuple, fit[0].Component, fit[0].Stream)
	}
	return fit[0], nil
}

// list names inputs with their fields.
func list(inputs []*Input) string {
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = fmt.Sprintf("%s/%s (%s)", in.Component, in.Stream, strings.Join(in.Fields, ", "))
	}
	return strings.Join(names, " or ")
}

func find(sources []*source, component, stream string) *source {
	for _, src := range sources {
		if src.component == component && src.stream == stream {
			return src
		}
	}
	return nil
}

// taskOf is a component's task: that of its other streams, or the next.
func taskOf(sources []*source, component string) int32 {
	next := int32(ownTask + 1)
	for _, src := range sources {
		if src.component == component {
			return src.task
		}
		next = max(next, src.task+1)
	}
	return next
}

// numbered are names for fields without names.
func numbered(n int) []string {
	if n == 1 {
		return []string{"value"}
	}
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprint("value", i+1)
	}
	return fields
}

// handshake is the first message to the component.
func (o *Options) handshake(sources []*source, pidDir string) *multilang.Handshake {
	c := multilang.Context{
		TaskComponents: map[int32]string{ownTask: o.Program.Name},
		TaskID:         ownTask,
		ComponentID:    o.Program.Name,
		OutputFields:   map[string][]string{},
		Targets:        map[string]map[string]multilang.Grouping{},
		Sources:        map[string]map[string]multilang.Grouping{},
		SourceFields:   map[string]map[string][]string{},
	}
	for _, src := range sources {
		if c.Sources[src.component] == nil {
			c.Sources[src.component] = map[string]multilang.Grouping{}
			c.SourceFields[src.component] = map[string][]string{}
		}
		c.TaskComponents[src.task] = src.component
		c.Sources[src.component][src.stream] = multilang.Grouping{Type: topology.Shuffle.String()}
		c.SourceFields[src.component][src.stream] = src.fields
	}
	c.TaskComponents[o.sinkTask(sources)] = sink
	for _, stream := range o.Outputs {
		c.Streams = append(c.Streams, stream.Name)
		c.OutputFields[stream.Name] = stream.Fields
		c.Targets[stream.Name] = map[string]multilang.Grouping{sink: {Type: topology.Shuffle.String()}}
	}
	return &multilang.Handshake{PIDDir: pidDir, Conf: o.Conf, Context: c}
}

// sinkTask is the target task of every tuple.
func (o *Options) sinkTask(sources []*source) int32 { return taskOf(sources, sink) }
