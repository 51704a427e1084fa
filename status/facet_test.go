package status

import (
	"slices"
	"testing"
	"time"

	"gust/worker"
)

func TestFailuresOverTime(t *testing.T) {
	start := time.Date(2026, 5, 4, 3, 2, 0, 0, time.UTC)
	l := facetLog{}
	fail := func(minute int, component, headline string, n int) {
		for range n {
			l.count(&Failure{Time: start.Add(time.Duration(minute)*time.Minute + 30*time.Second), Reason: worker.FailedByBolt, Headline: headline,
				Cause: &FailedTuple{Component: component}})
		}
	}
	fail(0, "count", "e", 3)
	fail(1, "count", "e", 5)
	fail(1, "split", "e", 7)
	fail(4, "count", "other", 1)
	counts := func(filter FailureFilter, most int) (list []uint64) {
		for _, s := range l.spans(&filter, most) {
			list = append(list, s.Count)
		}
		return list
	}
	for _, c := range []struct {
		name   string
		filter FailureFilter
		most   int
		want   []uint64
	}{
		{"all", FailureFilter{}, 10, []uint64{3, 12, 0, 0, 1}},
		{"of a component", FailureFilter{Component: "count", Since: start.Add(time.Hour)}, 10, []uint64{3, 5, 0, 0, 1}},
		{"in fewer spans", FailureFilter{}, 3, []uint64{15, 0, 1}},
		{"in one, as far as its edges allow", FailureFilter{}, 2, []uint64{15, 1}},
		{"none", FailureFilter{Component: "nobody"}, 10, nil},
	} {
		if got := counts(c.filter, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if s := l.spans(&FailureFilter{}, 10)[1]; !s.From.Equal(start.Add(time.Minute)) || !s.Until.Equal(start.Add(2*time.Minute)) {
		t.Errorf("the second span is %+v", s)
	}
	minute := FailureFilter{Since: start.Add(time.Minute), Until: start.Add(2 * time.Minute)}
	if got := l.picked(&minute); len(got) != 2 || got[0].Component != "split" || got[0].Count != 7 || got[1].Count != 5 || got[0].Minutes != nil {
		t.Errorf("in the second minute: %+v", got)
	}
	// The minutes are bounded, and those before them are in the count only.
	for i := range 2 * mostFailureMinutes {
		fail(10+i, "long", "e", 1)
	}
	if got := counts(FailureFilter{Component: "long"}, 10); sum(got) != mostFailureMinutes || len(got) > 10 {
		t.Errorf("the last minutes: %v", got)
	}
	if got := l.picked(&FailureFilter{Component: "long"}); got[0].Count != 2*mostFailureMinutes {
		t.Errorf("all: %+v", got)
	}
}

func sum(list []uint64) (n uint64) {
	for _, v := range list {
		n += v
	}
	return n
}
