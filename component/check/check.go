package check

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"gust/shell"
	"gust/topology"
)

// checker is one check.
type checker struct {
	Options
	stage    *stage
	launcher *shell.Launcher
	facts    facts
	// endless is what the readers know of missing end lines, so that they do not wait for
	// them again.
	endless atomic.Bool
}

// facts are the results of the first steps, so that later ones do not test again what is
// known to be missing. Concurrent steps write different ones.
type facts struct {
	greets     bool        // it sends a pid
	flushes    bool        // it flushes its answers
	heartbeats bool        // it answers heartbeats
	ticks      bool        // it answers ticks
	answers    bool        // it answers tuples
	batches    bool        // it does so only after ticks
	wantsIDs   bool        // it emits and is owed task ids
	activates  bool        // it answers activate
	nexts      bool        // it answers next
	spins      atomic.Bool // it keeps running after the end of its stdin
}

// ErrUnknownKind is a program that reacts neither as a spout nor as a bolt.
var ErrUnknownKind = errors.New("the program responds neither as a spout nor as a bolt")

// Run checks a program. o has been completed ([Options.Complete]).
//
// The error is one of the check, not of the program: the program could not be started
// ([*shell.StartError]), ctx was cancelled, or the program's kind is unknown
// ([ErrUnknownKind]).
func Run(ctx context.Context, o Options) (*Report, error) {
	c := &checker{Options: o, launcher: shell.NewLauncher(o.Guard)}
	defer c.launcher.Close()
	c.stage = newStage(&c.Options)
	c.facts.flushes = true
	if c.Kind == nil {
		kind, err := c.detect(ctx)
		if err != nil {
			return nil, err
		}
		c.Kind = kind
	}
	notes := notebook{}
	for _, steps := range []func() []step{c.firstSteps, c.secondSteps, c.laterSteps} {
		found, err := c.walk(ctx, steps())
		if err != nil {
			return nil, err
		}
		notes.add(found)
		if !c.facts.greets || !c.facts.flushes {
			break
		}
		if c.Kind == nil {
			return nil, ErrUnknownKind
		}
	}
	return c.report(notes), nil
}

// step is a part of the check that needs a process of its own.
type step struct {
	name string
	talk func(*session)
}

// abreast is the number of concurrent steps, which mostly wait.
const abreast = 4

// walk runs independent steps. The findings are in the order of the steps.
func (c *checker) walk(ctx context.Context, steps []step) (notebook, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make([]notebook, len(steps))
	free := make(chan struct{}, abreast)
	var all sync.WaitGroup
	for i, st := range steps {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			if ctx.Err() != nil {
				return
			}
			notes, err := c.converse(ctx, st.name, st.talk)
			if err != nil {
				cancel(err)
			}
			found[i] = notes
		})
	}
	all.Wait()
	notes := notebook{}
	for _, n := range found {
		notes.add(n)
	}
	return notes, context.Cause(ctx)
}

// firstSteps show whether there is anything to talk to.
func (c *checker) firstSteps() []step {
	switch {
	case c.Kind == nil:
		return []step{{"start", (*session).startOnly}}
	case *c.Kind == topology.Spout:
		return []step{{"start", (*session).startSpout}}
	}
	return []step{{"start", (*session).startBolt}, {"tick", (*session).tryTick}}
}

// secondSteps show how it works.
func (c *checker) secondSteps() []step {
	if *c.Kind == topology.Spout {
		return []step{{"next", (*session).tryNext}}
	}
	return []step{{"tuples", (*session).tryTuples}}
}

// laterSteps are all others.
func (c *checker) laterSteps() []step {
	if *c.Kind == topology.Spout {
		return []step{
			{"ack and fail", (*session).tryVerdicts},
			{"deactivate", (*session).tryDeactivate},
			{"several next", (*session).tryAhead},
			{"single bytes", (*session).tryPieces},
			{"unknown fields", (*session).tryUnknownFields},
			{"SIGTERM", (*session).tryTerminate},
		}
	}
	steps := []step{
		{"late task ids", (*session).tryTaskIDsQueue},
		{"one write", (*session).tryOneWrite},
		{"single bytes", (*session).tryPieces},
		{"unknown fields", (*session).tryUnknownFields},
		{"SIGTERM", (*session).tryTerminate},
	}
	return append(steps, c.valueSteps()...)
}

// report assigns the findings to the rules.
func (c *checker) report(notes notebook) *Report {
	r := &Report{Serializer: c.Codec.Name()}
	if c.Kind != nil {
		r.Kind = c.Kind.String()
	}
	for _, rule := range rules {
		if !rule.applies(c.Kind, r.Serializer) {
			continue
		}
		result := *notes.of(rule.ID)
		result.Rule = rule
		if result.Verdict == Unseen && result.Note == "" {
			result.Note = c.unseen(rule.ID)
		}
		if result.Verdict != Unseen {
			result.Note = ""
		}
		r.Results = append(r.Results, result)
	}
	return r
}

// unseen says what would have tested a rule that was not tested.
func (c *checker) unseen(rule string) string {
	switch {
	case !c.facts.greets:
		return NotReached
	case !c.facts.flushes:
		return "its answers do not come while its stdin is open"
	case rule == emitStream || rule == emitValues:
		if !c.stage.known {
			return "give its declared streams with --outputs"
		}
		return "it emitted nothing"
	case rule == emitDirect:
		return "it emitted nothing directly"
	case rule == taskIDs || rule == taskIDsQueue:
		return "it emitted nothing that wants task ids"
	case rule == anchorHeld:
		return "it anchored nothing"
	case rule == logLevel:
		return "it logged nothing with a level"
	case rule == metricName:
		return "it sent no metrics"
	case rule == verdictSync:
		return "it emitted nothing with an id"
	}
	return NotReached
}

// NotReached is the note of a rule whose step was skipped, because it needs one that
// failed.
const NotReached = "it did not get that far"
