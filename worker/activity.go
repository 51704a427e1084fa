package worker

// Deactivate stops asking the spouts for tuples; what is in flight goes on. It may be
// called from any goroutine, and does not wait. [Worker.Activate] undoes it.
func (w *Worker) Deactivate() { w.loop.post(w.loop.deactivate) }

// Activate asks the spouts again after [Worker.Deactivate]. It may be called from any
// goroutine, and does not wait.
func (w *Worker) Activate() { w.loop.post(w.loop.activate) }

// SetDebug sets whether gust logs the tuples that a component emits, at the level debug.
// "" means all components. It may be called from any goroutine, and does not wait.
func (w *Worker) SetDebug(component string, on bool) {
	w.loop.post(func() {
		for _, c := range w.loop.plan.components {
			if component == "" || c.name() == component {
				c.set.debug = on
			}
		}
	})
}

// SetSampling sets which percentage of a spout's tuple trees gust traces, from the next tree
// on. "" means all spouts. It may be called from any goroutine, and does not wait.
func (w *Worker) SetSampling(spout string, percent float64) {
	w.loop.post(func() {
		for _, c := range w.loop.plan.components {
			if spout == "" || c.name() == spout {
				c.set.tracePercent = percent
			}
		}
	})
}

func (l *loop) deactivate() {
	if l.inactive || l.phase.stopping() {
		return
	}
	l.inactive = true
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			t.spout.deactivate()
		}
	}
	l.happened(EventDeactivated)
	l.log.Info().Msg("deactivated: the spouts are asked for no more tuples")
}

func (l *loop) activate() {
	if !l.inactive || l.phase.stopping() {
		return
	}
	l.inactive = false
	if l.phase == working {
		for _, t := range l.plan.tasks {
			if t.spout != nil {
				t.spout.activate()
			}
		}
	}
	l.happened(EventActivated)
	l.log.Info().Msg("activated: the spouts are asked for tuples again")
}
