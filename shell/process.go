package shell

import (
	"sync"

	"golang.org/x/sys/unix"
)

// Process is a child, and the process group that it leads.
type Process struct {
	launcher *Launcher
	pid      int
	mark     string // the guard's, "" if there is none
	roomy    int    // what it has taken from the launcher's allowance
	wait     func() Exit

	pipes [3]int // the owner's alone; -1 is closed

	mu     sync.Mutex // held while a signal is sent, so that no other process gets it
	reaped bool       // pid may be another's
}

// PID is the id of the process and of its group. If it is a shell, the component is a
// child of it, with another id.
func (p *Process) PID() int { return p.pid }

// Stdin is the descriptor that writes to the process's stdin, without blocking;
// -1 once it is closed.
func (p *Process) Stdin() int { return p.pipes[stdin] }

// Unread says whether something that was written to the process's stdin has not
// been read yet. It is false if the system does not tell.
func (p *Process) Unread() bool { return p.pipes[stdin] >= 0 && unread(p.pipes[stdin]) }

// Stdout is the descriptor that reads the process's stdout, without blocking; -1
// once it is closed.
func (p *Process) Stdout() int { return p.pipes[stdout] }

// Stderr is the descriptor that reads the process's stderr, without blocking; -1
// once it is closed.
func (p *Process) Stderr() int { return p.pipes[stderr] }

// CloseStdin closes the pipe to the process's stdin, which asks every component to exit.
// It may be called again.
func (p *Process) CloseStdin() { closeAll(p.pipes[stdin : stdin+1]) }

// CloseOutputs closes the pipes from the process's stdout and stderr. It may be
// called again.
func (p *Process) CloseOutputs() { closeAll(p.pipes[stdout:]) }

// Terminate sends SIGTERM to the process's group. It does nothing when the
// process has been reaped.
func (p *Process) Terminate() { p.signal(unix.SIGTERM) }

// Kill sends SIGKILL to the process's group; [Process.Wait] kills processes that have left
// the group. It does nothing when the process has been reaped.
func (p *Process) Kill() { p.signal(unix.SIGKILL) }

func (p *Process) signal(s unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		_ = unix.Kill(-p.pid, s)
	}
}

// Wait waits until the process has ended, and returns how. It kills what the process left
// behind: in its group and, with a guard on Linux, anywhere else. It does not close the
// pipes, so that what was written to them can still be read. It must be called, and may
// be called more than once and from any goroutine.
func (p *Process) Wait() Exit { return p.wait() }

// end waits for the end of the process; it runs once. It reaps the process last: until
// then it is a zombie that keeps its id and its group's, so that no signal can reach
// another process.
func (p *Process) end() Exit {
	awaitExit(p.pid)
	_ = unix.Kill(-p.pid, unix.SIGKILL)
	p.launcher.guard.SweepMark(p.mark)
	p.launcher.guard.Forget(p.pid)

	p.mu.Lock()
	exit := reap(p.pid)
	p.reaped = true
	p.mu.Unlock()

	p.launcher.allowance.give(p.roomy)
	p.launcher.children.Done()
	return exit
}
