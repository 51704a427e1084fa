// Package executable has the rule for what a process can execute.
package executable

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Check reports why this process cannot execute a file, as execve would, or nil.
// Directories and devices cannot be executed.
func Check(path string) error {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return syscall.EACCES
	}
	return unix.Access(path, unix.X_OK)
}

// Is reports whether there is a file that this process can execute.
func Is(path string) bool { return Check(path) == nil }
