package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
)

const submitLong = `Submit a topology to a Storm cluster, 1.x or 2.x: make the project's jar, upload it,
submit the topology, and watch it until all of it runs. If a component cannot be
started, its error is printed, with Python's traceback, and the exit code is 1; the
topology stays on the cluster all the same.

TOPOLOGY is as for run: a .py or .clj file of a streamparse project, a Flux .yaml
file or a .toml file; without it, the topology of the project in this directory that
-n names, or its only one.

Nimbus is the one of --nimbus, $STREAMPARSE_NIMBUS, the environment in config.json or
storm.yaml, whichever comes first. With several, the one that leads is found.

Workers start streamparse's components in the virtualenv that config.json names, which
is made or updated through SSH before, or else with the streamparse_run on their PATH.
With --bundle the jar brings the packages along, and workers need Python alone.

Before and after a submission, the programs that config.json names as pre_submit and
post_submit are run, and the functions of that name in tasks.py and fabfile.py.
docs/submit.md tells more.

EXIT STATUS

0 where the topology runs, or with --no-wait was submitted; 1 where it was not, or
does not run; 2 where the command line is wrong.`

// submitOptions are the flags of `submit`. The names, and what they mean, are
// those of `sparse submit` where it has them.
type submitOptions struct {
	sourceOptions
	cluster clusterOptions
	jar     jarOptions

	options      optionList
	overrideName string
	force        bool
	inactive     bool
	waitSecs     int
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
	flags.FuncP("option", "o", "set `KEY=VALUE` in the conf, VALUE in YAML; may be repeated", o.options.assign)
	flags.FuncP("workers", "w", "set topology.workers to `N` (default: the number of supervisors)",
		o.options.counter(conf.TopologyWorkers, 1))
	flags.FuncP("ackers", "a", "set topology.acker.executors to `N` (default: the number of supervisors)",
		o.options.counter(conf.TopologyAckerExecutors, 0))
	flags.FuncP("debug", "d", "set topology.debug to `BOOL`", o.options.setter(conf.TopologyDebug))
	flags.Lookup("debug").NoOptDefVal = "true"
	flags.Func("user", "set sudo_user to `USER`, who owns the virtualenvs on the workers", o.options.setter(conf.SudoUser))

	flags.StringVarP(&o.overrideName, "override_name", "N", "", "call the topology `NAME` on the cluster")
	flags.BoolVarP(&o.force, "force", "f", false, "replace a topology of the same name: kill it when all is ready, then submit")
	flags.IntVar(&o.waitSecs, "wait", 5, "with -f, give the old topology `SECS` seconds to finish its tuples")
	flags.BoolVarP(&o.inactive, "inactive", "i", false, "submit it with its spouts asleep; activate wakes them")
	flags.BoolVar(&o.noWait, "no-wait", false, "do not watch whether the topology comes up")

	flags.StringVarP(&o.localJar, "local_jar_path", "j", "", "submit the jar `FILE` and make none")
	flags.StringVarP(&o.remoteJar, "remote_jar_path", "R", "", "submit the jar that was uploaded to `PATH` on Nimbus before")
	flags.StringVar(&o.restore, "restore", "", "go back to the topology that -f replaced and kept in `FILE`")
	flags.StringVar(&o.workerPython, "worker-python", "python3", "with --bundle, run components with this `PROGRAM` of the workers")
	flags.BoolVar(&o.json, "json", false, "print what was submitted as one JSON object")

	flags.BoolVarP(&o.uberJar, "uber_jar", "u", false, "for scripts that say so to sparse; --add takes over the classes of a jar")
	flags.IntVar(&o.poolSize, "pool_size", 10, "make or update the virtualenvs of `N` workers at a time")
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
			ctx, release := untilSignal(cmd.Context())
			defer release()
			return runSubmit(ctx, c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// check finds flags that contradict each other.
func (o *submitOptions) check(path string) error {
	switch {
	case o.waitSecs < 0:
		return fmt.Errorf("--wait must be a number of seconds, 0 or more, not %d", o.waitSecs)
	case o.localJar != "" && o.remoteJar != "":
		return errors.New("either -j or -R says which jar is submitted, not both")
	case o.restore != "" && (path != "" || o.name != "" || o.localJar != "" || o.remoteJar != "" || o.jar.bundle || len(o.jar.add) > 0):
		return errors.New("--restore submits what is in its file: another topology or jar makes no sense with it")
	case (o.localJar != "" || o.remoteJar != "") && len(o.jar.add) > 0:
		return errors.New("--add says what goes into a jar that is made, and -j and -R take one that is")
	}
	return o.jar.check()
}

// takeRequirements lets `-r a.txt b.txt` mean what it means to sparse.
func (o *jarOptions) takeRequirements(args []string) []string {
	if len(o.requirements) == 0 {
		return args
	}
	var rest []string
	for _, a := range args {
		if strings.HasSuffix(a, ".txt") {
			o.requirements = append(o.requirements, a)
		} else {
			rest = append(rest, a)
		}
	}
	return rest
}
