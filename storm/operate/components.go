package operate

import (
	"fmt"
	"maps"
	"slices"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/topology"
)

// CheckComponent returns an error if the topology has no such component.
func CheckComponent(info *generated.TopologyInfo, component string) error {
	names := componentNames(info)
	// Before its workers are assigned a topology shows no components at all.
	if component == "" || len(names) == 0 || storm.IsSystem(component) || slices.Contains(names, component) || info.Errors[component] != nil {
		return nil
	}
	return UnknownComponent(info.Name, component, names)
}

// componentNames are the running components, sorted, without Storm's own.
func componentNames(info *generated.TopologyInfo) []string {
	names := map[string]bool{}
	for _, e := range info.Executors {
		names[e.ComponentID] = true
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool { return storm.IsSystem(name) })
	return slices.Sorted(maps.Keys(names))
}

// UnknownComponent is the error for a component that the topology does not have. It lists
// the known ones. There are none before a topology has its workers.
func UnknownComponent(t, component string, known []string) error {
	return fmt.Errorf("topology %q has no component %q%s", t, component, among(component, known))
}

func among(name string, known []string) string {
	if hint := topology.DidYouMean(name, known); hint != "" {
		return hint
	}
	if len(known) == 0 {
		return " yet: it has no workers"
	}
	return ": it has " + terminal.Listed(known)
}

// statsOf are a topology's components, spouts and bolts, with the figures of its page.
func statsOf(page *generated.TopologyPageInfo) map[string]*generated.ComponentAggregateStats {
	components := map[string]*generated.ComponentAggregateStats{}
	maps.Copy(components, page.IDToSpoutAggStats)
	maps.Copy(components, page.IDToBoltAggStats)
	return components
}
