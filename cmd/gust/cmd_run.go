package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component/record"
	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/project/lint"
	"gust/run"
	fast "gust/runner"
	"gust/topology"
	"gust/ui"
	"gust/ui/runs"
)

const runLong = `Run a topology on this machine until Ctrl-C, or for the time given with -t. Each task
is a process. Run never submits to a cluster.

With -w N, or topology.workers in the topology, the tasks are spread over N workers,
each of which is a process of gust's (docs/workers.md). Otherwise there is one.

TOPOLOGY is a .py or .clj file of a streamparse project, a Flux .yaml file or a .toml
file. Without it, gust runs the topology of the project in this directory that -n
names, or its only one.

The conf is merged from Storm's defaults, the environment in config.json, the
topology's own config and the flags -o, -w, -a and -d; later ones override earlier.

The first Ctrl-C, SIGTERM or SIGHUP stops the run gracefully: the spouts emit no new
tuples, and those in flight may finish. The second stops it at once.

The log goes to stderr; on a terminal, a status line stays below it. At the end, a
summary goes to stdout: as tables, or with --json as one JSON object (docs/run-json.md).

EXIT STATUS

0 success, 1 failure, 2 usage error. A run fails if a component keeps dying or never
comes up, if there were tuple trees and none was acked, or if a second signal stops
it. After a first signal, components and trees that ran out of time do not count as
failures.`

// uiTokenVariable is the environment variable with the token that --ui asks for on other
// machines. If it is not set, gust makes a random token and prints it.
const uiTokenVariable = "GUST_UI_TOKEN"

// runOptions are the flags of `run`, with the names and meanings of `sparse run` if it
// has them.
type runOptions struct {
	sourceOptions
	options optionList
	time    durationFlag
	yes     bool

	json   bool
	log    logFormat
	pprof  string
	runner runnerFlag
	record recordOptions
	watch  bool
	ui     string
	top    bool
}

// AddFlags declares the flags.
func (o *runOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf; VALUE is YAML (repeatable)", o.options.assign)
	flags.FuncP("workers", "w", "run the topology in `N` workers (topology.workers)",
		o.options.counter(conf.TopologyWorkers, 1))
	flags.FuncP("ackers", "a", "set topology.acker.executors to `N`; 0 disables acking",
		o.options.counter(conf.TopologyAckerExecutors, 0))
	o.time.unset = true
	flags.VarP(&o.time, "time", "t", "stop this `DURATION` after the spouts start, such as 500ms,\n10s or 2m; a plain number is seconds (default: never)")
	flags.FuncP("debug", "d", "set topology.debug to `BOOL`: log at debug level, with each emit",
		o.options.setter(conf.TopologyDebug))
	flags.Lookup("debug").NoOptDefVal = "true"
	flags.BoolVarP(&o.yes, "yes", "y", false, "create the project's .venv without asking if needed")
	flags.BoolVar(&o.json, "json", false, "print the summary as one JSON object")
	o.log = logText
	flags.Var(&o.log, "log", "write the log in this `FORMAT`: text or json")
	flags.Var(&o.runner, "runner",
		"run streamparse components in this `MODE`: fast, stock or auto\n(default: auto, fast if the pystorm release is supported)")
	o.record.AddFlags(flags)
	flags.BoolVar(&o.watch, "watch", false, "restart components when their sources change,\nand the topology when its file does")
	flags.BoolVar(&o.top, "top", false, "watch and operate the run in this terminal (see top)")
	flags.StringVar(&o.ui, "ui", "", "show the run in a browser, with Storm's REST API and metrics, on\n`ADDR`: HOST:PORT or PORT (docs/ui.md)")
	flags.Lookup("ui").NoOptDefVal = ui.DefaultAddr
	flags.StringVar(&o.pprof, "pprof", "", "serve gust's profiles on `ADDR`: PORT or HOST:PORT")
}

func newRunCommand(c *cli) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [TOPOLOGY]",
		Short: "Run a topology on this machine",
		Long:  runLong,
		Example: fmt.Sprintf(`  %[1]s run
  %[1]s run -n wordcount -e prod -t 30
  %[1]s run -o topology.max.spout.pending=500 -o 'words.path="/tmp/words"'
  %[1]s run --filter dev.properties wordcount.yaml
  %[1]s run --watch
  %[1]s run --top
  %[1]s run --record rec --only count wordcount.toml
  %[1]s run --json -t 10 wordcount.toml 2>run.log | jq .trees`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = takeDebugValue(cmd.Flags(), &o.options, args)
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			if o.time.Duration < 0 && c.name != "sparse" { // for sparse, a negative -t means no limit
				return wrongUsage(cmd, hint.With(
					fmt.Errorf("-t must not be negative: %s", cmd.Flag("time").Value),
					"without -t the run continues until Ctrl-C",
				))
			}
			if o.record.dir == "" && len(o.record.only) > 0 {
				return &usageError{err: errors.New("--only needs --record DIR")}
			}
			o.options.warn(c)
			return runRun(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	return cmd
}

// runRun loads the topology at path, or the project's if path is empty, runs it, and
// prints a summary however the run ends.
func runRun(ctx context.Context, c *cli, o *runOptions, path string) error {
	began := time.Now()
	t, merged, err := loadTopology(ctx, c, o, path)
	if err != nil {
		return err
	}
	letters, err := runs.DeadLettersOf(t.Name)
	if err != nil {
		return err
	}
	screen, err := newRunScreen(c, o.top)
	if err != nil {
		return err
	}
	signals, release := terminal.CatchSignals()
	defer release()
	session, err := run.New(run.Options{
		Topology: t, Conf: merged, Began: began, Limit: max(0, o.time.Duration),
		Runner:   fast.Mode(o.runner),
		Record:   run.Record{Dir: o.record.dir, Only: o.record.only, Limit: int64(o.record.limit)},
		Profiles: o.pprof, UI: o.ui, UIToken: os.Getenv(uiTokenVariable), Publish: true, DeadLetters: letters,
		Reload: o.reload(c, path), ConfigFile: o.configFile,
		Log: screen.log, JSON: o.log == logJSON, Name: c.name, Warn: c.Warn,
		Signals: signals, Release: release,
	})
	if err != nil {
		return err
	}
	stats, err := screen.run(ctx, session)
	if stats == nil {
		return err
	}
	report := session.Served().Report()
	if err := runs.Keep(report); err != nil {
		c.Warn(fmt.Sprintf("gust failures cannot show this run any more: %v", err))
	}
	return errors.Join(err, printOutcome(c, *stats, report, o.json))
}

// reload reads the topology at path again, for a run with --watch. It is nil for other
// runs.
func (o *runOptions) reload(c *cli, path string) func(context.Context) (*topology.Topology, conf.Conf, error) {
	if !o.watch {
		return nil
	}
	return func(ctx context.Context) (*topology.Topology, conf.Conf, error) {
		loaded, err := loadSource(ctx, c, &o.sourceOptions, path, consent{})
		if err != nil {
			return nil, nil, err
		}
		merged, err := run.Conf(loaded.Topology, o.options.conf, true)
		if err != nil {
			return nil, nil, err
		}
		return loaded.Topology, merged, lint.Runnable(loaded.Topology, merged)
	}
}

// takeDebugValue accepts `-d true` and `-d false`, as sparse does. sparse's run has no
// arguments, so the word can only be the flag's value.
func takeDebugValue(flags *pflag.FlagSet, options *optionList, args []string) []string {
	if !flags.Changed("debug") {
		return args
	}
	var rest []string
	for _, a := range args {
		switch a {
		case "true", "True":
			options.conf[conf.TopologyDebug] = true
		case "false", "False":
			options.conf[conf.TopologyDebug] = false
		default:
			rest = append(rest, a)
		}
	}
	return rest
}

// recordOptions are the flags for recording.
type recordOptions struct {
	dir   string
	only  []string
	limit byteSize
}

// AddFlags declares the flags.
func (o *recordOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "record", "", "record what passes through components' pipes to `DIR`\n(see show and replay)")
	flags.StringSliceVar(&o.only, "only", nil, "record only these comma-separated `COMPONENTS`")
	o.limit = record.DefaultLimit
	flags.Var(&o.limit, "record-limit", "keep the last `SIZE` of each task's recordings, such as 500MB")
}

// logFormat is the format of the log on stderr. It is a flag's value.
type logFormat string

const (
	logText logFormat = "text"
	logJSON logFormat = "json"
)

// String is the format's name.
func (f *logFormat) String() string { return string(*f) }

// Type is the flag's type, for cobra's help.
func (f *logFormat) Type() string { return "format" }

// Set takes the format's name.
func (f *logFormat) Set(name string) error {
	switch logFormat(name) {
	case logText, logJSON:
		*f = logFormat(name)
		return nil
	}
	return errors.New("want text or json")
}

// runnerFlag is the value of --runner; empty if it is not given.
type runnerFlag fast.Mode

// String is the mode.
func (f *runnerFlag) String() string { return string(*f) }

// Type is the value's name in the help.
func (f *runnerFlag) Type() string { return "mode" }

// Set takes a mode.
func (f *runnerFlag) Set(name string) error {
	mode, err := fast.ParseMode(name)
	if err == nil {
		*f = runnerFlag(mode)
	}
	return err
}
