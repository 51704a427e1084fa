//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package shell

import (
	"time"

	"golang.org/x/sys/unix"
)

// awaitExit blocks until a child has ended, and leaves it as a zombie. (Darwin's
// waitid cannot do that: it also returns when the child is merely stopped.) A
// child that is a zombie already is reported as not there.
func awaitExit(pid int) {
	queue, err := unix.Kqueue()
	for err != nil { // out of descriptors: those who end give theirs back
		time.Sleep(100 * time.Millisecond)
		queue, err = unix.Kqueue()
	}
	defer unix.Close(queue)
	changes := make([]unix.Kevent_t, 1)
	unix.SetKevent(&changes[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	changes[0].Fflags = unix.NOTE_EXIT
	events := make([]unix.Kevent_t, 1)
	for {
		_, err := unix.Kevent(queue, changes, events, nil)
		if err != unix.EINTR {
			return
		}
	}
}
