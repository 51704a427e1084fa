package peer

// Entries are the entries of cycles for which a worker is engaged: it has a live tree or
// proxy for each, on which it counts the tuples that come over a cyclic edge with that
// entry. R refers to a tree or proxy.
//
// A tuple that goes round a cycle of two workers would otherwise leave a proxy at each hop,
// each waiting for the next: two thousand after a thousand rounds. Engaged workers count
// the tuple where it entered, and acknowledge the hop at once (Dijkstra and Scholten).
type Entries[R comparable] struct{ engaged map[Entry]R }

// Find returns what the worker is engaged with for an entry.
func (e *Entries[R]) Find(entry Entry) (R, bool) {
	r, ok := e.engaged[entry]
	return r, ok
}

// Map engages the worker: a proxy has been planted for the entry.
func (e *Entries[R]) Map(entry Entry, r R) {
	if e.engaged == nil {
		e.engaged = make(map[Entry]R)
	}
	e.engaged[entry] = r
}

// Forget ends the engagement, when the proxy has ended or was forgotten with its
// connection. Another proxy may have taken its place in the meantime, which stays.
func (e *Entries[R]) Forget(entry Entry, r R) {
	if e.engaged[entry] == r {
		delete(e.engaged, entry)
	}
}

// Len is for how many entries the worker is engaged.
func (e *Entries[R]) Len() int { return len(e.engaged) }
