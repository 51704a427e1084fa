package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/terminal"
	"gust/storm/submit"
)

const submitLong = `Submit a topology to a Storm cluster, 1.x or 2.x: build the project's jar, upload it,
submit the topology, and watch until all of it is running. If a component fails to
start, print its error with the traceback, and exit with status 1; the topology then
stays on the cluster.

TOPOLOGY is as for run: a .py or .clj file of a streamparse project, a Flux .yaml
file or a .toml file; without it, the topology of the project in this directory that
-n names, or its only one.

Nimbus is taken from --nimbus, $STREAMPARSE_NIMBUS, the environment in config.json or
storm.yaml, in this order. Given several hosts, gust finds the leader.

Workers start streamparse components in the virtualenv that config.json names, which
gust creates or updates over SSH first, or else with streamparse_run on their PATH.
With --bundle the jar contains the packages, and workers need only Python.

Before and after the submission, gust runs the programs that config.json names as
pre_submit and post_submit, and the functions of that name in tasks.py and fabfile.py.
See docs/submit.md.

EXIT STATUS

0 if the topology runs, or with --no-wait was submitted; 1 if not; 2 usage error.`

// submitOptions are the flags of `submit`, with the names and meanings of `sparse submit`
// if it has them.
type submitOptions struct {
	sourceOptions
	cluster clusterOptions
	jar     jarOptions

	options      optionList
	overrideName string
	force        bool
	inactive     bool
	wait         durationFlag
	noWait       bool
	localJar     string
	remoteJar    string
	restore      string
	workerPython string
	json         bool

	uberJar  bool
	poolSize int
}

// AddFlags declares the flags.
func (o *submitOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	o.cluster.addNimbusFlags(flags)
	o.jar.AddFlags(flags)
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf; VALUE is YAML (repeatable)", o.options.assign)
	flags.FuncP("workers", "w", "set topology.workers to `N` (default: the number of supervisors)",
		o.options.counter(conf.TopologyWorkers, 1))
	flags.FuncP("ackers", "a", "set topology.acker.executors to `N`\n(default: the number of supervisors)",
		o.options.counter(conf.TopologyAckerExecutors, 0))
	flags.FuncP("debug", "d", "set topology.debug to `BOOL`", o.options.setter(conf.TopologyDebug))
	flags.Lookup("debug").NoOptDefVal = "true"
	flags.Func("user", "set sudo_user to `USER`, the owner of the workers' virtualenvs", o.options.setter(conf.SudoUser))

	flags.BoolFunc("gust-workers", "have gust's workers run it: set gust.workers", o.options.setter(conf.GustWorkers))
	flags.StringVarP(&o.overrideName, "override_name", "N", "", "call the topology `NAME` on the cluster")
	flags.BoolVarP(&o.force, "force", "f", false, "replace the topology of the same name; kill it just before")
	o.wait.waitFlag(flags, 5*time.Second, "with -f, let the old topology finish tuples for this `DURATION`,\nsuch as 10s or 2m; a plain number is seconds")
	flags.BoolVarP(&o.inactive, "inactive", "i", false, "submit it deactivated; see activate")
	flags.BoolVar(&o.noWait, "no-wait", false, "do not wait until the topology runs")

	flags.StringVarP(&o.localJar, "local_jar_path", "j", "", "submit the jar `FILE` instead of building one")
	flags.StringVarP(&o.remoteJar, "remote_jar_path", "R", "", "submit the jar already uploaded to `PATH` on Nimbus")
	flags.StringVar(&o.restore, "restore", "", "restore the topology that -f replaced and saved in `FILE`")
	flags.StringVar(&o.workerPython, "worker-python", "python3", "with --bundle, run components with the workers' `PROGRAM`")
	flags.BoolVar(&o.json, "json", false, "print the result as one JSON object")

	flags.BoolVarP(&o.uberJar, "uber_jar", "u", false, "accepted for compatibility with sparse, and ignored (see --add)")
	flags.IntVar(&o.poolSize, "pool_size", 10, "update the virtualenvs of `N` workers at a time")
}

func newSubmitCommand(c *cli) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "submit [TOPOLOGY]",
		Short: "Submit a topology to a Storm cluster",
		Long:  submitLong,
		Example: fmt.Sprintf(`  %[1]s submit
  %[1]s submit -n wordcount -e prod -w 4 --bundle
  %[1]s submit -f --wait 30 --nimbus storm1.example.com,storm2.example.com
  %[1]s submit -N wordcount-canary -o topology.max.spout.pending=500`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = o.jar.takeRequirements(takeDebugValue(cmd.Flags(), &o.options, args))
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			if err := o.check(path); err != nil {
				return wrongUsage(cmd, err)
			}
			o.options.warn(c)
			return runSubmit(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check finds flags that exclude each other.
func (o *submitOptions) check(path string) error {
	if err := o.wait.checkWait(); err != nil {
		return err
	}
	switch {
	case o.localJar != "" && o.remoteJar != "":
		return errors.New("-j and -R exclude each other")
	case o.restore != "" && (path != "" || o.name != "" || o.localJar != "" || o.remoteJar != "" || o.jar.bundle || len(o.jar.add) > 0):
		return errors.New("--restore excludes another topology or jar")
	case (o.localJar != "" || o.remoteJar != "") && len(o.jar.add) > 0:
		return errors.New("--add needs gust to build the jar, which -j and -R prevent")
	}
	return o.jar.check()
}

// runSubmit submits the topology at path, or the project's if path is empty.
func runSubmit(ctx context.Context, c *cli, o *submitOptions, path string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	o.given = o.options.conf
	cluster, err := o.cluster.clusterOf(nil) // the environment is the topology's
	if err != nil {
		return err
	}
	job := submit.Job{
		Source: o.request(c, path), OverrideName: o.overrideName, Cluster: *cluster,
		Jar: o.jar.recipe(), LocalJar: o.localJar, RemoteJar: o.remoteJar, WorkerPython: o.workerPython, Restore: o.restore,
		Force: o.force, Wait: o.wait.Duration, Inactive: o.inactive, NoWait: o.noWait, Pool: o.poolSize,
		Voice: c, Stderr: c.stderr,
	}
	job.Done = func(outcome submit.Outcome) error {
		if o.json {
			return c.writeJSON(outcome)
		}
		_, err := fmt.Fprintln(c.stdout, outcome.ID)
		return err
	}
	return job.Run(ctx)
}
