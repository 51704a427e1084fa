package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/logs"
	"gust/storm/operate"
)

const debugLong = `Write a sample of a topology's tuples to the event logs of its workers, or with -c
only tuples that one component emits. --off stops it. The command prints the logviewer
URLs of the event logs.

The topology needs event loggers: submit it with topology.eventlogger.executors above
0, Storm's default. On gust's workers it needs none.

EXIT STATUS

0 if Nimbus accepted the command, 1 if not, 2 usage error.`

// debugOptions are the flags of `debug`.
type debugOptions struct {
	targetOptions
	component string
	percent   float64
	off       bool
}

// AddFlags declares the flags.
func (o *debugOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	flags.StringVarP(&o.component, "component", "c", "", "sample only what component `NAME` emits (default: all)")
	flags.Float64Var(&o.percent, "percent", 10, "sample `P` percent of the tuples")
	flags.BoolVar(&o.off, "off", false, "stop sampling")
}

func newDebugCommand(c *cli) *cobra.Command {
	var o debugOptions
	cmd := &cobra.Command{
		Use:   "debug [TOPOLOGY]",
		Short: "Sample a topology's tuples into its event logs",
		Long:  debugLong,
		Example: fmt.Sprintf(`  %[1]s debug wordcount -c word_spout --percent 1
  %[1]s debug wordcount --off`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(o.percent > 0 && o.percent <= 100) {
				return wrongUsage(cmd, fmt.Errorf("--percent must be above 0 and not above 100, not %v", o.percent))
			}
			if o.off && cmd.Flags().Changed("percent") {
				return wrongUsage(cmd, errors.New("--off and --percent exclude each other"))
			}
			name, err := o.chosen(cmd, args)
			if err != nil {
				return err
			}
			return runDebug(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runDebug(ctx context.Context, c *cli, o *debugOptions, name string) error {
	return o.onTopology(ctx, c, name, func(client *storm.Client, t *generated.TopologySummary) error {
		info, err := client.TopologyInfo(ctx, t.ID)
		if err != nil {
			return err
		}
		if err := operate.CheckComponent(info, o.component); err != nil {
			return err
		}
		if err := client.Debug(ctx, name, o.component, !o.off, o.percent); err != nil {
			return err
		}
		subject := "all components"
		if o.component != "" {
			subject = o.component
		}
		if o.off {
			c.Say("%s: no longer sampling tuples of %s", t.ID, subject)
			return o.reportDebug(c, t, nil)
		}
		c.Say("%s: sampling %v%% of the tuples of %s into the event logs", t.ID, o.percent, subject)
		pages, err := logs.EventPages(ctx, client, info)
		if err != nil {
			return err
		}
		if len(pages) == 0 {
			c.Warn(fmt.Sprintf("%s has no event loggers, so nothing is written: submit it with %s above 0", name, logs.EventLoggers))
		}
		return o.reportDebug(c, t, pages)
	})
}

// reportDebug prints the addresses of the event logs.
func (o *debugOptions) reportDebug(c *cli, t *generated.TopologySummary, pages []string) error {
	if o.json {
		s := &sheet{key: "debug", single: true, columns: columns("topology", "id", "component", "percent", "events")}
		percent := o.percent
		if o.off {
			percent = 0
		}
		s.add(t.Name, t.ID, o.component, percent, append([]string{}, pages...))
		return c.print(true, s)
	}
	for _, page := range pages {
		if _, err := fmt.Fprintln(c.stdout, page); err != nil {
			return err
		}
	}
	return nil
}
