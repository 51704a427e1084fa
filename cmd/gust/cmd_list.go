package main

import (
	"context"
	"fmt"
	"reflect"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/storm/generated"
)

const listLong = `List the topologies of a Storm cluster, including those that are being killed.

--all also shows who submitted them, and the resources requested and assigned. Invoked
as sparse, it prints sparse's tables with all columns.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// viewOptions are the flags of a command that shows a part of the cluster.
type viewOptions struct {
	clusterOptions
	json bool
	all  bool
}

// AddFlags declares the flags.
func (o *viewOptions) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "print the result as one JSON object")
	o.clusterOptions.AddFlags(flags)
	o.addUI(flags)
}

// addAll declares the flag of a command whose table has rare columns.
func (o *viewOptions) addAll(flags *pflag.FlagSet) {
	flags.BoolVar(&o.all, "all", false, "show all columns of the table")
}

func newListCommand(c *cli) *cobra.Command {
	var o viewOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a Storm cluster's topologies",
		Long:  listLong,
		Example: fmt.Sprintf(`  %[1]s list
  %[1]s list --all
  %[1]s list -e prod --json
  %[1]s list --nimbus storm.example.com`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), c, &o) },
	}
	o.AddFlags(cmd.Flags())
	o.addAll(cmd.Flags())
	return cmd
}

func runList(ctx context.Context, c *cli, o *viewOptions) error {
	client, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return err
	}
	all := listSheet(cluster.Topologies)
	if o.json {
		return c.print(true, all)
	}
	if len(all.rows) == 0 {
		_, err := fmt.Fprintln(c.stdout, "No topologies found.")
		return err
	}
	if c.name != "sparse" {
		table := topologyTable(cluster.Topologies)
		table.all = o.all
		return c.print(false, table)
	}
	same, rest := all.split()
	if len(same.columns) == 0 {
		return c.print(false, rest)
	}
	return c.print(false, same, rest)
}

// topologyTable is gust's table of topologies.
func topologyTable(topologies []*generated.TopologySummary) *sheet {
	s := &sheet{columns: columns("name", "status", ">uptime", ">workers", ">executors", ">tasks", "id",
		"+owner", "+scheduled", ">+replicas", ">+requested heap MB", ">+requested off-heap MB", ">+requested CPU",
		">+assigned heap MB", ">+assigned off-heap MB", ">+assigned CPU", "+storm version")}
	for _, t := range topologies {
		s.add(t.Name, t.Status, uptime(int(t.UptimeSecs)), t.NumWorkers, t.NumExecutors, t.NumTasks, t.ID,
			known(t.Owner), known(t.SchedStatus), known(t.ReplicationCount),
			known(t.RequestedMemonheap), known(t.RequestedMemoffheap), known(t.RequestedCPU),
			known(t.AssignedMemonheap), known(t.AssignedMemoffheap), known(t.AssignedCPU), known(t.StormVersion))
	}
	return s
}

// listSheet has the fields of TopologySummary, with Thrift's names.
func listSheet(topologies []*generated.TopologySummary) *sheet {
	s := &sheet{key: "topologies", title: "Topology-specific values", columns: columns(
		"id", "name", "num_tasks", "num_executors", "num_workers", "uptime_secs", "status", "sched_status", "owner",
		"replication_count", "requested_memonheap", "requested_memoffheap", "requested_cpu",
		"assigned_memonheap", "assigned_memoffheap", "assigned_cpu", "-storm_version")}
	for _, t := range topologies {
		s.add(t.ID, t.Name, t.NumTasks, t.NumExecutors, t.NumWorkers, t.UptimeSecs, t.Status, known(t.SchedStatus), known(t.Owner),
			known(t.ReplicationCount), known(t.RequestedMemonheap), known(t.RequestedMemoffheap), known(t.RequestedCPU),
			known(t.AssignedMemonheap), known(t.AssignedMemoffheap), known(t.AssignedCPU), known(t.StormVersion))
	}
	return s
}

// known is an optional field's value, or nil.
func known[T any](field *T) any {
	if field == nil {
		return nil
	}
	return *field
}

// split moves the columns in which all rows have the same value to a sheet of their own,
// so that the other table is narrow enough to read. It moves none if there is only one
// row.
func (s *sheet) split() (same, rest *sheet) {
	same = &sheet{title: "Values identical for all topologies", rows: [][]any{nil}}
	rest = &sheet{title: s.title, rows: make([][]any, len(s.rows))}
	for i, column := range s.columns {
		if column.audience == everybody && len(s.rows) > 1 && s.constant(i) {
			same.columns = append(same.columns, column)
			same.rows[0] = append(same.rows[0], s.rows[0][i])
			continue
		}
		rest.columns = append(rest.columns, column)
		for j, row := range s.rows {
			rest.rows[j] = append(rest.rows[j], row[i])
		}
	}
	return same, rest
}

// constant reports whether all rows have the same value in a column.
func (s *sheet) constant(column int) bool {
	for _, row := range s.rows {
		if !reflect.DeepEqual(row[column], s.rows[0][column]) {
			return false
		}
	}
	return true
}
