//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package shell

import "syscall"

// sysProcAttr asks for a process group of the child's own, so that what it
// starts can be killed with it. At gust's death the guard alone sees to it.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
