// Package topology has the nouns of a Storm topology — components, streams, groupings,
// tasks — and the rules for a valid one. It has no files (see topology/load), processes
// or messages.
package topology

// DefaultStream is the stream of an emit without one (Utils.DEFAULT_STREAM_ID).
const DefaultStream = "default"

// Names that Storm reserves. The names of a user's components and streams do not start
// with "__".
const (
	// AckerComponent is the component of the acker tasks, which the context's
	// task->component lists although no user declared them.
	AckerComponent = "__acker"
	// SystemComponent is the source of tick tuples.
	SystemComponent = "__system"
	// TickStream carries tick tuples.
	TickStream = "__tick"
	// HeartbeatStream carries heartbeats to bolts.
	HeartbeatStream = "__heartbeat"
)

// TaskID numbers a task within a topology, from 1. See [Topology.AssignTasks].
type TaskID int32

// Topology is a graph of components, as its author declared it.
//
// A loader fills it and [Topology.Validate] checks it. After that it does not change, so
// any goroutine may read it.
type Topology struct {
	// Name is the topology's name, `topology.name` in the conf.
	Name string
	// Source is the file that it was loaded from, for error messages.
	Source string
	// Components are in the order of their declaration. Their names are unique.
	Components []*Component
	// Config is the merged configuration of the topology's author and the environment:
	// the layer between the defaults and the command line. Values have JSON's types: nil,
	// bool, int64, float64, string, []any, map[string]any.
	Config map[string]any
}

// Kind is whether a component is a spout or a bolt.
type Kind uint8

// The two kinds of components.
const (
	Spout Kind = iota
	Bolt
)

// String is "spout" or "bolt", as Storm's UI writes componentType.
func (k Kind) String() string {
	if k == Spout {
		return "spout"
	}
	return "bolt"
}

// Component is a spout or a bolt: a program, its inputs and its outputs.
type Component struct {
	Name string
	Kind Kind

	// Command is the program and its arguments, word by word, without a shell. A word may
	// have spaces (ShellComponent's script is one word). It is empty if Java is set.
	Command []string
	// Dir is the working directory of the component's processes.
	Dir string
	// Env is set in the environment of the component's processes, beyond
	// gust's own environment (ShellBolt.setEnv).
	Env map[string]string
	// Serializer names the codec on the component's pipes: "json" or "msgpack".
	Serializer string
	// Script is the argument of streamparse_run if the component is a streamparse class,
	// which Command runs on this machine; else empty. A cluster runs it differently.
	Script string
	// Java is the class of a component that needs a JVM, else empty. Such a
	// component can be submitted to a Storm cluster; gust cannot run it.
	Java string
	// JavaObject is the object that a cluster makes; nil if the topology's format does
	// not have it, as Flux.
	JavaObject *JavaObject

	// Parallelism is the parallelism hint: the number of tasks, unless Tasks says otherwise.
	Parallelism int
	// Tasks is `topology.tasks` of this component, or 0.
	Tasks int
	// Config is the component's own configuration, which overrides the topology's.
	Config map[string]any

	// Outputs are the streams that the component declares, by unique name.
	Outputs []Stream
	// Inputs are the streams that a bolt subscribes to; empty for a spout.
	Inputs []Input
}

// Stream is an output stream: its name and the names of a tuple's values.
type Stream struct {
	Name   string
	Fields []string
	// Direct streams are emitted to a task that the emitter names.
	Direct bool
}

// Input is a subscription of a bolt to a stream of a component.
type Input struct {
	Component string
	Stream    string
	Grouping  Grouping
}

// Component returns the component of that name, or nil.
func (t *Topology) Component(name string) *Component {
	for _, c := range t.Components {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Stream returns the component's output stream of that name, or nil.
func (c *Component) Stream(name string) *Stream {
	for i := range c.Outputs {
		if c.Outputs[i].Name == name {
			return &c.Outputs[i]
		}
	}
	return nil
}

// NumTasks is the number of tasks in the topology's declaration: see
// [Component.CappedTasks].
func (c *Component) NumTasks() int {
	if c.Tasks > 0 {
		return c.Tasks
	}
	return c.Parallelism
}
