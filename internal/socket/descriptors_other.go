//go:build !linux

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// pair makes two Unix sockets that are connected with each other. Neither blocks.
//
// The lock prevents a fork before they are closed on exec: not all of these systems can do
// both at once.
func pair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fds, err
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
		if err := unix.SetNonblock(fd, true); err != nil {
			_, _ = unix.Close(fds[0]), unix.Close(fds[1])
			return fds, err
		}
	}
	return fds, nil
}

// limitUnsent does nothing: what other systems call by the same name only decides when a
// socket counts as writable.
func limitUnsent(int) error { return nil }
