package histogram

import (
	"math"
	"math/rand/v2"
	"reflect"
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
			var h Histogram
			values := make([]float64, 20_000)
			sum := 0.0
			for i := range values {
				ns := int64(c.next())
				h.Add(ns)
				values[i] = float64(ns)
				sum += values[i]
			}
			slices.Sort(values)
			for _, p := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999} {
				got, want := h.Counts().Percentile(p), values[int(p*float64(len(values)))]
				if math.Abs(got-want) > 0.07*want {
					t.Errorf("p%v is %v, want %v", 100*p, got, want)
				}
			}
			if got, want := h.Counts().Mean(), sum/float64(len(values)); math.Abs(got-want) > 1e-6*want {
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

func TestCountsOfFewValues(t *testing.T) {
	var h Histogram
	if got := h.Counts(); got.Count != 0 || got.Mean() != 0 || got.Percentile(0.5) != 0 {
		t.Errorf("an empty histogram counts %+v", got)
	}
	h.Add(-5) // a clock that went back
	if got := h.Counts(); got.Mean() != 0 || got.Percentile(0.5) != 0 || got.Percentile(0.99) != 0 {
		t.Errorf("a negative duration counts as %+v", got)
	}
	var one Histogram
	one.Add(int64(20 * time.Millisecond))
	got := one.Counts()
	if got.Mean() != 20e6 || math.Abs(got.Percentile(0.5)-20e6) > 1.4e6 || got.Percentile(1) != got.Percentile(0.5) {
		t.Errorf("one value of 20 ms: mean %v, median %v, greatest %v", got.Mean(), got.Percentile(0.5), got.Percentile(1))
	}
}

// What two histograms counted, added up, is what one counts that was given both;
// and what was counted since an earlier moment is what came after it.
func TestCountsAddUpAndSubtract(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 8))
	var first, second, both Histogram
	for range 1000 {
		a, b := int64(rnd.ExpFloat64()*1e6), int64(rnd.ExpFloat64()*1e9)
		first.Add(a)
		second.Add(b)
		both.Add(a)
	}
	early := both.Counts()
	sum := first.Counts().Plus(second.Counts())
	rnd = rand.New(rand.NewPCG(2, 8))
	for range 1000 {
		rnd.ExpFloat64()
		both.Add(int64(rnd.ExpFloat64() * 1e9))
	}
	late := both.Counts()
	if !reflect.DeepEqual(sum, late) {
		t.Errorf("the sum is %+v, want %+v", sum, late)
	}
	since := late.Since(early)
	want := second.Counts()
	if since.Count != want.Count || since.Sum != want.Sum {
		t.Errorf("since then %d of %d ns, want %d of %d", since.Count, since.Sum, want.Count, want.Sum)
	}
	for _, p := range []float64{0, 0.5, 0.9, 0.99, 1} {
		if p < 1 && since.Percentile(p) != want.Percentile(p) {
			t.Errorf("since then p%v is %v, want %v", 100*p, since.Percentile(p), want.Percentile(p))
		}
	}
	for _, none := range []Counts{early.Since(early), Counts{}.Plus(Counts{})} {
		if none.Count != 0 || none.Sum != 0 || none.Percentile(0.5) != 0 {
			t.Errorf("nothing counts as %+v", none)
		}
	}
}

func TestCountsBelow(t *testing.T) {
	var h Histogram
	for _, ns := range []int64{1, 10, 100, 1000, 10_000} {
		h.Add(ns)
	}
	c := h.Counts()
	for bound, want := range map[int64]uint64{0: 0, 1: 0, 2: 1, 50: 2, 500: 3, 5000: 4, math.MaxInt64: 5} {
		if got := c.Below(bound); got != want {
			t.Errorf("%d are below %d ns, want %d", got, bound, want)
		}
	}
}
