//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package shell

import "syscall"

// sysProcAttr requests a process group for the child, so that what it starts can
// be killed with it. When gust dies, only the guard kills it.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
