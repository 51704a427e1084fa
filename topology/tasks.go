package topology

import (
	"maps"
	"slices"
)

// Task is one task of a component.
type Task struct {
	ID        TaskID
	Component string
}

// Tasks are all tasks of a topology, by rising id: the task of id n is at n-1.
type Tasks []Task

// AssignTasks numbers the topology's tasks as Storm does
// (StormCommon.stormTaskInfo): the components sorted by name, [AckerComponent]
// with as many tasks as ackers among them, ids from 1. Names sort by their
// bytes, so that the ackers come first unless a name begins with a capital
// letter or a digit.
//
// maxParallelism is `topology.max.task.parallelism`, 0 where there is no cap; a
// component's own configuration may set another one. The names of the
// components that got fewer tasks than they ask for are in capped.
func (t *Topology) AssignTasks(ackers, maxParallelism int) (tasks Tasks, capped []string) {
	wanted := map[string]int{AckerComponent: ackers}
	limit := map[string]int{AckerComponent: maxParallelism}
	for _, c := range t.Components {
		wanted[c.Name] = c.NumTasks()
		limit[c.Name] = c.maxParallelism(maxParallelism)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		n := wanted[name]
		if most := limit[name]; most > 0 && n > most {
			n, capped = most, append(capped, name)
		}
		for range n {
			tasks = append(tasks, Task{ID: TaskID(len(tasks) + 1), Component: name})
		}
	}
	return tasks, capped
}

// Of returns the ids of a component's tasks, rising.
func (ts Tasks) Of(component string) []TaskID {
	var ids []TaskID
	for _, task := range ts {
		if task.Component == component {
			ids = append(ids, task.ID)
		}
	}
	return ids
}

// maxParallelism is the cap of this component's tasks, 0 for none: as in
// StormCommon.componentParallelism the component's own conf goes before the topology's.
func (c *Component) maxParallelism(ofTopology int) int {
	if own, ok := c.Config["topology.max.task.parallelism"].(int64); ok {
		return int(own)
	}
	return ofTopology
}
