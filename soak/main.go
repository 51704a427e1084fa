package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == componentCommand {
		os.Exit(componentMain(os.Args[2]))
	}
	os.Exit(driverMain(os.Args[1:], os.Stdout, os.Stderr))
}

// componentCommand is the argument that makes the program a component.
const componentCommand = "component"

const usage = `usage: soak [flags] >soak.json

Runs a topology under gust, harms its processes at random, and verifies that no
tuple was lost. Talk goes to stderr, the result as one JSON object to stdout.
Ctrl-C ends the chaos early; the verification follows all the same.

EXIT STATUS

0 where every promise was kept, 1 where one was broken or the soak could not
run, 2 where the command line is wrong.

`

// driverMain is the program but for its exit. It returns the exit code.
func driverMain(args []string, stdout, stderr io.Writer) int {
	o := defaultOptions(stderr)
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	o.addFlags(flags)
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return 0
		}
		return 2
	}
	if err := o.check(flags.Args()); err != nil {
		fmt.Fprintf(stderr, "soak: %v\n", err)
		return 2
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	result, err := soak(ctx, o)
	if err != nil {
		fmt.Fprintf(stderr, "soak: %v\n", err)
		return 1
	}
	json.NewEncoder(stdout).Encode(result)
	if !result.Passed {
		return 1
	}
	return 0
}

// options are the flags.
type options struct {
	Gust   string
	For    time.Duration // of chaos
	Every  time.Duration // a fault on average
	Report time.Duration // a line of progress
	Rate   float64       // new tuples a second, of all spout tasks together
	Only   string        // the fault to commit; empty for all of them
	Dir    string
	settings

	command []string  // that makes a component
	log     io.Writer // takes the talk
}

func defaultOptions(log io.Writer) options {
	return options{
		Gust: "gust", For: 10 * time.Minute, Every: 3 * time.Second, Report: time.Minute, Rate: 100,
		settings: settings{
			FailOneIn: 1000, ForgetOneIn: 20000,
			MessageTimeout: 20 * time.Second, HangTimeout: 8 * time.Second,
		},
		log: log,
	}
}

func (o *options) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&o.Gust, "gust", o.Gust, "the gust `binary`")
	flags.DurationVar(&o.For, "for", o.For, "how `long` the chaos lasts")
	flags.DurationVar(&o.Every, "every", o.Every, "the mean `time` between two faults")
	flags.DurationVar(&o.Report, "report", o.Report, "the `time` between two lines of progress")
	flags.Float64Var(&o.Rate, "rate", o.Rate, "new tuples a `second`, of all spouts together")
	flags.Uint64Var(&o.Seed, "seed", 0, "the `number` that the dice begin with (default: a random one, which is printed)")
	flags.IntVar(&o.FailOneIn, "fail", o.FailOneIn, "each bolt fails one tuple in `so many`; 0 for none")
	flags.IntVar(&o.ForgetOneIn, "forget", o.ForgetOneIn, "each bolt forgets one tuple in `so many`; 0 for none")
	flags.DurationVar(&o.MessageTimeout, "timeout", o.MessageTimeout, "topology.message.timeout.secs, whole seconds as a `duration`")
	flags.DurationVar(&o.HangTimeout, "hang", o.HangTimeout, "topology.subprocess.timeout.secs, whole seconds as a `duration`")
	flags.StringVar(&o.Only, "only", "", "commit this `fault` alone, such as \"SIGKILL\" or \"stray output\"")
	flags.StringVar(&o.Dir, "dir", "", "keep books and logs in this `folder`, which must not exist (default: a temporary one, removed after success)")
}

// check completes the options.
func (o *options) check(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("there are no arguments, only flags: %q", args)
	}
	if o.Rate <= 0 || o.Every <= 0 || o.Report <= 0 || o.MessageTimeout < time.Second || o.HangTimeout < 3*time.Second {
		return fmt.Errorf("-rate, -every and -report must be more than 0, -timeout at least 1s and -hang at least 3s (a pause takes up to 1.5s)")
	}
	if o.Only != "" && !slices.Contains(faultNames(), o.Only) {
		return fmt.Errorf("-only %q is none of the faults %q", o.Only, faultNames())
	}
	gust, err := exec.LookPath(o.Gust)
	if err != nil {
		return fmt.Errorf("%w: build it with `make build` and name it with -gust bin/gust", err)
	}
	if o.Gust, err = filepath.Abs(gust); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	o.command = []string{self, componentCommand}
	for o.Seed == 0 {
		o.Seed = rand.Uint64() >> 12 // a number that JSON can carry
	}
	o.settings.Rate = o.Rate / spoutTasks
	return nil
}
