package shell

import (
	"os"

	"golang.org/x/sys/unix"
)

// awaitExit blocks until a child has ended, and leaves it as a zombie. It waits
// for a pidfd in the runtime's poller: waitid would hold a thread for each
// child, whose stack, for a thousand of them, is 37 MB.
func awaitExit(pid int) {
	if fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK); err == nil {
		file := os.NewFile(uintptr(fd), "pidfd") // nonblocking, and so the poller's
		defer file.Close()
		if conn, err := file.SyscallConn(); err == nil {
			// Read calls the function anew whenever the descriptor becomes readable.
			if conn.Read(func(uintptr) bool { return ended(pid, unix.WNOHANG) }) == nil {
				return
			}
		}
	}
	ended(pid, 0) // before Linux 5.10, or out of descriptors
}

// ended says whether a child has ended, and waits for that unless flags has WNOHANG.
func ended(pid, flags int) bool {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT|flags, nil)
		if err != unix.EINTR {
			return err != nil || info.Signo != 0
		}
	}
}
