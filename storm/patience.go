package storm

import (
	"context"
	"errors"
	"time"
)

// Interval is the time between two queries of a cluster's state.
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

// Patience is how long to retry while Nimbus is busy.
func (c *Client) Patience() time.Duration { return 3 * c.Timeout() }

// Passing reports whether an error says nothing about the topology: Nimbus may be busy,
// often with starting a topology, or give way to another leader.
func Passing(err error) bool {
	_, late := errors.AsType[*TimeoutError](err)
	_, lost := errors.AsType[*LostError](err)
	_, none := errors.AsType[*NoNimbusError](err)
	_, failed := errors.AsType[*InternalError](err)
	return late || lost || none || failed
}
