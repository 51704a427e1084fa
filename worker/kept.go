package worker

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// keptValues remembers the values of the tuples that were emitted last, so that a
// failure can be shown with them. Copying a tuple's bytes into one ring costs a few
// nanoseconds, no allocation, and no more memory than the ring has: a tuple that
// fails so late that the ring has come round is shown without its values.
type keptValues struct {
	ring []byte // nil: nothing is kept
	end  uint64 // how many bytes have been put into the ring, in all
}

// kept is where a tuple's values are, or were. The zero value is nowhere.
type kept struct {
	at   uint64 // of the first byte, counted like end
	size uint32 // of the values, even if not all of them were kept
}

const (
	keptRing = 4 << 20
	keptMost = 16 << 10 // of larger tuples, only the beginning is kept
)

// open makes the ring. It is not on Go's heap, which would grow by twice its size, and
// takes memory only as far as it has been filled.
func (k *keptValues) open() (err error) {
	k.ring, err = unix.Mmap(-1, 0, keptRing, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("no memory for the values of tuples: %w", err)
	}
	return nil
}

// close gives the ring back.
func (k *keptValues) close() {
	if k.ring != nil {
		_ = unix.Munmap(k.ring) // it is known to be mapped
		k.ring = nil
	}
}

// whole says whether all of the values were kept.
func (p kept) whole() bool { return p.size <= keptMost }

// keep copies a tuple's values.
func (k *keptValues) keep(values []byte) kept {
	if k.ring == nil {
		return kept{}
	}
	place := kept{at: k.end, size: uint32(min(len(values), math.MaxUint32))}
	values = values[:min(len(values), keptMost)]
	size := uint64(len(values))
	i := k.end % keptRing
	if i+size > keptRing { // it would wrap: the rest of the ring stays unused
		k.end += keptRing - i
		place.at, i = k.end, 0
	}
	copy(k.ring[i:], values)
	k.end += size
	return place
}

// values are a tuple's values, or the beginning of large ones: nil if they were not
// kept, or are no longer. They are borrowed until the next keep.
func (k *keptValues) values(p kept) []byte {
	if p.size == 0 || k.end-p.at > keptRing {
		return nil
	}
	i := p.at % keptRing
	return k.ring[i : i+uint64(min(p.size, keptMost))]
}
