package supervisor

import "time"

// Event is what happens to a service: [Died], [Restarting] or [GaveUp]. Each
// death is reported once, as Died or, the last one, as GaveUp. An end that was
// asked for is none.
type Event interface{ event() }

// Died is a death that another life will follow.
type Died struct {
	// Err is what Serve returned, or [ErrReturned].
	Err error
	// Failures counts the deaths since the last long life, this one included.
	Failures int
	// RestartIn is how long the service stays dead.
	RestartIn time.Duration
}

// Restarting is the end of that wait.
type Restarting struct {
	// Failures is that of the [Died] before.
	Failures int
}

// GaveUp is the death that no other life follows.
type GaveUp struct {
	Err *CrashLoopError
}

func (Died) event()       {}
func (Restarting) event() {}
func (GaveUp) event()     {}
