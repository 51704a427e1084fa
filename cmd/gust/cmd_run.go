package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
)

const runLong = `Run a topology here until Ctrl-C, or for -t seconds. Each task is a process of its
own, and all tasks are in one worker. Nothing is ever submitted to a cluster.

TOPOLOGY is a .py or .clj file of a streamparse project, a Flux .yaml file or a .toml
file. Without it, the project in this directory is run: the topology named with
-n, or its only one.

The conf is laid together from Storm's defaults, the environment in config.json,
the topology's own config and the flags -o, -w, -a and -d; what comes later wins.

The first Ctrl-C (or SIGTERM, or SIGHUP) stops in order: no new tuples, and those
in flight may finish. The second stops at once.

The log goes to stderr. When the run has ended, what it has done goes to stdout:
as tables, or with --json as one JSON object (docs/run-json.md).

EXIT STATUS

0 success, 1 failure, 2 usage error. A run fails where a component keeps dying or
never came up, where no tuple tree was acked although there were some, and where a
second signal stops it at once. After a first signal, what had no time to come up
or to be acked is no failure.`

// runOptions are the flags of `run`. The names, and what they mean, are those
// of `sparse run` where it has them.
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
}

// AddFlags declares the flags.
func (o *runOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf, VALUE in YAML; may be repeated", o.options.assign)
	flags.FuncP("workers", "w", "set topology.workers to `N`; a local run has one all the same",
		o.options.counter(conf.TopologyWorkers, 1))
	flags.FuncP("ackers", "a", "set topology.acker.executors to `N`: 0 turns acking off",
		o.options.counter(conf.TopologyAckerExecutors, 0))
	flags.VarP(&o.time, "time", "t", "stop so long after the spouts have started: `SECS`, or 500ms, 10s, 2m (default: never)")
	flags.FuncP("debug", "d", "set topology.debug to `BOOL`: log at debug, every emit included",
		o.options.setter(conf.TopologyDebug))
	flags.Lookup("debug").NoOptDefVal = "true"
	flags.BoolVarP(&o.yes, "yes", "y", false, "make the project's .venv without asking, where it is needed (see env)")
	flags.BoolVar(&o.json, "json", false, "print what the run has done as one JSON object")
	o.log = logText
	flags.Var(&o.log, "log", "write the log in this `FORMAT`: text or json")
	flags.Var(&o.runner, "runner",
		"run streamparse components in this `MODE`: fast, stock, or auto (fast where pystorm is a release that is known)")
	o.record.AddFlags(flags)
	flags.BoolVar(&o.watch, "watch", false, "start components again when their sources change, and the topology when its file does")
	flags.StringVar(&o.pprof, "pprof", "", "serve profiles of gust on `ADDR`: a port of this machine, or HOST:PORT")
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
  %[1]s run --record rec --only count wordcount.toml
  %[1]s run --json -t 10 wordcount.toml 2>run.log | jq .trees`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = takeDebugValue(cmd.Flags(), &o.options, args)
			if len(args) > 1 {
				return wrongUsage(cmd, fmt.Errorf("one topology can be run, not %d: %s", len(args), strings.Join(args, " ")))
			}
			if o.time < 0 && c.name != "sparse" { // whose -t means never where it is below 0
				return wrongUsage(cmd, &hintError{
					fmt.Errorf("-t must not be negative: %s", cmd.Flag("time").Value),
					"without -t a run goes on until Ctrl-C",
				})
			}
			o.options.warn(c)
			return runRun(cmd.Context(), c, &o, strings.Join(args, ""))
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	return cmd
}

// takeDebugValue lets `-d true` and `-d false` mean what they mean to sparse,
// whose run has no arguments that such a word could be taken for.
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
