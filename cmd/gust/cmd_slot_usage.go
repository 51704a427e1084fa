package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
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
	client, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	executors, err := allExecutors(ctx, client)
	if err != nil {
		return err
	}
	usage := newSlotUsage(executors)
	if o.json || c.name != "sparse" {
		return c.print(o.json, usage.list())
	}
	return c.print(false, usage.table())
}

// slotUsage counts slots and executors by machine and topology.
type slotUsage struct {
	hosts, topologies []string
	ports             map[place]map[int32]bool
	executors         map[place]int
}

// place is where a topology runs.
type place struct{ host, topology string }

func newSlotUsage(executors []executor) *slotUsage {
	u := &slotUsage{ports: map[place]map[int32]bool{}, executors: map[place]int{}}
	hosts, topologies := map[string]bool{}, map[string]bool{}
	for _, e := range executors {
		at := place{e.Host, e.topology.Name}
		if u.ports[at] == nil {
			u.ports[at] = map[int32]bool{}
		}
		u.ports[at][e.Port] = true
		u.executors[at]++
		hosts[at.host], topologies[at.topology] = true, true
	}
	u.hosts, u.topologies = slices.Sorted(maps.Keys(hosts)), slices.Sorted(maps.Keys(topologies))
	return u
}

// table has a row for each machine and a column for each topology, as sparse's.
func (u *slotUsage) table() *sheet {
	s := &sheet{title: "Slot (and Executor) Counts by Topology", columns: columns("Host")}
	for _, name := range u.topologies {
		s.columns = append(s.columns, column{name: name, key: name})
	}
	for _, host := range u.hosts {
		row := []any{host}
		for _, name := range u.topologies {
			at := place{host, name}
			row = append(row, fmt.Sprintf("%d (%d)", len(u.ports[at]), u.executors[at]))
		}
		s.add(row...)
	}
	return s
}

// list has a row for each topology on each machine.
func (u *slotUsage) list() *sheet {
	s := &sheet{key: "slots", columns: columns("host", "topology", ">slots", ">executors")}
	for _, host := range u.hosts {
		for _, name := range u.topologies {
			if at := (place{host, name}); u.executors[at] > 0 {
				s.add(host, name, len(u.ports[at]), u.executors[at])
			}
		}
	}
	return s
}
