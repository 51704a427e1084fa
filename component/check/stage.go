package check

import (
	"fmt"

	"gust/conf"
	"gust/multilang"
	"gust/topology"
)

// The components of the topology in the handshake.
const (
	checkedName = "checked"
	sourceName  = "source" // the source of a checked bolt's input
	sinkName    = "sink"   // subscribes to all that the program emits
)

// The tasks of that topology, numbered as Storm numbers them: by name.
const (
	checkedTask = 2
	sourceTask  = 5
)

// sinkTasks are the tasks that the program's tuples go to: two, so that a direct
// emit has a choice.
var sinkTasks = []int32{3, 4}

// stage is the topology around the program, which exists on the wire alone.
type stage struct {
	conf    conf.Conf
	outputs []topology.Stream // those in the handshake
	known   bool              // they are declared
	fields  []string
}

func newStage(o *Options) *stage {
	st := &stage{outputs: o.Outputs, known: o.Outputs != nil, fields: o.Fields}
	if !st.known {
		st.outputs = []topology.Stream{{Name: topology.DefaultStream, Fields: []string{"value"}}}
	}
	st.conf = conf.Merge(conf.Defaults(), conf.Conf{
		conf.TopologyName:  "check",
		conf.TopologyTasks: int64(1),
	}, o.Conf)
	return st
}

// handshake is the first message to the program. It has a source for any kind: a spout
// ignores it.
func (st *stage) handshake(kind *topology.Kind, pidDir string) *multilang.Handshake {
	c := multilang.Context{
		TaskComponents: map[int32]string{1: topology.AckerComponent, checkedTask: checkedName, sourceTask: sourceName},
		TaskID:         checkedTask,
		ComponentID:    checkedName,
		OutputFields:   map[string][]string{},
		Targets:        map[string]map[string]multilang.Grouping{},
		Sources:        map[string]map[string]multilang.Grouping{},
		SourceFields:   map[string]map[string][]string{},
	}
	for _, task := range sinkTasks {
		c.TaskComponents[task] = sinkName
	}
	for _, out := range st.outputs {
		grouping := topology.Shuffle
		if out.Direct {
			grouping = topology.Direct
		}
		c.Streams = append(c.Streams, out.Name)
		c.OutputFields[out.Name] = out.Fields
		c.Targets[out.Name] = map[string]multilang.Grouping{sinkName: {Type: grouping.String()}}
	}
	if kind == nil || *kind == topology.Bolt {
		c.Sources[sourceName] = map[string]multilang.Grouping{topology.DefaultStream: {Type: topology.Shuffle.String()}}
		c.SourceFields[sourceName] = map[string][]string{topology.DefaultStream: st.fields}
	}
	return &multilang.Handshake{PIDDir: pidDir, Conf: st.conf, Context: c}
}

// output is the declared stream of that name, or nil.
func (st *stage) output(name string) *topology.Stream {
	for i := range st.outputs {
		if st.outputs[i].Name == name {
			return &st.outputs[i]
		}
	}
	return nil
}

// names lists the declared streams for a message.
func (st *stage) names() string {
	if len(st.outputs) == 0 {
		return "none"
	}
	list := ""
	for i, out := range st.outputs {
		if i > 0 {
			list += ", "
		}
		list += fmt.Sprintf("%q", out.Name)
	}
	return list
}
