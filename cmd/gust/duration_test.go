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
		if err := d.Set(text); err != nil || d.Duration != want {
			t.Errorf("%s is %v, %v, want %v", text, d.Duration, err, want)
		}
	}
	for _, text := range []string{"", "abc", "10 s", "10d", "nan", "inf", "1e300", "10,5"} {
		var d durationFlag
		if err := d.Set(text); err == nil {
			t.Errorf("%q is taken for %v", text, d.Duration)
		}
	}
}

func TestDurationFlagInUnits(t *testing.T) {
	for _, tt := range []struct {
		flag durationFlag
		text string
		want time.Duration // 0 is an error
	}{
		{durationFlag{unit: time.Millisecond}, "1500", 1500 * time.Millisecond},
		{durationFlag{unit: time.Millisecond}, "2s", 2 * time.Second},
		{durationFlag{whole: true}, "30", 30 * time.Second},
		{durationFlag{whole: true}, "2m", 2 * time.Minute},
		{durationFlag{whole: true}, "1.5", 0},
		{durationFlag{whole: true}, "500ms", 0},
	} {
		if err := tt.flag.Set(tt.text); (err == nil) != (tt.want != 0) || err == nil && tt.flag.Duration != tt.want {
			t.Errorf("%s is %v, %v, want %v", tt.text, tt.flag.Duration, err, tt.want)
		}
	}
	unset := durationFlag{unset: true}
	if got := unset.String(); got != "" {
		t.Errorf("without a default the help shows %q", got)
	}
	if err := unset.Set("90s"); err != nil || unset.String() != "1m30s" {
		t.Errorf("90s is %q, %v", unset.String(), err)
	}
}
