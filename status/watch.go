package status

import (
	"time"

	"github.com/rs/zerolog"

	"gust/worker"
)

// Watch logs what keeps a topology from going on, for those who see its log and nothing
// else: a diagnosis that has lasted for some seconds, once, and the end of it. It is silent
// where the worker logs by itself what it waits for, and where somebody has asked for it.
// It belongs to one goroutine.
type Watch struct {
	Log zerolog.Logger

	since  time.Time               // since when all is well, or since when it is not
	bad    bool                    // it is not
	logged complaint               // that is logged and not over
	last   map[complaint]time.Time // when each was logged last
}

// complaint is a diagnosis without its figures.
type complaint struct {
	kind      DiagnosisKind
	component string
}

const (
	// watchAfter is how long a diagnosis lasts before it is logged, and how long all is
	// well before that is.
	watchAfter = 5 * time.Second
	// watchAgain is how long one that comes and goes is not logged again.
	watchAgain = 5 * time.Minute
)

// Look is called about once a second, with a view of then.
func (w *Watch) Look(v *View, now time.Time) {
	d := v.Diagnosis
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

// worthALine says whether the diagnosis is one to log, if it lasts.
func worthALine(v *View) bool {
	switch v.Diagnosis.Kind {
	case HasEnded, IsEnding, IsInactive, WaitsToStart:
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
