package supervisor

import (
	"slices"
	"time"
)

// backoff remembers a service's deaths. It has no clock of its own.
type backoff struct {
	policy   Policy
	failures int         // deaths since the last long life
	deaths   []time.Time // the latest of them, at most policy.Limit, that are within policy.Within
}

// died notes the death of a life that began at born. It returns how long to wait
// before the next life, and whether this is a crash loop.
func (b *backoff) died(born, died time.Time) (delay time.Duration, loop bool) {
	p := b.policy
	if p.Forget > 0 && died.Sub(born) >= p.Forget {
		b.forget()
	}
	b.failures++
	delay = b.delay()
	if p.Limit <= 0 {
		return delay, false
	}
	b.deaths = append(b.deaths, died)
	if p.Within > 0 {
		b.deaths = slices.DeleteFunc(b.deaths, func(t time.Time) bool { return died.Sub(t) > p.Within })
	}
	return delay, len(b.deaths) >= p.Limit
}

// forget forgets the deaths so far.
func (b *backoff) forget() {
	b.failures = 0
	b.deaths = nil
}

// delay is MinDelay, doubled for each failure after the first.
func (b *backoff) delay() time.Duration {
	delay, limit := b.policy.MinDelay, max(b.policy.MinDelay, b.policy.MaxDelay)
	for range b.failures - 1 {
		if delay > limit/2 {
			return limit
		}
		delay *= 2
	}
	return delay
}

// crashLoop is the error of a crash loop whose last death was last.
func (b *backoff) crashLoop(last error) *CrashLoopError {
	n := len(b.deaths)
	return &CrashLoopError{Deaths: n, Within: b.deaths[n-1].Sub(b.deaths[0]), Last: last}
}
