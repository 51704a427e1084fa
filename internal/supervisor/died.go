package supervisor

import "time"

// Died is the death of a service that will be restarted.
type Died struct {
	// Err is what Serve returned, or [ErrReturned].
	Err error
	// RestartIn is how long it stays dead.
	RestartIn time.Duration
}
