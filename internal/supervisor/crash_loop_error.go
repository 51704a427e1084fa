package supervisor

import (
	"fmt"
	"time"
)

// CrashLoopError is the end of a service that keeps dying.
type CrashLoopError struct {
	// Deaths is how many times it died within Within, which is the time from the
	// first of these deaths to the last.
	Deaths int
	Within time.Duration
	// Last is the last death's cause.
	Last error
}

// Error ends with the last cause, which may have more than one line.
func (e *CrashLoopError) Error() string {
	if e.Deaths == 1 {
		return fmt.Sprintf("gave up after the first death: %v", e.Last)
	}
	return fmt.Sprintf("gave up after %d deaths within %v, the last: %v", e.Deaths, e.Within.Round(time.Millisecond), e.Last)
}

// Unwrap is the last death's cause.
func (e *CrashLoopError) Unwrap() error { return e.Last }
