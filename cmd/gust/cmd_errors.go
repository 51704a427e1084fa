package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/operate"
)

const errorsLong = `Show the errors that a topology's components reported to Storm, oldest first, with the
tracebacks of their processes. Without a topology, show those of the whole cluster.

Storm keeps about ten errors for each component. They are the only sign of a failing
component: a topology whose workers keep dying is still ACTIVE.

EXIT STATUS

0 if Nimbus answered, with or without errors to show; 1 if not; 2 usage error.`

// errorsOptions are the flags of `errors`.
type errorsOptions struct {
	targetOptions
	component string
	last      int
	full      bool
}

// AddFlags declares the flags.
func (o *errorsOptions) AddFlags(flags *pflag.FlagSet) {
	o.targetOptions.AddFlags(flags)
	o.addUI(flags)
	flags.Lookup("name").Usage = "show the topology `NAME` (default: all topologies)"
	flags.StringVarP(&o.component, "component", "c", "", "show only errors of the component `NAME`")
	flags.IntVarP(&o.last, "last", "l", 0, "show only the last `N` errors")
	flags.BoolVar(&o.full, "full", false, "include Storm's own Java stack traces")
}

func newErrorsCommand(c *cli) *cobra.Command {
	var o errorsOptions
	cmd := &cobra.Command{
		Use:   "errors [TOPOLOGY]",
		Short: "Show the errors that components reported to Storm",
		Long:  errorsLong,
		Example: fmt.Sprintf(`  %[1]s errors wordcount
  %[1]s errors wordcount -c count_bolt --last 1 --full
  %[1]s errors --json`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.last < 0 {
				return wrongUsage(cmd, fmt.Errorf("--last must be a number of errors, not %d", o.last))
			}
			name, err := o.named(cmd, args)
			if err != nil {
				return err
			}
			return runErrors(cmd.Context(), c, &o, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runErrors(ctx context.Context, c *cli, o *errorsOptions, name string) error {
	client, err := o.read(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	reports, err := operate.Errors(ctx, client, name, o.component)
	if err != nil {
		return err
	}
	if o.last > 0 {
		reports = reports[max(0, len(reports)-o.last):]
	}
	if o.json {
		return c.print(true, errorsSheet(reports))
	}
	return c.printErrors(reports, o.full, time.Now())
}

// errorsSheet has the errors for --json.
func errorsSheet(reports []operate.Report) *sheet {
	s := &sheet{key: "errors", columns: columns("topology", "id", "component", "time", "host", "port", "what", "hint", "error")}
	for _, r := range reports {
		what, remedy := operate.Explain(r.Error)
		s.add(r.Topology, r.ID, r.Component, r.ErrorTimeSecs, known(r.Host), known(r.Port), what, remedy, r.Error)
	}
	return s
}

// printErrors prints the errors for people.
func (c *cli) printErrors(reports []operate.Report, full bool, now time.Time) error {
	if len(reports) == 0 {
		_, err := fmt.Fprintln(c.stdout, "No errors reported.")
		return err
	}
	for _, r := range reports {
		what, remedy := operate.Explain(r.Error)
		if full {
			what = strings.TrimRight(r.Error, "\n")
		}
		when := time.Unix(int64(r.ErrorTimeSecs), 0)
		where := ""
		if r.GetHost() != "" {
			where = fmt.Sprintf(" on %s:%d", r.GetHost(), r.GetPort())
		}
		if remedy != "" {
			remedy = hint.Prefix + remedy + "\n"
		}
		_, err := fmt.Fprint(c.stdout, c.shown(fmt.Sprintf("%s %s of %s%s, %s ago:\n    %s\n%s", when.Format(time.DateTime), r.Component, r.Topology, where,
			terminal.Uptime(max(0, int(now.Sub(when).Seconds()))), terminal.Indent(what), remedy)))
		if err != nil {
			return err
		}
	}
	return nil
}
