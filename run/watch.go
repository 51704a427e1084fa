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

// The reasons for a premature end of a run.
var (
	errAborted   = errors.New("stopped at once, without finishing the tuples in flight")
	errLogUnread = errors.New("the reader of the log is gone")
)

// runner is what a watch controls: the generations of a run.
type runner interface {
	Run(context.Context) error
	Abort()
}

// watch ends a run: in order when its time is over, after a stop or a first signal; at
// once after a second signal.
type watch struct {
	running runner
	log     zerolog.Logger
	limit   time.Duration   // 0 is none; it counts from ready
	ready   <-chan struct{} // closed when the spouts have been activated
	drain   time.Duration   // how long an orderly stop may take, for the log

	signals <-chan os.Signal
	// release gives the signals back to the system, so that a third one kills gust
	// whatever its state.
	release func()

	stops  <-chan error    // gets the reason for a stop
	abrupt <-chan struct{} // closed to end the run at once

	interrupted bool // a person has ended the run; read it after run
}

// run returns when the worker has ended, with the worker's error or the reason for a
// premature end.
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

// startPatience is how long the start may take before the run's time counts anyway.
const startPatience = time.Minute

// obey stops the run when its time is over and when signals arrive, and reports whether
// it was aborted.
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

// atOnce ends the run without finishing its tuples.
func (w *watch) atOnce() {
	w.log.Warn().Msg("stopping at once")
	w.release()
	w.running.Abort()
}
