package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

const rebalanceLong = `Redistribute a topology over the cluster; -w and -p change its numbers of workers and
executors. The spouts stop at once. After --wait the workers are replaced, so
state that they held in memory is lost. The command returns when the topology has its
new workers.

The number of tasks is fixed at submission, and a component cannot have more executors
than tasks.

On a terminal it asks for confirmation.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// rebalanceOptions are the flags of `rebalance`.
type rebalanceOptions struct {
	targetOptions
	workers   int
	executors executorCounts
	wait      durationFlag
	noWait    bool
	yes       bool
}

// AddFlags declares the flags.
func (o *rebalanceOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	flags.IntVarP(&o.workers, "workers", "w", 0, "run in `N` workers (default: as many as now)")
	flags.VarP(&o.executors, "parallelism", "p", "set the number of executors: `COMPONENT=N` (repeatable)")
	o.wait.waitFlag(flags, -1, "stop the workers this `DURATION` after the spouts, such as 10s\nor 2m; a plain number is seconds\n(default: the topology's message timeout)")
	flags.BoolVar(&o.noWait, "no-wait", false, "return as soon as Nimbus accepts the command")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask for confirmation")
}

// executorCounts are the numbers of -p, as a flag's value.
type executorCounts map[string]int

// String is the flag's value as on the command line.
func (e *executorCounts) String() string {
	var parts []string
	for _, component := range slices.Sorted(maps.Keys(*e)) {
		parts = append(parts, fmt.Sprintf("%s=%d", component, (*e)[component]))
	}
	return strings.Join(parts, ",")
}

// Type is the flag's type, for cobra's help.
func (e *executorCounts) Type() string { return "COMPONENT=N" }

// Set takes COMPONENT=N.
func (e *executorCounts) Set(text string) error {
	component, number, _ := strings.Cut(text, "=")
	n, err := strconv.Atoi(number)
	if component == "" || err != nil || n < 1 || n > math.MaxInt32 {
		return errors.New("want COMPONENT=N with N 1 or more, such as count_bolt=4")
	}
	if *e == nil {
		*e = executorCounts{}
	}
	(*e)[component] = n
	return nil
}

func newRebalanceCommand(c *cli) *cobra.Command {
	var o rebalanceOptions
	cmd := &cobra.Command{
		Use:   "rebalance [TOPOLOGY]",
		Short: "Rebalance a topology over its cluster",
		Long:  rebalanceLong,
		Example: fmt.Sprintf(`  %[1]s rebalance wordcount -w 4
  %[1]s rebalance wordcount -p count_bolt=8 -p word_spout=2 --wait 10`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if changed := cmd.Flags().Changed("workers"); changed && (o.workers < 1 || o.workers > math.MaxInt32) {
				return wrongUsage(cmd, fmt.Errorf("-w must be a number of workers, 1 or more, not %d", o.workers))
			}
			if err := o.wait.checkWait(); err != nil {
				return wrongUsage(cmd, err)
			}
			name, err := o.chosen(cmd, args)
			if err != nil {
				return err
			}
			return runRebalance(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runRebalance(ctx context.Context, c *cli, o *rebalanceOptions, name string) error {
	return o.onTopology(ctx, c, name, func(client *storm.Client, t *generated.TopologySummary) error {
		if t.Status == "KILLED" {
			return fmt.Errorf("%s is being killed: it cannot be rebalanced", describe(t))
		}
		warnings, err := operate.CheckExecutors(ctx, client, t, o.executors)
		if err != nil {
			return err
		}
		for _, w := range warnings {
			c.Warn(w)
		}
		if err := c.Confirm(ctx, o.yes, fmt.Sprintf("rebalancing %s at %s: its workers restart%s", describe(t), client.Nimbus(), o.changes())); err != nil {
			return err
		}
		ctx, release := terminal.UntilSignal(ctx)
		defer release()
		began := time.Now()
		if err := client.Rebalance(ctx, name, o.wait.Duration, o.workers, o.executors); err != nil {
			return err
		}
		if o.noWait {
			return o.report(c, t, "REBALANCING")
		}
		after, err := operate.UntilRebalanced(ctx, client, name)
		if err != nil {
			if ctx.Err() != nil {
				return errors.New("stopped waiting; the rebalance continues")
			}
			return err
		}
		c.Say("%s is %s again after %.1fs, with %s in %s", after.ID, after.Status, time.Since(began).Seconds(),
			terminal.Count(int(after.NumExecutors), "executor"), terminal.Count(int(after.NumWorkers), "worker"))
		if o.workers > int(after.NumWorkers) {
			c.Warn(fmt.Sprintf("it has %s of the %d: the cluster has no more free slots, or the topology no more executors",
				terminal.Count(int(after.NumWorkers), "worker"), o.workers))
		}
		return o.report(c, after, after.Status)
	})
}

// changes describes the new numbers of workers and executors.
func (o *rebalanceOptions) changes() string {
	var changes []string
	if o.workers > 0 {
		changes = append(changes, terminal.Count(o.workers, "worker"))
	}
	for _, component := range slices.Sorted(maps.Keys(o.executors)) {
		changes = append(changes, fmt.Sprintf("%s of %s", terminal.Count(o.executors[component], "executor"), component))
	}
	if len(changes) == 0 {
		return ""
	}
	return ", with " + terminal.Listed(changes)
}
