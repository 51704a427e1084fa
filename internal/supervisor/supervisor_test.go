package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// serve is a function as a Service.
type serve func(ctx context.Context) error

func (s serve) Serve(ctx context.Context) error { return s(ctx) }

// diary keeps deaths, with the time since it began.
type diary struct {
	began   time.Time
	entries []string
}

func (d *diary) report(death Died) {
	d.entries = append(d.entries, fmt.Sprintf("%v died of %v, again in %v", time.Since(d.began), death.Err, death.RestartIn))
}

var errCrash = errors.New("crash")

func TestSuperviseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := diary{began: time.Now()}
		lives := 0
		err := Supervise(t.Context(), serve(func(context.Context) error {
			lives++
			time.Sleep(time.Second)
			return fmt.Errorf("life %d: %w", lives, errCrash)
		}), Policy{MinDelay: time.Second, MaxDelay: time.Minute, Limit: 3, Within: time.Minute}, d.report)

		var loop *CrashLoopError
		if !errors.As(err, &loop) || loop.Deaths != 3 || loop.Within != 5*time.Second || !errors.Is(err, errCrash) {
			t.Errorf("got %#v, want three deaths within 5s", err)
		}
		want := []string{
			"1s died of life 1: crash, again in 1s",
			"3s died of life 2: crash, again in 2s",
		}
		if !slices.Equal(d.entries, want) {
			t.Errorf("got  %q\nwant %q", d.entries, want)
		}
	})
}

// A service without an end of its own is missed also when it ends in peace.
func TestSuperviseRestartsWhatReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := Supervise(t.Context(), serve(func(context.Context) error { return nil }), Policy{Limit: 2}, nil)
		if !errors.Is(err, ErrReturned) {
			t.Errorf("got %v, want it to hold ErrReturned", err)
		}
	})
}

func TestSuperviseStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lives := 0
		stop := fmt.Errorf("nothing to do: %w", ErrStop)
		d := diary{began: time.Now()}
		err := Supervise(t.Context(), serve(func(context.Context) error {
			if lives++; lives < 3 {
				return errCrash
			}
			return stop
		}), DefaultPolicy(), d.report)
		if err != stop || lives != 3 {
			t.Errorf("got %v after %d lives, want the service's own error after 3", err, lives)
		}
		if len(d.entries) != 2 {
			t.Errorf("got %q, want two deaths", d.entries)
		}
	})
}

// Supervise does not return before the service has.
func TestSuperviseCancelledWhileServing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began := time.Now()
		d := diary{began: began}
		err := Supervise(ctx, serve(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(5 * time.Second) // takes its time to stop
			return errCrash
		}), DefaultPolicy(), d.report)
		if err != context.Canceled {
			t.Errorf("got %v, want context.Canceled", err)
		}
		if took := time.Since(began); took != 65*time.Second {
			t.Errorf("Supervise returned after %v, want 1m5s", took)
		}
		if len(d.entries) != 0 {
			t.Errorf("got %q, want no deaths", d.entries)
		}
	})
}

func TestSuperviseCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		lives := 0
		began := time.Now()
		err := Supervise(ctx, serve(func(context.Context) error {
			lives++
			return errCrash
		}), Policy{MinDelay: time.Hour}, nil)
		if err != context.DeadlineExceeded || lives != 1 || time.Since(began) != time.Minute {
			t.Errorf("got %v after %d lives and %v, want a deadline after 1 and 1m", err, lives, time.Since(began))
		}
	})
}

func TestSuperviseCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Supervise(ctx, serve(func(context.Context) error {
		t.Error("the service was started")
		return nil
	}), DefaultPolicy(), nil)
	if err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// dying is a service that dies at once, and counts its lives.
type dying struct{ lives int }

func (d *dying) Serve(context.Context) error { d.lives++; return errors.New("out of luck") }

// Who mends a service need not wait for its next life, and it may die as often
// again before that is a crash loop.
func TestHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hurry := make(chan struct{})
		p := Policy{MinDelay: time.Hour, MaxDelay: time.Hour, Limit: 2, Hurry: hurry}
		s := &dying{}
		began := time.Now()
		go func() {
			for range 3 {
				hurry <- struct{}{}
			}
		}()
		err := Supervise(t.Context(), s, p, nil)
		if _, ok := errors.AsType[*CrashLoopError](err); !ok {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); s.lives != 5 || took != time.Hour {
			t.Errorf("%d lives in %v, want five, of which only the last waited", s.lives, took)
		}
	})
}
