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

// hookGrace is how long a hook that is to stop may take.
const hookGrace = 2 * time.Second

// startHook starts a hook, which the result waits for. A hook may start programs in
// its turn. They are a process group of their own, which all gets the signal to stop:
// one that was left behind would keep our pipes open, and so keep us. On a terminal
// the group is in front meanwhile: a hook may ask something there, and Ctrl-C is its
// own. In the background it would be stopped when it reads.
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
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // there may be nobody left
			return terminal.ErrInterrupted
		}
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil // it has ended well, and what it has left running still prints
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGINT {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // a shell's jobs ignore Ctrl-C
			return terminal.ErrInterrupted
		}
		return err
	}, nil
}

// ownTerminal is the terminal on stdin, if we are in front there.
func ownTerminal() (fd int, ok bool) {
	if !terminal.Is(os.Stdin) {
		return 0, false
	}
	fd = int(os.Stdin.Fd())
	front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return fd, err == nil && front == unix.Getpgrp()
}

// takeTerminal comes to the front again. Whoever does so from behind is stopped,
// unless the signal is ignored.
func takeTerminal(fd int) {
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	_ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, unix.Getpgrp())
}
