package operate

import (
	"context"
	"fmt"

	"gust/internal/hint"
	"gust/internal/program"
	"gust/storm"
	"gust/storm/generated"
	"gust/topology"
)

// Find finds a topology by its name. If it does not run, the error names those that do.
func Find(ctx context.Context, client storm.Reader, name string) (*generated.TopologySummary, error) {
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range cluster.Topologies {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return nil, hint.With(
		fmt.Errorf("%w%s", &storm.NotAliveError{Topology: name}, topology.DidYouMean(name, names)),
		fmt.Sprintf("`%s list` shows what runs", program.Name),
	)
}
