package slot

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gust/conf"
	"gust/storm/generated"
	"gust/topology"
)

// code is what the supervisor has fetched of a topology.
type code struct {
	form *generated.StormTopology
	conf conf.Conf // Nimbus' settings, overridden by the topology's own
}

// readConf reads the topology's conf.
func (l *Launch) readConf() (conf.Conf, error) {
	file := filepath.Join(l.code(), "stormconf.ser")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err := unzip(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	document, err := conf.ParseJSON(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	settings, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is not a JSON object", file)
	}
	return settings, nil
}

// readForm reads the topology in Storm's form.
func (l *Launch) readForm() (*generated.StormTopology, error) {
	file := filepath.Join(l.code(), "stormcode.ser")
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	form := &generated.StormTopology{}
	if err := unpack(data, form); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return form, nil
}

// topology converts a topology from Storm's form, as submit.translate converts it to that.
// The error names the first component that is not a program.
func (c *code) topology(name, resources string) (*topology.Topology, error) {
	t := &topology.Topology{Name: name, Source: name}
	for _, id := range slices.Sorted(maps.Keys(c.form.Spouts)) {
		spec := c.form.Spouts[id]
		component, err := c.component(id, topology.Spout, spec.SpoutObject, spec.Common, resources)
		if err != nil {
			return nil, err
		}
		t.Components = append(t.Components, component)
	}
	for _, id := range slices.Sorted(maps.Keys(c.form.Bolts)) {
		spec := c.form.Bolts[id]
		component, err := c.component(id, topology.Bolt, spec.BoltObject, spec.Common, resources)
		if err != nil {
			return nil, err
		}
		t.Components = append(t.Components, component)
	}
	if len(c.form.StateSpouts) > 0 {
		return nil, fmt.Errorf("it has state spouts")
	}
	return t, nil
}

func (c *code) component(name string, kind topology.Kind, object *generated.ComponentObject, common *generated.ComponentCommon, dir string) (*topology.Component, error) {
	if object == nil || object.Shell == nil {
		return nil, fmt.Errorf("its %s %q is Java", kind, name)
	}
	component := &topology.Component{Name: name, Kind: kind, Dir: dir, Parallelism: 1}
	component.Command, component.Env = Words(object.Shell.GetExecutionCommand(), object.Shell.GetScript())
	if common.ParallelismHint != nil {
		component.Parallelism = int(*common.ParallelismHint)
	}
	if common.JSONConf != nil {
		document, err := conf.ParseJSON([]byte(*common.JSONConf))
		if err != nil {
			return nil, fmt.Errorf("the config of its %s %q: %w", kind, name, err)
		}
		component.Config, _ = document.(map[string]any)
	}
	tasks, err := conf.Conf(component.Config).Int(conf.TopologyTasks, 0)
	if err != nil {
		return nil, fmt.Errorf("its %s %q: %w", kind, name, err)
	}
	component.Tasks = tasks
	component.Serializer = serializerOf(component.Command, conf.Merge(c.conf, component.Config))
	for _, stream := range slices.Sorted(maps.Keys(common.Streams)) {
		info := common.Streams[stream]
		component.Outputs = append(component.Outputs, topology.Stream{Name: stream, Fields: info.OutputFields, Direct: info.Direct})
	}
	for from, grouping := range common.Inputs {
		g, err := groupingOf(grouping)
		if err != nil {
			return nil, fmt.Errorf("its %s %q groups stream %q of %q %w", kind, name, from.StreamId, from.ComponentId, err)
		}
		component.Inputs = append(component.Inputs, topology.Input{Component: from.ComponentId, Stream: from.StreamId, Grouping: g})
	}
	slices.SortFunc(component.Inputs, func(a, b topology.Input) int {
		return cmp.Or(strings.Compare(a.Component, b.Component), strings.Compare(a.Stream, b.Stream))
	})
	return component, nil
}

func groupingOf(g *generated.Grouping) (topology.Grouping, error) {
	switch {
	case g.Shuffle != nil:
		return topology.Grouping{Type: topology.Shuffle}, nil
	case g.IsSetFields() && len(g.Fields) == 0:
		return topology.Grouping{Type: topology.Global}, nil
	case g.IsSetFields():
		return topology.Grouping{Type: topology.Fields, Fields: g.Fields}, nil
	case g.All != nil:
		return topology.Grouping{Type: topology.All}, nil
	case g.None != nil:
		return topology.Grouping{Type: topology.None}, nil
	case g.Direct != nil:
		return topology.Grouping{Type: topology.Direct}, nil
	case g.LocalOrShuffle != nil:
		return topology.Grouping{Type: topology.LocalOrShuffle}, nil
	}
	return topology.Grouping{}, fmt.Errorf("by Java code")
}
