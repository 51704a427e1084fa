package worker

import (
	"fmt"
	"slices"

	"gust/conf"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// component is a component of the topology, with what all its tasks share.
type component struct {
	spec        *topology.Component
	conf        conf.Conf // the topology's, overridden by the component's own
	set         settings
	processSpec shell.Spec // of its processes, except for the task id
	codec       multilang.Codec
	codecNo     int     // its index in multilang.Codecs
	tasks       []*task // on all workers
	own         []*task // on this one
	outputs     []*output
	inputs      []*input
	cycle       int // components on the same cycle have the same number, others have a number of their own

	senders    []int  // the workers whose tasks emit to it, rising
	askers     []int  // the other workers with spouts upstream of it
	shareBytes uint64 // the window of each sender, in bytes

	traffic

	errors     uint64
	lastError  string
	metrics    map[string]*MetricStats
	complaints *limiter
	tracebacks *limiter // its kinds are the tracebacks themselves
}

func (c *component) name() string { return c.spec.Name }

func newComponent(spec *topology.Component, c conf.Conf) (*component, error) {
	comp := &component{spec: spec, conf: conf.Merge(c, spec.Config)}
	var ok bool
	if comp.codec, ok = multilang.CodecNamed(spec.Serializer); !ok {
		return nil, fmt.Errorf("unknown serializer %q (want json or msgpack)", spec.Serializer)
	}
	comp.codecNo = slices.Index(multilang.Codecs[:], comp.codec)
	err := comp.conf.Check()
	if err != nil {
		return nil, err
	}
	if comp.set, err = newSettings(comp.conf); err != nil {
		return nil, err
	}
	if comp.set.refused, err = refusals(spec, comp.codec, comp.conf); err != nil {
		return nil, err
	}
	if comp.processSpec, err = shell.NewSpec(spec, c); err != nil {
		return nil, err
	}
	comp.complaints = newLimiter(comp.set.complaints, comp.set.complaintsPer)
	comp.tracebacks = newLimiter(1, comp.set.complaintsPer)
	for i := range spec.Outputs {
		stream := &spec.Outputs[i]
		comp.outputs = append(comp.outputs, &output{Stream: stream, from: spec.Name})
	}
	return comp, nil
}

// output returns the output stream of that name, or nil. Components have few streams,
// and most emits are to the first.
func (c *component) output(stream []byte) *output {
	for _, out := range c.outputs {
		if out.Name == string(stream) {
			return out
		}
	}
	return nil
}

// sentBy says whether tasks of a worker emit to the component.
func (c *component) sentBy(worker int) bool { return slices.Contains(c.senders, worker) }

// downstream calls visit with each component that reads a stream of c.
func (c *component) downstream(visit func(*component)) {
	for _, out := range c.outputs {
		for _, e := range out.edges {
			visit(e.to)
		}
	}
}
