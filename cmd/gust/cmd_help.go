package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newHelpCommand replaces cobra's own, which treats an unknown command as a success.
func newHelpCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show help for a command",
		Long: `Show help for a command, as its --help flag does.

EXIT STATUS

0 success, 2 unknown command.`,
		Example: fmt.Sprintf("  %[1]s help\n  %[1]s help run", c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil {
				return unknownCommand(cmd.Root(), rest)
			}
			topic.InitDefaultHelpFlag()
			topic.InitDefaultVersionFlag()
			return topic.Help()
		},
	}
}
