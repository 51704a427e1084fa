//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package shell

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// pipe makes a pipe under the lock that prevents a fork before the pipe is set to close
// on exec: not all of these systems can do both at once.
func pipe() (reader, writer int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		return 0, 0, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

// unread is unknown: these systems only tell the reader.
func unread(int) bool { return false }

// allowance is empty: these systems enlarge a pipe by themselves when it fills.
type allowance struct{}

func newAllowance() allowance            { return allowance{} }
func (allowance) enlarge(...int) (n int) { return 0 }
func (allowance) give(int)               {}
