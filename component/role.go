// Package component is one component by itself: its role in a topology, and what a
// conversation with it looks like.
//
// The conversations are in the packages below it: check tests whether a program follows
// the protocol, solo sends a component the steps of a file or of a recording, and record
// keeps the bytes of a run's pipes.
package component

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"gust/component/solo"
	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/topology"
	"gust/topology/load"
	"gust/worker"
)

// Role is a component in its topology: its inputs, its outputs, and its command.
type Role struct {
	Topology  *topology.Topology
	Component *topology.Component
	python    string // the project's, or empty
}

// Inputs are the streams that the component subscribes to, with their fields.
func (r *Role) Inputs() []solo.Input {
	var inputs []solo.Input
	for _, in := range r.Component.Inputs {
		source := r.Topology.Component(in.Component)
		if source == nil {
			continue
		}
		if stream := source.Stream(in.Stream); stream != nil {
			inputs = append(inputs, solo.Input{Component: in.Component, Stream: in.Stream, Fields: stream.Fields})
		}
	}
	return inputs
}

// Outputs are the streams that the component declares. They are never nil, which would
// mean unknown.
func (r *Role) Outputs() []topology.Stream {
	return append([]topology.Stream{}, r.Component.Outputs...)
}

// Conf is the component's configuration in a run with these options.
func (r *Role) Conf(options conf.Conf) (conf.Conf, error) {
	merged, err := worker.LocalConf(r.Topology, options)
	if err != nil {
		return nil, err
	}
	return conf.Merge(merged, r.Component.Config), nil
}

// Environ is the environment of the component's processes.
func (r *Role) Environ(merged conf.Conf) ([]string, error) {
	variables, err := merged.StringMap(conf.TopologyEnvironment)
	if err != nil {
		return nil, err
	}
	return r.Component.Environ(os.Environ(), variables), nil
}

// Start is the component's command and codec: for the given serializer or, if that is
// empty, the component's own.
func (r *Role) Start(serializer string) (command []string, codec multilang.Codec) {
	codec, _ = multilang.CodecNamed(cmp.Or(serializer, r.Component.Serializer))
	if class := load.StreamparseClass(r.Component.Command); class != "" && serializer != "" {
		return load.StreamparseCommand(r.python, serializer, class), codec
	}
	return r.Component.Command, codec
}

// Fields are the fields of the component's inputs. It is an error if they differ.
func (r *Role) Fields() ([]string, error) {
	inputs := r.Inputs()
	if len(inputs) == 0 {
		return nil, nil
	}
	for _, in := range inputs[1:] {
		if first := inputs[0]; !slices.Equal(in.Fields, first.Fields) {
			return nil, hint.With(
				fmt.Errorf("the inputs of %s have different fields: %s/%s has %s, and %s/%s has %s", r.Component.Name,
					first.Component, first.Stream, terminal.Listed(first.Fields), in.Component, in.Stream, terminal.Listed(in.Fields)),
				"choose the fields with --fields "+strings.Join(first.Fields, ","),
			)
		}
	}
	return inputs[0].Fields, nil
}
