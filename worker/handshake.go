package worker

import (
	"maps"

	"gust/multilang"
	"gust/topology"
)

// handshake is the first message to a task's process.
func (p *plan) handshake(t *task, pidDir string) *multilang.Handshake {
	c := t.comp
	ctx := multilang.Context{
		TaskComponents: map[int32]string{},
		TaskID:         int32(t.id),
		ComponentID:    c.name(),
		OutputFields:   map[string][]string{},
		Targets:        map[string]map[string]multilang.Grouping{},
		Sources:        map[string]map[string]multilang.Grouping{},
		SourceFields:   map[string]map[string][]string{},
	}
	for _, task := range p.assigned {
		ctx.TaskComponents[int32(task.ID)] = task.Component
	}
	for _, out := range c.outputs {
		ctx.Streams = append(ctx.Streams, out.Name)
		ctx.OutputFields[out.Name] = out.Fields
		ctx.Targets[out.Name] = map[string]multilang.Grouping{}
		for _, e := range out.edges {
			ctx.Targets[out.Name][e.to.name()] = shownGrouping(e.grouping, pick(out.Fields, e.fields))
		}
	}
	for _, input := range c.spec.Inputs {
		if ctx.Sources[input.Component] == nil {
			ctx.Sources[input.Component] = map[string]multilang.Grouping{}
			ctx.SourceFields[input.Component] = map[string][]string{}
		}
		ctx.Sources[input.Component][input.Stream] = shownGrouping(input.Grouping.Type, input.Grouping.Fields)
		ctx.SourceFields[input.Component][input.Stream] = p.byName[input.Component].output([]byte(input.Stream)).Fields
	}
	return &multilang.Handshake{PIDDir: pidDir, Conf: maps.Clone(c.conf), Context: ctx, Packs: t.offersPacks()}
}

// shownGrouping is a grouping as Storm's context shows it: in Thrift, a global grouping
// is a fields grouping without fields.
func shownGrouping(g topology.GroupingType, fields []string) multilang.Grouping {
	if g == topology.Global {
		return multilang.Grouping{Type: topology.Fields.String(), Fields: []string{}}
	}
	return multilang.Grouping{Type: g.String(), Fields: fields}
}

func pick(names []string, places []int) (picked []string) {
	for _, i := range places {
		picked = append(picked, names[i])
	}
	return picked
}
