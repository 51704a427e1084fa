package main

import (
	"gust/conf"
	"gust/topology"
)

// runConf lays the command line over the topology's config, and that over the
// defaults, and settles what sparse settles for a local run: one worker, and
// one acker unless the topology wants none.
func runConf(t *topology.Topology, options conf.Conf) (conf.Conf, error) {
	merged := conf.Merge(conf.Defaults(), t.Config, options)
	merged[conf.TopologyName] = t.Name
	merged[conf.TopologyWorkers] = int64(1)

	ackers, err := merged.Int(conf.TopologyAckerExecutors, 1)
	if err != nil {
		return nil, err
	}
	if ackers != 0 {
		ackers = 1
	}
	merged[conf.TopologyAckerExecutors] = int64(ackers)

	return conf.ApplyDebug(merged)
}
