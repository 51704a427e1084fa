package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
)

const statsLong = `Show statistics of a cluster, of a topology, or with -c of one of its components.

They are the statistics of Storm's UI, but come from Nimbus: no UI needs to run. --ui
reads them from a UI instead, such as that of a run. Storm samples its counts: with a
topology.stats.sample.rate of 0.05, a count is accurate to about twenty tuples. Workers
report their counts periodically. The counts of a run are exact.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// statsOptions are the flags of `stats`.
type statsOptions struct {
	targetOptions
	component string
	all       bool
}

// AddFlags declares the flags.
func (o *statsOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	o.addUI(flags)
	flags.Lookup("name").Usage = "show the topology `NAME` (default: the whole cluster)"
	flags.StringVarP(&o.component, "component", "c", "", "show the component `NAME` of the topology")
	flags.BoolVar(&o.all, "all", false, "show all components and columns; with -c, all columns")
}

func newStatsCommand(c *cli) *cobra.Command {
	var o statsOptions
	cmd := &cobra.Command{
		Use:   "stats [TOPOLOGY]",
		Short: "Show statistics of a cluster, topology or component",
		Long:  statsLong,
		Example: fmt.Sprintf(`  %[1]s stats
  %[1]s stats wordcount
  %[1]s stats wordcount -c count_bolt
  %[1]s stats wordcount --all --json
  %[1]s stats wordcount --ui http://127.0.0.1:8080`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := o.named(cmd, args)
			if err != nil {
				return err
			}
			if name == "" && (o.component != "" || o.all) {
				return wrongUsage(cmd, errors.New("-c and --all need a topology"))
			}
			return runStats(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runStats(ctx context.Context, c *cli, o *statsOptions, name string) error {
	client, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if name == "" {
		cluster, err := client.ClusterInfo(ctx)
		if err != nil {
			return err
		}
		return c.print(o.json, clusterSheets(cluster)...)
	}
	t, err := operate.Find(ctx, client, name)
	if err != nil {
		return err
	}
	page, err := client.TopologyPage(ctx, t.ID, storm.AllTime, false)
	if err != nil {
		return err
	}
	components := append(slices.Sorted(maps.Keys(page.IDToSpoutAggStats)), slices.Sorted(maps.Keys(page.IDToBoltAggStats))...)
	switch {
	case o.all && o.component == "":
		return printComponents(ctx, c, o, client, t, components)
	case o.component == "":
		return c.print(o.json, topologySheets(page)...)
	case !slices.Contains(components, o.component):
		return operate.UnknownComponent(t.Name, o.component, components)
	}
	component, err := client.ComponentPage(ctx, t.ID, o.component, storm.AllTime, false)
	if err != nil {
		return err
	}
	return c.print(o.json, o.shown(componentSheets(component))...)
}

// shown are the sheets, with the columns that the flags select.
func (o *statsOptions) shown(sheets []*sheet) []*sheet {
	for _, s := range sheets {
		s.all = o.all
	}
	return sheets
}

// printComponents prints the sheets of several components. In JSON it is one object with
// a member for each component.
func printComponents(ctx context.Context, c *cli, o *statsOptions, client storm.Reader, t *generated.TopologySummary, names []string) error {
	all := &sheet{key: "components", columns: columns("id", "stats")}
	var tables []*sheet
	for _, name := range names {
		page, err := client.ComponentPage(ctx, t.ID, name, storm.AllTime, false)
		if err != nil {
			return err
		}
		sheets := o.shown(componentSheets(page))
		tables = append(tables, sheets...)
		document := make(map[string]any, len(sheets))
		for _, s := range sheets {
			document[s.key] = s.document()
		}
		all.add(name, document)
	}
	if o.json {
		return c.print(true, all)
	}
	return c.print(false, tables...)
}
