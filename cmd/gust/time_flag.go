package main

import (
	"errors"
	"time"
)

// timeFlag is the value of a flag that takes a point in time: a time of day, a date and time,
// or for how long ago a duration. It is zero if it is not set.
type timeFlag struct{ time.Time }

// String is the time; empty if it is not set.
func (t *timeFlag) String() string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// Type is the value's name in the help.
func (t *timeFlag) Type() string { return "time" }

// Set takes a time. A time of day is the last one, not one to come.
func (t *timeFlag) Set(text string) error {
	now := time.Now()
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		t.Time = now.Add(-ago)
		return nil
	}
	for _, layout := range []string{"15:04", time.TimeOnly} {
		if of, err := time.Parse(layout, text); err == nil {
			t.Time = time.Date(now.Year(), now.Month(), now.Day(), of.Hour(), of.Minute(), of.Second(), 0, time.Local)
			if t.After(now) {
				t.Time = t.AddDate(0, 0, -1)
			}
			return nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			t.Time = at
			return nil
		}
	}
	return errors.New("want a time such as 12:30 or 2026-01-31T12:30, or a duration such as 10m for how long ago")
}
