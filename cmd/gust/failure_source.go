package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gust/status"
	"gust/ui/runs"
)

// failureSource is where `failures` finds failures: a topology that runs, the report of one
// that has ended, or the file of dead letters.
type failureSource struct {
	name  string // of the topology
	id    string // empty if only dead letters are known
	live  *attached
	ended *status.Status
	dead  *runs.DeadLetters
	cli   *cli
}

// Close closes the connection.
func (s *failureSource) Close() {
	if s.live != nil {
		s.live.Close()
	}
}

// source finds the failures of the topology that is named, if one is.
func (o *failuresOptions) source(ctx context.Context, c *cli, cmd *cobra.Command, name string) (*failureSource, error) {
	s := &failureSource{name: name, cli: c}
	live, ended, err := o.attachOrRecall(ctx, c, cmd, named(name))
	switch {
	case live != nil:
		s.live, s.name, s.id = live, live.name, live.id
	case ended != nil:
		s.ended, s.name, s.id = ended, ended.Topology().Name, ended.ID()
		// The failures of a run that has ended may be replayed in another one.
		if other, err := o.attach(ctx, c, cmd, named(s.name)); err == nil {
			s.live = other
		}
	case !o.dead || name == "" || !errors.Is(err, errNoRun) && !errors.Is(err, errNoRunOf): // else there may be dead letters
		return nil, err
	}
	if !o.dead {
		if s.ended != nil {
			c.sayEnded(s.ended)
		}
		return s, nil
	}
	s.dead, err = runs.DeadLettersOf(s.name)
	return s, err
}

// named are the arguments that name a topology, or none.
func named(topology string) []string {
	if topology == "" {
		return nil
	}
	return []string{topology}
}

// noun is what the source has.
func (s *failureSource) noun() string {
	if s.dead != nil {
		return "dead letter"
	}
	return "failure"
}

// number is by which a failure is named on the command line.
func (s *failureSource) number(f status.DeadLetter) string {
	number := fmt.Sprint(f.Number)
	if s.dead == nil {
		return number
	}
	// The id of a topology is NAME-1-SECONDS.
	return f.Topology[strings.LastIndexByte(f.Topology, '-')+1:] + "-" + number
}

// lister is a hint at the command that lists the failures.
func (s *failureSource) lister() string {
	command := s.cli.name + " failures " + s.name
	if s.dead != nil {
		command += " --dead"
	}
	return fmt.Sprintf("`%s` lists them", command)
}

// hasComponent is an error where the topology has no such component. Dead letters may be of
// components that it had before.
func (s *failureSource) hasComponent(ctx context.Context, name string) error {
	switch {
	case s.dead != nil:
		return nil
	case s.ended != nil:
		return hasComponent(s.ended.View(status.AllTime), name)
	}
	v, err := s.live.View(ctx, status.Minute)
	if err != nil {
		return err
	}
	return hasComponent(v, name)
}

// list returns the failures that the filter picks, the newest first.
func (s *failureSource) list(ctx context.Context, filter status.FailureFilter) ([]status.DeadLetter, error) {
	var list []status.DeadLetter
	add := func(failures []*status.Failure) {
		for _, f := range failures {
			list = append(list, status.DeadLetter{Topology: s.id, Failure: f})
		}
	}
	switch {
	case s.dead != nil:
		letters, err := s.dead.List()
		if err != nil && letters == nil {
			return nil, err
		}
		if err != nil {
			s.cli.Warn(err.Error())
		}
		for _, letter := range slices.Backward(letters) {
			if filter.Picks(letter.Failure) && (filter.Limit == 0 || len(list) < filter.Limit) {
				list = append(list, letter)
			}
		}
		return list, nil
	case s.ended != nil:
		add(s.ended.Failures(filter))
		return list, nil
	}
	for page := filter; ; {
		page.Limit = 1000
		if filter.Limit > 0 {
			page.Limit = min(page.Limit, filter.Limit-len(list))
		}
		found, err := s.live.Failures(ctx, page)
		if err != nil {
			return nil, err
		}
		add(found.Failures)
		if len(found.Failures) < page.Limit || len(list) == filter.Limit {
			return list, nil
		}
		page.Before = list[len(list)-1].Number
	}
}

// counts count how many of the failures that the filter picks are alike, the most frequent
// first, and how many there were over time, in spans of at most that number: all of them,
// not only those that are kept.
func (s *failureSource) counts(ctx context.Context, filter status.FailureFilter, most int) (facets []status.FailureFacet, spans []status.FailureSpan, err error) {
	switch {
	case s.dead != nil:
		letters, err := s.list(ctx, status.FailureFilter{})
		facets, spans = status.CountLetters(letters, filter, most)
		return facets, spans, err
	case s.ended != nil:
		return s.ended.FailureFacets(filter), s.ended.FailureSpans(filter, most), nil
	}
	facets, spans, err = s.live.CountFailures(ctx, filter, most)
	return slices.DeleteFunc(facets, func(f status.FailureFacet) bool { return !filter.PicksFacet(&f) }), spans, err
}
