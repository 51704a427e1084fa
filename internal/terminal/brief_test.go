package terminal

import "testing"

func TestBrief(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999: "999", 9999: "9999", 10_000: "10.0k", 34_567: "34.6k", 99_949: "99.9k", 99_960: "100k", 999_400: "999k", 999_960: "1.0M", 4.5e9: "4.5G"} {
		if got := Brief(n); got != want {
			t.Errorf("Brief(%v) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float32]string{0: "0", 0.04: "0.0", 0.4: "0.4", 3: "3", 9.94: "9.9", 9.96: "10", 12.4: "12"} {
		if got := BriefRate(n); got != want {
			t.Errorf("BriefRate(%v) = %s, want %s", n, got, want)
		}
	}
	for ms, want := range map[float64]string{0: "0", 0.35: "350µs", 0.96: "1.0ms", 1.24: "1.2ms", 12.4: "12ms", 1234: "1.2s", 120_000: "120s"} {
		if got := BriefMillis(ms); got != want {
			t.Errorf("BriefMillis(%v) = %s, want %s", ms, got, want)
		}
	}
	for secs, want := range map[float64]string{-1: "0s", 0: "0s", 59.9: "59s", 60: "1m", 724: "12m 4s", 3600: "1h", 11_220: "3h 7m", 90_000: "1d 1h"} {
		if got := BriefSpan(secs); got != want {
			t.Errorf("BriefSpan(%v) = %s, want %s", secs, got, want)
		}
	}
}
