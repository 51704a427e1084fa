package main

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// durationFlag is the value of a flag that takes a duration: a number is seconds,
// as for sparse, and a unit may follow it.
type durationFlag time.Duration

// String is the duration with its unit, such as "1m30s".
func (d *durationFlag) String() string { return time.Duration(*d).String() }

// Type is what the value is called in the help.
func (d *durationFlag) Type() string { return "duration" }

// Set takes a duration, which may be negative.
func (d *durationFlag) Set(text string) error {
	if secs, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(secs) < math.MaxInt64/float64(time.Second) {
		*d = durationFlag(secs * float64(time.Second))
		return nil
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("want a duration such as 500ms, 10s or 2m, or a number of seconds")
	}
	*d = durationFlag(span)
	return nil
}
