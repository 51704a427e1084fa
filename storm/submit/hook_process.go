package submit

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/terminal"
)

// hookGrace is how long a hook may take to stop.
const hookGrace = 2 * time.Second

// startHook starts a hook; the result waits for its end. A hook and the programs that it
// starts are one process group, and all of it gets the signal to stop: a process that was
// left behind would keep our pipes open, and so block us. On a terminal, the group is in
// the foreground meanwhile: a hook may ask a question there, and Ctrl-C reaches only the
// hook. In the background, a read would stop it.
func startHook(ctx context.Context, cmd *exec.Cmd) (wait func() error, _ error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = hookGrace
	release := func() {}
	if terminal, ok := ownTerminal(); ok {
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, terminal
		release = func() { takeTerminal(terminal) }
	}
	if err := cmd.Start(); err != nil {
		release()
		return nil, err
	}
	return func() error {
		err := cmd.Wait()
		release()
		if ctx.Err() != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the group may be empty
			return terminal.ErrInterrupted
		}
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil // it succeeded, but left programs that still print
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGINT {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // a shell's jobs ignore Ctrl-C
			return terminal.ErrInterrupted
		}
		return err
	}, nil
}

// ownTerminal is the terminal on stdin, if gust is in its foreground.
func ownTerminal() (fd int, ok bool) {
	if !terminal.Is(os.Stdin) {
		return 0, false
	}
	fd = int(os.Stdin.Fd())
	front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return fd, err == nil && front == unix.Getpgrp()
}

// takeTerminal brings gust to the foreground again. The system stops a background process
// that does so, unless it ignores the signal.
func takeTerminal(fd int) {
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	_ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, unix.Getpgrp())
}
