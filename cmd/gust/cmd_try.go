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
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/multilang"
	"gust/solo"
)

const tryLong = `Try one component alone: give it tuples, ticks and commands, and see what it emits, acks,
fails and logs, as lines of JSON. CLASS is a streamparse component, such as
bolts.wordcount:WordCountBolt, looked for in src of this directory; any other program
follows --.

The input has a line of JSON for each step. A list is a tuple. An object says more:
{"tuple": ["dog", 1], "comp": "words", "stream": "default", "fields": ["word", "n"]},
{"tick": 5}, {"heartbeat": true}, {"wait": 0.5}, and for a spout {"command": "next"},
{"command": "ack", "id": 1}. What a spout has emitted here can be given to a bolt.

With --expect, what the component emits, acks, fails and reports as an error is compared
with a file, which --update writes. Logs and metrics are not compared, of an error its
last line is. Keys that a line of the file lacks are not compared. See docs/try.md.

EXIT STATUS

0 where all went well, 1 where the component died or did not answer, or what came is not
what was expected, 2 where the command line is wrong.`

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
	python     string
}

// AddFlags declares the flags.
func (o *tryOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.input, "in", "i", "", "read the input from `FILE`, or from stdin, which is - (default: stdin, unless --next is given)")
	flags.IntVar(&o.next, "next", 0, "ask a spout for `N` times next, behind the input")
	flags.StringVar(&o.expect, "expect", "", "compare what comes with what is in `FILE`")
	flags.BoolVar(&o.update, "update", false, "write what comes into the file of --expect")
	flags.StringVar(&o.junit, "junit", "", "write the verdict as JUnit's XML into `FILE`")
	flags.StringVarP(&o.serializer, "serializer", "s", "json", "speak json or msgpack with it (`NAME`)")
	flags.FuncP("conf", "o", "set `KEY=VALUE` in its conf, VALUE in YAML; may be repeated", o.conf.assign)
	flags.StringSliceVar(&o.fields, "fields", nil, "`NAMES` of the input's fields, separated by commas")
	flags.StringArrayVar(&o.outputs, "outputs", nil, "it declares these fields, as `FIELDS` or STREAM=FIELDS, separated by commas; may be repeated")
	flags.StringSliceVar(&o.direct, "direct", nil, "these of its `STREAMS` are direct")
	o.timeout = durationFlag(10 * time.Second)
	flags.Var(&o.timeout, "timeout", "give it `SECS` for a step: seconds, or 500ms, 10s, 2m")
	flags.StringVar(&o.dir, "dir", "", "start it in `DIR` (default: src for a CLASS, where there is one)")
	flags.StringVar(&o.python, "python", "", "`PATH` of the Python for a CLASS (default: the virtualenv's, else python3)")
}

func newTryCommand(c *cli) *cobra.Command {
	var o tryOptions
	cmd := &cobra.Command{
		Use:   "try CLASS | try -- COMMAND...",
		Short: "Give one component tuples or commands, and see what it does",
		Long:  tryLong,
		Example: fmt.Sprintf(`  echo '["dog"]' | %[1]s try bolts.wordcount:WordCountBolt --fields word
  %[1]s try bolts.wordcount:WordCountBolt --in tuples.jsonl --expect golden.jsonl
  %[1]s try spouts.words:WordSpout --next 10
  %[1]s try --next 5 -- node words.js | %[1]s try -- node count.js`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := o.options(cmd, c, args)
			if err != nil {
				return wrongUsage(cmd, err)
			}
			o.conf.warn(c)
			return runTry(cmd.Context(), c, &o, options)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// options turns the command line into what the trial takes, but for its steps.
func (o *tryOptions) options(cmd *cobra.Command, c *cli, args []string) (*solo.Options, error) {
	options := &solo.Options{Timeout: time.Duration(o.timeout), Fields: o.fields}
	p := &options.Program
	p.Dir, p.Env = o.dir, os.Environ()
	var ok bool
	switch p.Codec, ok = multilang.CodecNamed(o.serializer); {
	case !ok:
		return nil, fmt.Errorf("the serializer %q is none: json and msgpack are", o.serializer)
	case options.Timeout <= 0:
		return nil, errors.New("--timeout must be more than 0")
	case o.next < 0:
		return nil, fmt.Errorf("--next must be 1 or more, not %d", o.next)
	case o.update && o.expect == "":
		return nil, errors.New("--update writes the file of --expect, which is missing")
	case len(args) == 0:
		return nil, errors.New("name the CLASS of a component, or its command behind --")
	case cmd.ArgsLenAtDash() == 0:
		p.Command, p.Name = args, programOf(args)
	case len(args) == 1:
		if err := o.streamparse(p, args[0]); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("one component can be tried, not %d: a command with arguments follows --", len(args))
	}
	if cmd.Flags().Changed("outputs") {
		var err error
		if options.Outputs, err = parseOutputs(o.outputs, o.direct); err != nil {
			return nil, err
		}
	} else if len(o.direct) > 0 {
		return nil, errors.New("--direct says of streams in --outputs that they are direct")
	}
	merged, err := conf.ApplyDebug(conf.Merge(conf.Defaults(), conf.Conf{conf.TopologyName: "try"}, o.conf.conf))
	options.Conf = merged
	return options, err
}

// programOf is a name for the component that a command starts: its last word
// that looks like a file, without the extension.
func programOf(command []string) string {
	name := command[0]
	for _, word := range command[1:] {
		if !strings.HasPrefix(word, "-") && strings.Contains(word, ".") {
			name = word
			break
		}
	}
	base := filepath.Base(name)
	return cmp.Or(strings.TrimSuffix(base, filepath.Ext(base)), "component")
}

// streamparse makes the command of a streamparse component, which is run as
// streamparse_run runs it, with the project's Python.
func (o *tryOptions) streamparse(p *solo.Program, class string) error {
	class = strings.Replace(class, ":", ".", 1)
	module, name, ok := cutLast(class, ".")
	if !ok || module == "" || name == "" {
		return fmt.Errorf("%q is no class: write it as bolts.wordcount:WordCountBolt, or a command behind --", class)
	}
	p.Name = name
	python := o.python
	if python == "" {
		python = projectPython()
	}
	if p.Dir == "" {
		if info, err := os.Stat("src"); err == nil && info.IsDir() {
			p.Dir = "src"
		}
	}
	if strings.ContainsRune(python, filepath.Separator) {
		// It is looked for from here, and not from the component's directory.
		absolute, err := filepath.Abs(python)
		if err != nil {
			return err
		}
		python = absolute
	}
	p.Command = []string{python, "-m", "streamparse.run", "-s", o.serializer, class}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// projectPython is the Python of the project in this directory: that of the
// active virtualenv, else of its own, else the system's.
func projectPython() string {
	for _, venv := range []string{os.Getenv("VIRTUAL_ENV"), venvName, "venv"} {
		python := filepath.Join(venv, "bin", "python")
		if info, err := os.Stat(python); venv != "" && err == nil && !info.IsDir() {
			return python
		}
	}
	return "python3"
}

// errUnexpected is the verdict on what came, whose difference has been printed.
var errUnexpected = errors.New("what came is not what was expected")

// runTry tries the component, and prints what it does as it does it.
func runTry(ctx context.Context, c *cli, o *tryOptions, options *solo.Options) error {
	if err := o.readSteps(options); err != nil {
		return err
	}
	var want []solo.Line
	if o.expect != "" && !o.update {
		text, err := os.ReadFile(o.expect)
		if err != nil {
			return &hintError{fmt.Errorf("cannot compare: %w", err), "--update writes what comes into it"}
		}
		if want, err = solo.ParseLines(text); err != nil {
			return fmt.Errorf("cannot compare with %s: %w", o.expect, err)
		}
	}
	ctx, release := untilSignal(ctx)
	defer release()
	var unguard func()
	options.Program.Guard, unguard = startGuard(c)
	defer unguard()

	var got []solo.Line
	out := bufio.NewWriter(c.stdout)
	var failure error // of stdout
	options.Said = func(e solo.Event) {
		if e.Data() {
			got = append(got, solo.LineOf(e))
		}
		if _, err := out.Write(append(e.AppendJSON(nil), '\n')); err == nil {
			err = out.Flush() // a line that is printed later is of no use to who waits for it
			failure = cmp.Or(failure, err)
		}
	}
	began := time.Now()
	unanswered, err := solo.Try(ctx, *options)
	took := time.Since(began)
	if unanswered > 0 {
		c.warn(fmt.Sprintf("%s: neither acked nor failed", count(unanswered, "tuple")))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("stopped before all was tried")
	case err == nil:
		err = failure
	}
	var difference string
	if err == nil && o.expect != "" {
		difference, err = o.compare(want, got)
	}
	if o.junit != "" {
		err = errors.Join(err, writeJUnit(o.junit, options.Program.Name, took, err, difference))
	}
	if difference != "" {
		fmt.Fprint(c.stderr, difference)
	}
	return err
}

// readSteps reads the input.
func (o *tryOptions) readSteps(options *solo.Options) error {
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
		return &hintError{errors.New("the input is empty"), `give a line such as ["dog", 1], or --next 10 for a spout`}
	}
	options.Program.Kind, err = solo.KindOf(options.Steps)
	if o.next > 0 && err != nil {
		return fmt.Errorf("--next is for a spout, and the input is for a bolt")
	}
	return err
}

// compare compares what came with what was expected, or makes it that.
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
	return fmt.Sprintf("--- %s\n+++ what came\n%s", o.expect, solo.Unified(lines)), errUnexpected
}
