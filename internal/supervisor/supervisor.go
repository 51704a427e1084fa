package supervisor

import (
	"context"
	"errors"
	"time"
)

// Service is something that runs until it is cancelled.
type Service interface {
	// Serve runs until ctx is cancelled, or until the service dies, and returns why.
	// It returns only when nothing of the service is left that could disturb its next
	// life.
	Serve(ctx context.Context) error
}

// ErrStop is in the error of a service that must not be restarted.
var ErrStop = errors.New("stop")

// ErrReturned is the cause of death of a service that returned nil although it was not
// cancelled. A component's process that exits with status 0 has to be restarted like
// one that crashes.
var ErrReturned = errors.New("ended unexpectedly")

// Supervise serves s again and again, until s has stopped for good. It returns
//
//   - ctx.Err() if ctx was cancelled, whatever Serve returned then;
//   - the error of Serve if [ErrStop] is in it;
//   - a [*CrashLoopError] if the policy gives up.
//
// report is called for each death that a restart follows, and delays the restart while
// it runs. It may be nil. Supervise does not catch a panic of the service: that is a
// bug, which a restart does not fix.
func Supervise(ctx context.Context, s Service, p Policy, report func(Died)) error {
	if report == nil {
		report = func(Died) {}
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
			return lives.crashLoop(err)
		}
		report(Died{Err: err, RestartIn: delay})
		switch sleep(ctx, delay, p.Hurry) {
		case cancelled:
			return ctx.Err()
		case hurried:
			lives.forget()
		}
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
