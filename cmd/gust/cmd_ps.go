package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gust/internal/terminal"
	"gust/status"
	"gust/ui/api"
	"gust/ui/client"
	"gust/ui/runs"
)

const psLong = `List the topologies that run on this machine under your user, the newest first.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newPsCommand(c *cli) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "ps",
		Short: "List the topologies that run on this machine",
		Long:  psLong,
		Example: fmt.Sprintf(`  %[1]s ps
  %[1]s ps --json | jq -r .topologies[].name`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPs(cmd.Context(), c, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	return cmd
}

// psPatience is how long a run may take to answer.
const psPatience = 3 * time.Second

func runPs(ctx context.Context, c *cli, asJSON bool) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	list, err := runs.List()
	if err != nil {
		return err
	}
	if len(list) == 0 && !asJSON {
		_, err := fmt.Fprintln(c.stdout, "No topologies run on this machine.")
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, psPatience)
	defer cancel()
	said := make([]*api.Summary, len(list))
	errs := make([]error, len(list))
	var asking sync.WaitGroup
	for i := range list {
		asking.Go(func() { said[i], errs[i] = summaryOf(ctx, &list[i]) })
	}
	asking.Wait()
	return c.print(asJSON, psSheet(list, said, errs, time.Now()))
}

// summaryOf asks a run's server for its summary.
func summaryOf(ctx context.Context, run *runs.Run) (*api.Summary, error) {
	server, err := client.New(run.API())
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.Summary(ctx, run.ID)
}

// psSheet has a row for each run. The cells of a run that does not answer are empty.
func psSheet(list []runs.Run, said []*api.Summary, errs []error, now time.Time) *sheet {
	s := &sheet{key: "topologies", title: "Topologies on this machine", columns: columns(
		"name", "status", ">pid", ">uptime=uptime_seconds", ">tasks", ">emitted/s=emitted_per_second", ">acked/s=acked_per_second",
		">failed", "diagnosis", "-id", "-started", "-dir", "-address", "-socket")}
	for i, run := range list {
		up := uptime(int(now.Sub(run.Started).Seconds()))
		row := []any{run.Name, nil, run.PID, up, nil, nil, nil, nil, nil, run.ID, run.Started, run.Dir, run.Address, run.Socket}
		if t := said[i]; t != nil {
			row[1], row[4], row[5], row[6] = t.Status, t.Tasks, perSecond(t.Now.Emitted), perSecond(t.Now.Acked)
			row[7], row[8] = int64(t.Trees.Failed.Sum()), diagnosed(t.Diagnosis)
		} else {
			row[8] = diagnosed(status.Diagnosis{Severity: status.Trouble, Text: "it does not answer: " + errs[i].Error()})
		}
		s.add(row...)
	}
	return s
}

func perSecond(rate float32) shown {
	text := terminal.BriefRate(rate)
	return shown{text: text, brief: text, value: rate}
}

func diagnosed(d status.Diagnosis) shown {
	text := terminal.Visible(d.Text)
	return shown{text: text, brief: text, value: d}
}
