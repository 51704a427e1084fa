package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"gust/internal/terminal"
)

// durationFlag is the value of a flag that takes a duration, such as 500ms, 10s or 2m. A
// plain number has the unit that it has in sparse.
type durationFlag struct {
	time.Duration
	unit  time.Duration // of a plain number; 0 is a second
	whole bool          // the duration must be whole units
	unset bool          // there is no default, and the command line has not set it
}

// String is the duration, such as "1m30s"; empty if it is not set.
func (d *durationFlag) String() string {
	if d.unset {
		return ""
	}
	return terminal.Span(d.Duration)
}

// Type is the value's name in the help.
func (d *durationFlag) Type() string { return "duration" }

// Set takes a duration, which may be negative.
func (d *durationFlag) Set(text string) error {
	unit := cmp.Or(d.unit, time.Second)
	name := map[time.Duration]string{time.Second: "seconds", time.Millisecond: "milliseconds"}[unit]
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err == nil && math.Abs(n) < math.MaxInt64/float64(unit):
		d.Duration = time.Duration(n * float64(unit))
	default:
		if d.Duration, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("want a duration such as 500ms, 10s or 2m, or a number of %s", name)
		}
	}
	if d.whole && d.Duration%unit != 0 {
		return errors.New("want whole " + name)
	}
	d.unset = false
	return nil
}

// waitFlag declares --wait, which Nimbus takes in whole seconds. duration is the default;
// if it is negative, Nimbus chooses.
func (d *durationFlag) waitFlag(flags *pflag.FlagSet, duration time.Duration, usage string) {
	*d = durationFlag{Duration: duration, whole: true, unset: duration < 0}
	flags.Var(d, "wait", usage)
}

// checkWait returns an error if --wait is negative or too large.
func (d *durationFlag) checkWait() error {
	if !d.unset && (d.Duration < 0 || d.Duration > math.MaxInt32*time.Second) {
		return fmt.Errorf("--wait must be from 0 to %d seconds, not %s", math.MaxInt32, d)
	}
	return nil
}
