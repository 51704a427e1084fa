package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"gust/internal/terminal"
	"gust/ui"
	"gust/ui/proxy"
)

const uiLong = `Show all runs of this user on this machine in a browser, on one page: the current ones,
new ones as they start, and the last ones that have ended. "%[1]s run --ui" shows one run.

ADDR is HOST:PORT or PORT; the default is ` + ui.DefaultAddr + `. If other machines can reach
HOST, the link has a token: $` + uiTokenVariable + `, or a random one.

gust serves the page until Ctrl-C. The runs continue.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newUICommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "ui [ADDR]",
		Short: "Show all runs in a browser",
		Long:  fmt.Sprintf(uiLong, c.name),
		Example: fmt.Sprintf(`  %[1]s ui
  %[1]s ui 9000
  %[1]s ui 0.0.0.0:9000`, c.name),
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			addr := ui.DefaultAddr
			if len(args) == 1 {
				addr = args[0]
			}
			return runUI(cmd.Context(), c, addr)
		},
	}
}

// runUI serves until a signal comes.
func runUI(ctx context.Context, c *cli, addr string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	server, err := ui.Listen(addr, os.Getenv(uiTokenVariable), proxy.Handler())
	if err != nil {
		return err
	}
	c.Say("showing all runs at %s; press Ctrl-C to stop", server.Link())
	<-ctx.Done()
	return server.Close()
}
