package histogram

// Counts are what a [Histogram] had counted at some moment. They are a value:
// nobody changes them, so that they may be shared between goroutines.
type Counts struct {
	First   int      // the number of the first bucket in Buckets
	Buckets []uint64 // from the first bucket with a count to the last
	Count   uint64   // of durations
	Sum     int64    // of all durations, in nanoseconds
}

// Plus is what both have counted.
func (c Counts) Plus(other Counts) Counts {
	switch {
	case other.Count == 0:
		return c
	case c.Count == 0:
		return other
	}
	first := min(c.First, other.First)
	last := max(c.First+len(c.Buckets), other.First+len(other.Buckets))
	sum := Counts{First: first, Buckets: make([]uint64, last-first), Count: c.Count + other.Count, Sum: c.Sum + other.Sum}
	for _, part := range []Counts{c, other} {
		for i, n := range part.Buckets {
			sum.Buckets[part.First-first+i] += n
		}
	}
	return sum
}

// Since is what has been counted since an earlier moment of the same histogram.
func (c Counts) Since(earlier Counts) Counts {
	switch {
	case earlier.Count == 0:
		return c
	case c.Count == earlier.Count:
		return Counts{}
	}
	diff := Counts{First: c.First, Buckets: make([]uint64, len(c.Buckets)), Count: c.Count - earlier.Count, Sum: c.Sum - earlier.Sum}
	copy(diff.Buckets, c.Buckets)
	for i, n := range earlier.Buckets {
		diff.Buckets[earlier.First-c.First+i] -= n
	}
	return diff
}

// Mean is the mean duration in nanoseconds, 0 if there is none.
func (c Counts) Mean() float64 {
	if c.Count == 0 {
		return 0
	}
	return float64(c.Sum) / float64(c.Count)
}

// Percentile is the duration in nanoseconds below which the part p (0 to 1) of all
// lies; 0 if there is none.
func (c Counts) Percentile(p float64) float64 {
	rank := uint64(p * float64(c.Count))
	for i, n := range c.Buckets {
		if n > rank {
			return middleOf(c.First + i)
		}
		rank -= n
	}
	if len(c.Buckets) > 0 { // p is 1
		return middleOf(c.First + len(c.Buckets) - 1)
	}
	return 0
}

// Below is how many durations lie below a bound in nanoseconds, to the width of a
// bucket: one that the bound cuts counts as below.
func (c Counts) Below(bound int64) (n uint64) {
	for i, count := range c.Buckets {
		if low, _ := boundsOf(c.First + i); int64(low) >= bound {
			break
		}
		n += count
	}
	return n
}
