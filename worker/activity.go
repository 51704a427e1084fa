package worker

// Deactivate stops asking the spouts for tuples; what is in flight goes on. It may be
// called from any goroutine, and does not wait. [Worker.Activate] undoes it.
func (w *Worker) Deactivate() { w.loop.post(w.loop.deactivate) }

// Activate asks the spouts again after [Worker.Deactivate]. It may be called from any
// goroutine, and does not wait.
func (w *Worker) Activate() { w.loop.post(w.loop.activate) }

func (w *loop) deactivate() {
	if w.inactive || w.stopping {
		return
	}
	w.inactive = true
	for _, t := range w.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
		}
	}
	w.happened(EventDeactivated)
	w.log.Info().Msg("deactivated: the spouts are asked for no more tuples")
}

func (w *loop) activate() {
	if !w.inactive || w.stopping {
		return
	}
	w.inactive = false
	if w.started {
		for _, t := range w.plan.tasks {
			if t.spout != nil {
				t.spout.activate()
			}
		}
	}
	w.happened(EventActivated)
	w.log.Info().Msg("activated: the spouts are asked for tuples again")
}
