package operate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
)

// CheckExecutors finds mistakes that Nimbus would silently ignore. A component that the
// topology does not have is an error. More executors than tasks, which Nimbus reduces,
// are a warning.
func CheckExecutors(ctx context.Context, client *storm.Client, t *generated.TopologySummary, executors map[string]int) (warnings []string, _ error) {
	if len(executors) == 0 {
		return nil, nil
	}
	page, err := client.TopologyPage(ctx, t.ID, storm.AllTime, false)
	if err != nil {
		return nil, err
	}
	components := statsOf(page)
	for _, name := range slices.Sorted(maps.Keys(executors)) {
		stats := components[name]
		if stats == nil {
			return nil, UnknownComponent(t.Name, name, slices.Sorted(maps.Keys(components)))
		}
		if tasks := int(stats.CommonStats.GetNumTasks()); tasks > 0 && executors[name] > tasks {
			warnings = append(warnings, fmt.Sprintf("%s has %s: it cannot have more executors than that", name, terminal.Count(tasks, "task")))
		}
	}
	return warnings, nil
}

// UntilRebalanced waits until the topology has its workers again.
func UntilRebalanced(ctx context.Context, client *storm.Client, name string) (*generated.TopologySummary, error) {
	for {
		t, err := client.Topology(ctx, name)
		if err != nil {
			return nil, err
		}
		if t.Status != "REBALANCING" && t.NumWorkers > 0 {
			return t, nil
		}
		if err := storm.Pause(ctx, storm.Interval); err != nil {
			return nil, err
		}
	}
}
