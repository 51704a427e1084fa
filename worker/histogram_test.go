package worker

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestPercentilesAreWithinSevenPercent(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 4))
	for _, c := range []struct {
		name string
		next func() float64
	}{
		{"uniform", func() float64 { return rnd.Float64() * 1e9 }},
		{"exponential", func() float64 { return rnd.ExpFloat64() * 3e6 }},
		{"log-normal", func() float64 { return math.Exp(rnd.NormFloat64()*2 + 12) }},
		{"two modes", func() float64 { return []float64{2e5, 4e8}[rnd.IntN(2)] * (1 + rnd.Float64()/10) }},
		{"constant", func() float64 { return 1e6 }},
		{"hours", func() float64 { return float64(time.Hour) * (1 + rnd.Float64()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h histogram
			values := make([]float64, 20_000)
			sum := 0.0
			for i := range values {
				ns := int64(c.next())
				h.add(ns)
				values[i] = float64(ns)
				sum += values[i]
			}
			slices.Sort(values)
			for _, p := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999} {
				got, want := h.percentile(p), values[int(p*float64(len(values)))]
				if math.Abs(got-want) > 0.07*want {
					t.Errorf("p%v is %v, want %v", 100*p, got, want)
				}
			}
			if got, want := h.mean(), sum/float64(len(values)); math.Abs(got-want) > 1e-6*want {
				t.Errorf("the mean is %v, want %v", got, want)
			}
		})
	}
}

func TestBucketsAreInOrderAndWithinSevenPercent(t *testing.T) {
	last := -1
	for _, ns := range []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 1000, 1 << 20, 1<<20 + 1<<17, 1<<62 - 1, 1 << 62, math.MaxInt64} {
		bucket := bucketOf(ns)
		if bucket < last {
			t.Errorf("the bucket of %d is %d, before that of a smaller value: %d", ns, bucket, last)
		}
		last = bucket
		if got := middleOf(bucket); math.Abs(got-float64(ns)) > 0.07*float64(ns) {
			t.Errorf("the middle of the bucket of %d is %v", ns, got)
		}
	}
}

func TestHistogramOfFewValues(t *testing.T) {
	var h histogram
	if h.latency() != nil {
		t.Error("an empty histogram has a latency")
	}
	h.add(-5) // a clock that went back
	if got := h.latency(); got.Mean != 0 || got.P50 != 0 || got.P99 != 0 {
		t.Errorf("a negative duration counts as %+v", got)
	}
	var one histogram
	one.add(int64(20 * time.Millisecond))
	got := one.latency()
	if got.Mean != 20 || math.Abs(got.P50-20) > 1.4 || got.P99 != got.P50 {
		t.Errorf("one value of 20 ms: %+v", got)
	}
}

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
