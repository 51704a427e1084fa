package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gust/storm"
	"gust/storm/generated"
)

// Executor is an executor of a topology.
type Executor struct {
	Topology *generated.TopologyInfo
	*generated.ExecutorSummary
}

// Executors are the executors of all topologies, sorted by machine and task. As in
// sparse, they do not include those of Storm's own components.
func Executors(ctx context.Context, client storm.Reader) ([]Executor, error) {
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	var list []Executor
	for _, t := range cluster.Topologies {
		info, err := client.TopologyInfo(ctx, t.ID)
		if _, gone := errors.AsType[*storm.NotAliveError](err); gone {
			continue // killed between the two calls
		}
		if err != nil {
			return nil, err
		}
		for _, e := range info.Executors {
			if e.ExecutorInfo != nil && !storm.IsSystem(e.ComponentID) {
				list = append(list, Executor{info, e})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Executor) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ExecutorInfo.TaskStart, b.ExecutorInfo.TaskStart), cmp.Compare(a.Topology.ID, b.Topology.ID))
	})
	return list, nil
}

// ExecutorID is an executor's first and last task in Storm's form.
func ExecutorID(e *generated.ExecutorSummary) string {
	return fmt.Sprintf("[%d-%d]", e.ExecutorInfo.TaskStart, e.ExecutorInfo.TaskEnd)
}
