package shell

import "golang.org/x/sys/unix"

// awaitExit blocks until a child has ended, and leaves it as a zombie.
func awaitExit(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}
