package storm

import (
	"context"

	"gust/storm/generated"
)

// Reader reads the state of a cluster: from Nimbus, as [Client] does, or from the REST
// API of Storm's UI (storm/webui).
type Reader interface {
	ClusterInfo(ctx context.Context) (*generated.ClusterSummary, error)
	TopologyInfo(ctx context.Context, id string) (*generated.TopologyInfo, error)
	TopologyPage(ctx context.Context, id, window string, system bool) (*generated.TopologyPageInfo, error)
	ComponentPage(ctx context.Context, id, component, window string, system bool) (*generated.ComponentPageInfo, error)
	Close() error
}
