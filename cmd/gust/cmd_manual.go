package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gust/internal/manual"
	"gust/internal/program"
)

const manualLong = `Write the help of all commands to files in DIR: man pages, such as gust-run.1, or with
--markdown the pages of docs/cli. This is for those who package gust.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// manualNotice ends each page that --markdown writes.
const manualNotice = "`make reference` writes this page from the command's help, in cmd/gust."

// newManualCommand is not listed in the help: users have the pages that it writes.
func newManualCommand(c *cli) *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use:     "manual DIR",
		Short:   "Write the help of all commands to files",
		Long:    manualLong,
		Example: fmt.Sprintf("  %[1]s manual man/man1\n  %[1]s manual --markdown docs/cli", c.name),
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrongUsage(cmd, errors.New("want one directory"))
			}
			if markdown {
				return manual.Write(args[0], manual.Markdown(cmd.Root(), manualNotice))
			}
			version, _, _ := program.Build()
			return manual.Write(args[0], manual.Man(cmd.Root(), c.name+" "+version))
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "write Markdown instead of man pages")
	return cmd
}
