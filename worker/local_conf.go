package worker

import (
	"fmt"

	"gust/conf"
	"gust/topology"
)

// checkNumbers names the file, and the component, that has a number which cannot
// be used. One of -o has been refused by then.
func checkNumbers(t *topology.Topology) error {
	if err := conf.Conf(t.Config).Check(); err != nil {
		return fmt.Errorf("%s: %w", t.Source, err)
	}
	for _, c := range t.Components {
		if err := conf.Conf(c.Config).Check(); err != nil {
			return fmt.Errorf("%s: %s %q: %w", t.Source, c.Kind, c.Name, err)
		}
	}
	return nil
}

// LocalConf is the conf of a topology on this machine. It lays options, which are
// the command line's, over the topology's config, and that over the
// defaults, and settles what sparse settles for a local run: one acker for each worker,
// unless the topology wants none. A log.path is a directory of the
// cluster's machines: components log to gust, unless the command line has one.
func LocalConf(t *topology.Topology, options conf.Conf) (conf.Conf, error) {
	if err := checkNumbers(t); err != nil {
		return nil, err
	}
	merged := conf.Merge(conf.Defaults(), t.Config, options)
	merged[conf.TopologyName] = t.Name

	workers, err := merged.Int(conf.TopologyWorkers, 1)
	if err != nil {
		return nil, err
	}
	workers = max(1, workers)
	merged[conf.TopologyWorkers] = int64(workers)
	ackers, err := merged.Int(conf.TopologyAckerExecutors, 1)
	if err != nil {
		return nil, err
	}
	if ackers != 0 {
		ackers = workers
	}
	merged[conf.TopologyAckerExecutors] = int64(ackers)

	if _, asked := options[conf.PystormLogPath]; !asked {
		delete(merged, conf.PystormLogPath)
	}
	return conf.ApplyDebug(merged)
}
