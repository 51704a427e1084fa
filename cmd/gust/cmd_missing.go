package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// missingCommand is a command of streamparse's sparse that gust does not have
// yet. It is listed nowhere; it only gives a better answer than "there is no
// such command". A command that comes to gust leaves this table.
type missingCommand struct {
	name string
	hint string
}

func missingCommands() []missingCommand {
	const cluster = "it concerns a Storm cluster: use streamparse's own `sparse %s`, or the `storm` client"
	const machines = "it works on a cluster's machines through SSH: use streamparse's own `sparse %s`"
	return []missingCommand{
		{"remove_logs", machines},
		{"tail", machines + "; a local run prints its components' log"},
		{"update_virtualenv", machines},
	}
}

func newMissingCommand(c *cli, m missingCommand) *cobra.Command {
	return &cobra.Command{
		Use:     m.name,
		Short:   "Not in gust yet",
		Long:    fmt.Sprintf("gust does not have `%s` yet: %s.", m.name, fmt.Sprintf(m.hint, m.name)),
		Example: fmt.Sprintf("  %s %s", c.name, m.name),
		Hidden:  true,
		// Its flags are not known, and are not what is wrong.
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{err: &hintError{
				fmt.Errorf("gust does not have `%s` yet", m.name),
				fmt.Sprintf(m.hint, m.name),
			}}
		},
	}
}
