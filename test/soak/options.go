package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// options are the flags.
type options struct {
	Gust   string
	For    time.Duration // of chaos
	Every  time.Duration // a fault on average
	Report time.Duration // a line of progress
	Rate   float64       // new tuples a second, of all spout tasks together
	Only   string        // the fault to commit; empty for all of them
	Cut    bool          // end the run in the midst of everything
	Dir    string
	settings

	command []string  // that makes a component
	log     io.Writer // gets the progress
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
	flags.BoolVar(&o.Cut, "cut", false, "stop gust in the midst of the chaos, instead of waiting until all is acked")
	flags.StringVar(&o.Dir, "dir", "", "keep books and logs in this `folder`, which must not exist (default: a temporary one, removed after success)")
}

// check completes the options.
func (o *options) check(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("there are no arguments, only flags: %q", args)
	}
	if o.Rate <= 0 || o.Every <= 0 || o.Report <= 0 || o.MessageTimeout < time.Second || o.HangTimeout < 3*time.Second {
		return errors.New("-rate, -every and -report must be more than 0, -timeout at least 1s and -hang at least 3s (a pause takes up to 1.5s)")
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
	o.Drain = 30 * time.Second
	if o.Cut {
		o.Drain = time.Second // so that some tuples remain
	}
	return nil
}
