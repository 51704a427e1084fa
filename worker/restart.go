package worker

import "errors"

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

func (w *loop) restart(component string) {
	c := w.plan.byName[component]
	if c == nil || w.stop.phase != atWork {
		return
	}
	for _, t := range c.tasks {
		if t.proc != nil {
			t.log.Debug().Int("pid", t.pid).Msg("restarting as requested")
			t.end(errRestart)
			continue
		}
		select {
		case t.hurry <- struct{}{}:
		default: // it has been told
		}
	}
}

// forgetHurry forgets what came when the process was about to be started anyway.
func (s *service) forgetHurry() {
	select {
	case <-s.task.hurry:
	default:
	}
}
