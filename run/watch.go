package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/terminal"
)

// Why a run ended that nobody wanted to end like this.
var (
	errAborted   = errors.New("stopped at once, without finishing the tuples in flight")
	errLogUnread = errors.New("the reader of the log is gone")
)

// runner is what a watch stands by: the generations of a run.
type runner interface {
	Run(context.Context) error
	Abort()
}

// watch stands by a run: it stops it in order when the time is over, when it is
// asked to or a first signal comes, and at once when a second comes.
type watch struct {
	running runner
	log     zerolog.Logger
	limit   time.Duration   // 0 is none; it counts from ready
	ready   <-chan struct{} // closed when the spouts have been activated
	drain   time.Duration   // how long an orderly stop may take, to be told

	signals <-chan os.Signal
	// release gives the signals back to the system, so that a third one ends
	// gust whatever state it is in.
	release func()

	stops  <-chan error    // has the reason where the run is to stop
	abrupt <-chan struct{} // closed where it is to end at once

	interrupted bool // somebody has ended the run; to be read after run
}

// run returns when the worker has ended, with the worker's error or the reason
// for an end that was not orderly.
func (w *watch) run(parent context.Context) error {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	ended, aborted := make(chan struct{}), make(chan bool)
	go func() { aborted <- w.obey(ctx, stop, ended) }()
	err := w.running.Run(ctx)
	close(ended)
	switch {
	case <-aborted:
		return errAborted
	case err == nil && errors.Is(context.Cause(ctx), errLogUnread):
		return errLogUnread
	}
	return err
}

// startPatience is how long the start may take before the time of a run counts
// all the same.
const startPatience = time.Minute

// obey stops the run when its time is over, and as the signals ask,
// and reports whether it was aborted.
func (w *watch) obey(ctx context.Context, stop context.CancelCauseFunc, ended <-chan struct{}) (aborted bool) {
	stopping, ready := ctx.Done(), w.ready
	over := time.NewTimer(w.limit + startPatience)
	defer over.Stop()
	if w.limit == 0 {
		over.Stop()
		ready = nil
	}
	for {
		select {
		case <-ready:
			over.Reset(w.limit)
			ready = nil
		case <-over.C:
			stop(fmt.Errorf("after %s", terminal.Span(w.limit)))
		case <-stopping:
			w.log.Info().Msgf("stopping (%v): waiting up to %s for tuples in flight; press Ctrl-C again to stop at once",
				context.Cause(ctx), terminal.Span(w.drain))
			stopping = nil
		case s := <-w.signals:
			if ctx.Err() == nil {
				w.interrupted = true
				stop(errors.New(s.String()))
				continue
			}
			w.atOnce()
			return true
		case reason := <-w.stops:
			if ctx.Err() == nil {
				w.interrupted = true
				stop(reason)
			}
		case <-w.abrupt:
			w.atOnce()
			return true
		case <-ended:
			return false
		}
	}
}

// atOnce ends the run without finishing what it does.
func (w *watch) atOnce() {
	w.log.Warn().Msg("stopping at once")
	w.release()
	w.running.Abort()
}
