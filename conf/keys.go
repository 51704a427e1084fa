package conf

// Storm's keys (org.apache.storm.Config) that gust reads.
const (
	TopologyName                 = "topology.name"
	TopologyDebug                = "topology.debug"
	TopologyWorkers              = "topology.workers"
	TopologyAckerExecutors       = "topology.acker.executors"
	TopologyTasks                = "topology.tasks"
	TopologyMaxTaskParallelism   = "topology.max.task.parallelism"
	TopologyMaxSpoutPending      = "topology.max.spout.pending"
	TopologyMessageTimeout       = "topology.message.timeout.secs"
	TopologyEnableTimeouts       = "topology.enable.message.timeouts"
	TopologyTickTupleFreq        = "topology.tick.tuple.freq.secs"
	TopologyMultilangSerializer  = "topology.multilang.serializer"
	TopologySubprocessTimeout    = "topology.subprocess.timeout.secs"
	TopologyEnvironment          = "topology.environment"
	TopologySpoutWaitMillis      = "topology.spout.wait.progressive.level3.sleep.millis"
	SupervisorWorkerTimeout      = "supervisor.worker.timeout.secs"
	SupervisorWorkerStartTimeout = "supervisor.worker.start.timeout.secs"
	SupervisorWorkerShutdown     = "supervisor.worker.shutdown.sleep.secs"
	TopologyMaxErrorReport       = "topology.max.error.report.per.interval"
	TopologyErrorThrottle        = "topology.error.throttle.interval.secs"
	TopologyEventLoggers         = "topology.eventlogger.executors"
	TopologyMetricsConsumers     = "topology.metrics.consumer.register"
	PystormLogLevel              = "pystorm.log.level"
)

// Storm's keys about ZooKeeper, which gust's workers on a Storm cluster read.
const (
	ZooKeeperServers         = "storm.zookeeper.servers"
	ZooKeeperPort            = "storm.zookeeper.port"
	ZooKeeperRoot            = "storm.zookeeper.root"
	ZooKeeperSessionTimeout  = "storm.zookeeper.session.timeout"
	ZooKeeperAuthScheme      = "storm.zookeeper.auth.scheme"
	ZooKeeperAuthPayload     = "storm.zookeeper.auth.payload"
	ZooKeeperTopologyScheme  = "storm.zookeeper.topology.auth.scheme"
	ZooKeeperTopologyPayload = "storm.zookeeper.topology.auth.payload"
	ZooKeeperSuperACL        = "storm.zookeeper.superACL"
	ZooKeeperSSL             = "storm.zookeeper.ssl.enable"
	StormClusterStateStore   = "storm.cluster.state.store"
	ExecutorMetricsFrequency = "executor.metrics.frequency.secs"
	TaskHeartbeatFrequency   = "task.heartbeat.frequency.secs"
)

// gust's own keys.
const (
	// GustMaxNextAhead is the most `next` commands to send ahead to a spout; 1 is Storm's
	// lock step.
	GustMaxNextAhead = "gust.spout.max.next.ahead"
	// GustSpoutActivate is false for a spout so old that it breaks on the
	// command `activate`, which Storm sends since 1.1.
	GustSpoutActivate = "gust.spout.activate"
	// GustCrashLoopCount and GustCrashLoopSecs define a crash loop: so many consecutive
	// deaths of one task within so many seconds stop the run. Count 0 never does.
	GustCrashLoopCount = "gust.crash.loop.count"
	GustCrashLoopSecs  = "gust.crash.loop.secs"
	// GustDrainSecs is the time for tuples in flight to finish at the end of a run.
	GustDrainSecs = "gust.drain.secs"
	// GustMaxMessageBytes limits one message of a child.
	GustMaxMessageBytes = "gust.max.message.bytes"
	// GustQueueBytes is the number of queued bytes for one task above which gust stops
	// asking the spouts upstream.
	GustQueueBytes = "gust.queue.bytes"
	// GustPacks is the version of packs (many messages in one) that gust offers to
	// components: 1, or 0 for none. A component that does not accept gets single
	// messages.
	GustPacks = "gust.packs"
	// GustBreakpoints is whether the components of a local run may stop at breakpoints until
	// a user attaches to their debugger. They may if it is not set.
	GustBreakpoints = "gust.breakpoints"
	// GustOddValues is whether a component gets the values that only some programs can
	// read (multilang.NaN, LongInteger and OddKey). If it is not set, the component gets
	// those that its program is known to read.
	GustOddValues = "gust.odd.values"
	// GustMaxAttempts is how often a tuple of a spout may fail, by its id: the spout then
	// gets an ack for it, and gust keeps it as a dead letter. 0 is no limit, as on Storm.
	GustMaxAttempts = "gust.max.attempts"
	// GustFailuresValues says whether the values of tuples are kept for a while, so that
	// those that fail can be shown with them.
	GustFailuresValues = "gust.failures.values"
	// GustTracePercent is the percentage of a spout's tuple trees that gust traces: for
	// those it records each hop with its times.
	GustTracePercent = "gust.trace.percent"
	// GustPeerSilence is for how many seconds a worker of a topology may say nothing to another
	// until that one gives the connection up.
	GustPeerSilence = "gust.peer.silence.secs"
	// GustRunner is how to run streamparse components: "auto" or "fast" with gust's own
	// input and output around the user's classes, or "stock". See package runner.
	GustRunner = "gust.runner"
	// GustWorkers has gust's workers run the topology on a Storm cluster whose supervisors
	// have them. See package storm/slot.
	GustWorkers = "gust.workers"
)
