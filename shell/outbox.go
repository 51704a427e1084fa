package shell

import (
	"golang.org/x/sys/unix"
)

// Outbox gathers what is to be written to a child, so that one system call writes all
// that has come since the last one. It has no limit: its owner looks at Len, and pauses
// what fills it (worker/pause.go).
//
// The zero value is empty and ready. It belongs to one goroutine.
type Outbox struct {
	// Buf is appended to: out.Buf = codec.AppendTuple(out.Buf, ...).
	Buf []byte
	// First is appended to as well. It overtakes what waits in Buf, after the message
	// there that has been written in part. It needs End.
	First []byte
	// End returns the index after the first message of a buffer of whole ones. It must be
	// set before the first use of First; until then the outbox does not look for messages.
	End func(b []byte) int

	gone      uint64 // bytes that are no longer in Buf: written, or dropped
	sent      int    // how much of Buf has been written
	firstSent int    // how much of First
	onFirst   bool   // First has been written in part
	// begun is where some message of Buf begins, from which the end of the one that has
	// been written in part can be found. It is -1 if that is unknown.
	begun int
	// Tap, if it is not nil, is called with what has been written, piece by piece. The
	// slice is borrowed, and valid until Tap returns.
	Tap func(written []byte)
}

// keepCap is how much memory an empty outbox keeps: as much as may wait below the second
// mark of worker/pause.go. With the size of a pipe, each tuple of a megabyte would take
// new memory, which is twice the work of copying it.
const keepCap = 4 << 20

// Len is the number of bytes that wait.
func (o *Outbox) Len() int { return len(o.Buf) - o.sent + len(o.First) - o.firstSent }

// Put is how many bytes have been put into Buf, since the outbox was new.
func (o *Outbox) Put() uint64 { return o.gone + uint64(len(o.Buf)) }

// Gone is how many of those are gone again: written, or dropped.
func (o *Outbox) Gone() uint64 { return o.gone + uint64(o.sent) }

// Reset drops what waits.
func (o *Outbox) Reset() {
	o.gone += uint64(len(o.Buf))
	o.Buf, o.sent, o.begun = emptied(o.Buf), 0, 0
	o.First, o.firstSent, o.onFirst = emptied(o.First), 0, false
}

// emptied is a slice without its elements, and without its memory if that is large.
func emptied(b []byte) []byte {
	if cap(b) > keepCap {
		return nil
	}
	return b[:0]
}

// Release drops what waits, and the memory that it was in.
func (o *Outbox) Release() {
	o.Reset()
	o.Buf, o.First = nil, nil
}

// WriteTo writes as much as a pipe takes without blocking; write is its system call. It
// returns whether something is left, and an error such as EPIPE, after which nothing can be
// written any more. Buf and First must have whole messages.
func (o *Outbox) WriteTo(write func(p []byte) (int, error)) (left bool, err error) {
	for o.Len() > 0 {
		part, sent := o.part()
		n, err := write(part)
		if n > 0 {
			if o.Tap != nil {
				o.Tap(part[:n])
			}
			*sent += n
		}
		switch err {
		case nil, unix.EINTR:
		case unix.EAGAIN:
			o.compact()
			return true, nil
		default:
			return true, err
		}
	}
	o.Reset()
	return false, nil
}

// part is what to write next, and the count to which what was written belongs.
func (o *Outbox) part() (part []byte, sent *int) {
	if o.firstSent == len(o.First) {
		o.First, o.firstSent, o.onFirst = emptied(o.First), 0, false
		return o.Buf[o.sent:], &o.sent
	}
	if !o.onFirst {
		if end := o.boundary(); end > o.sent {
			return o.Buf[o.sent:end], &o.sent
		}
	}
	o.onFirst = true
	return o.First[o.firstSent:], &o.firstSent
}

// boundary is where the message of Buf ends that has been written in part, or sent if
// there is none. It looks at no byte twice.
func (o *Outbox) boundary() int {
	if o.begun < 0 {
		o.begun = len(o.Buf)
	}
	for o.begun < o.sent {
		o.begun += o.End(o.Buf[o.begun:])
	}
	return o.begun
}

// compact moves what is left to the front when at least half has been written,
// so that a byte is moved once on average, however slowly the child reads.
func (o *Outbox) compact() {
	if o.firstSent > len(o.First)/2 {
		o.First = o.First[:copy(o.First, o.First[o.firstSent:])]
		o.firstSent = 0
	}
	if o.sent < len(o.Buf)/2 {
		return
	}
	begun := -1 // no one has looked for messages yet
	if o.End != nil {
		begun = o.boundary() - o.sent
	}
	o.gone += uint64(o.sent)
	n := copy(o.Buf, o.Buf[o.sent:])
	o.Buf, o.sent, o.begun = o.Buf[:n], 0, begun
}
