package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gust/conf"
	"gust/storm"
	"gust/storm/generated"
)

const workerUptimeLong = `Show how long the executors of all topologies have been running, and on which machine.
A short uptime in an old topology means that a worker died. --all adds the logviewer
URLs of the workers' logs.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newWorkerUptimeCommand(c *cli) *cobra.Command {
	var o viewOptions
	cmd := &cobra.Command{
		Use:   "worker_uptime",
		Short: "Show how long the workers have been running",
		Long:  workerUptimeLong,
		Example: fmt.Sprintf(`  %[1]s worker_uptime
  %[1]s worker_uptime -e prod --json`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runWorkerUptime(cmd.Context(), c, &o) },
	}
	o.AddFlags(cmd.Flags())
	o.addAll(cmd.Flags())
	return cmd
}

func runWorkerUptime(ctx context.Context, c *cli, o *viewOptions) error {
	client, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	logs, err := findLogviewer(ctx, client)
	if err != nil {
		return err
	}
	executors, err := allExecutors(ctx, client)
	if err != nil {
		return err
	}
	s := &sheet{key: "executors", title: "Worker Stats", columns: columns(
		"Host=host", "Worker ID=id", ">Uptime=uptimeSeconds", "+Log URL=log", "~topology", "~component", ">~port")}
	for _, e := range executors {
		s.add(e.Host, executorID(e.ExecutorSummary), uptime(int(e.UptimeSecs)),
			logs.page(e.Host, e.topology.ID, int(e.Port)), e.topology.Name, e.ComponentID, e.Port)
	}
	s.all = o.all
	return c.print(o.json, s)
}

// executor is an executor of some topology.
type executor struct {
	topology *generated.TopologyInfo
	*generated.ExecutorSummary
}

// allExecutors are the executors of all topologies, those of Storm's own
// components left out as sparse leaves them, ordered by their machines and tasks.
func allExecutors(ctx context.Context, client *storm.Client) ([]executor, error) {
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	var list []executor
	for _, t := range cluster.Topologies {
		info, err := client.TopologyInfo(ctx, t.ID)
		if _, gone := asNotAlive(err); gone {
			continue // killed between the two questions
		}
		if err != nil {
			return nil, err
		}
		for _, e := range info.Executors {
			if e.ExecutorInfo != nil && !strings.HasPrefix(e.ComponentID, systemPrefix) {
				list = append(list, executor{info, e})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b executor) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ExecutorInfo.TaskStart, b.ExecutorInfo.TaskStart), cmp.Compare(a.topology.ID, b.topology.ID))
	})
	return list, nil
}

// systemPrefix begins the names of Storm's own components.
const systemPrefix = "__"

// nimbusConf is Nimbus' own configuration.
func nimbusConf(ctx context.Context, client *storm.Client) (conf.Conf, error) {
	text, err := client.NimbusConf(ctx)
	if err != nil {
		return nil, err
	}
	return parseConf("Nimbus' configuration", text)
}

// parseConf reads a configuration that Nimbus has sent.
func parseConf(what, text string) (conf.Conf, error) {
	document, err := conf.ParseJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	settings, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is not a JSON object", what)
	}
	return settings, nil
}
