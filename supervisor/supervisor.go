package supervisor

import (
	"context"
	"errors"
	"time"
)

// Service is what can be kept alive.
type Service interface {
	// Serve lives until ctx is cancelled, or until it dies, and says of what.
	// It returns only when it has truly stopped: nothing of it is left that
	// could be in the way of its next life.
	Serve(ctx context.Context) error
}

// ErrStop is in the error of a service that is to stay stopped.
var ErrStop = errors.New("stop")

// ErrReturned is the cause of death of a service that returned nil although
// nobody asked it to stop. Services have no end of their own: a component's
// process that exits with status 0 is missed as much as one that crashes.
var ErrReturned = errors.New("ended unexpectedly")

// Supervise serves s, again and again, and returns when s has stopped for good:
//
//   - ctx.Err() where ctx was cancelled; what Serve returned then does not matter;
//   - the error of Serve where [ErrStop] is in it;
//   - a [*CrashLoopError] where the policy has had enough.
//
// report, which may be nil, is told what happens, and holds the service up while
// it runs. A panic of the service is not caught: it is a bug, and not the kind of
// death that another life heals.
func Supervise(ctx context.Context, s Service, p Policy, report func(Event)) error {
	if report == nil {
		report = func(Event) {}
	}
	lives := backoff{policy: p}
	for ctx.Err() == nil {
		born := time.Now()
		err := s.Serve(ctx)
		died := time.Now()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrStop):
			return err
		case err == nil:
			err = ErrReturned
		}
		delay, loop := lives.died(born, died)
		if loop {
			verdict := lives.verdict(err)
			report(GaveUp{Err: verdict})
			return verdict
		}
		report(Died{Err: err, Failures: lives.failures, RestartIn: delay})
		switch sleep(ctx, delay, p.Hurry) {
		case cancelled:
			return ctx.Err()
		case hurried:
			lives.forgive()
		}
		report(Restarting{Failures: lives.failures})
	}
	return ctx.Err()
}

// wake is how a sleep ended.
type wake uint8

const (
	rested wake = iota
	hurried
	cancelled
)

func sleep(ctx context.Context, d time.Duration, hurry <-chan struct{}) wake {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		if ctx.Err() == nil {
			return rested
		}
	case <-hurry:
		if ctx.Err() == nil {
			return hurried
		}
	case <-ctx.Done():
	}
	return cancelled
}
