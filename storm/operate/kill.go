package operate

import (
	"context"
	"errors"
	"time"

	"gust/storm"
)

// Kill kills a topology, and returns when it is gone and its name is free. Storm stops
// the spouts at once and the workers after the wait.
func Kill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	if err := OrderKill(ctx, client, name, wait); err != nil {
		return err
	}
	return UntilGone(ctx, client, name)
}

// OrderKill starts to kill a topology. Without an error the topology will be gone.
func OrderKill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	err := client.Kill(ctx, name, wait)
	if lost, unsure := errors.AsType[*storm.LostError](err); unsure {
		err = killedAfterAll(ctx, client, name, lost)
	}
	return err
}

// killedAfterAll is nil if a kill whose answer was lost has been executed.
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

// UntilGone returns when no topology has the name. It retries if Nimbus is busy, or gives
// way to another leader.
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
