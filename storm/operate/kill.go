package operate

import (
	"context"
	"errors"
	"time"

	"gust/storm"
)

// Kill kills a topology and returns when it is gone, so that its name is free.
// Storm stops the spouts at once and the workers after the wait.
func Kill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	if err := OrderKill(ctx, client, name, wait); err != nil {
		return err
	}
	return UntilGone(ctx, client, name)
}

// OrderKill is the order alone. Without an error the topology will be gone.
func OrderKill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	err := client.Kill(ctx, name, wait)
	if lost, unsure := errors.AsType[*storm.LostError](err); unsure {
		err = killedAfterAll(ctx, client, name, lost)
	}
	return err
}

// killedAfterAll is nil where a kill whose answer was lost was carried out.
func killedAfterAll(ctx context.Context, client *storm.Client, name string, lost error) error {
	t, err := client.Topology(ctx, name)
	if _, gone := errors.AsType[*storm.NotAliveError](err); gone {
		return nil
	}
	if err != nil || t.Status != "KILLED" {
		return lost
	}
	return nil
}

// UntilGone returns when no topology has the name any more. A Nimbus that is busy,
// or gives way to another one, is asked again.
func UntilGone(ctx context.Context, client *storm.Client, name string) error {
	asked := time.Now()
	for ; ; storm.Pause(ctx, storm.Interval) {
		_, err := client.Topology(ctx, name)
		if _, gone := errors.AsType[*storm.NotAliveError](err); gone {
			return nil
		}
		switch {
		case err == nil:
			asked = time.Now()
		case ctx.Err() != nil, !storm.Passing(err), time.Since(asked) > client.Patience():
			return err
		}
	}
}
