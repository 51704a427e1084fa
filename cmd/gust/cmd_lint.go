package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/lint"
)

const lintLong = `Catch mistakes in a topology before you run it:

  topology     the graph is invalid: streams, fields, groupings, unreachable bolts
  command      a component's program or script is missing
  import       a component's class cannot be imported in the project's Python
  method       a component's class calls a method of its own that does not exist
  emit         a component's source emits to undeclared streams or fields
  key          a configuration key is unknown, or its value is invalid
  parallelism  some tasks would get no tuples, or there are too many for this machine
  java         a component needs a JVM

Lint starts no component. It starts only the project's Python, to import the topology
and the components' classes. TOPOLOGY is as for run.

EXIT STATUS

0 if there are no errors (with --strict: no warnings either), 1 if there are, 2 usage
error.`

// lintOptions are the flags of `lint`.
type lintOptions struct {
	sourceOptions
	options optionList
	json    bool
	strict  bool
}

// AddFlags declares the flags.
func (o *lintOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf, as for run (repeatable)", o.options.assign)
	flags.BoolVar(&o.json, "json", false, "print the findings as one JSON object")
	flags.BoolVar(&o.strict, "strict", false, "treat warnings as errors")
}

func newLintCommand(c *cli) *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint [TOPOLOGY]",
		Short: "Check a topology for mistakes before running it",
		Long:  lintLong,
		Example: fmt.Sprintf(`  %[1]s lint
  %[1]s lint -n wordcount -e prod --strict
  %[1]s lint topology.yaml
  %[1]s lint -o topology.max.spout.pending=500
  %[1]s lint --json | jq -r '.findings[] | "\(.file):\(.line): \(.text)"'`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			return runLint(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	return cmd
}

// errFound is the error of a lint whose findings have been printed.
var errFound = errors.New("lint found errors")

// runLint lints the topology and prints the findings. With --json, an error that keeps
// the topology from being read is a finding, too.
func runLint(ctx context.Context, c *cli, o *lintOptions, path string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	var report *lint.Report
	var may consent
	if !o.json {
		may.ask = somebody(c)
	}
	o.given, o.runs = o.options.conf, true
	loaded, err := loadSource(ctx, c, &o.sourceOptions, path, may)
	switch {
	case err == nil:
		if report, err = lint.Run(ctx, loaded, o.options.conf); err != nil {
			return errors.New("interrupted before lint had finished")
		}
	case o.json && ctx.Err() == nil:
		text, remedy, _ := strings.Cut(err.Error(), "\n"+hint.Prefix)
		report = &lint.Report{Source: path, Findings: []lint.Finding{{
			Severity: lint.Error, Rule: lint.RuleLoad, File: path, Text: text, Hint: remedy,
		}}}
	default:
		return err
	}
	if dir, err := os.Getwd(); err == nil {
		report.Relative(dir)
	}
	if err := printLint(c, o, report); err != nil {
		return err
	}
	if report.Count(lint.Error) > 0 || o.strict && len(report.Findings) > 0 {
		return errFound
	}
	return nil
}

// printLint prints the findings as compilers do, so that editors can jump to them.
func printLint(c *cli, o *lintOptions, r *lint.Report) error {
	if o.json {
		return c.writeJSON(struct {
			*lint.Report
			Errors   int `json:"errors"`
			Warnings int `json:"warnings"`
		}{r, r.Count(lint.Error), r.Count(lint.Warning)})
	}
	var b strings.Builder
	for _, f := range r.Findings {
		place := f.File
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", place, f.Severity, terminal.Indent(terminal.Visible(f.Text)), f.Rule)
		if f.Hint != "" {
			fmt.Fprintf(&b, "    %s%s\n", hint.Prefix, f.Hint)
		}
	}
	verdict := "nothing found"
	if len(r.Findings) > 0 {
		verdict = terminal.Count(r.Count(lint.Error), "error") + ", " + terminal.Count(r.Count(lint.Warning), "warning")
	}
	fmt.Fprintf(&b, "%s: %s, %s: %s\n", r.Topology, terminal.Count(r.Components, "component"), terminal.Count(r.Tasks, "task"), verdict)
	_, err := fmt.Fprint(c.stdout, b.String())
	return err
}
