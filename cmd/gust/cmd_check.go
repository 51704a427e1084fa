package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component/check"
	"gust/internal/guard"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/topology"
	"gust/topology/load"
)

const checkLong = `Check one program, a spout or a bolt, against the multilang protocol. This is for
authors of components and of multilang libraries.

gust starts the program several times and sends it what Storm or gust would send.
The report lists the rules that the program keeps, those that it breaks, with the
offending bytes and a remedy, and those that could not be tested. A bolt gets tuples
of one string field unless --fields and --tuple say otherwise; its emits are compared
with --outputs. With --component, the component starts as in its topology, which also
supplies the fields and outputs. docs/check.md explains each rule.

EXIT STATUS

0 if no rule is broken at error level (with --strict: no rule at all), 1 if one is or
the program could not be started, 2 usage error.`

// checkOptions are the flags of `check`.
type checkOptions struct {
	kind        string
	serializer  string
	timeout     durationFlag
	fields      []string
	tuple       string
	outputs     []string
	direct      []string
	conf        optionList
	dir         string
	streamparse string
	component   string
	role        roleOptions
	json        bool
	strict      bool
	list        bool
}

// AddFlags declares the flags.
func (o *checkOptions) AddFlags(flags *pflag.FlagSet) {
	o.role.AddFlags(flags)
	flags.StringVar(&o.kind, "kind", "auto", "check it as this `KIND`: spout, bolt or auto")
	flags.StringVarP(&o.serializer, "serializer", "s", "", "use serializer `NAME`: json or msgpack\n(default: the topology's, else json)")
	o.timeout = durationFlag{Duration: 10 * time.Second}
	flags.Var(&o.timeout, "timeout", "wait this `DURATION` for a response, such as 500ms, 10s or 2m")
	flags.StringSliceVar(&o.fields, "fields", nil, "set the bolt's input fields: comma-separated `NAMES`")
	flags.StringVar(&o.tuple, "tuple", "", "send a bolt this tuple, a `JSON` list")
	flags.StringArrayVar(&o.outputs, "outputs", nil, "declare comma-separated output `FIELDS`, or STREAM=FIELDS\n(repeatable)")
	flags.StringSliceVar(&o.direct, "direct", nil, "declare these output `STREAMS` direct")
	flags.FuncP("conf", "o", "set `KEY=VALUE` in its conf; VALUE is YAML (repeatable)", o.conf.assign)
	flags.StringVar(&o.dir, "dir", "", "start the program in `DIR`")
	flags.StringVar(&o.streamparse, "streamparse", "", "check the streamparse component `CLASS`,\nsuch as bolts.wordcount.WordCountBolt")
	flags.StringVar(&o.component, "component", "", "check the component with this `NAME` or class,\nstarted as in the project's topology")
	flags.BoolVar(&o.json, "json", false, "print the report as one JSON object (docs/check.md)")
	flags.BoolVar(&o.strict, "strict", false, "treat warnings as errors")
	flags.BoolVar(&o.list, "list", false, "list the rules without checking anything")
}

func newCheckCommand(c *cli) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [flags] -- COMMAND...",
		Short: "Check a component against the multilang protocol",
		Long:  checkLong,
		Example: fmt.Sprintf(`  %[1]s check -- node resources/count.js
  %[1]s check --outputs word,count --outputs errors=msg -- ./bolt
  %[1]s check --fields user,age --tuple '["ann", 41]' -- ruby bolt.rb
  %[1]s check --component count_bolt
  %[1]s check --dir src -s msgpack --streamparse bolts.wordcount.WordCountBolt
  %[1]s check --json -- ./spout | jq '.rules[] | select(.verdict == "broken")'
  %[1]s check --list`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.list {
				return printRules(c, o.json)
			}
			options, err := o.options(cmd.Flags(), args)
			if err != nil {
				return wrongUsage(cmd, err)
			}
			o.conf.warn(c)
			if o.component != "" {
				if err := o.cast(cmd.Context(), c, &options); err != nil {
					return err
				}
			}
			if err := options.Complete(); err != nil {
				return wrongUsage(cmd, err)
			}
			return runCheck(cmd.Context(), c, &o, options)
		},
	}
	o.AddFlags(cmd.Flags())
	cmd.Flags().SetInterspersed(false) // the flags after the program's name belong to the program
	return cmd
}

// options converts the flags to options of the check.
func (o *checkOptions) options(flags *pflag.FlagSet, args []string) (check.Options, error) {
	options := check.Options{
		Command: args, Dir: o.dir, Env: os.Environ(), Timeout: o.timeout.Duration,
		Fields: o.fields, Tuple: o.tuple, Conf: o.conf.conf,
	}
	var ok bool
	if options.Codec, ok = multilang.CodecNamed(cmp.Or(o.serializer, "json")); !ok {
		return options, fmt.Errorf("unknown serializer %q (want json or msgpack)", o.serializer)
	}
	switch o.kind {
	case "auto":
	case "spout", "bolt":
		kind := topology.Bolt
		if o.kind == "spout" {
			kind = topology.Spout
		}
		options.Kind = &kind
	default:
		return options, fmt.Errorf("unknown kind %q (want spout, bolt or auto)", o.kind)
	}
	named := o.component != "" || o.streamparse != ""
	switch {
	case o.component != "" && o.streamparse != "":
		return options, errors.New("--component and --streamparse exclude each other")
	case o.component != "" && o.kind != "auto":
		return options, errors.New("--kind and --component exclude each other: the topology says what a component is")
	case named && len(args) > 0:
		return options, fmt.Errorf("--component and --streamparse take no command: %s", strings.Join(args, " "))
	case o.streamparse != "":
		python, err := load.Python(load.Request{Python: o.role.python}, nil)
		if err != nil {
			return options, err
		}
		options.Command = load.StreamparseCommand(python, options.Codec.Name(), o.streamparse)
	case !named && len(args) == 0:
		return options, errors.New("missing command of the program to check")
	}
	if flags.Changed("outputs") {
		var err error
		if options.Outputs, err = parseOutputs(o.outputs, o.direct); err != nil {
			return options, err
		}
	} else if len(o.direct) > 0 {
		return options, errors.New("--direct needs --outputs")
	}
	return options, nil
}

// cast finds the component that --component names, and sets the options as in its
// topology.
func (o *checkOptions) cast(ctx context.Context, c *cli, options *check.Options) error {
	r, err := o.role.find(ctx, c, o.component)
	if err != nil {
		return err
	}
	if r == nil {
		return hint.With(fmt.Errorf("no topology uses the class %s", o.component), "--streamparse checks a class without a topology")
	}
	options.Kind = &r.Component.Kind
	options.Command, options.Codec = r.Start(o.serializer)
	options.Dir = cmp.Or(o.dir, r.Component.Dir)
	if options.Outputs == nil {
		options.Outputs = r.Outputs()
	}
	if options.Conf, err = r.Conf(o.conf.conf); err != nil {
		return err
	}
	if options.Env, err = r.Environ(options.Conf); err != nil {
		return err
	}
	if options.Fields == nil {
		options.Fields, err = r.Fields()
	}
	return err
}

// errRulesBroken is the error of a check that found broken rules, which have been
// printed.
var errRulesBroken = errors.New("the program breaks the multilang protocol")

// runCheck checks the program and prints the report.
func runCheck(ctx context.Context, c *cli, o *checkOptions, options check.Options) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	var unguard func()
	options.Guard, unguard = guard.Own(c.Warn)
	defer unguard()
	began := time.Now()
	report, err := check.Run(ctx, options)
	switch {
	case errors.Is(err, check.ErrUnknownKind):
		return hint.With(err, "set --kind; a bolt may need --fields and --tuple, too")
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted before the check had finished")
	case err != nil:
		return err
	}
	if o.json {
		err = c.writeJSON(report.Document(options.Command, time.Since(began)))
	} else {
		err = printCheck(c.stdout, report, newMarks(os.Getenv))
	}
	if err != nil {
		return err
	}
	if report.Count(check.Broken, check.Error) > 0 || o.strict && report.Count(check.Broken) > 0 {
		return errRulesBroken
	}
	return nil
}
