package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/status"
)

const logsLong = `Print the last log lines of a topology on this machine, from all its tasks and from
gust, and with -f keep printing new lines until the topology has ended.

TOPOLOGY is the name, id or pid of a run, or the name or id of one that has ended;
without it, the only one that runs, or the last one that has ended. A run keeps about
200,000 lines, and the last 2,000 when it has ended. For the logs of a cluster, see tail.

EXIT STATUS

0 if the lines were printed or Ctrl-C ended -f, 1 failure, 2 usage error.`

// logsOptions are the flags of `logs`.
type logsOptions struct {
	attachOptions
	follow     bool
	components []string
	level      string
	search     string
	lines      int
	json       bool
}

// AddFlags declares the flags.
func (o *logsOptions) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVarP(&o.follow, "follow", "f", false, "follow the log: keep printing new lines")
	flags.StringSliceVarP(&o.components, "component", "c", nil, "print only lines of these comma-separated `COMPONENTS`;\ngust's own lines are those of gust")
	flags.StringVar(&o.level, "level", "", "print only lines of this `LEVEL` or higher:\ntrace, debug, info, warn or error")
	flags.StringVar(&o.search, "search", "", "print only lines that match `REGEXP`, in upper or lower case")
	flags.IntVarP(&o.lines, "lines", "l", 100, "print the last `N` lines; 0 prints all")
	flags.BoolVar(&o.json, "json", false, "print each line as a JSON object")
	o.attachOptions.AddFlags(flags)
}

func newLogsCommand(c *cli) *cobra.Command {
	var o logsOptions
	cmd := &cobra.Command{
		Use:   "logs [TOPOLOGY]",
		Short: "Print the log of a topology on this machine",
		Long:  logsLong,
		Example: fmt.Sprintf(`  %[1]s logs -f
  %[1]s logs wordcount -c count --level warn
  %[1]s logs --search 'timed? out' --json`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			filter, err := o.filter()
			if err != nil {
				return wrongUsage(cmd, err)
			}
			return runLogs(c, &o, cmd, args, filter)
		},
	}
	o.AddFlags(cmd.Flags())
	completeRuns(cmd)
	return cmd
}

// filter is the filter for the lines that the flags select.
func (o *logsOptions) filter() (filter status.LogFilter, err error) {
	if o.lines < 0 {
		return filter, fmt.Errorf("-l must be a number of lines, not %d", o.lines)
	}
	if o.level != "" && !slices.Contains(status.LogLevels, o.level) {
		return filter, fmt.Errorf("unknown level %q (want %s)", o.level, strings.Join(status.LogLevels, ", "))
	}
	filter = status.LogFilter{Components: o.components, Level: o.level}
	if o.search != "" {
		if _, err := regexp.Compile(o.search); err != nil {
			return filter, fmt.Errorf("--search: %w", err)
		}
		filter.Search = regexp.MustCompile("(?i)" + o.search)
	}
	return filter, nil
}

func runLogs(c *cli, o *logsOptions, cmd *cobra.Command, args []string, filter status.LogFilter) error {
	ctx, release := terminal.UntilSignal(cmd.Context())
	defer release()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	t, ended, err := o.attachOrRecall(ctx, c, cmd, args)
	if err != nil {
		return err
	}
	p := &logPrinter{w: &readUntil{c.stdout, stop}}
	if !o.json {
		p.console = terminal.NewConsole(p.w, c.name, actorColumn, terminal.HasColor(c.stdout))
	}
	if ended != nil {
		err = o.printEnded(c, ended, filter, p)
	} else {
		defer t.Close()
		err = o.printLive(ctx, t, filter, p)
	}
	if ctx.Err() != nil && o.follow || errors.Is(context.Cause(ctx), syscall.EPIPE) {
		return nil // the user has seen enough
	}
	return err
}

// printLive prints the log of a topology that runs.
func (o *logsOptions) printLive(ctx context.Context, t *attached, filter status.LogFilter, p *logPrinter) error {
	if len(o.components) > 0 {
		v, err := t.View(ctx, status.Minute)
		if err != nil {
			return err
		}
		if err := o.checkComponents(v); err != nil {
			return err
		}
	}
	if o.follow {
		return t.FollowLogs(ctx, filter, o.lines, p.print)
	}
	lines, err := t.LastLogs(ctx, filter, o.lines)
	if err != nil {
		return err
	}
	return p.print(lines)
}

// printEnded prints what is kept of the log of a topology that has ended.
func (o *logsOptions) printEnded(c *cli, t *status.Status, filter status.LogFilter, p *logPrinter) error {
	if err := o.checkComponents(t.View(status.AllTime)); err != nil {
		return err
	}
	c.sayEnded(t)
	filter.Limit = o.lines
	return p.print(t.Logs().Find(filter))
}

// checkComponents returns an error if -c names a component that the topology does not
// have.
func (o *logsOptions) checkComponents(v *status.View) error {
	for _, name := range o.components {
		if name == status.GustLog {
			continue
		}
		if err := hasComponent(v, name); err != nil {
			return err
		}
	}
	return nil
}

// actorColumn is the width of the column with components and tasks.
const actorColumn = 10

// logPrinter prints a topology's log lines.
type logPrinter struct {
	w       io.Writer
	console *terminal.Console // nil for JSON
}

// print prints lines.
func (p *logPrinter) print(lines []status.LogLine) error {
	for i := range lines {
		if err := p.line(&lines[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *logPrinter) line(line *status.LogLine) error {
	if p.console == nil {
		return json.NewEncoder(p.w).Encode(line)
	}
	fields := map[string]any{
		zerolog.TimestampFieldName: line.Time.Local().Format(terminal.TimeLayout),
		zerolog.LevelFieldName:     line.Level, zerolog.MessageFieldName: line.Text,
	}
	if line.Component != "" {
		fields["component"] = line.Component
	}
	if line.Task != 0 {
		fields["task"] = line.Task
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	_, err = p.console.Write(append(text, '\n'))
	return err
}
