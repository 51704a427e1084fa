package worker

import (
	"net"

	"gust/topology"
)

// Peers makes a worker one of several of its topology.
type Peers struct {
	Placement   topology.Placement
	Worker      int          // which of the placement's workers this is
	Incarnation uint64       // rises with each start of this worker
	Secret      []byte       // that all workers of the topology share
	Listener    net.Listener // where the others reach it; Run closes it
}
