package run

import (
	"github.com/rs/zerolog"

	"gust/conf"
	"gust/topology"
	"gust/worker"
)

// Conf is the conf of a run. If it watches the sources, a component that keeps dying does
// not end the run by default: its author is about to fix it.
func Conf(t *topology.Topology, options conf.Conf, watched bool) (conf.Conf, error) {
	_, inTopology := t.Config[conf.GustCrashLoopCount]
	if _, asked := options[conf.GustCrashLoopCount]; watched && !asked && !inTopology {
		options = conf.Merge(options, conf.Conf{conf.GustCrashLoopCount: int64(0)})
	}
	return worker.LocalConf(t, options)
}

// noteLogPath logs where the log is, if the topology's config has another place.
func noteLogPath(t *topology.Topology, merged conf.Conf, log zerolog.Logger) {
	path, _ := conf.Conf(t.Config).String(conf.PystormLogPath, "")
	if _, kept := merged[conf.PystormLogPath]; path != "" && !kept {
		log.Info().Msgf("components log here, not to files in %s (log.path); -o %s=DIR logs to files", path, conf.PystormLogPath)
	}
}
