package status

import (
	"time"

	"github.com/rs/zerolog"

	"gust/worker"
)

// Watch logs what stops or slows a topology, for users who see only its log: a
// diagnosis that has lasted for some seconds, once, and its end. It does not repeat what the
// worker logs itself, such as the start, nor what the user has asked for. It belongs to one
// goroutine.
type Watch struct {
	Log zerolog.Logger

	since  time.Time               // when bad last changed
	bad    bool                    // something is worth a line
	logged complaint               // the last one logged, if it is not over
	last   map[complaint]time.Time // when each was logged last
	remind time.Time               // when to log again that a task is at a breakpoint; zero if none is
}

// complaint is a diagnosis without its figures.
type complaint struct {
	kind      DiagnosisKind
	component string
}

const (
	// watchAfter is how long a diagnosis, or its absence, lasts before Watch logs it.
	watchAfter = 5 * time.Second
	// watchAgain is how long Watch does not log a diagnosis again that comes and goes.
	watchAgain = 5 * time.Minute
	// remindEvery is how often Watch logs that a task is still at a breakpoint.
	remindEvery = 10 * time.Minute
)

// Look is called about once a second, with a current view.
func (w *Watch) Look(v *View, now time.Time) {
	d := v.Diagnosis
	w.atBreakpoint(&d, now)
	bad := worthALine(v)
	if w.since.IsZero() || bad != w.bad {
		w.bad, w.since = bad, now
	}
	if now.Sub(w.since) < watchAfter {
		return
	}
	this := complaint{d.Kind, d.Component}
	switch {
	case !bad && w.logged != complaint{}:
		w.logged = complaint{}
		if v.Phase == string(worker.Active) {
			w.Log.Info().Msg("all is well again: " + d.Text)
		}
	case bad && this != w.logged:
		if at, was := w.last[this]; was && now.Sub(at) < watchAgain {
			return
		}
		if w.last == nil {
			w.last = map[complaint]time.Time{}
		}
		w.logged, w.last[this] = this, now
		w.Log.WithLevel(level(d.Severity)).Msg(d.Text)
	}
}

// atBreakpoint logs again and again that a task is stopped at a breakpoint. The worker has
// logged that it stopped.
func (w *Watch) atBreakpoint(d *Diagnosis, now time.Time) {
	switch {
	case d.Kind != AtBreakpoint:
		w.remind = time.Time{}
	case w.remind.IsZero():
		w.remind = now.Add(forgottenAfter + time.Second)
	case !now.Before(w.remind):
		w.remind = now.Add(remindEvery)
		w.Log.WithLevel(level(d.Severity)).Msg(d.Text)
	}
}

// worthALine reports whether to log the diagnosis if it lasts.
func worthALine(v *View) bool {
	switch v.Diagnosis.Kind {
	case HasEnded, IsEnding, IsInactive, WaitsToStart, AtBreakpoint: // which the log says at once
		return false
	}
	switch v.Diagnosis.Severity {
	case Warning, Trouble:
		return true
	}
	return v.Still() && v.Diagnosis.Severity == Notice
}

func level(s Severity) zerolog.Level {
	switch s {
	case Trouble:
		return zerolog.ErrorLevel
	case Warning:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}
