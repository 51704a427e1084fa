package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const completionLong = `Print a script that makes a shell complete commands, flags and their values.

  bash        load it in ~/.bashrc; it needs the package bash-completion
  zsh         write it to a file _%[1]s in a directory of $fpath
  fish        write it to ~/.config/fish/completions/%[1]s.fish
  powershell  load it in $PROFILE

Packages for Linux install the scripts for bash, zsh and fish.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// newCompletionCommand replaces cobra's own, which has a command for each shell.
func newCompletionCommand(c *cli) *cobra.Command {
	write := map[string]func(root *cobra.Command) error{
		"bash":       func(root *cobra.Command) error { return root.GenBashCompletionV2(c.stdout, true) },
		"zsh":        func(root *cobra.Command) error { return root.GenZshCompletion(c.stdout) },
		"fish":       func(root *cobra.Command) error { return root.GenFishCompletion(c.stdout, true) },
		"powershell": func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(c.stdout) },
	}
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a completion script for a shell",
		Long:  fmt.Sprintf(completionLong, c.name),
		Example: fmt.Sprintf(`  echo 'source <(%[1]s completion bash)' >> ~/.bashrc
  %[1]s completion zsh > "${fpath[1]}/_%[1]s"
  %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish
  %[1]s completion powershell | Out-String | Invoke-Expression`, c.name),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return wrongUsage(cmd, fmt.Errorf("missing shell (want %s)", strings.Join(shells, ", ")))
			case len(args) > 1:
				return wrongUsage(cmd, errors.New("too many arguments: want one shell"))
			case !slices.Contains(shells, args[0]):
				return wrongUsage(cmd, fmt.Errorf("unknown shell %q (want %s)", args[0], strings.Join(shells, ", ")))
			}
			return write[args[0]](cmd.Root())
		},
	}
}
