package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gust/storm/operate"
)

const slotUsageLong = `Show how many slots each topology uses on each machine of a cluster, and how many
executors run in them. Executors of Storm's own components do not count.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newSlotUsageCommand(c *cli) *cobra.Command {
	var o viewOptions
	cmd := &cobra.Command{
		Use:   "slot_usage",
		Short: "Show the slots that each topology uses",
		Long:  slotUsageLong,
		Example: fmt.Sprintf(`  %[1]s slot_usage
  %[1]s slot_usage -e prod --json`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSlotUsage(cmd.Context(), c, &o) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runSlotUsage(ctx context.Context, c *cli, o *viewOptions) error {
	client, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	executors, err := operate.Executors(ctx, client)
	if err != nil {
		return err
	}
	usage := operate.UsageOf(executors)
	if o.json || c.name != "sparse" {
		return c.print(o.json, usageList(usage))
	}
	return c.print(false, usageTable(usage))
}

// usageTable has a row for each machine and a column for each topology, like sparse's.
func usageTable(u *operate.Usage) *sheet {
	s := &sheet{title: "Slot (and Executor) Counts by Topology", columns: columns("Host")}
	for _, name := range u.Topologies {
		s.columns = append(s.columns, column{name: name, key: name})
	}
	for _, host := range u.Hosts {
		row := []any{host}
		for _, name := range u.Topologies {
			slots, executors := u.At(host, name)
			row = append(row, fmt.Sprintf("%d (%d)", slots, executors))
		}
		s.add(row...)
	}
	return s
}

// usageList has a row for each topology on each machine.
func usageList(u *operate.Usage) *sheet {
	s := &sheet{key: "slots", columns: columns("host", "topology", ">slots", ">executors")}
	for _, host := range u.Hosts {
		for _, name := range u.Topologies {
			if slots, executors := u.At(host, name); executors > 0 {
				s.add(host, name, slots, executors)
			}
		}
	}
	return s
}
