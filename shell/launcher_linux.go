package shell

import "syscall"

// sysProcAttr asks for a process group of the child's own, so that what it
// starts can be killed with it, and for SIGKILL when the thread that forks ends.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
