package lint

import "golang.org/x/sys/unix"

// openFilesLimit is how many files gust may have open. Go raises the soft limit to the
// hard one at its start.
func openFilesLimit() (uint64, bool) { return limit(unix.RLIMIT_NOFILE) }

// processesLimit is how many processes this user may have. It does not apply to root.
func processesLimit() (uint64, bool) {
	if unix.Geteuid() == 0 {
		return 0, false
	}
	return limit(unix.RLIMIT_NPROC)
}

func limit(resource int) (uint64, bool) {
	var l unix.Rlimit
	if err := unix.Getrlimit(resource, &l); err != nil {
		return 0, false
	}
	return uint64(l.Cur), true
}
