// Package served is what the user interfaces show: topologies with their status, and what
// may be done to them.
package served

import (
	"time"

	"gust/status"
)

// Control is what may be done to a topology that runs. Its methods may be called from any
// goroutine, and do not wait for what they begin. An error says why it cannot be done.
type Control interface {
	// Activate and Deactivate have the spouts asked for tuples, or not.
	Activate() error
	Deactivate() error
	// Kill deactivates the topology, and ends it after wait.
	Kill(wait time.Duration) error
	// RestartTask starts the process of a task anew, RestartComponent those of all its tasks.
	RestartTask(task int) error
	RestartComponent(name string) error
	// Rebalance changes how many tasks components have, by name.
	Rebalance(tasks map[string]int) error
	// SetLogLevel sets the lowest level that is logged: "trace" to "error".
	SetLogLevel(level string) error
	// SetDebug logs the tuples that a component emits, or all components where it is "".
	SetDebug(component string, on bool) error
}

// Served is one topology that is shown.
type Served struct {
	*status.Status
	Control Control // nil where nothing may be done: the topology has ended
}

// Source knows the topologies that are shown: those that run, and some that have ended.
type Source interface {
	Topologies() []Served
}

// One is the source of a single topology.
type One Served

// Topologies is the one.
func (o One) Topologies() []Served { return []Served{Served(o)} }

// Find returns the topology of an id or, failing that, of a name: the one that was started last.
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
