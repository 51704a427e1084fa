package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/worker"
)

// Why a run ended that nobody wanted to end like this.
var (
	errAborted   = errors.New("stopped at once: the tuples in flight were not finished")
	errLogUnread = errors.New("stopped, because nobody reads the log any more")
)

// runner is what a watch needs of a [worker.Worker].
type runner interface {
	Run(context.Context) error
	Abort()
	Stats() worker.Stats
}

// watch stands by a run: it says when all is up, stops the run in order when
// the time is over or a first signal comes, and at once when a second comes.
type watch struct {
	worker runner
	log    zerolog.Logger
	limit  time.Duration // 0 is none
	drain  time.Duration // how long an orderly stop may take, to be told

	signals <-chan os.Signal
	// release gives the signals back to the system, so that a third one ends
	// gust whatever state it is in.
	release func()
}

// run returns when the worker has ended, with the worker's error or the reason
// for an end that was not orderly.
func (w *watch) run(parent context.Context) error {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	if w.limit > 0 {
		over := time.AfterFunc(w.limit, func() { stop(fmt.Errorf("after %s", seconds(w.limit))) })
		defer over.Stop()
	}

	ended := make(chan struct{})
	aborted := false
	var beside sync.WaitGroup
	beside.Go(func() { aborted = w.obey(ctx, stop, ended) })
	beside.Go(func() { w.announce(ctx, ended) })
	err := w.worker.Run(ctx)
	close(ended)
	beside.Wait()

	switch cause := context.Cause(ctx); {
	case aborted:
		return errAborted
	case err == nil && errors.Is(cause, errLogUnread):
		return cause
	}
	return err
}

// obey stops the run as the signals ask, and reports whether it was aborted.
func (w *watch) obey(ctx context.Context, stop context.CancelCauseFunc, ended <-chan struct{}) (aborted bool) {
	stopping := ctx.Done()
	for {
		select {
		case <-stopping:
			w.log.Info().Msgf("stopping (%v): tuples in flight may finish for %s; Ctrl-C again stops at once",
				context.Cause(ctx), seconds(w.drain))
			stopping = nil
		case s := <-w.signals:
			if ctx.Err() == nil {
				stop(errors.New(s.String()))
				continue
			}
			w.log.Warn().Msg("stopping at once")
			w.release()
			w.worker.Abort()
			return true
		case <-ended:
			return false
		}
	}
}

// announce says when all is up. The worker is asked, and not told to call,
// because the stats hold it anyway and a start takes a moment only.
func (w *watch) announce(ctx context.Context, ended <-chan struct{}) {
	began := time.Now()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if running(w.worker.Stats()) {
				w.log.Info().Msgf("running after %.2f s", time.Since(began).Seconds())
				return
			}
		case <-ctx.Done():
			return
		case <-ended:
			return
		}
	}
}

// running is true when the spouts are active and every task has its process.
func running(s worker.Stats) bool {
	for _, component := range s.Components {
		for _, process := range component.Processes {
			if process.PID == 0 {
				return false
			}
		}
	}
	return s.Seconds > 0
}
