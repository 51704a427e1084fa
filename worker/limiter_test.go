package worker

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	const second = int64(time.Second)
	type step struct {
		at     int64
		kind   string
		show   bool
		hidden uint64
	}
	for _, c := range []struct {
		name     string
		most     int
		interval time.Duration
		steps    []step
	}{
		{"so many per interval, then counted", 2, 10 * time.Second, []step{
			{0, "a", true, 0}, {1, "a", true, 0}, {2, "a", false, 0}, {3 * second, "a", false, 0},
			{10 * second, "a", true, 2}, {10 * second, "a", true, 0}, {11 * second, "a", false, 0},
		}},
		{"kinds do not share", 1, time.Second, []step{
			{0, "a", true, 0}, {0, "b", true, 0}, {0, "a", false, 0}, {0, "b", false, 0}, {second, "b", true, 1},
		}},
		{"none", 0, time.Second, []step{{0, "a", false, 0}, {2 * second, "a", false, 0}}},
		{"no interval", 1, 0, []step{{0, "a", true, 0}, {0, "a", true, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLimiter(c.most, c.interval)
			for i, s := range c.steps {
				if show, hidden := l.allow(s.kind, s.at); show != s.show || hidden != s.hidden {
					t.Errorf("step %d: show %v, hidden %d; want %v, %d", i, show, hidden, s.show, s.hidden)
				}
			}
		})
	}
}

func TestLimiterTellsWhatItHidWhenThingsAreCalm(t *testing.T) {
	l := newLimiter(1, time.Second)
	for range 4 {
		l.allow("a", 0)
	}
	l.allow("b", 0)
	told := map[string]uint64{}
	report := func(kind string, hidden uint64) { told[kind] += hidden }
	l.calm(int64(time.Second)-1, report)
	if len(told) > 0 {
		t.Errorf("told %v within the interval", told)
	}
	l.calm(int64(time.Second), report)
	l.calm(int64(2*time.Second), report)
	if fmt.Sprint(told) != fmt.Sprint(map[string]uint64{"a": 3}) {
		t.Errorf("told %v, want three of a, once", told)
	}
	if _, hidden := l.allow("a", int64(3*time.Second)); hidden != 0 {
		t.Errorf("%d hidden complaints were told twice", hidden)
	}
}
