package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/topology"
)

const rootLong = `%[1]s runs Apache Storm's multi-language components without the JVM.

It takes a streamparse project, a Flux YAML file or a TOML topology, starts each
spout and bolt as a process, routes tuples by Storm's groupings, tracks tuple
trees, and restarts processes that die. The components run unchanged.
%[2]s
EXIT STATUS

0 success, 1 failure, 2 usage error.`

const sparseLong = `
This is gust, invoked as sparse. Commands that streamparse has too take the same
flags here.
`

// newRootCommand lists all commands.
func newRootCommand(c *cli) *cobra.Command {
	alias := ""
	if c.name == "sparse" {
		alias = sparseLong
	}
	root := &cobra.Command{
		Use:   c.name,
		Short: "Run Storm's multi-language components without the JVM",
		Long:  fmt.Sprintf(rootLong, c.name, alias),
		Example: fmt.Sprintf(`  %[1]s quickstart demo          # a new project
  %[1]s run                      # the only topology of the project in this directory
  %[1]s run -n wordcount -t 10   # topologies/wordcount.py, for ten seconds
  %[1]s run wordcount.yaml       # a Flux file
  %[1]s help run`, c.name),
		Version: buildVersion(),
		// main prints errors, with the usage line only for usage errors.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(wrongUsage)

	root.SetHelpCommand(newHelpCommand(c))
	addGroup(root, "Project",
		newQuickstartCommand(c),
		newEnvCommand(c),
		newLintCommand(c),
		newVisualizeCommand(c),
		newConvertCommand(c),
	)
	addGroup(root, "On this machine",
		newRunCommand(c),
		newWorkerCommand(c),
		newTopCommand(c),
		newAttachCommand(c),
		newPsCommand(c),
		newLogsCommand(c),
		newFailuresCommand(c),
		newTryCommand(c),
		newReplayCommand(c),
		newShowCommand(c),
		newCheckCommand(c),
		newUICommand(c),
	)
	addGroup(root, "On a Storm cluster",
		newJarCommand(c),
		newSubmitCommand(c),
		newListCommand(c),
		newKillCommand(c),
		newActivateCommand(c),
		newDeactivateCommand(c),
		newRebalanceCommand(c),
		newStatsCommand(c),
		newErrorsCommand(c),
		newWorkerUptimeCommand(c),
		newSlotUsageCommand(c),
		newLoglevelCommand(c),
		newDebugCommand(c),
		newTailCommand(c),
		newRemoveLogsCommand(c),
		newUpdateVirtualenvCommand(c),
		newStormWorkersCommand(c),
	)
	root.AddCommand(newCompletionCommand(c), newVersionCommand(c), newManualCommand(c))
	root.SetGlobalNormalizationFunc(sparseName)
	return root
}

// sparseName accepts flags that sparse writes with an underscore, such as --pool_size,
// with a hyphen, too. The help shows them as in sparse.
func sparseName(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch underscored := strings.ReplaceAll(name, "-", "_"); underscored {
	case "local_jar_path", "num_lines", "output_file", "override_name", "overwrite_virtualenv", "pool_size", "remote_jar_path", "uber_jar":
		return pflag.NormalizedName(underscored)
	}
	return pflag.NormalizedName(name)
}

// addGroup adds commands under a title in the help.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title + ":"})
	for _, command := range commands {
		command.GroupID = title
	}
	root.AddCommand(commands...)
}

// execute runs the command in args.
func execute(ctx context.Context, c *cli, args []string) error {
	root := newRootCommand(c)
	root.SetArgs(args)
	// cobra reports an unknown command in its own words, before it calls any of our code.
	// So gust looks for the command first, after adding the one that cobra adds late.
	root.InitDefaultHelpCmd()
	if _, rest, err := root.Find(args); err != nil && !asksForCompletion(args) {
		return unknownCommand(root, rest)
	}
	return root.ExecuteContext(ctx)
}

// asksForCompletion reports whether args call the hidden command for the shells'
// completion scripts, which cobra adds only when it is called.
func asksForCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// unknownCommand is the error for args whose first word, without flags, is not a command.
func unknownCommand(root *cobra.Command, args []string) error {
	var name string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			name = a
			break
		}
	}
	err := fmt.Errorf("unknown command `%s`", name)
	if similar := root.SuggestionsFor(name); len(similar) > 0 {
		err = hint.With(err, fmt.Sprintf("did you mean `%s %s`?", root.Name(), strings.Join(similar, "` or `"+root.Name()+" ")))
	} else if _, statErr := os.Stat(name); statErr == nil {
		err = hint.With(err, fmt.Sprintf("`%s run %s` runs the topology in that file", root.Name(), name))
	}
	return wrongUsage(root, err)
}

// wrongUsage marks an error as a usage error. It is also cobra's FlagErrorFunc.
func wrongUsage(cmd *cobra.Command, err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		err = fmt.Errorf("%w%s", err, similarFlag(cmd, unknown.GetSpecifiedName()))
	}
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		err = fmt.Errorf("%s%s", strings.TrimSuffix(err.Error(), number.Error()), notANumber(number))
	}
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		usage = cmd.CommandPath() + " COMMAND [flags]"
	}
	return &usageError{err: err, usage: usage, command: cmd.CommandPath()}
}

// notANumber is the end of an error about an invalid number. pflag's own names a Go
// function.
func notANumber(err *strconv.NumError) string {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return "the number is too large"
	case err.Func == "ParseFloat":
		return "want a number"
	}
	return "want a whole number"
}

// similarFlag is the end of an error about an unknown flag.
func similarFlag(cmd *cobra.Command, name string) string {
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	return topology.DidYouMean("--"+name, known)
}

// noArgs accepts no argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrongUsage(cmd, fmt.Errorf("`%s` takes no arguments: %s", cmd.CommandPath(), strings.Join(args, " ")))
	}
	return nil
}
