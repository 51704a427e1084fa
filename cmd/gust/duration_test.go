package main

import (
	"testing"
	"time"
)

func TestDurationFlag(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10": 10 * time.Second, "0.5": 500 * time.Millisecond, "1e1": 10 * time.Second, "0": 0, "-3": -3 * time.Second,
		"500ms": 500 * time.Millisecond, "10s": 10 * time.Second, "2m": 2 * time.Minute, "1h30m": 90 * time.Minute,
	} {
		var d durationFlag
		if err := d.Set(text); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v, want %v", text, time.Duration(d), err, want)
		}
	}
	for _, text := range []string{"", "abc", "10 s", "10d", "nan", "inf", "1e300", "10,5"} {
		var d durationFlag
		if err := d.Set(text); err == nil {
			t.Errorf("%q is taken for %v", text, time.Duration(d))
		}
	}
}
