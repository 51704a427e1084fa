package operate

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gust/storm"
	"gust/storm/generated"
)

// Report is an error that a component has reported.
type Report struct {
	Topology, ID string
	Component    string
	*generated.ErrorInfo
}

// Errors are the errors of the topology of that name, or of all topologies if the name is
// empty, the oldest first. If a component is given, only its errors are returned.
func Errors(ctx context.Context, client storm.Reader, name, component string) ([]Report, error) {
	topologies, err := named(ctx, client, name)
	if err != nil {
		return nil, err
	}
	var reports []Report
	for _, t := range topologies {
		info, err := client.TopologyInfo(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		if err := CheckComponent(info, component); err != nil && name != "" {
			return nil, err
		}
		reports = append(reports, reportsOf(info, component)...)
	}
	slices.SortStableFunc(reports, func(a, b Report) int { return cmp.Compare(a.ErrorTimeSecs, b.ErrorTimeSecs) })
	return reports, nil
}

// named is the topology of that name, or all topologies if the name is empty.
func named(ctx context.Context, client storm.Reader, name string) ([]*generated.TopologySummary, error) {
	if name != "" {
		t, err := Find(ctx, client, name)
		return []*generated.TopologySummary{t}, err
	}
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	return cluster.Topologies, nil
}

// reportsOf are the errors of a topology, or of one of its components.
func reportsOf(info *generated.TopologyInfo, component string) []Report {
	var reports []Report
	for _, name := range slices.Sorted(maps.Keys(info.Errors)) {
		if component != "" && component != name {
			continue
		}
		for _, e := range info.Errors[name] {
			reports = append(reports, Report{info.Name, info.ID, name, e})
		}
	}
	return reports
}
