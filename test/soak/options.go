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
	For    time.Duration // of faults
	Every  time.Duration // a fault on average
	Report time.Duration // a line of progress
	Rate   float64       // new tuples per second, from all spout tasks together
	Only   string        // the fault to commit; empty for all of them
	Cut    bool          // end the run during the faults
	Drills int           // of each kind, for each worker
	TCP    bool          // several `gust worker`, which are started one by one
	Dir    string
	settings

	command []string  // that makes a component
	log     io.Writer // gets the progress
}

func defaultOptions(log io.Writer) options {
	return options{
		Gust: "gust", For: 10 * time.Minute, Every: 3 * time.Second, Report: time.Minute, Rate: 100, Drills: 1,
		settings: settings{
			FailOneIn: 1000, ForgetOneIn: 20000,
			MessageTimeout: 20 * time.Second, HangTimeout: 8 * time.Second, Workers: 1, Silence: 4 * time.Second,
		},
		log: log,
	}
}

func (o *options) addFlags(flags *flag.FlagSet) {
	flags.StringVar(&o.Gust, "gust", o.Gust, "test this gust `binary`")
	flags.DurationVar(&o.For, "for", o.For, "commit faults for this `duration`")
	flags.DurationVar(&o.Every, "every", o.Every, "commit a fault every `interval` on average")
	flags.DurationVar(&o.Report, "report", o.Report, "print a line of progress every `interval`")
	flags.Float64Var(&o.Rate, "rate", o.Rate, "emit `N` new tuples per second, from all spouts together")
	flags.Uint64Var(&o.Seed, "seed", 0, "use this random `seed` (default: a new one, which is printed)")
	flags.IntVar(&o.FailOneIn, "fail", o.FailOneIn, "fail one tuple in `N` in each bolt; 0 for none")
	flags.IntVar(&o.ForgetOneIn, "forget", o.ForgetOneIn, "never answer one tuple in `N` in each bolt; 0 for none")
	flags.DurationVar(&o.MessageTimeout, "timeout", o.MessageTimeout, "set topology.message.timeout.secs to this `duration`, in whole seconds")
	flags.DurationVar(&o.HangTimeout, "hang", o.HangTimeout, "set topology.subprocess.timeout.secs to this `duration`, in whole seconds")
	flags.IntVar(&o.Workers, "workers", o.Workers, "run the topology in `N` workers, up to 10, and harm them, too")
	flags.BoolVar(&o.TCP, "tcp", false, "start each of the workers by itself, with `gust worker`, and connect them over TCP")
	flags.DurationVar(&o.Silence, "silence", o.Silence, "set gust.peer.silence.secs to this `duration`, in whole seconds")
	flags.IntVar(&o.Drills, "drills", o.Drills, "with several workers, kill and stop each `N` times before the faults, and time the failures")
	flags.StringVar(&o.Only, "only", "", "commit only this `fault`, such as \"SIGKILL\" or \"stray output\"")
	flags.BoolVar(&o.Cut, "cut", false, "stop gust during the faults, instead of waiting until all tuples are acked")
	flags.StringVar(&o.Dir, "dir", "", "keep books and logs in this new `folder` (default: a temporary one, removed after success)")
}

// check completes the options.
func (o *options) check(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected arguments %q (want only flags)", args)
	}
	if o.Rate <= 0 || o.Every <= 0 || o.Report <= 0 || o.MessageTimeout < time.Second || o.HangTimeout < 3*time.Second {
		return errors.New("-rate, -every and -report must be more than 0, -timeout at least 1s and -hang at least 3s (a pause takes up to 1.5s)")
	}
	if o.Workers < 1 || o.Workers > 10 || o.Silence < time.Second || o.Drills < 0 {
		return errors.New("-workers must be 1 to 10, -silence at least 1s, and -drills not negative")
	}
	if o.TCP && (o.Workers == 1 || o.Cut) {
		return errors.New("-tcp needs several -workers, and does not go with -cut")
	}
	if o.Only != "" && !slices.Contains(faultNames(), o.Only) {
		return fmt.Errorf("unknown fault -only %q (want one of %q)", o.Only, faultNames())
	}
	gust, err := exec.LookPath(o.Gust)
	if err != nil {
		return fmt.Errorf("cannot find gust: %w\nhint: build it with `make build` and pass -gust bin/gust", err)
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
		o.Seed = rand.Uint64() >> 12 // a number that JSON can express
	}
	o.settings.Rate = o.Rate / spoutTasks
	o.Drain = 30 * time.Second
	if o.Cut {
		o.Drain = time.Second // so that some tuples remain
	}
	return nil
}
