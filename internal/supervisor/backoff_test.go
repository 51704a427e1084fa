package supervisor

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"
)

// lives plays lives of the given lengths, and the backoffs between them, until a crash
// loop. It returns the backoffs.
func lives(b *backoff, lengths ...time.Duration) (delays []time.Duration, loop bool) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, length := range lengths {
		born := now
		now = now.Add(length)
		delay, loop := b.died(born, now)
		if loop {
			return delays, true
		}
		delays = append(delays, delay)
		now = now.Add(delay)
	}
	return delays, false
}

func TestBackoff(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	doubling := Policy{MinDelay: 100 * ms, MaxDelay: 30 * s, Forget: 60 * s}
	limited := func(limit int, within time.Duration) Policy {
		p := doubling
		p.Limit, p.Within = limit, within
		return p
	}
	tests := []struct {
		name    string
		policy  Policy
		lengths []time.Duration
		want    []time.Duration
		loop    bool
	}{
		{"doubles to the maximum", doubling, make([]time.Duration, 11),
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 25600 * ms, 30 * s, 30 * s}, false},
		{"starts again after a long life", doubling, []time.Duration{0, 0, 59 * s, 60 * s, 0},
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 100 * ms, 200 * ms}, false},
		{"never forgets", Policy{MinDelay: s, MaxDelay: 8 * s}, []time.Duration{0, time.Hour, time.Hour},
			[]time.Duration{s, 2 * s, 4 * s}, false},
		{"no maximum is the minimum", Policy{MinDelay: s}, []time.Duration{0, 0, 0}, []time.Duration{s, s, s}, false},
		{"no wait", Policy{}, []time.Duration{0, 0}, []time.Duration{0, 0}, false},
		{"limit", limited(5, 60*s), make([]time.Duration, 9),
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms}, true},
		{"limit of one", limited(1, 60*s), []time.Duration{0}, nil, true},
		{"lives too long for the limit", limited(3, 60*s), []time.Duration{40 * s, 40 * s, 40 * s, 40 * s},
			[]time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms}, false},
		{"at the window's edge", limited(2, 60*s), []time.Duration{0, 60*s - 100*ms}, []time.Duration{100 * ms}, true},
		{"past the window's edge", limited(2, 59*s), []time.Duration{0, 59*s - 100*ms + 1}, []time.Duration{100 * ms, 200 * ms}, false},
		{"good health pardons", limited(3, 5*time.Minute), []time.Duration{0, 0, 60 * s, 0, 0},
			[]time.Duration{100 * ms, 200 * ms, 100 * ms, 200 * ms}, true},
		{"limit at any time", Policy{Limit: 2}, []time.Duration{0, 1000 * time.Hour}, []time.Duration{0}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := &backoff{policy: test.policy}
			got, loop := lives(b, test.lengths...)
			if !slices.Equal(got, test.want) || loop != test.loop {
				t.Errorf("got %v, %v, want %v, %v", got, loop, test.want, test.loop)
			}
		})
	}
}

// The backoff stays at its maximum, however often a service dies and whatever the maximum
// is.
func TestBackoffDoesNotOverflow(t *testing.T) {
	b := &backoff{policy: Policy{MinDelay: time.Second, MaxDelay: math.MaxInt64}}
	var previous time.Duration
	for range 1000 {
		delay, _ := b.died(time.Time{}, time.Time{})
		if delay < previous {
			t.Fatalf("the wait went from %v to %v", previous, delay)
		}
		previous = delay
	}
	if previous != math.MaxInt64 {
		t.Errorf("the wait ended at %v, want the maximum", previous)
	}
}

func TestVerdict(t *testing.T) {
	last := errors.New("bolt died")
	b := &backoff{policy: DefaultPolicy()}
	if _, loop := lives(b, make([]time.Duration, 5)...); !loop {
		t.Fatal("five deaths in a row are no crash loop")
	}
	err := b.crashLoop(last)
	if want := "gave up after 5 deaths within 1.5s, the last: bolt died"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, last) {
		t.Error("the verdict hides the last death's cause")
	}
	one := &CrashLoopError{Deaths: 1, Last: last}
	if want := "gave up after the first death: bolt died"; one.Error() != want {
		t.Errorf("got %q, want %q", one, want)
	}
}
