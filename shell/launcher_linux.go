package shell

import "syscall"

// sysProcAttr requests a process group for the child, so that what it starts can
// be killed with it, and for SIGKILL when the thread that forks ends.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
