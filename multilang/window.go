package multilang

// window is the part of a child's output that has been read and not been decoded. It is
// in the chunk that the caller lends, where only the head of an incomplete message is
// copied; or, for a message that outgrows half the chunk, in memory of its own. That
// memory doubles, so that copying is linear in the message however small its pieces are.
// It is kept for a while, since a child that sends one large message may send another: in
// a profile with 1 MiB tuples, 42 % of the CPU time went into new memory and copies, and
// 11 % into scanning (docs/performance.md).
type window struct {
	unread []byte
	lent   bool   // unread lies in the chunk
	kept   []byte // where Keep saves small heads; reused
	large  []byte // the memory of the last large message
	spared int    // how often Keep has been called since that was needed
	half   int    // half the chunk's size
	limit  int    // of a message
}

// Fill implements [Decoder].
func (w *window) Fill(chunk []byte, read func([]byte) (int, error)) (int, error) {
	w.half = len(chunk) / 2
	if len(w.unread) <= w.half {
		head := copy(chunk, w.unread)
		n, err := read(chunk[head:])
		w.unread, w.lent = chunk[:head+n], true
		return n, err
	}
	if w.lent || cap(w.unread)-len(w.unread) < w.half {
		w.takeOwnMemory()
	}
	head := len(w.unread)
	n, err := read(w.unread[head:cap(w.unread)])
	w.unread = w.unread[:head+n]
	return n, err
}

// takeOwnMemory moves what is unread to larger memory of the window's own. A message
// may still grow to the limit and no further.
func (w *window) takeOwnMemory() {
	size := max(len(w.unread), min(2*len(w.unread), w.limit)) + w.half
	if cap(w.large) < size {
		w.large = make([]byte, 0, size)
	}
	w.unread, w.lent = append(w.large[:0], w.unread...), false
	w.spared = 0
}

// Memory beyond keepLarge is given back when its message is done, other memory
// when so many reads have done without it.
const (
	keepLarge    = 4 << 20
	keepLargeFor = 256
)

// Keep implements [Decoder].
func (w *window) Keep() {
	switch {
	case len(w.unread) <= w.half:
		w.kept = append(w.kept[:0], w.unread...)
		w.unread, w.lent = w.kept, false
		if w.spared++; cap(w.large) > keepLarge || w.spared > keepLargeFor {
			w.large = nil
		}
	case w.lent:
		w.takeOwnMemory()
	}
}

// Rest implements [Decoder].
func (w *window) Rest() []byte { return w.unread }

// take drops the first n bytes.
func (w *window) take(n int) { w.unread = w.unread[n:] }
