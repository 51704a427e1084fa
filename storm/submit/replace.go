package submit

import (
	"context"
	"errors"
	"time"

	"gust/storm"
)

// Rehearse submits a topology whose name is taken, so that Nimbus refuses it: that
// it does so for the name's sake, and not because the user may not submit, or
// because the message is too long for it, is known before the topology that has
// the name is killed. It returns the id where Nimbus has taken the topology, since
// the name has become free.
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
	// It may take a while until it shows.
	for began := time.Now(); ; storm.Pause(ctx, storm.Interval) {
		t, lookErr := client.Topology(ctx, s.Name)
		if lookErr == nil && t.ID != known && t.Status != "KILLED" {
			return t.ID, nil
		}
		if ctx.Err() == nil && time.Since(began) < client.Patience() {
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
	for began := time.Now(); ; storm.Pause(ctx, storm.Interval) {
		id, err = Submit(ctx, client, s, known)
		_, taken := errors.AsType[*storm.AlreadyAliveError](err)
		_, none := errors.AsType[*storm.NoNimbusError](err)
		if !taken && !none || ctx.Err() != nil || time.Since(began) > client.Patience() {
			return id, err
		}
	}
}
