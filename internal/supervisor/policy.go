package supervisor

import "time"

// Policy says how often a service may die, and how soon it is restarted.
type Policy struct {
	// MinDelay is the wait after the first death. It doubles with each that
	// follows, up to MaxDelay.
	MinDelay, MaxDelay time.Duration
	// Forget is how long a service must live for its earlier deaths to be forgotten.
	// 0 never forgets.
	Forget time.Duration
	// Limit deaths within Within are a crash loop, and end the supervision. With a
	// Limit of 0 there is no crash loop; with a Within of 0 all deaths count.
	Limit  int
	Within time.Duration
	// Hurry, if it is not nil, ends a wait: each value received restarts the service at
	// once and forgets the deaths so far, since something has been fixed.
	Hurry <-chan struct{}
}

// DefaultPolicy restarts after 100 ms to 30 s, forgets deaths after a life of a minute,
// and gives up after five deaths within a minute.
func DefaultPolicy() Policy {
	return Policy{
		MinDelay: 100 * time.Millisecond,
		MaxDelay: 30 * time.Second,
		Forget:   time.Minute,
		Limit:    5,
		Within:   time.Minute,
	}
}
