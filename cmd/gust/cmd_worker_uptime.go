package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gust/storm"
	"gust/storm/logs"
	"gust/storm/operate"
	"gust/storm/webui"
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
	client, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	executors, err := operate.Executors(ctx, client)
	if err != nil {
		return err
	}
	viewer, err := findLogviewer(ctx, client)
	if err != nil {
		return err
	}
	s := &sheet{key: "executors", title: "Worker Stats", columns: columns(
		"Host=host", "Worker ID=id", ">Uptime=uptimeSeconds", "+Log URL=log", "~topology", "~component", ">~port")}
	for _, e := range executors {
		s.add(e.Host, operate.ExecutorID(e.ExecutorSummary), uptime(int(e.UptimeSecs)),
			viewer.Page(e.Host, e.Topology.ID, int(e.Port)), e.Topology.Name, e.ComponentID, e.Port)
	}
	s.all = o.all
	return c.print(o.json, s)
}

// logviewer has the addresses of the workers' logs.
type logviewer interface {
	Page(host, id string, port int) string
}

// findLogviewer finds the logviewer of a cluster. A UI sends the addresses with the
// executors.
func findLogviewer(ctx context.Context, client storm.Reader) (logviewer, error) {
	if nimbus, ok := client.(*storm.Client); ok {
		return logs.FindLogviewer(ctx, nimbus)
	}
	return client.(*webui.Client), nil
}
