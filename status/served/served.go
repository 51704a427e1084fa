// Package served is what user interfaces show: topologies with their status, and the
// operations on them.
package served

import (
	"time"

	"gust/status"
)

// Control has the operations on a running topology. Its methods may be called from any
// goroutine, and return before the operation is complete. An error says why an operation
// is not possible.
type Control interface {
	// Activate lets the spouts emit tuples; Deactivate stops them.
	Activate() error
	Deactivate() error
	// Kill deactivates the topology, and ends it after wait.
	Kill(wait time.Duration) error
	// RestartTask restarts the process of a task, RestartComponent those of all its
	// tasks.
	RestartTask(task int) error
	RestartComponent(name string) error
	// Rebalance changes the number of tasks of components, by name, after wait.
	Rebalance(tasks map[string]int, wait time.Duration) error
	// Replay sends the tuple that caused a failure to the bolt again. The failure may be one
	// of an earlier run.
	Replay(of status.DeadLetter) (*status.Replay, error)
	// Park keeps a failure as a dead letter.
	Park(number uint64) error
	// Discard forgets a failure, also where it is kept as a dead letter.
	Discard(number uint64) error
	// SetLogLevel sets the lowest level that is logged: "trace" to "error", or "" for that of
	// the conf.
	SetLogLevel(level string) error
	// SetDebug logs the tuples that a component emits, or all components if the name is
	// empty.
	SetDebug(component string, on bool) error
	// SetSampling sets the percentage of tuple trees to trace, of a spout or, if the name is
	// empty, of all.
	SetSampling(spout string, percent float64) error
}

// Served is a topology to show.
type Served struct {
	*status.Status
	Control Control // nil if the topology has ended
}

// Source knows the topologies to show: those that run, and some that have ended.
type Source interface {
	Topologies() []Served
}

// One is the source of a single topology.
type One Served

// Topologies returns the topology.
func (o One) Topologies() []Served { return []Served{Served(o)} }

// Find returns the topology of an id or, failing that, the last one of a name.
func Find(s Source, id string) (Served, bool) {
	var found Served
	ok := false
	for _, t := range s.Topologies() {
		switch {
		case t.ID() == id:
			return t, true
		case t.Topology().Name == id:
			found, ok = t, true
		}
	}
	return found, ok
}
