package supervisor

import "time"

// Policy says how often a service may die, and how soon it lives again.
type Policy struct {
	// MinDelay is the wait after the first death. It doubles with each that
	// follows, up to MaxDelay.
	MinDelay, MaxDelay time.Duration
	// Forget is how long a life makes up for all deaths before it. 0 forgets
	// nothing.
	Forget time.Duration
	// Limit deaths within Within are a crash loop, and the end. With a Limit of
	// 0 there is no end; with a Within of 0 it does not matter when they came.
	Limit  int
	Within time.Duration
	// Hurry, where it is not nil, ends a wait: each value received starts the
	// next life at once and forgives the deaths so far, as something was mended.
	Hurry <-chan struct{}
}

// DefaultPolicy restarts after 100 ms to 30 s, forgets after a minute of good
// health, and gives up after five deaths within a minute.
func DefaultPolicy() Policy {
	return Policy{
		MinDelay: 100 * time.Millisecond,
		MaxDelay: 30 * time.Second,
		Forget:   time.Minute,
		Limit:    5,
		Within:   time.Minute,
	}
}
