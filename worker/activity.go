package worker

// Deactivate stops asking the spouts for tuples; what is in flight goes on. It may be
// called from any goroutine, and does not wait. [Worker.Activate] undoes it.
func (w *Worker) Deactivate() { w.loop.post(w.loop.deactivate) }

// Activate asks the spouts again after [Worker.Deactivate]. It may be called from any
// goroutine, and does not wait.
func (w *Worker) Activate() { w.loop.post(w.loop.activate) }

// SetDebug has the tuples that a component emits logged at the level debug, or not; those
// of all components where it is "". It may be called from any goroutine, and does not wait.
func (w *Worker) SetDebug(component string, on bool) {
	w.loop.post(func() {
		for _, c := range w.loop.plan.components {
			if component == "" || c.name() == component {
				c.set.debug = on
			}
		}
	})
}

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
