package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

const killLong = `Kill a topology on a Storm cluster. Its spouts stop at once, and its workers after
--wait, in which they can finish the tuples in flight. The command returns when the
topology is gone and its name is free.

On a terminal it asks for confirmation. Without a terminal it does not, like sparse.

EXIT STATUS

0 if the topology is gone, or with --no-wait is being killed; 1 failure, 2 usage error.`

// killOptions are the flags of `kill`.
type killOptions struct {
	targetOptions
	wait   durationFlag
	noWait bool
	yes    bool
}

// AddFlags declares the flags.
func (o *killOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	o.wait.waitFlag(flags, 5*time.Second, "stop the workers this `DURATION` after the spouts, such as 10s\nor 2m; a plain number is seconds")
	flags.BoolVar(&o.noWait, "no-wait", false, "return as soon as Nimbus accepts the command")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask for confirmation")
}

func newKillCommand(c *cli) *cobra.Command {
	var o killOptions
	cmd := &cobra.Command{
		Use:   "kill [TOPOLOGY]",
		Short: "Kill a topology on a Storm cluster",
		Long:  killLong,
		Example: fmt.Sprintf(`  %[1]s kill wordcount
  %[1]s kill -n wordcount -e prod --wait 30 --yes`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.wait.checkWait(); err != nil {
				return wrongUsage(cmd, err)
			}
			name, err := o.chosen(cmd, args)
			if err != nil {
				return err
			}
			return runKill(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runKill(ctx context.Context, c *cli, o *killOptions, name string) error {
	return o.onTopology(ctx, c, name, func(client *storm.Client, t *generated.TopologySummary) error {
		wait := o.wait.Duration
		what := fmt.Sprintf("killing %s at %s: its spouts end now, its workers in %s", describe(t), client.Nimbus(), terminal.Span(wait))
		if err := c.Confirm(ctx, o.yes, what); err != nil {
			return err
		}
		ctx, release := terminal.UntilSignal(ctx)
		defer release()
		began := time.Now()
		if o.noWait {
			if err := client.Kill(ctx, name, wait); err != nil {
				return err
			}
			return o.report(c, t, "KILLED")
		}
		if err := operate.Kill(ctx, client, name, wait); err != nil {
			if ctx.Err() != nil {
				return hint.With(errors.New("stopped waiting; a kill that has begun continues"), fmt.Sprintf("`%s list` shows the current state", c.name))
			}
			return err
		}
		c.Say("%s is gone after %.1fs", t.ID, time.Since(began).Seconds())
		return o.report(c, t, "GONE")
	})
}

// report prints the result for --json. For people, it has been reported already.
func (o *targetOptions) report(c *cli, t *generated.TopologySummary, status string) error {
	if !o.json {
		return nil
	}
	return c.print(true, outcome(t, status))
}
