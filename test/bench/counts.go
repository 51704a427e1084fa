package main

import (
	"encoding/binary"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
)

// tally is the counts of a component's tasks: struct counts of fastchild.c. A Python
// component has its first two fields.
type tally struct {
	tuples, acks, fails int64
	busy                int64 // nanoseconds
	latency             histogram
}

// counts are the tallies by component.
type counts map[string]tally

// readCounts reads the children's counts so far. They add to mapped files, so it does not
// disturb them.
func readCounts(dir string) (counts, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	c := counts{}
	for _, entry := range entries {
		component, _, ok := strings.Cut(entry.Name(), "-")
		if !ok {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		t := c[component]
		t.add(raw)
		c[component] = t
	}
	return c, nil
}

func (t *tally) add(raw []byte) {
	at := func(i int) int64 {
		if 8*i+8 > len(raw) {
			return 0
		}
		return int64(binary.NativeEndian.Uint64(raw[8*i:]))
	}
	t.tuples += at(0)
	t.acks += at(1)
	t.fails += at(2)
	t.busy += at(3)
	const first = 4 // the histogram's place
	for i := first; i < len(raw)/8; i++ {
		if n := at(i); n > 0 {
			t.latency.add(i-first, n)
		}
	}
}

// histogram counts durations by bucket.
type histogram map[int]int64

func (h *histogram) add(bucket int, n int64) {
	if *h == nil {
		*h = histogram{}
	}
	(*h)[bucket] += n
}

// since is the difference to an earlier state.
func (h histogram) since(earlier histogram) histogram {
	diff := histogram{}
	for bucket, n := range h {
		if n -= earlier[bucket]; n > 0 {
			diff[bucket] = n
		}
	}
	return diff
}

// quantile is the duration in nanoseconds below which a share q of all are; 0 if there
// are none.
func (h histogram) quantile(q float64) float64 {
	var sum, seen int64
	most := 0
	for bucket, n := range h {
		sum += n
		most = max(most, bucket)
	}
	for bucket := 0; bucket <= most; bucket++ {
		if seen += h[bucket]; seen > 0 && float64(seen) >= q*float64(sum) {
			return bucketTop(bucket)
		}
	}
	return 0
}

// subBits is fastchild.c's: a power of two has 32 buckets.
const subBits = 5

// bucketTop is the end of a bucket, in nanoseconds.
func bucketTop(bucket int) float64 {
	const sub = 1 << subBits
	power := max(0, bucket/sub-1)
	return float64(uint64(bucket-power*sub+1) << power)
}

// bucketOf is the bucket of a duration in nanoseconds, as fastchild.c has it.
func bucketOf(nanos uint64) int {
	power := max(0, bits.Len64(nanos)-1-subBits)
	return power<<subBits + int(nanos>>power)
}
