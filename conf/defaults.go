package conf

// Defaults are the values of Storm's defaults.yaml for the keys that a
// multilang component or gust itself reads, with gust's own keys added. It is
// a new Conf at each call.
func Defaults() Conf {
	return Conf{
		TopologyDebug:                false,
		TopologyWorkers:              int64(1),
		TopologyAckerExecutors:       nil, // as many as workers
		TopologyTasks:                nil,
		TopologyMaxTaskParallelism:   nil,
		TopologyMaxSpoutPending:      nil,
		TopologyMessageTimeout:       int64(30),
		TopologyEnableTimeouts:       true,
		TopologyTickTupleFreq:        nil,
		TopologyMultilangSerializer:  "org.apache.storm.multilang.JsonSerializer",
		TopologyEnvironment:          nil,
		TopologySpoutWaitMillis:      int64(1),
		SupervisorWorkerTimeout:      int64(30),
		SupervisorWorkerStartTimeout: int64(120),
		SupervisorWorkerShutdown:     int64(3),
		TopologyMaxErrorReport:       int64(5),
		TopologyErrorThrottle:        int64(10),
		GustMaxNextAhead:             int64(256),
		GustSpoutActivate:            true,
		GustCrashLoopCount:           int64(5),
		GustCrashLoopSecs:            int64(60),
		GustDrainSecs:                int64(10),
		GustMaxMessageBytes:          int64(256 << 20),
		GustQueueBytes:               int64(1 << 20),
		GustPacks:                    int64(1),
		GustOddValues:                nil,
		GustMaxAttempts:              int64(0),
		GustFailuresValues:           true,
		GustTracePercent:             int64(0),
		GustPeerSilence:              int64(10),
		GustRunner:                   "auto",
	}
}
