package worker

import (
	"errors"

	"gust/topology"
)

// errRestart is why gust ends a process on a request to restart it.
var errRestart = errors.New("restart requested")

// Restart ends the processes of a component and restarts them at once, for new code.
// What they held fails, as when they die, and its spouts replay it, but this does not
// count as a death. A component that died and waits for its restart stops waiting, and
// its deaths are forgotten.
//
// It may be called from any goroutine, and does not wait. It does nothing if the
// topology has no such component, or if the run is about to end.
func (w *Worker) Restart(component string) {
	w.loop.post(func() { w.loop.restart(component) })
}

// RestartTask is [Worker.Restart] for one task.
func (w *Worker) RestartTask(id topology.TaskID) {
	w.loop.post(func() {
		if t := w.loop.plan.known(id); t != nil && t.stub == nil && !w.loop.phase.stopping() {
			t.restart()
		}
	})
}

func (l *loop) restart(component string) {
	c := l.plan.byName[component]
	if c == nil || l.phase.stopping() {
		return
	}
	for _, t := range c.own {
		t.restart()
	}
}

// restart ends the task's process, which its service then restarts, or ends the wait for
// the next one.
func (t *task) restart() {
	if t.proc != nil {
		t.log.Debug().Int("pid", t.pid).Msg("restarting as requested")
		t.end(errRestart)
		return
	}
	select {
	case t.hurry <- struct{}{}:
	default: // the token is already there
	}
}

// forgetHurry drops a token that came when the process was about to start anyway.
func (s *service) forgetHurry() {
	select {
	case <-s.task.hurry:
	default:
	}
}
