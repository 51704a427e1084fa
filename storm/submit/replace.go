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

// rehearse submits a topology whose name is taken, so that Nimbus refuses it: that
// it does so for the name's sake, and not because the user may not submit, or
// because the message is too long for it, is known before the topology that has
// the name is killed. It returns the id where Nimbus has taken the topology, since
// the name has become free.
func rehearse(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
	id, err = submit(ctx, client, s, known)
	if _, taken := errors.AsType[*storm.AlreadyAliveError](err); taken {
		return "", nil
	}
	return id, err
}

// submit submits a topology and returns its id. Where the answer is lost it looks
// whether the topology has come into being; known is the id of the topology that
// had the name before, or empty.
func submit(ctx context.Context, client *storm.Client, s storm.Submission, known string) (id string, err error) {
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

// submitAfterKill is submit for a name that has just become free. What passes, as
// that another Nimbus leads now or has not heard of it, is waited for.
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

// replace submits the topology, in the place of the old one if there is one. That is
// killed last: when a copy of it is kept, and Nimbus has nothing against the new
// one but its name.
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
