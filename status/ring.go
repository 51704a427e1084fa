package status

import "slices"

// sized is something whose memory is known, about.
type sized interface{ size() int }

// bounded keeps the last items of many, within a bound of their number and of their memory.
type bounded[T sized] struct {
	most, mostBytes int
	list            []T // oldest first
	bytes           int
}

// add appends an item, and drops the oldest if there are too many.
func (b *bounded[T]) add(item T) {
	b.list = append(b.list, item)
	b.bytes += item.size()
	for len(b.list) > b.most || b.bytes > b.mostBytes {
		b.bytes -= b.list[0].size()
		clear(b.list[:1])
		b.list = b.list[1:]
	}
}

// remove drops the item with an index.
func (b *bounded[T]) remove(i int) {
	b.bytes -= b.list[i].size()
	b.list = slices.Delete(b.list, i, i+1)
}

// ring keeps the last items of a sequence.
type ring[T any] struct {
	most  int
	items []T // oldest first
}

// add appends an item, and drops the oldest if there are too many.
func (r *ring[T]) add(item T) {
	r.items = append(r.items, item)
	if len(r.items) >= 2*r.most {
		// The oldest half goes at once, so that each item is moved once.
		r.items = append(make([]T, 0, 2*r.most), r.items[len(r.items)-r.most:]...)
	}
}

// last are the newest items, oldest first. They are borrowed.
func (r *ring[T]) last() []T { return r.items[max(0, len(r.items)-r.most):] }
