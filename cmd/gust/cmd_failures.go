package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/status"
	"gust/ui/api"
	"gust/ui/runs"
	"gust/worker"
)

const failuresLong = `Show the tuple trees that failed in a topology on this machine: first a count
for each cause, then the last ones, with the values of the spout's tuple and of the tuple
that caused the failure.

TOPOLOGY is a name, an id, or the pid of ` + "`gust run`" + `; without it, the only one that runs
is used. If none runs, the failures are those of the last run.

EXIT STATUS

0 if there is such a run, with or without failures to show; 1 if not; 2 usage error.`

// failuresOptions are the flags of `failures`.
type failuresOptions struct {
	attachOptions
	reason    string
	component string
	last      int
	json      bool
}

// reasonNames lists the reasons for which trees fail.
func reasonNames() string {
	var names []string
	for _, reason := range worker.FailReasons {
		names = append(names, string(reason))
	}
	return strings.Join(names, ", ")
}

// AddFlags declares the flags.
func (o *failuresOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.reason, "reason", "", "show only failures with this `REASON`:\n"+reasonNames())
	flags.StringVarP(&o.component, "component", "c", "", "show only failures that the component `NAME` caused")
	flags.IntVarP(&o.last, "last", "l", 20, "show the last `N` failures")
	flags.BoolVar(&o.json, "json", false, "print the result as one JSON object")
	o.attachOptions.AddFlags(flags)
}

func newFailuresCommand(c *cli) *cobra.Command {
	var o failuresOptions
	cmd := &cobra.Command{
		Use:   "failures [TOPOLOGY]",
		Short: "Show the failed tuples of a topology on this machine",
		Long:  failuresLong,
		Example: fmt.Sprintf(`  %[1]s failures
  %[1]s failures wordcount -c count --reason timeout
  %[1]s failures --json | jq -r .failures[].values`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.reason != "" && !slices.Contains(worker.FailReasons, worker.FailReason(o.reason)) {
				return wrongUsage(cmd, fmt.Errorf("unknown reason %q (want %s)", o.reason, reasonNames()))
			}
			if o.last < 1 {
				return wrongUsage(cmd, fmt.Errorf("--last must be a number of failures, not %d", o.last))
			}
			return runFailures(c, &o, cmd, args)
		},
	}
	o.AddFlags(cmd.Flags())
	completeRuns(cmd)
	return cmd
}

func runFailures(c *cli, o *failuresOptions, cmd *cobra.Command, args []string) error {
	ctx, release := terminal.UntilSignal(cmd.Context())
	defer release()
	found, err := o.find(ctx, c, cmd, args)
	if err != nil {
		return err
	}
	found.Facets = slices.DeleteFunc(found.Facets, func(f status.FailureFacet) bool {
		return o.reason != "" && string(f.Reason) != o.reason || o.component != "" && f.Component != o.component
	})
	if o.json {
		return c.writeJSON(found)
	}
	return c.printFailures(found)
}

// find asks the run for its failures, or reads the report that it has left.
func (o *failuresOptions) find(ctx context.Context, c *cli, cmd *cobra.Command, args []string) (*api.Failures, error) {
	filter := status.FailureFilter{Reason: worker.FailReason(o.reason), Component: o.component, Limit: o.last}
	t, err := o.attach(ctx, c, cmd, args)
	if o.at == "" && (errors.Is(err, errNoRun) || errors.Is(err, errNoRunOf)) {
		return o.ofEnded(c, strings.Join(args, ""), filter, err)
	}
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if o.component != "" {
		v, err := t.View(ctx, status.Minute)
		if err != nil {
			return nil, err
		}
		if err := hasComponent(v, o.component); err != nil {
			return nil, err
		}
	}
	return t.Failures(ctx, filter)
}

// ofEnded are the failures of the last run of a name or an id, or of any. notRunning is the
// error if there was none.
func (o *failuresOptions) ofEnded(c *cli, name string, filter status.FailureFilter, notRunning error) (*api.Failures, error) {
	reports, err := runs.Ended(name, 1)
	switch {
	case err != nil:
		return nil, err
	case len(reports) == 0:
		return nil, notRunning
	}
	ended := status.FromReport(reports[0])
	v := ended.View(status.AllTime)
	if o.component != "" {
		if err := hasComponent(v, o.component); err != nil {
			return nil, err
		}
	}
	if v.Ended != nil {
		c.Say("%s ended at %s", v.Name, v.Ended.Local().Format(time.DateTime))
	}
	return &api.Failures{Facets: ended.FailureFacets(), Failures: ended.Failures(filter)}, nil
}

// printFailures prints failures for people.
func (c *cli) printFailures(found *api.Failures) error {
	if len(found.Failures) == 0 {
		_, err := fmt.Fprintln(c.stdout, "No tuple trees failed.")
		return err
	}
	facets := &sheet{title: "Causes", columns: columns(">failures", "reason", "component", "error")}
	for _, f := range found.Facets {
		facets.add(int64(f.Count), string(f.Reason), f.Component, f.Headline)
	}
	if err := c.print(false, facets); err != nil {
		return err
	}
	var b strings.Builder
	for _, f := range found.Failures {
		fmt.Fprintf(&b, "\n%s %s\n", f.Time.Local().Format(time.DateTime), failureLine(f))
		for _, detail := range failureDetails(f) {
			fmt.Fprintf(&b, "    %s\n", detail)
		}
	}
	_, err := io.WriteString(c.stdout, c.shown(b.String()))
	return err
}

// failureLine says which tree failed, and why.
func failureLine(f *status.Failure) string {
	culprit := fmt.Sprintf("%s[%d]", f.Spout, f.Task)
	if f.Cause != nil {
		culprit = fmt.Sprintf("%s[%d]", f.Cause.Component, f.Cause.Task)
	}
	text := fmt.Sprintf("%s[%d] %s: ", f.Spout, f.Task, f.MessageID)
	took := terminal.BriefMillis(f.Took)
	switch f.Reason {
	case worker.FailedByBolt:
		text += fmt.Sprintf("failed by %s after %s", culprit, took)
	case worker.FailedByTimeout:
		text += fmt.Sprintf("timed out at %s after %s", culprit, took)
	case worker.FailedByDeath:
		text += fmt.Sprintf("failed after %s: %s died", took, culprit)
	default:
		text += fmt.Sprintf("failed after %s: the run ended", took)
	}
	if f.Attempts > 1 {
		text += fmt.Sprintf(", attempt %d", f.Attempts)
	}
	if f.Poison {
		text += ", poison"
	}
	if f.Dead {
		text += ", dead letter"
	}
	return text
}

// failureDetails are the lines below that.
func failureDetails(f *status.Failure) []string {
	var lines []string
	if f.Values != "" {
		lines = append(lines, "emitted  "+f.Values)
	}
	if f.Cause != nil && f.Cause.Values != "" {
		lines = append(lines, "failed   "+f.Cause.Values+" from "+f.Cause.From+"/"+f.Cause.Stream)
	}
	if f.Headline != "" {
		lines = append(lines, "error    "+f.Headline)
	}
	return lines
}
