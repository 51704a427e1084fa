package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component"
	"gust/component/solo"
	"gust/conf"
	"gust/internal/guard"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/multilang"
	"gust/project/lint"
	"gust/topology"
	"gust/topology/load"
)

const tryLong = `Run one component by itself: send it tuples, ticks and commands, and print what it
emits, acks, fails and logs as lines of JSON. COMPONENT is the name of a component in
the project's topology, or a streamparse class such as bolts.wordcount:WordCountBolt.
Any other program follows --.

A component of a topology starts as in a run: with its conf, and with the fields of the
streams that it subscribes to. --fields, --outputs and -o override these. A class that
no topology uses is searched for in src/ of this directory.

The input has one step for each line, in JSON:

  ["dog", 1]                              a tuple
  {"tuple": ["dog", 1], "comp": "words"}  a tuple, and the component that it comes from
  {"tick": 5}                             a tick, of an interval of five seconds
  {"heartbeat": true}                     a heartbeat
  {"wait": 0.5}                           no message for half a second
  {"command": "next"}                     a spout's command
  {"command": "ack", "id": 1}             the ack of a spout's tuple

The output of a spout can be the input of a bolt.

--expect compares the component's emits, acks, fails and errors with a file, which
--update writes. Logs and metrics are not compared, and of an error only the last line.
Keys that a line of the file lacks are not compared. See docs/try.md.

EXIT STATUS

0 success, 1 failure or unexpected output, 2 usage error.`

// tryOptions are the flags of `try`.
type tryOptions struct {
	input      string
	next       int
	expect     string
	update     bool
	junit      string
	serializer string
	conf       optionList
	fields     []string
	outputs    []string
	direct     []string
	timeout    durationFlag
	dir        string
	role       roleOptions
}

// AddFlags declares the flags.
func (o *tryOptions) AddFlags(flags *pflag.FlagSet) {
	o.role.AddFlags(flags)
	flags.StringVarP(&o.input, "in", "i", "", "read the input from `FILE`; - is stdin\n(default: stdin, unless --next is given)")
	flags.IntVar(&o.next, "next", 0, "send a spout `N` next commands after the input")
	flags.StringVar(&o.expect, "expect", "", "compare the output with `FILE`")
	flags.BoolVar(&o.update, "update", false, "write the output to the file of --expect")
	flags.StringVar(&o.junit, "junit", "", "write the result as JUnit XML to `FILE`")
	flags.StringVarP(&o.serializer, "serializer", "s", "", "use serializer `NAME`: json or msgpack\n(default: the topology's, else json)")
	flags.FuncP("conf", "o", "set `KEY=VALUE` in its conf; VALUE is YAML (repeatable)", o.conf.assign)
	flags.StringSliceVar(&o.fields, "fields", nil, "set the input's fields: comma-separated `NAMES`\n(default: the topology's)")
	flags.StringArrayVar(&o.outputs, "outputs", nil, "declare comma-separated output `FIELDS`, or STREAM=FIELDS\n(repeatable)")
	flags.StringSliceVar(&o.direct, "direct", nil, "declare these output `STREAMS` direct")
	o.timeout = durationFlag{Duration: 10 * time.Second}
	flags.Var(&o.timeout, "timeout", "wait this `DURATION` for each step, such as 500ms, 10s or 2m")
	flags.StringVar(&o.dir, "dir", "", "start it in `DIR`\n(default: the topology's, or src for a class without one)")
}

func newTryCommand(c *cli) *cobra.Command {
	var o tryOptions
	cmd := &cobra.Command{
		Use:   "try COMPONENT | try -- COMMAND...",
		Short: "Send one component tuples or commands, print its output",
		Long:  tryLong,
		Example: fmt.Sprintf(`  echo '["dog"]' | %[1]s try bolts.wordcount:WordCountBolt
  echo '["dog"]' | %[1]s try count_bolt -n wordcount
  %[1]s try bolts.wordcount:WordCountBolt --in tuples.jsonl --expect golden.jsonl
  %[1]s try spouts.words:WordSpout --next 10
  %[1]s try --next 5 -- node words.js | %[1]s try -- node count.js`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := o.options(cmd, c, args)
			if err != nil {
				return wrongUsage(cmd, err)
			}
			o.conf.warn(c)
			name := ""
			if len(options.Program.Command) == 0 {
				name = args[0]
			}
			return runTry(cmd.Context(), c, &o, options, name)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// options converts the flags to options of the trial, except for its steps.
func (o *tryOptions) options(cmd *cobra.Command, c *cli, args []string) (*solo.Options, error) {
	options := &solo.Options{Timeout: o.timeout.Duration, Fields: o.fields}
	p := &options.Program
	p.Dir, p.Env = o.dir, os.Environ()
	var ok bool
	switch p.Codec, ok = multilang.CodecNamed(cmp.Or(o.serializer, "json")); {
	case !ok:
		return nil, fmt.Errorf("unknown serializer %q (want json or msgpack)", o.serializer)
	case options.Timeout <= 0:
		return nil, errors.New("--timeout must be more than 0")
	case o.next < 0:
		return nil, fmt.Errorf("--next must be 1 or more, not %d", o.next)
	case o.update && o.expect == "":
		return nil, errors.New("--update needs --expect")
	case len(args) == 0:
		return nil, errors.New("name a COMPONENT, or its command after --")
	case cmd.ArgsLenAtDash() != 0 && len(args) > 1:
		return nil, fmt.Errorf("want one component, not %d: put a command with arguments after --", len(args))
	}
	if cmd.Flags().Changed("outputs") {
		var err error
		if options.Outputs, err = parseOutputs(o.outputs, o.direct); err != nil {
			return nil, err
		}
	} else if len(o.direct) > 0 {
		return nil, errors.New("--direct needs --outputs")
	}
	merged, err := conf.ApplyDebug(conf.Merge(conf.Defaults(), conf.Conf{conf.TopologyName: "try"}, o.conf.conf))
	options.Conf = merged
	if cmd.ArgsLenAtDash() == 0 {
		p.Command, p.Name = args, solo.NameOf(args)
	}
	return options, err
}

// cast finds the named component, and sets the options as in its topology. The kind is
// nil if only the start will show it.
func (o *tryOptions) cast(ctx context.Context, c *cli, name string, options *solo.Options) (*topology.Kind, error) {
	r, err := o.role.find(ctx, c, name)
	if err != nil {
		return nil, err
	}
	p := &options.Program
	if r == nil {
		return o.alone(ctx, p, component.ClassOf(name))
	}
	p.Name, p.Kind = r.Component.Name, r.Component.Kind
	p.Command, p.Codec = r.Start(o.serializer)
	p.Dir = cmp.Or(o.dir, r.Component.Dir)
	options.Inputs = r.Inputs()
	if options.Outputs == nil {
		options.Outputs = r.Outputs()
	}
	if options.Conf, err = r.Conf(o.conf.conf); err != nil {
		return nil, err
	}
	if p.Env, err = r.Environ(options.Conf); err != nil {
		return nil, err
	}
	return &p.Kind, nil
}

// alone sets the options for a class of streamparse's that no topology uses.
func (o *tryOptions) alone(ctx context.Context, p *solo.Program, class string) (*topology.Kind, error) {
	python, err := load.Python(load.Request{Python: o.role.python}, nil)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat("src"); p.Dir == "" && err == nil && info.IsDir() {
		p.Dir = "src"
	}
	p.Name = class[strings.LastIndex(class, ".")+1:]
	p.Command = load.StreamparseCommand(python, p.Codec.Name(), class)
	kind, ok := lint.ClassKind(ctx, python, p.Dir, class)
	if !ok { // the start will show why
		return nil, nil
	}
	return &kind, nil
}

// errUnexpected is the error of a trial whose differences have been printed.
var errUnexpected = errors.New("the output differs from what was expected")

// runTry tries the component, and prints its output as it comes. name is the component's
// name; it is empty if there is a command.
func runTry(ctx context.Context, c *cli, o *tryOptions, options *solo.Options, name string) error {
	var kind *topology.Kind
	if name != "" {
		var err error
		if kind, err = o.cast(ctx, c, name, options); err != nil {
			return err
		}
	}
	if err := o.readSteps(options, kind); err != nil {
		return err
	}
	var want []solo.Line
	if o.expect != "" && !o.update {
		text, err := os.ReadFile(o.expect)
		if err != nil {
			return hint.With(fmt.Errorf("cannot compare: %w", err), "--update creates it from the output")
		}
		if want, err = solo.ParseLines(text); err != nil {
			return fmt.Errorf("cannot compare with %s: %w", o.expect, err)
		}
	}
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	var unguard func()
	options.Program.Guard, unguard = guard.Own(c.Warn)
	defer unguard()

	var got []solo.Line
	out := bufio.NewWriter(c.stdout)
	var failure error // of stdout
	options.Said = func(e solo.Event) {
		if e.Data() {
			got = append(got, solo.LineOf(e))
		}
		if _, err := out.Write(append(e.AppendJSON(nil), '\n')); err == nil {
			err = out.Flush() // the reader may wait for the line
			failure = cmp.Or(failure, err)
		}
	}
	began := time.Now()
	unanswered, err := solo.Try(ctx, *options)
	took := time.Since(began)
	if unanswered > 0 {
		c.Warn(fmt.Sprintf("%s: neither acked nor failed", terminal.Count(unanswered, "tuple")))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted before the input had ended")
	case err == nil:
		err = failure
	}
	var difference string
	if err == nil && o.expect != "" {
		difference, err = o.compare(want, got)
	}
	if o.junit != "" {
		err = errors.Join(err, o.writeJUnit(options.Program.Name, took, err, difference))
	}
	if difference != "" {
		fmt.Fprint(c.stderr, difference)
	}
	return err
}

// readSteps reads the input, which must be for the component's kind. If the kind is
// unknown, the input determines it.
func (o *tryOptions) readSteps(options *solo.Options, kind *topology.Kind) error {
	var in io.Reader
	switch {
	case o.input == "-", o.input == "" && o.next == 0:
		in = os.Stdin
	case o.input != "":
		file, err := os.Open(o.input)
		if err != nil {
			return fmt.Errorf("cannot read the input: %w", err)
		}
		defer file.Close()
		in = file
	default:
		in = bytes.NewReader(nil)
	}
	var err error
	if options.Steps, err = solo.ReadSteps(in); err != nil {
		return err
	}
	if o.next > 0 {
		options.Steps = append(options.Steps, solo.Step{Command: multilang.Next.String(), Times: o.next})
	}
	if len(options.Steps) == 0 {
		return hint.With(errors.New("the input is empty"), `give a line such as ["dog", 1], or --next 10 for a spout`)
	}
	return options.Suit(kind, o.next > 0)
}

// compare compares the output with the expected output, or with --update replaces it.
func (o *tryOptions) compare(want, got []solo.Line) (difference string, err error) {
	if o.update {
		var text bytes.Buffer
		for _, l := range got {
			fmt.Fprintln(&text, l.Text)
		}
		return "", os.WriteFile(o.expect, text.Bytes(), 0o666)
	}
	lines, equal := solo.Compare(want, got)
	if equal {
		return "", nil
	}
	return fmt.Sprintf("--- %s\n+++ output\n%s", o.expect, solo.Unified(lines)), errUnexpected
}

// writeJUnit writes the report of the trial.
func (o *tryOptions) writeJUnit(component string, took time.Duration, verdict error, difference string) error {
	report, err := solo.JUnit(component, took, verdict, difference)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", o.junit, err)
	}
	return os.WriteFile(o.junit, report, 0o666)
}
