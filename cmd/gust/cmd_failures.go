package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/status"
	"gust/ui/runs"
	"gust/worker"
)

const failuresLong = `Show the tuple trees that failed in a topology on this machine: first how many
for each cause and when, then the last ones, with the values of the spout's tuple and of
the tuple that caused the failure. A NUMBER shows one of them whole: all values, the
traceback, and how often the tuple has failed.

TOPOLOGY is the name, id or pid of a run on this machine, or the name or id of one that
has ended; without it, the only one that runs, or the last one that has ended.

--dead shows the topology's dead letters instead, which outlive its runs: the tuples that
failed gust.max.attempts times, and those that --park has kept. The number of a dead
letter begins with its run's.

--replay sends the tuple to the bolt that failed it again, waits, and prints the outcome.
The topology must be running. A dead letter that is acked is removed.

EXIT STATUS

0 success, with or without failures to show; 1 failure, also of a replay; 2 usage error.`

// failuresOptions are the flags of `failures`.
type failuresOptions struct {
	attachOptions
	reason     string
	component  string
	headline   string
	since      timeFlag
	until      timeFlag
	last       int
	dead       bool
	json       bool
	input      bool
	replay     bool
	replayAll  bool
	park       bool
	discard    bool
	discardAll bool
}

// reasonNames lists the reasons for which trees fail.
func reasonNames() string {
	var names []string
	for _, reason := range worker.FailReasons {
		names = append(names, string(reason))
	}
	return strings.Join(names, ", ")
}

// lastFailures is how many failures are shown to people who ask for no number.
const lastFailures = 20

// AddFlags declares the flags.
func (o *failuresOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.reason, "reason", "", "select failures with this `REASON`:\n"+reasonNames())
	flags.StringVarP(&o.component, "component", "c", "", "select failures that the component `NAME` caused")
	flags.StringVar(&o.headline, "headline", "", "select failures whose error has this `TEXT` as its headline")
	flags.Var(&o.since, "since", "select failures since `TIME`: 12:30, 2026-01-31T12:30, or 10m\nfor the last ten minutes")
	flags.Var(&o.until, "until", "select failures before `TIME`, in the same form")
	flags.IntVarP(&o.last, "last", "l", 0, fmt.Sprintf("select the last `N` failures (default: show %d, otherwise all)", lastFailures))
	flags.BoolVar(&o.dead, "dead", false, "select from the topology's dead letters")
	flags.BoolVar(&o.json, "json", false, "print each failure as a line of JSON, oldest first")
	flags.BoolVar(&o.input, "input", false, "print the tuples as input for gust try, oldest first")
	flags.BoolVar(&o.replay, "replay", false, "replay the failures with these numbers")
	flags.BoolVar(&o.replayAll, "replay-all", false, "replay all selected failures")
	flags.BoolVar(&o.park, "park", false, "keep the failures with these numbers as dead letters")
	flags.BoolVar(&o.discard, "discard", false, "discard the failures with these numbers")
	flags.BoolVar(&o.discardAll, "discard-all", false, "discard all selected failures")
	o.attachOptions.AddFlags(flags)
}

func newFailuresCommand(c *cli) *cobra.Command {
	var o failuresOptions
	cmd := &cobra.Command{
		Use:   "failures [TOPOLOGY] [NUMBER...]",
		Short: "Show failed tuples and dead letters, replay them",
		Long:  failuresLong,
		Example: fmt.Sprintf(`  %[1]s failures
  %[1]s failures wordcount -c count --reason timeout
  %[1]s failures wordcount --since 10m
  %[1]s failures wordcount 17
  %[1]s failures -c count --input > tuples.jsonl && %[1]s try count --in tuples.jsonl
  %[1]s failures --replay 17 18
  %[1]s failures --dead --replay-all -c count`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, numbers, err := o.check(cmd, args)
			if err != nil {
				return wrongUsage(cmd, err)
			}
			return runFailures(c, &o, cmd, name, numbers)
		},
	}
	o.AddFlags(cmd.Flags())
	completeRuns(cmd)
	return cmd
}

// check checks the command line, and returns the topology, if one is given, and the numbers.
func (o *failuresOptions) check(cmd *cobra.Command, args []string) (name string, numbers []string, err error) {
	if len(args) > 0 && (!isFailureNumber(args[0]) || runHas(args[0])) {
		name, args = args[0], args[1:]
	}
	for _, arg := range args {
		if !isFailureNumber(arg) {
			return "", nil, fmt.Errorf("%q is not the number of a failure", arg)
		}
	}
	var wanted []string
	for _, flag := range []string{"json", "input", "replay", "replay-all", "park", "discard", "discard-all"} {
		if cmd.Flags().Changed(flag) {
			wanted = append(wanted, "--"+flag)
		}
	}
	switch {
	case len(wanted) > 1:
		return "", nil, fmt.Errorf("want one of %s", terminal.Listed(wanted))
	case o.reason != "" && !slices.Contains(worker.FailReasons, worker.FailReason(o.reason)):
		return "", nil, fmt.Errorf("unknown reason %q (want %s)", o.reason, reasonNames())
	case cmd.Flags().Changed("last") && o.last < 1:
		return "", nil, fmt.Errorf("--last must be a number of failures, not %d", o.last)
	case o.replay && len(args) == 0:
		return "", nil, errors.New("--replay needs the numbers of failures, or use --replay-all")
	case o.park && len(args) == 0:
		return "", nil, errors.New("--park needs the numbers of failures")
	case o.discard && len(args) == 0:
		return "", nil, errors.New("--discard needs the numbers of failures, or use --discard-all")
	case (o.replayAll || o.discardAll) && len(args) > 0:
		return "", nil, errors.New("numbers of failures given, and all of them wanted")
	}
	return name, args, nil
}

// isFailureNumber says whether a word is the number of a failure, or with its run's that of
// a dead letter: 17 or 1764410000-17.
func isFailureNumber(word string) bool {
	run, number, both := strings.Cut(word, "-")
	_, err := strconv.ParseUint(run, 10, 63)
	if both && err == nil {
		_, err = strconv.ParseUint(number, 10, 63)
	}
	return err == nil
}

// runHas says whether a run has the name or the pid.
func runHas(word string) bool {
	list, err := runs.List()
	return err == nil && slices.ContainsFunc(list, func(r runs.Run) bool { return r.Name == word || strconv.Itoa(r.PID) == word })
}

func runFailures(c *cli, o *failuresOptions, cmd *cobra.Command, name string, numbers []string) error {
	ctx, release := terminal.UntilSignal(cmd.Context())
	defer release()
	from, err := o.source(ctx, c, cmd, name)
	if err != nil {
		return err
	}
	defer from.Close()
	if o.component != "" {
		if err := from.hasComponent(ctx, o.component); err != nil {
			return err
		}
	}
	selected, err := o.selected(ctx, from, numbers)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		for _, f := range slices.Backward(selected) {
			if err := c.writeJSON(f); err != nil {
				return err
			}
		}
		return nil
	case o.input:
		return c.printTryInput(selected)
	case o.replay, o.replayAll:
		return replayFailures(ctx, c, from, selected)
	case o.park:
		return parkFailures(ctx, c, from, selected)
	case o.discard, o.discardAll:
		return discardFailures(ctx, c, from, selected)
	case len(numbers) > 0:
		return c.printWholeFailures(from, selected)
	}
	facets, spans, err := from.counts(ctx, o.filter(), mostSpans)
	if err != nil {
		return err
	}
	return c.printFailures(from, facets, spans, selected)
}

// mostSpans is in how many rows people see when failures happened.
const mostSpans = 12

func (o *failuresOptions) filter() status.FailureFilter {
	return status.FailureFilter{
		Reason: worker.FailReason(o.reason), Component: o.component, Headline: o.headline, Since: o.since.Time, Until: o.until.Time, Limit: o.last,
	}
}

// selected are the failures that the command line selects, the newest first.
func (o *failuresOptions) selected(ctx context.Context, from *failureSource, numbers []string) ([]status.DeadLetter, error) {
	filter := o.filter()
	if len(numbers) > 0 {
		filter.Limit = 0
	} else if o.last == 0 && !o.json && !o.input && !o.replayAll && !o.discardAll {
		filter.Limit = lastFailures
	}
	list, err := from.list(ctx, filter)
	if err != nil || len(numbers) == 0 {
		return list, err
	}
	list = slices.DeleteFunc(list, func(f status.DeadLetter) bool { return !slices.Contains(numbers, from.number(f)) })
	for _, number := range numbers {
		if !slices.ContainsFunc(list, func(f status.DeadLetter) bool { return from.number(f) == number }) {
			return nil, hint.With(fmt.Errorf("%s has no %s %s, or no longer", from.name, from.noun(), number), from.lister())
		}
	}
	return list, nil
}

// printTryInput prints the tuples that caused failures as steps of `gust try`, oldest first.
func (c *cli) printTryInput(list []status.DeadLetter) error {
	var steps []*trialStep
	var components []string
	var why error
	for _, f := range slices.Backward(list) {
		step, err := tryStep(f.Failure)
		if err != nil {
			why = err
			continue
		}
		steps = append(steps, step)
		if !slices.Contains(components, f.Cause.Component) {
			components = append(components, f.Cause.Component)
		}
	}
	if len(components) > 1 {
		return hint.New("the failures are of several components: "+terminal.Listed(components), "select one with -c")
	}
	if skipped := len(list) - len(steps); skipped > 0 {
		c.Warn(fmt.Sprintf("%s left out; the last one: %v", terminal.Count(skipped, "failure"), why))
	}
	for _, step := range steps {
		if err := c.writeJSON(step); err != nil {
			return err
		}
	}
	return nil
}

// trialStep is a tuple as a step of `gust try` (docs/try.md).
type trialStep struct {
	Tuple  json.RawMessage `json:"tuple"`
	Comp   string          `json:"comp"`
	Stream string          `json:"stream"`
}

// tryStep is the tuple that caused a failure as a step of `gust try`.
func tryStep(f *status.Failure) (*trialStep, error) {
	if err := f.Replayable(); err != nil {
		return nil, err
	}
	if !f.Cause.Whole || !json.Valid([]byte(f.Cause.Values)) {
		return nil, errors.New("JSON cannot represent the values")
	}
	return &trialStep{json.RawMessage(f.Cause.Values), f.Cause.From, f.Cause.Stream}, nil
}
