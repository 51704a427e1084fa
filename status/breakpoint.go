package status

import (
	"fmt"
	"slices"
	"time"

	"gust/internal/terminal"
	"gust/worker"
)

// Breakpoint is a task that has stopped for a debugger.
type Breakpoint struct {
	Component string `json:"component"`
	Task      int    `json:"task"`
	PID       int    `json:"pid"`
	worker.Breakpoint
}

// Breakpoints are the tasks that have stopped for a debugger, the first one first.
func (s *Status) Breakpoints() []Breakpoint {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.breakpoints()
}

func (s *Status) breakpoints() []Breakpoint {
	list := []Breakpoint{}
	if !s.ended.IsZero() {
		return list
	}
	for _, c := range s.layout.components {
		for _, t := range c.liveTasks() {
			if at := t.now.Breakpoint; at != nil {
				list = append(list, Breakpoint{c.name, t.id, t.now.PID, *at})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Breakpoint) int { return a.Since.Compare(b.Since) })
	return list
}

// forgottenAfter is how long a task is stopped before the user may have forgotten it.
const forgottenAfter = 2 * time.Minute

// atBreakpoint finds the task that has been at a breakpoint for longest.
func (s *Status) atBreakpoint(*View) *Diagnosis {
	list := s.breakpoints()
	if len(list) == 0 {
		return nil
	}
	at := &list[0]
	text := fmt.Sprintf("%s[%d] is stopped at %s (breakpoint): %s", at.Component, at.Task, at.Place(), at.Wants(at.Component, at.Task))
	severity := Notice
	if d := time.Since(at.Since).Truncate(time.Minute); d >= forgottenAfter {
		// Nobody may know: the line in the log has gone by, or the run has no terminal.
		severity = Warning
		text = fmt.Sprintf("%s[%d] has been stopped at %s (breakpoint) for %s, and the tuples that it holds never time out: %s",
			at.Component, at.Task, at.Place(), terminal.Span(d), at.Wants(at.Component, at.Task))
	}
	if others := len(list) - 1; others > 0 {
		text += "; the same holds for " + terminal.Count(others, "other task")
	}
	return &Diagnosis{Kind: AtBreakpoint, Severity: severity, Text: text, Component: at.Component, Task: at.Task}
}
