package worker

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets whose width is an eighth of their
// power of two, so that any percentile is within 7 % of the truth and adding
// costs a few instructions. The zero value is empty.
type histogram struct {
	buckets [64 * subBuckets]uint64
	count   uint64
	sum     int64
}

const (
	subBits    = 3
	subBuckets = 1 << subBits
)

func (h *histogram) add(ns int64) { h.addEach(ns, 1) }

// addEach adds a duration n times.
func (h *histogram) addEach(ns int64, n uint64) {
	if ns < 0 {
		ns = 0
	}
	h.buckets[bucketOf(uint64(ns))] += n
	h.count += n
	h.sum += ns * int64(n)
}

// bucketOf is ns itself below 8; above, its highest bit and the three after it.
func bucketOf(ns uint64) int {
	if ns < subBuckets {
		return int(ns)
	}
	shift := bits.Len64(ns) - 1 - subBits
	return (shift+1)<<subBits | int(ns>>shift)&(subBuckets-1)
}

// middleOf is the middle of a bucket.
func middleOf(bucket int) float64 {
	if bucket < subBuckets {
		return float64(bucket)
	}
	shift := bucket>>subBits - 1
	low := uint64(subBuckets|bucket&(subBuckets-1)) << shift
	return float64(low) + float64(uint64(1)<<shift)/2
}

// merge adds all durations of another.
func (h *histogram) merge(other *histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
	h.sum += other.sum
}

func (h *histogram) mean() float64 {
	if h.count == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.count)
}

func (h *histogram) percentile(p float64) float64 {
	rank := uint64(p * float64(h.count))
	for i, n := range h.buckets {
		if n > rank {
			return middleOf(i)
		}
		rank -= n
	}
	return 0
}

// latency sums the histogram up, nil where it is empty.
func (h *histogram) latency() *Latency {
	if h.count == 0 {
		return nil
	}
	const ms = float64(time.Millisecond)
	of := *h
	return &Latency{Mean: h.mean() / ms, P50: h.percentile(0.50) / ms, P99: h.percentile(0.99) / ms, of: &of}
}
