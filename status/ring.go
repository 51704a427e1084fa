package status

// ring keeps the last items of a sequence.
type ring[T any] struct {
	most  int
	items []T // oldest first
	total uint64
}

// add appends an item, and drops the oldest if there are too many.
func (r *ring[T]) add(item T) {
	r.total++
	r.items = append(r.items, item)
	if len(r.items) >= 2*r.most {
		// The oldest half goes at once, so that each item is moved once.
		r.items = append(make([]T, 0, 2*r.most), r.items[len(r.items)-r.most:]...)
	}
}

// last are the newest items, oldest first. They are borrowed.
func (r *ring[T]) last() []T { return r.items[max(0, len(r.items)-r.most):] }
