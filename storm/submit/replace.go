package submit

import (
	"context"
	"errors"
	"time"

	"gust/storm"
)

// Kill kills a topology and returns when it is gone, so that its name is free. Storm
// stops the spouts at once and the workers after the wait.
func Kill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	if err := OrderKill(ctx, client, name, wait); err != nil {
		return err
	}
	return UntilGone(ctx, client, name)
}

// OrderKill sends only the command. Without an error, the topology will end.
func OrderKill(ctx context.Context, client *storm.Client, name string, wait time.Duration) error {
	err := client.Kill(ctx, name, wait)
	if lost, unsure := errors.AsType[*storm.LostError](err); unsure {
		err = killedAfterAll(ctx, client, name, lost)
	}
	return err
}

// killedAfterAll is nil if a kill whose answer was lost was executed.
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

// UntilGone returns when no topology has the name any more. It asks again if a Nimbus is
// busy, or another one becomes the leader.
func UntilGone(ctx context.Context, client *storm.Client, name string) error {
	asked := time.Now()
	for ; ; pause(ctx, interval) {
		_, err := client.Topology(ctx, name)
		if _, gone := errors.AsType[*storm.NotAliveError](err); gone {
			return nil
		}
		switch {
		case err == nil:
			asked = time.Now()
		case ctx.Err() != nil, !passing(err), time.Since(asked) > patience(client):
			return err
		}
	}
}

// patience is how long Nimbus may take to recover.
func patience(client *storm.Client) time.Duration { return 3 * client.Timeout() }

// Rehearse submits a topology whose name is in use, so that Nimbus refuses it. That
// shows, before the other topology is killed, whether it refuses because of the name, or
// because the user may not submit, or because the message is too long. It returns the id
// if Nimbus has accepted the topology, since the name had become free.
func Rehearse(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	id, err = Submit(ctx, client, s, known)
	if _, taken := errors.AsType[*storm.AlreadyAliveError](err); taken {
		return "", nil
	}
	return id, err
}

// Submit submits a topology and returns its id. If the answer is lost, it looks whether
// the topology exists; known is the id of the topology that had the name before, or
// empty.
func Submit(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	err = client.Submit(ctx, s)
	_, lost := errors.AsType[*storm.LostError](err)
	_, late := errors.AsType[*storm.TimeoutError](err)
	if err != nil && !lost && !late {
		return "", err
	}
	// It may take some time until it appears.
	for began := time.Now(); ; pause(ctx, interval) {
		t, lookErr := client.Topology(ctx, s.Name)
		if lookErr == nil && t.ID != known && t.Status != "KILLED" {
			return t.ID, nil
		}
		if ctx.Err() == nil && time.Since(began) < patience(client) {
			continue
		}
		if err == nil {
			err = errors.Join(errors.New("Nimbus accepted the topology, but does not list it"), lookErr)
		}
		return "", err
	}
}

// SubmitAfterKill is Submit for a name that has just become free. It retries temporary
// errors, for example if another Nimbus has become the leader and does not know of the
// kill.
func SubmitAfterKill(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	for began := time.Now(); ; pause(ctx, interval) {
		id, err = Submit(ctx, client, s, known)
		_, taken := errors.AsType[*storm.AlreadyAliveError](err)
		_, none := errors.AsType[*storm.NoNimbusError](err)
		if !taken && !none || ctx.Err() != nil || time.Since(began) > patience(client) {
			return id, err
		}
	}
}
