package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/operate"
	"gust/topology/load"
)

// targetOptions are the flags of a command that acts on a topology of a cluster.
type targetOptions struct {
	clusterOptions
	name string
	json bool
}

// AddFlags declares the flags.
func (o *targetOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.name, "name", "n", "", "use the topology `NAME` (default: the project's only one)")
	flags.BoolVar(&o.json, "json", false, "print the result as one JSON object")
	o.clusterOptions.AddFlags(flags)
}

// named is the topology that the command line names: its argument, or -n. It is empty if
// neither is given.
func (o *targetOptions) named(cmd *cobra.Command, args []string) (string, error) {
	name, err := oneTopology(cmd, args)
	switch {
	case err != nil:
		return "", err
	case name != "" && o.name != "" && o.name != name:
		return "", wrongUsage(cmd, fmt.Errorf("two topologies given, -n %s and %s: want one", o.name, name))
	}
	return cmp.Or(name, o.name), nil
}

// chosen is the topology that the command line names or, by default, the only one of the
// project in this directory, as in sparse.
func (o *targetOptions) chosen(cmd *cobra.Command, args []string) (string, error) {
	name, err := o.named(cmd, args)
	if err != nil || name != "" {
		return name, err
	}
	names, err := load.ProjectTopologies(load.Request{ConfigFile: o.configFile})
	if errors.Is(err, fs.ErrNotExist) && o.configFile == "" {
		return "", wrongUsage(cmd, errors.New("no topology given, and no project in this directory"))
	}
	if err != nil {
		return "", err
	}
	switch len(names) {
	case 0:
		return "", wrongUsage(cmd, errors.New("no topology given, and the project has none"))
	case 1:
		return names[0], nil
	}
	return "", wrongUsage(cmd, fmt.Errorf("no topology given, and the project has several: %s", terminal.Listed(names)))
}

// submitted is the name on the cluster: that of -N, or else the chosen topology's.
func (o *targetOptions) submitted(cmd *cobra.Command, args []string, overrideName string) (string, error) {
	if overrideName != "" {
		return overrideName, nil
	}
	return o.chosen(cmd, args)
}

// onTopology calls do with the topology of that name.
func (o *targetOptions) onTopology(ctx context.Context, c *cli, name string, do func(*storm.Client, *generated.TopologySummary) error) error {
	client, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	t, err := operate.Find(ctx, client, name)
	if err != nil {
		return err
	}
	return do(client, t)
}

// describe identifies a topology, for confirmations.
func describe(t *generated.TopologySummary) string {
	return fmt.Sprintf("topology %q (%s, %s, %s in %s, up %s)", t.Name, t.ID, t.Status,
		terminal.Count(int(t.NumExecutors), "executor"), terminal.Count(int(t.NumWorkers), "worker"), terminal.Uptime(int(t.UptimeSecs)))
}

// outcome is the new state of a topology, for --json.
func outcome(t *generated.TopologySummary, status string) *sheet {
	s := &sheet{key: "topology", single: true, columns: columns("name", "id", "status", "workers", "executors")}
	s.add(t.Name, t.ID, status, t.NumWorkers, t.NumExecutors)
	return s
}
