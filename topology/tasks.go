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
// maxParallelism is the topology's `topology.max.task.parallelism`, or 0: see
// [Component.CappedTasks]. The names of the components that got fewer tasks than
// they ask for are in capped.
func (t *Topology) AssignTasks(ackers, maxParallelism int) (tasks Tasks, capped []string) {
	counts := map[string]int{AckerComponent: atMost(maxParallelism, ackers)}
	if counts[AckerComponent] < ackers {
		capped = append(capped, AckerComponent)
	}
	for _, c := range t.Components {
		n := c.CappedTasks(maxParallelism)
		if counts[c.Name] = n; n < c.NumTasks() {
			capped = append(capped, c.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		for range counts[name] {
			tasks = append(tasks, Task{ID: TaskID(len(tasks) + 1), Component: name})
		}
	}
	slices.Sort(capped)
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

// CappedTasks is the number of tasks, and so of processes, under a cap of the
// topology's, or 0 for none. The component's own `topology.max.task.parallelism`
// overrides that, as in StormCommon.componentParallelism.
func (c *Component) CappedTasks(maxParallelism int) int {
	if own, ok := c.Config["topology.max.task.parallelism"].(int64); ok {
		maxParallelism = int(own)
	}
	return atMost(maxParallelism, c.NumTasks())
}

// atMost caps n, unless the cap is 0.
func atMost(most, n int) int {
	if most > 0 {
		return min(most, n)
	}
	return n
}
