package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/status"
	"gust/ui/client"
	"gust/worker"
)

// mostReplays is how many replays `failures` has in flight at once, and replayEvery how often
// it looks for their ends.
const (
	mostReplays = 200
	replayEvery = 200 * time.Millisecond
)

// replaying are replays in flight.
type replaying struct {
	cli    *cli
	from   *failureSource
	list   []inFlight
	failed int // that have ended without an ack, or never begun
}

// inFlight is a failure that is replayed.
type inFlight struct {
	failure status.DeadLetter
	ticket  uint64
}

// replayFailures replays failures, the oldest first, and prints what becomes of each.
func replayFailures(ctx context.Context, c *cli, from *failureSource, list []status.DeadLetter) error {
	if from.live == nil {
		return hint.New(fmt.Sprintf("topology %q does not run, so nothing can be replayed", from.name), fmt.Sprintf("`%s run` runs it", c.name))
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(c.stdout, "No %ss to replay.\n", from.noun())
		return err
	}
	if err := from.live.started(ctx, c); err != nil {
		return err
	}
	r := &replaying{cli: c, from: from}
	for _, f := range slices.Backward(list) {
		for len(r.list) == mostReplays {
			if err := r.await(ctx); err != nil {
				return err
			}
		}
		if err := r.begin(ctx, f); err != nil {
			return err
		}
	}
	for len(r.list) > 0 {
		if err := r.await(ctx); err != nil {
			return err
		}
	}
	if r.failed > 0 {
		return fmt.Errorf("replays failed: %d of %d", r.failed, len(list))
	}
	return nil
}

// started waits until the topology has started: a tuple would time out in the queue of a bolt
// that is still loading.
func (a *attached) started(ctx context.Context, c *cli) error {
	for said := false; ; said = true {
		v, err := a.View(ctx, status.Minute)
		if err != nil || v.Phase != string(worker.Starting) {
			return err
		}
		if !said {
			c.Say("waiting for %s to start", a.name)
		}
		if err := sleep(ctx, replayEvery); err != nil {
			return errors.New("interrupted before the topology had started")
		}
	}
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// begin begins a replay. A failure that cannot be replayed does not end those of others.
func (r *replaying) begin(ctx context.Context, f status.DeadLetter) error {
	var begun *status.Replay
	var err error
	if f.Topology == r.from.live.id && r.from.dead == nil {
		begun, err = r.from.live.BeginReplay(ctx, f.Number)
	} else {
		begun, err = r.from.live.BeginLetterReplay(ctx, f)
	}
	if refused, ok := errors.AsType[*client.Error](err); ok {
		r.failed++
		return r.print(f, refused.Text)
	}
	if err != nil {
		return err
	}
	r.list = append(r.list, inFlight{f, begun.Ticket})
	return nil
}

// await waits a little, and takes the replays that have ended off the list.
func (r *replaying) await(ctx context.Context) error {
	if err := sleep(ctx, replayEvery); err != nil {
		return fmt.Errorf("interrupted before the end of %s", terminal.Count(len(r.list), "replay"))
	}
	left := r.list[:0]
	for _, one := range r.list {
		now, err := r.from.live.Replay(ctx, one.ticket)
		if err != nil {
			return err
		}
		if now.State == status.ReplayPending {
			left = append(left, one)
			continue
		}
		if err := r.ended(one.failure, now); err != nil {
			return err
		}
	}
	r.list = left
	return nil
}

func (r *replaying) ended(f status.DeadLetter, now *status.Replay) error {
	if now.State != status.ReplayAcked {
		r.failed++
	}
	return r.print(f, replayOutcome(now))
}

func (r *replaying) print(f status.DeadLetter, outcome string) error {
	_, err := fmt.Fprintf(r.cli.stdout, "%s  %s\n", r.from.number(f), r.cli.shown(outcome))
	return err
}

// parkFailures keeps failures as dead letters.
func parkFailures(ctx context.Context, c *cli, from *failureSource, list []status.DeadLetter) error {
	switch {
	case from.dead != nil:
		return errors.New("dead letters are parked already: --park goes without --dead")
	case from.ended != nil:
		return fmt.Errorf("%s has ended: a failure can be parked while its run lasts", from.id)
	}
	for _, f := range list {
		if err := from.live.Park(ctx, f.Number); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(c.stdout, "Parked %s: `%s failures --dead` lists the dead letters.\n", terminal.Count(len(list), from.noun()), c.name)
	return err
}

// discardFailures forgets failures.
func discardFailures(ctx context.Context, c *cli, from *failureSource, list []status.DeadLetter) error {
	n := len(list)
	switch {
	case from.dead != nil:
		var keys []status.LetterKey
		for i := range list {
			keys = append(keys, list[i].Key())
		}
		var err error
		if n, err = from.dead.Remove(keys); err != nil {
			return err
		}
	case from.ended != nil:
		return fmt.Errorf("%s has ended: only dead letters can be discarded (--dead)", from.id)
	default:
		for _, f := range list {
			if err := from.live.Discard(ctx, f.Number); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(c.stdout, "Discarded %s.\n", terminal.Count(n, from.noun()))
	return err
}
