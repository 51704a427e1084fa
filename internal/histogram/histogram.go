// Package histogram counts durations so that their percentiles can be told, and
// the counts of several histograms or of two moments can be added and subtracted.
package histogram

import "math/bits"

// Histogram counts durations in buckets whose width is an eighth of their
// power of two, so that any percentile is within 7 % of the truth and adding
// costs a few instructions. The zero value is empty. It belongs to one
// goroutine; its [Counts] are for all.
type Histogram struct {
	buckets [64 * subBuckets]uint64
	count   uint64
	sum     int64
}

const (
	subBits    = 3
	subBuckets = 1 << subBits
)

// Add adds a duration in nanoseconds. A negative one counts as 0.
func (h *Histogram) Add(ns int64) { h.AddEach(ns, 1) }

// AddEach adds a duration n times.
func (h *Histogram) AddEach(ns int64, n uint64) {
	if ns < 0 {
		ns = 0
	}
	h.buckets[bucketOf(uint64(ns))] += n
	h.count += n
	h.sum += ns * int64(n)
}

// Counts returns a copy of what has been counted so far.
func (h *Histogram) Counts() Counts {
	c := Counts{Count: h.count, Sum: h.sum}
	if h.count == 0 {
		return c
	}
	first, last := 0, len(h.buckets)
	for h.buckets[first] == 0 {
		first++
	}
	for h.buckets[last-1] == 0 {
		last--
	}
	c.First = first
	c.Buckets = append(c.Buckets, h.buckets[first:last]...)
	return c
}

// bucketOf is ns itself below 8; above, its highest bit and the three after it.
func bucketOf(ns uint64) int {
	if ns < subBuckets {
		return int(ns)
	}
	shift := bits.Len64(ns) - 1 - subBits
	return (shift+1)<<subBits | int(ns>>shift)&(subBuckets-1)
}

// boundsOf is the least duration of a bucket, and its width.
func boundsOf(bucket int) (low, width uint64) {
	if bucket < subBuckets {
		return uint64(bucket), 1
	}
	shift := bucket>>subBits - 1
	return uint64(subBuckets|bucket&(subBuckets-1)) << shift, 1 << shift
}

// middleOf is the middle of a bucket.
func middleOf(bucket int) float64 {
	low, width := boundsOf(bucket)
	if width == 1 {
		return float64(low)
	}
	return float64(low) + float64(width)/2
}
