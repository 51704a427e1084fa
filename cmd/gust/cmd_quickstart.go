package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/project/quickstart"
)

const quickstartLong = `Create a new project that is ready to run: a word count with two bolt tasks.

By default it is a streamparse project, which also works with streamparse's own
commands. With --toml or --flux the topology is a TOML or YAML file, and the
components are programs in the language of --lang. These need nothing installed:
one short file next to them implements Storm's protocol. --lang implies --toml.

NAME may be a path. Existing files are never overwritten.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// quickstartOptions are the flags of `quickstart`.
type quickstartOptions struct {
	flux     bool
	toml     bool
	language string
	json     bool
}

// AddFlags declares the flags.
func (o *quickstartOptions) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.flux, "flux", false, "write the topology in Flux, Storm's YAML")
	flags.BoolVar(&o.toml, "toml", false, "write the topology in TOML")
	flags.StringVar(&o.language, "lang", "", "write the components in `LANG`: "+strings.Join(quickstart.Languages(), ", "))
	flags.BoolVar(&o.json, "json", false, "print the project's files as one JSON object")
}

func newQuickstartCommand(c *cli) *cobra.Command {
	var o quickstartOptions
	cmd := &cobra.Command{
		Use:   "quickstart NAME",
		Short: "Create a new project that is ready to run",
		Long:  quickstartLong,
		Example: fmt.Sprintf(`  %[1]s quickstart demo && cd demo && %[1]s run
  %[1]s quickstart demo --lang node    # a topology in TOML, components in JavaScript
  %[1]s quickstart demo --flux         # a topology in Flux, components in plain Python`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return wrongUsage(cmd, errors.New("missing project name"))
			case len(args) > 1:
				return wrongUsage(cmd, fmt.Errorf("too many arguments: want one project name, not %d: %s", len(args), strings.Join(args, " ")))
			case o.flux && o.toml:
				return wrongUsage(cmd, errors.New("--flux and --toml exclude each other"))
			case o.language != "" && !slices.Contains(quickstart.Languages(), o.language):
				return wrongUsage(cmd, fmt.Errorf("unknown --lang %q (want %s)", o.language, strings.Join(quickstart.Languages(), ", ")))
			}
			return runQuickstart(c, &o, args[0])
		},
	}
	o.AddFlags(cmd.Flags())
	completeWords(cmd, "lang", quickstart.Languages())
	return cmd
}

// completeWords lets the shells complete a flag's value.
func completeWords(cmd *cobra.Command, flag string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the command has no such flag
	}
}

// runQuickstart makes the project and prints what to do next.
func runQuickstart(c *cli, o *quickstartOptions, dir string) error {
	form := quickstart.Form("")
	switch {
	case o.flux:
		form = quickstart.Flux
	case o.toml:
		form = quickstart.TOML
	}
	project, err := quickstart.Make(quickstart.Options{Dir: dir, Form: form, Language: o.language})
	if err != nil {
		return err
	}
	if o.json {
		return c.writeJSON(project)
	}
	for _, file := range project.Files {
		fmt.Fprintln(c.stdout, filepath.Join(project.Dir, filepath.FromSlash(file)))
	}
	// The files are the data, the next steps are talk.
	next := strings.TrimSpace(c.name + " run " + project.Topology)
	if filepath.Clean(project.Dir) != "." {
		next = "cd " + project.Dir + " && " + next
	}
	fmt.Fprintf(c.stderr, "\n%s is ready. Next:\n\n    %s\n", project.Name, next)
	if _, err := exec.LookPath(project.Program); err != nil {
		c.Warn(fmt.Sprintf("%s is not on PATH: install it to run the components", project.Program))
	}
	return nil
}
