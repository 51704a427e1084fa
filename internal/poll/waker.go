//go:build unix

package poll

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// waker ends a Wait: the Poller watches readfd, and a write to writefd makes it
// readable. The two are the ends of a pipe, or one eventfd.
type waker struct {
	readfd, writefd int
	// woken is set from Wake until the Wait that takes notice, so that a thousand
	// wake-ups cost one system call.
	woken atomic.Bool
	// closing is held while a goroutine writes to writefd or closes it: then the
	// number may be another file's.
	closing sync.Mutex
	closed  bool
}

// Wake ends a Wait, the running one or the next.
func (w *waker) Wake() {
	if w.woken.Swap(true) {
		return
	}
	w.closing.Lock()
	defer w.closing.Unlock()
	if !w.closed {
		one := [8]byte{1}             // an eventfd takes no fewer
		unix.Write(w.writefd, one[:]) // can only fail if there is a wake-up already
	}
}

// drain takes notice of a Wake.
func (w *waker) drain() {
	var count [8]byte
	unix.Read(w.readfd, count[:])
	// Cleared last: a Wake between the two lines writes nothing, and need not, as
	// Wait is about to return. The other order would take its write, and leave woken
	// set forever.
	w.woken.Store(false)
}

// close closes the descriptors. Wake does nothing after it.
func (w *waker) close() error {
	w.closing.Lock()
	defer w.closing.Unlock()
	w.closed = true
	err := unix.Close(w.writefd)
	if w.readfd != w.writefd {
		unix.Close(w.readfd)
	}
	return err
}
