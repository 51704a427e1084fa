package status

import (
	"fmt"
	"time"

	"gust/internal/terminal"
	"gust/worker"
)

// Transition is what a topology is about to become: it has been asked to, and its worker
// may not know yet.
type Transition int

// The transitions.
const (
	Staying     Transition = iota
	Rebalancing            // another generation of the topology follows
	Killed                 // it ends
)

// Announce announces a transition, which begins at a time. Nothing follows a kill.
func (s *Status) Announce(t Transition, begins time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.announced == Killed && t != Killed {
		return
	}
	s.announced, s.due = t, begins
	s.wake()
}

// Announced is the transition that was announced last, and has not come to its end.
func (s *Status) Announced() Transition {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.announced
}

// word is the status of a topology in Storm's word. phase is the worker's.
func (s *Status) word(phase worker.Phase) string {
	switch {
	case !s.ended.IsZero(), s.announced == Killed:
		return "KILLED"
	case s.announced == Rebalancing:
		return "REBALANCING"
	case phase == worker.Inactive:
		return "INACTIVE"
	case phase == worker.Draining, phase == worker.Ending:
		return "KILLED"
	}
	return "ACTIVE"
}

// changes says what the topology is about to become.
func (s *Status) changes(v *View) *Diagnosis {
	what := ""
	switch s.announced {
	case Rebalancing:
		what = "rebalancing"
	case Killed:
		what = "killed"
	default:
		return nil
	}
	d := &Diagnosis{Kind: IsEnding, Severity: Notice}
	left := time.Until(s.due).Round(time.Second)
	switch {
	case left > 0:
		d.Text = fmt.Sprintf("%s: the spouts are asked for no more tuples; the processes end in %s", what, terminal.Span(left))
	case v.Phase == string(worker.Ending):
		d.Text = what + ": the processes are to end"
	default:
		d.Text = fmt.Sprintf("%s: %s may finish", what, terminal.Count(v.Trees.Pending, "pending tree"))
	}
	return d
}
