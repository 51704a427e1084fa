package submit

import (
	"fmt"

	"gust/storm/generated"
	"gust/topology"
)

// translate converts a topology to Storm's form. launch says how the workers start the
// classes of streamparse.
//
// A component that Thrift cannot express, such as a Java component of a Flux file, is an
// error.
func translate(t *topology.Topology, launch launcher) (*generated.StormTopology, error) {
	translated := &generated.StormTopology{
		Spouts:      map[string]*generated.SpoutSpec{},
		Bolts:       map[string]*generated.Bolt{},
		StateSpouts: map[string]*generated.StateSpoutSpec{},
	}
	for _, c := range t.Components {
		object, common, err := translateComponent(c, launch)
		if err != nil {
			return nil, fmt.Errorf("%s %q %w", c.Kind, c.Name, err)
		}
		if c.Kind == topology.Spout {
			translated.Spouts[c.Name] = &generated.SpoutSpec{SpoutObject: object, Common: common}
		} else {
			translated.Bolts[c.Name] = &generated.Bolt{BoltObject: object, Common: common}
		}
	}
	return translated, nil
}

func translateComponent(c *topology.Component, launch launcher) (*generated.ComponentObject, *generated.ComponentCommon, error) {
	object, err := componentObject(c, launch)
	if err != nil {
		return nil, nil, err
	}
	common := &generated.ComponentCommon{
		Inputs:  map[*generated.GlobalStreamId]*generated.Grouping{},
		Streams: map[string]*generated.StreamInfo{},
	}
	parallelism := int32(c.Parallelism)
	common.ParallelismHint = &parallelism
	for _, s := range c.Outputs {
		fields := s.Fields
		if fields == nil {
			fields = []string{}
		}
		common.Streams[s.Name] = &generated.StreamInfo{OutputFields: fields, Direct: s.Direct}
	}
	for _, in := range c.Inputs {
		grouping, err := translateGrouping(in.Grouping)
		if err != nil {
			return nil, nil, fmt.Errorf("groups stream %q of %q %w", in.Stream, in.Component, err)
		}
		common.Inputs[&generated.GlobalStreamId{ComponentId: in.Component, StreamId: in.Stream}] = grouping
	}
	config, err := componentConf(c)
	if err != nil {
		return nil, nil, err
	}
	common.JSONConf = config
	return object, common, nil
}

// componentObject is what a worker makes a component from.
func componentObject(c *topology.Component, launch launcher) (*generated.ComponentObject, error) {
	switch {
	case c.Java != "":
		if c.JavaObject == nil {
			return nil, fmt.Errorf("is the Java class %s of a form that only Storm's own tools can submit: use `storm jar`", c.Java)
		}
		if c.JavaObject.Class == "" {
			return &generated.ComponentObject{SerializedJava: c.JavaObject.Serialized}, nil
		}
		object, err := javaObject(c.JavaObject)
		return &generated.ComponentObject{JavaObject: object}, err
	case c.Script != "":
		return shell(launch(c.Script)), nil
	}
	program, script, err := twoWords(c.Command, c.Env)
	if err != nil {
		return nil, err
	}
	return shell(program, script), nil
}

func shell(program, script string) *generated.ComponentObject {
	return &generated.ComponentObject{Shell: &generated.ShellComponent{ExecutionCommand: program, Script: script}}
}

// javaObject fails if an argument has a type that Storm does not know.
func javaObject(o *topology.JavaObject) (*generated.JavaObject, error) {
	object := &generated.JavaObject{FullClassName: o.Class, ArgsList: []*generated.JavaObjectArg{}}
	for i, arg := range o.Args {
		translated := &generated.JavaObjectArg{}
		switch arg := arg.(type) {
		case int32:
			translated.IntArg = &arg
		case int64:
			translated.LongArg = &arg
		case string:
			translated.StringArg = &arg
		case bool:
			translated.BoolArg = &arg
		case []byte:
			translated.BinaryArg = arg
		case float64:
			translated.DoubleArg = &arg
		default:
			return nil, fmt.Errorf("gives the constructor of %s an argument %d of a kind that Storm does not have", o.Class, i+1)
		}
		object.ArgsList = append(object.ArgsList, translated)
	}
	return object, nil
}

// translateGrouping fails for custom groupings of which only the class is known.
func translateGrouping(g topology.Grouping) (*generated.Grouping, error) {
	none := &generated.NullStruct{}
	switch g.Type {
	case topology.Shuffle:
		return &generated.Grouping{Shuffle: none}, nil
	case topology.Fields:
		return &generated.Grouping{Fields: g.Fields}, nil
	case topology.Global:
		return &generated.Grouping{Fields: []string{}}, nil
	case topology.All:
		return &generated.Grouping{All: none}, nil
	case topology.None:
		return &generated.Grouping{None: none}, nil
	case topology.Direct:
		return &generated.Grouping{Direct: none}, nil
	case topology.LocalOrShuffle:
		return &generated.Grouping{LocalOrShuffle: none}, nil
	}
	switch {
	case g.Object == nil:
		return nil, fmt.Errorf("by Java code of a form that only Storm's own tools can submit: use `storm jar`")
	case g.Object.Class == "":
		return &generated.Grouping{CustomSerialized: g.Object.Serialized}, nil
	}
	object, err := javaObject(g.Object)
	return &generated.Grouping{CustomObject: object}, err
}

// componentConf is a component's own configuration as JSON, nil if it has none.
func componentConf(c *topology.Component) (*string, error) {
	config := c.Config
	if c.Tasks > 0 && config[topologyTasks] == nil {
		config = merged(config, map[string]any{topologyTasks: int64(c.Tasks)})
	}
	if len(config) == 0 {
		return nil, nil
	}
	text, err := marshal(config)
	if err != nil {
		return nil, fmt.Errorf("has a config that is not JSON: %w", err)
	}
	return &text, nil
}
