package shell

import (
	"golang.org/x/sys/unix"
)

// Outbox gathers what is to be written to a child, so that one system call
// writes all that has come together since the last. It is unbounded: whoever
// fills it looks at its Len, and holds back what fills it (worker/credit.go).
//
// The zero value is empty and ready. It belongs to one goroutine.
type Outbox struct {
	// Buf is appended to: out.Buf = codec.AppendTuple(out.Buf, ...).
	Buf []byte
	// sent is how much of Buf has been written.
	sent int
	// Tap, where it is not nil, hears what has been written, piece by piece. The
	// slice is borrowed: it is valid until Tap returns.
	Tap func(written []byte)
}

// keepCap is how much memory an empty outbox holds on to: as much as the second
// mark of worker/credit.go lets wait. Were it the size of a pipe, each tuple of a
// megabyte would take new memory, which is twice the work of moving it.
const keepCap = 4 << 20

// Len is the number of bytes that wait.
func (o *Outbox) Len() int { return len(o.Buf) - o.sent }

// Reset drops what waits.
func (o *Outbox) Reset() {
	o.sent = 0
	if cap(o.Buf) > keepCap {
		o.Buf = nil
		return
	}
	o.Buf = o.Buf[:0]
}

// Release drops what waits, and the memory that it was in.
func (o *Outbox) Release() { o.Buf, o.sent = nil, 0 }

// WriteTo writes as much as the pipe takes without blocking. It returns
// whether something is left, and an error such as EPIPE, after which nothing
// can be written any more.
func (o *Outbox) WriteTo(fd int) (left bool, err error) {
	for o.sent < len(o.Buf) {
		n, err := unix.Write(fd, o.Buf[o.sent:])
		if n > 0 {
			if o.Tap != nil {
				o.Tap(o.Buf[o.sent : o.sent+n])
			}
			o.sent += n
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

// compact moves what is left to the front when at least half has been written,
// so that a byte is moved once on average, however slowly the child reads.
func (o *Outbox) compact() {
	if o.sent < len(o.Buf)/2 {
		return
	}
	n := copy(o.Buf, o.Buf[o.sent:])
	o.Buf, o.sent = o.Buf[:n], 0
}
