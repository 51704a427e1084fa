package submit

import (
	"context"
	"errors"
	"time"

	"gust/storm"
)

// Kill kills a topology and returns when it is gone, so that its name is free.
// Storm stops the spouts at once and the workers after the wait.
func Kill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	err := client.Kill(ctx, name, wait)
	if lost, unsure := errors.AsType[*storm.LostError](err); unsure {
		err = killedAfterAll(ctx, client, name, lost)
	}
	if err != nil {
		return err
	}
	return UntilGone(ctx, client, name)
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

// UntilGone returns when no topology has the name any more.
func UntilGone(ctx context.Context, client *storm.Client, name string) error {
	for ; ; pause(ctx, interval) {
		_, err := client.Topology(ctx, name)
		if _, gone := errors.AsType[*storm.NotAliveError](err); gone {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Submit submits a topology and returns its id. Where the answer is lost it looks
// whether the topology has come into being; known is the id of the topology that
// had the name before, or empty.
func Submit(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	err = client.Submit(ctx, s)
	_, lost := errors.AsType[*storm.LostError](err)
	_, late := errors.AsType[*storm.TimeoutError](err)
	if err != nil && !lost && !late {
		return "", err
	}
	t, lookErr := client.Topology(ctx, s.Name)
	switch {
	case lookErr == nil && t.ID != known && t.Status != "KILLED":
		return t.ID, nil
	case err != nil:
		return "", err
	}
	return "", lookErr
}
