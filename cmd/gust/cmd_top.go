package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/ui/top"
)

const topLong = `Show a topology that runs on this machine, live: its rates and what limits them, each
component's load, queue and latency, and its logs, failures and tasks. ? lists the keys,
which also deactivate and kill the topology and restart components. q quits, and the
topology keeps running.

TOPOLOGY is a name, an id, or the pid of ` + "`gust run`" + `; without it, the only one is shown.

EXIT STATUS

0 success, 1 if no such topology runs, 2 usage error.`

func newTopCommand(c *cli) *cobra.Command {
	var o attachOptions
	cmd := &cobra.Command{
		Use:   "top [TOPOLOGY]",
		Short: "Watch and operate a running topology",
		Long:  topLong,
		Example: fmt.Sprintf(`  %[1]s top
  %[1]s top wordcount
  %[1]s top --at 127.0.0.1:8080`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTop(c, &o, cmd, args)
		},
	}
	o.AddFlags(cmd.Flags())
	completeRuns(cmd)
	return cmd
}

func runTop(c *cli, o *attachOptions, cmd *cobra.Command, args []string) error {
	ctx, release := terminal.UntilSignal(cmd.Context())
	defer release()
	t, err := o.attach(ctx, c, cmd, args)
	if err != nil {
		return err
	}
	defer t.Close()
	if !hasScreen(c) {
		return hint.With(errors.New("top needs a terminal"), fmt.Sprintf("`%s ps --json` prints the figures", c.name))
	}
	return top.Run(ctx, t.Topology, top.Options{})
}
