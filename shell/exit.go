package shell

import (
	"fmt"
	"syscall"
	"time"
)

// Exit is how a process ended, and how much CPU time it and the processes that it waited
// for used.
type Exit struct {
	// Code is the exit status, or -1 where a signal ended the process.
	Code int
	// Signal is the signal that ended it, or 0. Core is whether it left a core dump.
	Signal syscall.Signal
	Core   bool

	UserTime, SystemTime time.Duration
}

// Success reports whether the process ended by itself with status 0.
func (e Exit) Success() bool { return e.Code == 0 && e.Signal == 0 }

// String is such as "exit status 1", "signal: killed" and "signal: segmentation
// fault (core dumped)".
func (e Exit) String() string {
	switch {
	case e.Signal == 0 && e.Code < 0:
		return "exit status unknown"
	case e.Signal == 0:
		return fmt.Sprintf("exit status %d", e.Code)
	case e.Core:
		return fmt.Sprintf("signal: %v (core dumped)", e.Signal)
	}
	return fmt.Sprintf("signal: %v", e.Signal)
}

// reap waits for a child, and takes it from the process table.
func reap(pid int) Exit {
	var status syscall.WaitStatus
	var usage syscall.Rusage
	for {
		_, err := syscall.Wait4(pid, &status, 0, &usage)
		if err == syscall.EINTR {
			continue
		}
		if err != nil { // another wait has taken it
			return Exit{Code: -1}
		}
		break
	}
	exit := Exit{
		Code:       status.ExitStatus(), // -1 for a signal
		UserTime:   time.Duration(usage.Utime.Nano()),
		SystemTime: time.Duration(usage.Stime.Nano()),
	}
	if status.Signaled() {
		exit.Signal = status.Signal()
		exit.Core = status.CoreDump()
	}
	return exit
}
