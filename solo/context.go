package solo

import (
	"fmt"

	"gust/multilang"
	"gust/topology"
)

// ownTask is the component's task; the sources' follow, and last the sink's.
const ownTask = 1

// sink is the component that everything goes to which the component emits.
const sink = "output"

// source is a stream that tuples come from.
type source struct {
	component, stream string
	fields            []string
	task              int32
	origin            multilang.Origin
}

// sourcesOf are the streams of the steps' tuples, by the order in which they
// first come. fields are those of the default stream of [DefaultSource], where
// they are given. An error names a line whose values are too many or too few.
func sourcesOf(steps []Step, fields []string, codec multilang.Codec) ([]*source, error) {
	var sources []*source
	for i := range steps {
		s := &steps[i]
		if s.Tuple == nil {
			continue
		}
		src := find(sources, s.Component, s.Stream)
		if src == nil {
			src = &source{component: s.Component, stream: s.Stream, fields: s.Fields, task: taskOf(sources, s.Component)}
			if fields != nil && s.Component == DefaultSource && s.Stream == topology.DefaultStream {
				src.fields = fields
			}
			src.origin = codec.NewOrigin(s.Component, s.Stream, src.task)
			sources = append(sources, src)
		}
		n, err := countValues(s.Tuple)
		if err != nil {
			return nil, fmt.Errorf("line %d of the input: %w", s.Line, err)
		}
		if src.fields == nil {
			src.fields = numbered(n)
		}
		if n != len(src.fields) {
			return nil, fmt.Errorf("line %d of the input: the tuple has %d values, and the fields of %s/%s are %d: %v", s.Line, n, s.Component, s.Stream, len(src.fields), src.fields)
		}
	}
	return sources, nil
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

// numbered are the names of fields that nobody has named.
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

// handshake is what the component is told first.
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

// sinkTask is the task that every tuple goes to.
func (o *Options) sinkTask(sources []*source) int32 { return taskOf(sources, sink) }
