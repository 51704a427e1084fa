package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gust/storm"
	"gust/storm/generated"
)

const activateLong = `Activate the spouts of a topology that was deactivated.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

const deactivateLong = `Deactivate the spouts of a topology. They emit no new tuples; the bolts finish the
tuples in flight, and the workers keep running. "%[1]s activate" undoes it.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newActivateCommand(c *cli) *cobra.Command {
	return newStatusCommand(c, &cobra.Command{
		Use:   "activate [TOPOLOGY]",
		Short: "Activate a topology's spouts",
		Long:  activateLong,
	}, "ACTIVE", (*storm.Client).Activate)
}

func newDeactivateCommand(c *cli) *cobra.Command {
	return newStatusCommand(c, &cobra.Command{
		Use:   "deactivate [TOPOLOGY]",
		Short: "Deactivate a topology's spouts",
		Long:  fmt.Sprintf(deactivateLong, c.name),
	}, "INACTIVE", (*storm.Client).Deactivate)
}

// newStatusCommand completes a command that gives a topology a status.
func newStatusCommand(c *cli, cmd *cobra.Command, status string, order func(*storm.Client, context.Context, string) error) *cobra.Command {
	var o targetOptions
	cmd.Example = fmt.Sprintf("  %[1]s %[2]s wordcount\n  %[1]s %[2]s -n wordcount -e prod", c.name, cmd.Name())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := o.chosen(cmd, args)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		return o.onTopology(ctx, c, name, func(client *storm.Client, t *generated.TopologySummary) error {
			if t.Status == "KILLED" {
				return fmt.Errorf("%s is being killed: it cannot become %s", describe(t), status)
			}
			if err := order(client, ctx, name); err != nil {
				return err
			}
			c.Say("%s is %s", t.ID, status)
			return o.report(c, t, status)
		})
	}
	o.AddFlags(cmd.Flags())
	return cmd
}
