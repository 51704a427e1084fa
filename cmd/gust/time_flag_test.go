package main

import (
	"testing"
	"time"
)

func TestTimeFlag(t *testing.T) {
	now := time.Now()
	day := func(h, m, s int) time.Time {
		at := time.Date(now.Year(), now.Month(), now.Day(), h, m, s, 0, time.Local)
		if at.After(now) {
			at = at.AddDate(0, 0, -1)
		}
		return at
	}
	for text, want := range map[string]time.Time{
		"10m":                  now.Add(-10 * time.Minute),
		"0s":                   now,
		"00:00":                day(0, 0, 0),
		"23:59:58":             day(23, 59, 58),
		"2026-01-31T12:30":     time.Date(2026, 1, 31, 12, 30, 0, 0, time.Local),
		"2026-01-31 12:30:05":  time.Date(2026, 1, 31, 12, 30, 5, 0, time.Local),
		"2026-01-31":           time.Date(2026, 1, 31, 0, 0, 0, 0, time.Local),
		"2026-01-31T12:30:00Z": time.Date(2026, 1, 31, 12, 30, 0, 0, time.UTC),
	} {
		var flag timeFlag
		if err := flag.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if d := flag.Sub(want); d < 0 || d > time.Minute {
			t.Errorf("%s is %s, want %s", text, flag.Time, want)
		}
	}
	for _, text := range []string{"", "now", "-10m", "25:00", "2026-13-01", "yesterday"} {
		var flag timeFlag
		if err := flag.Set(text); err == nil {
			t.Errorf("%q is %s", text, flag.Time)
		}
	}
}
