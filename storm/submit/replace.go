package submit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

// rehearse submits a topology whose name is in use, so that Nimbus refuses it. If it
// refuses it for another reason than the name, such as a missing permission or a message
// that is too long, the running topology must not be killed. rehearse returns the id if
// Nimbus has accepted the topology, because the name has become free.
func rehearse(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	id, err = submit(ctx, client, s, known)
	if _, taken := errors.AsType[*storm.AlreadyAliveError](err); taken {
		return "", nil
	}
	return id, err
}

// submit submits a topology and returns its id. If the answer is lost, it checks whether
// the topology exists. known is the id of the topology that had the name before, or
// empty.
func submit(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	err = client.Submit(ctx, s)
	_, lost := errors.AsType[*storm.LostError](err)
	_, late := errors.AsType[*storm.TimeoutError](err)
	if err != nil && !lost && !late {
		return "", err
	}
	// It may take a while to appear.
	for began := time.Now(); ; storm.Pause(ctx, storm.Interval) {
		t, lookErr := client.Topology(ctx, s.Name)
		if lookErr == nil && t.ID != known && t.Status != "KILLED" {
			return t.ID, nil
		}
		if ctx.Err() == nil && time.Since(began) < client.Patience() {
			continue
		}
		if err == nil {
			err = errors.Join(errors.New("the topology was accepted, but Nimbus does not list it"), lookErr)
		}
		return "", err
	}
}

// submitAfterKill is submit for a name that has just become free. It retries after errors
// that pass: another Nimbus has become the leader, or has not heard of the kill yet.
func submitAfterKill(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	for began := time.Now(); ; storm.Pause(ctx, storm.Interval) {
		id, err = submit(ctx, client, s, known)
		_, taken := errors.AsType[*storm.AlreadyAliveError](err)
		_, none := errors.AsType[*storm.NoNimbusError](err)
		if !taken && !none || ctx.Err() != nil || time.Since(began) > client.Patience() {
			return id, err
		}
	}
}

// replace submits the topology, in place of the old one if there is one. It kills the old
// one last: after it has saved a copy of it, and when Nimbus refuses the new one only
// because of its name.
func (s *submission) replace(ctx context.Context, ready *storm.Submission, old *generated.TopologySummary) (id, backup string, err error) {
	cannot := func(err error) error { return fmt.Errorf("cannot submit %q: %w", s.name, err) }
	if old == nil {
		if id, err = submit(ctx, s.client, *ready, ""); err != nil {
			err = cannot(err)
		}
		return id, "", err
	}
	if id, err = rehearse(ctx, s.client, *ready, old.ID); err != nil {
		return "", "", fmt.Errorf("%w\n%s was not touched", cannot(err), old.ID)
	}
	if id != "" {
		return id, "", nil // the old one has ended by itself meanwhile
	}
	backup = s.keep(ctx, old)
	if ctx.Err() != nil {
		return "", "", fmt.Errorf("interrupted; %s was not touched", old.ID)
	}
	wait := s.Wait
	s.Voice.Line("killing %s (%s, up %s), which this replaces", old.ID, strings.ToLower(old.Status), terminal.Uptime(int(old.UptimeSecs)))
	s.Voice.Show("waiting until it is gone: its workers have %v to finish ...", wait)
	err = operate.OrderKill(ctx, s.client, s.name, wait)
	if _, gone := errors.AsType[*storm.NotAliveError](err); err != nil && !gone {
		s.Voice.Clear()
		return "", "", s.goBack(fmt.Errorf("cannot replace %s, which may or may not have been killed: %w", old.ID, err), backup)
	}
	err = operate.UntilGone(ctx, s.client, s.name)
	s.Voice.Clear()
	if err == nil {
		id, err = submitAfterKill(ctx, s.client, *ready, old.ID)
	}
	if err == nil {
		return id, backup, nil
	}
	if ctx.Err() != nil {
		err = errors.New("stopped")
	}
	err = fmt.Errorf("%s was killed, and nothing runs in its place: %w", old.ID, cannot(err))
	if backup == "" {
		err = hint.With(err, "no copy of it was kept: submit this topology again, or the one before")
	}
	return "", "", s.goBack(err, backup)
}
