package worker

import (
	"errors"

	"gust/topology"
)

// errRestart is why a process ends that somebody wants started anew.
var errRestart = errors.New("restart requested")

// Restart ends the processes of a component, and starts them again at once: for
// new code. What they held fails, as at a death, and is replayed by its spouts;
// but it is no death, and counts as none. A component that waits for its next
// life after a death waits no longer, and its deaths are forgiven.
//
// It may be called from any goroutine, and does not wait. It does nothing where
// the topology has no such component, or where the run is about to end.
func (w *Worker) Restart(component string) {
	w.loop.post(func() { w.loop.restart(component) })
}

// RestartTask does for one task what [Worker.Restart] does for all of a component.
func (w *Worker) RestartTask(id topology.TaskID) {
	w.loop.post(func() {
		if t := w.loop.plan.known(id); t != nil && w.loop.stop.phase == atWork {
			t.restart()
		}
	})
}

func (w *loop) restart(component string) {
	c := w.plan.byName[component]
	if c == nil || w.stop.phase != atWork {
		return
	}
	for _, t := range c.tasks {
		t.restart()
	}
}

// restart ends the task's process, which is then started again, or ends the wait for the
// next one.
func (t *task) restart() {
	if t.proc != nil {
		t.log.Debug().Int("pid", t.pid).Msg("restarting as requested")
		t.end(errRestart)
		return
	}
	select {
	case t.hurry <- struct{}{}:
	default: // it has been told
	}
}

// forgetHurry forgets what came when the process was about to be started anyway.
func (s *service) forgetHurry() {
	select {
	case <-s.task.hurry:
	default:
	}
}
