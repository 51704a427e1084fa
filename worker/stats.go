package worker

import "gust/internal/histogram"

// Stats is what a topology has done since it started. It is the object that
// `gust run --json` prints.
type Stats struct {
	Topology   string           `json:"topology"`
	Seconds    float64          `json:"seconds"` // from the activation of the first spout until the children are to end
	Components []ComponentStats `json:"components"`
	Trees      TreeStats        `json:"trees"`
	Workers    []WorkerStats    `json:"workers,omitempty"` // of a topology that has several
}

// WorkerStats is one worker of a topology that has several.
type WorkerStats struct {
	Worker   int    `json:"worker"`
	PID      int    `json:"pid"` // 0 while it is down
	Restarts uint64 `json:"restarts"`
	Death    string `json:"death,omitempty"` // how its last process that died did
}

// ComponentStats adds up a component's tasks, by Storm's names: emitted counts
// tuples, transferred counts a tuple once for each task that it went to,
// executed counts tuples that a bolt has taken, acked and failed a bolt's answers or
// the verdicts on a spout's trees.
type ComponentStats struct {
	Name        string        `json:"name"`
	Kind        string        `json:"kind"` // "spout" or "bolt"
	Tasks       int           `json:"tasks"`
	Emitted     uint64        `json:"emitted"`
	Transferred uint64        `json:"transferred"`
	Executed    uint64        `json:"executed"`
	Acked       uint64        `json:"acked"`
	Failed      uint64        `json:"failed"`
	Restarts    uint64        `json:"restarts"`
	Errors      uint64        `json:"errors"`
	LastError   string        `json:"last_error,omitempty"`
	Outputs     []OutputStats `json:"outputs,omitempty"`
	Inputs      []InputStats  `json:"inputs,omitempty"`
	// ExecuteLatency is how long a bolt works on a tuple: from its delivery, or
	// from the bolt's previous answer if that is later, to its answer.
	ExecuteLatency *Latency `json:"execute_latency_ms,omitempty"`
	// ProcessLatency is from a tuple's delivery to the bolt's ack, waiting included.
	ProcessLatency *Latency `json:"process_latency_ms,omitempty"`
	// CompleteLatency is from a spout's emit to the end of an acked tree.
	CompleteLatency *Latency       `json:"complete_latency_ms,omitempty"`
	Metrics         []MetricStats  `json:"metrics,omitempty"`
	Processes       []ProcessStats `json:"processes"`
}

// MetricStats is a metric that a component reports (its command "metrics"), by
// name.
type MetricStats struct {
	Name    string `json:"name"`
	Reports uint64 `json:"reports"`
	// Last is the value of the last report, as JSON text, cut to 200 bytes.
	Last string `json:"last"`
}

// ProcessStats is one task's process.
type ProcessStats struct {
	Task int `json:"task"`
	PID  int `json:"pid"` // 0 while none runs
	// Ready says that a process of the task has come up: it has answered the
	// handshake, and a bolt its first heartbeat or tuple.
	Ready    bool   `json:"ready"`
	Restarts uint64 `json:"restarts"`
	// Death is how the last process that died did, such as "died: exit status 1".
	Death  string `json:"death,omitempty"`
	Worker int    `json:"worker"` // that runs the task; 0 if the topology has one
}

// OutputStats is one output stream of a component. Acked and Failed count the
// verdicts on a spout's trees.
type OutputStats struct {
	Stream      string `json:"stream"`
	Emitted     uint64 `json:"emitted"`
	Transferred uint64 `json:"transferred"`
	Acked       uint64 `json:"acked"`
	Failed      uint64 `json:"failed"`
}

// InputStats is one input stream of a bolt.
type InputStats struct {
	Component string `json:"component"`
	Stream    string `json:"stream"`
	Executed  uint64 `json:"executed"`
	Acked     uint64 `json:"acked"`
	Failed    uint64 `json:"failed"`
}

// Latency sums up many durations, in milliseconds. The percentiles are within 7 %.
type Latency struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`

	of histogram.Counts // all of them, for [Stats.Add]
}

// TreeStats counts the tuple trees: emitted = acked + failed + pending.
type TreeStats struct {
	Emitted uint64      `json:"emitted"`
	Acked   uint64      `json:"acked"`
	Pending uint64      `json:"pending"`
	Failed  FailedStats `json:"failed"`
	// DeadLetters counts those of the failed trees for which the spout got an ack, since
	// they had failed gust.max.attempts times.
	DeadLetters uint64 `json:"dead_letters,omitempty"`
}

// FailedStats counts failed trees by reason.
type FailedStats struct {
	Bolt     uint64 `json:"bolt"`     // a bolt failed a tuple
	Timeout  uint64 `json:"timeout"`  // topology.message.timeout.secs passed
	Died     uint64 `json:"died"`     // a child that held a tuple of the tree, or its spout, died
	Shutdown uint64 `json:"shutdown"` // the run ended first
	// Held counts the timed out trees by the component that held a tuple of theirs.
	Held map[string]uint64 `json:"held,omitempty"`
}

// Sum is how many trees failed, whatever the reason.
func (f FailedStats) Sum() uint64 { return f.Bolt + f.Timeout + f.Died + f.Shutdown }
