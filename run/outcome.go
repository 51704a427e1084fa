package run

import (
	"errors"
	"fmt"
	"strings"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/shell"
	"gust/worker"
)

// outcome is an error if a run that ended in order did nothing useful: a task never came
// up, or there were tuple trees and none was acked.
//
// Trees that were still open count as failed only if the run's own time (-t) ended it:
// then the user waits for a result. If a person interrupted the run, perhaps at once,
// they say nothing about the topology. Failed trees always count.
func outcome(s worker.Stats, interrupted bool) error {
	var absent error
	silent := false
	for _, c := range s.Components {
		err, died := neverUp(c, interrupted)
		absent = errors.Join(absent, err)
		silent = silent || err != nil && !died
	}
	switch {
	case silent:
		return hint.With(absent, "`gust check` names the rule of the protocol that a component breaks")
	case absent != nil:
		return absent
	}
	return noneAcked(s, interrupted)
}

// neverUp is an error that names the tasks of a component that never came up, and the
// reason: a process died, or none answered.
func neverUp(c worker.ComponentStats, interrupted bool) (err error, died bool) {
	var absent []int
	death := ""
	for _, p := range c.Processes {
		if !p.Ready {
			absent = append(absent, p.Task)
			if p.Death != "" {
				death = p.Death
			}
		}
	}
	if len(absent) == 0 || interrupted && death == "" {
		return nil, false
	}
	why := "it did not answer the handshake"
	switch {
	case death != "":
		why = "its process " + death
	case c.Kind == "bolt":
		why += " or the first heartbeat"
	}
	if last := shell.Headline(c.LastError); last != "" {
		if _, words, ok := strings.Cut(last, death); ok && death != "" {
			why += terminal.Shorten(terminal.Visible(words), 120) // the death is the last error, and ends with its last words
		} else {
			why += "; last error: " + terminal.Shorten(terminal.Visible(last), 120)
		}
	}
	return fmt.Errorf("%s %q never came up (%s): %s", c.Kind, c.Name, worker.TaskList(absent), why), death != ""
}

// noneAcked is an error if there were trees and none was acked. It names the reasons, and
// the bolts that failed tuples.
func noneAcked(s worker.Stats, interrupted bool) error {
	t := s.Trees
	unfinished := t.Failed.Shutdown + t.Pending
	if t.Emitted == 0 || t.Acked > 0 || interrupted && unfinished > 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "no tuple tree was acked; failed: %s", strings.Join(FailedReasons(t.Failed), ", "))
	for _, c := range s.Components {
		if last := shell.Headline(c.LastError); c.Kind == "bolt" && c.Failed > 0 {
			fmt.Fprintf(&text, "\nbolt %q failed %s", c.Name, terminal.Count(c.Failed, "tuple"))
			if last != "" {
				text.WriteString("; last error: " + terminal.Shorten(terminal.Visible(last), 120))
			}
		}
		for _, p := range c.Processes {
			if p.Death != "" {
				fmt.Fprintf(&text, "\n%s %q (task %d) %s", c.Kind, c.Name, p.Task, p.Death)
			}
		}
	}
	err := errors.New(text.String())
	if unfinished == t.Emitted {
		return hint.With(err, "run longer (-t), or allow tuples in flight more time (-o gust.drain.secs=60)")
	}
	return err
}
