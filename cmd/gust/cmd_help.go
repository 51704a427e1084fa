package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newHelpCommand goes for cobra's own, which takes an unknown command for a success.
func newHelpCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Tell what a command does",
		Long: `Tell what a command does, as its flag --help does.

EXIT STATUS

0, or 2 where there is no such command.`,
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
