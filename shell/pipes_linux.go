package shell

import (
	"math"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

func pipe() (reader, writer int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p[0], p[1], err
}

// unread says whether the pipe that fd writes to holds bytes.
func unread(fd int) bool {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ) // FIONREAD
	return err == nil && n > 0
}

// allowance is how many bytes of pipes may still be enlarged.
//
// The kernel counts the pages of a user's pipes, in all processes. Above
// fs.pipe-user-pages-soft, which is 64 MiB, it refuses to enlarge a pipe, and also makes
// new ones no larger than 8 KiB: for our later children, and for every other program of
// that user. So we take half of it and leave the rest. There is no limit for root.
type allowance struct {
	mu   sync.Mutex
	left int
}

func newAllowance() allowance {
	if os.Geteuid() == 0 {
		return allowance{left: math.MaxInt}
	}
	text, err := os.ReadFile("/proc/sys/fs/pipe-user-pages-soft")
	if err != nil {
		return allowance{}
	}
	pages, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return allowance{}
	}
	if pages == 0 { // no limit
		return allowance{left: math.MaxInt}
	}
	return allowance{left: pages * os.Getpagesize() / 2}
}

// enlarge enlarges the pipes to pipeSize if the allowance and the kernel permit it, and
// returns what it took from the allowance, for give.
func (a *allowance) enlarge(fds ...int) (taken int) {
	for _, fd := range fds {
		if !a.take(pipeSize) {
			continue
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize); err != nil {
			a.give(pipeSize) // the size that it has will do
			continue
		}
		taken += pipeSize
	}
	return taken
}

func (a *allowance) take(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left < n {
		return false
	}
	a.left -= n
	return true
}

// give returns what enlarge took, when the pipes are gone.
func (a *allowance) give(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left += n
}
