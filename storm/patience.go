package storm

import (
	"context"
	"errors"
	"time"
)

// Interval is the time between two looks at what a cluster is doing.
const Interval = 200 * time.Millisecond

// Pause waits, unless the context ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Patience is how long Nimbus may take to come to itself.
func (c *Client) Patience() time.Duration { return 3 * c.Timeout() }

// Passing tells errors that say nothing about the topology: a Nimbus that is
// busy, as it may well be with a topology that starts, or one that gives way to
// another leader.
func Passing(err error) bool {
	_, late := errors.AsType[*TimeoutError](err)
	_, lost := errors.AsType[*LostError](err)
	_, none := errors.AsType[*NoNimbusError](err)
	_, failed := errors.AsType[*InternalError](err)
	return late || lost || none || failed
}
