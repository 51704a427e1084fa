package shell

import (
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"gust/internal/guard"
)

// ErrClosed is the reason of a [StartError] after [Launcher.Close].
var ErrClosed = errors.New("the launcher is closed")

// Launcher starts the processes of a run.
//
// It owns one operating system thread, which forks them all. On Linux, a child gets the
// signal of its parent's death when the *thread* that forked it ends, and Go ends threads
// at any time; this one stays.
type Launcher struct {
	guard     *guard.Guard
	allowance allowance
	forks     chan func() // which the thread runs
	ended     chan struct{}

	mu     sync.Mutex
	closed bool
	// children are the processes that are being started or have not been waited for.
	children sync.WaitGroup
}

// NewLauncher starts the thread. The guard, which may be nil, marks and watches
// every process.
func NewLauncher(g *guard.Guard) *Launcher {
	l := &Launcher{
		guard:     g,
		allowance: newAllowance(),
		forks:     make(chan func()),
		ended:     make(chan struct{}),
	}
	go l.serve()
	return l
}

// serve is the thread. It is never unlocked, so that it ends with the goroutine, and no
// other goroutine can start a child from it.
func (l *Launcher) serve() {
	runtime.LockOSThread()
	defer close(l.ended)
	for fork := range l.forks {
		fork()
	}
}

// Close ends the thread. It waits until every process that was started has been
// waited for ([Process.Wait]), because living ones would die with the thread.
func (l *Launcher) Close() {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	l.children.Wait()
	if first {
		close(l.forks)
	}
	<-l.ended
}

// Start starts a process in a process group of its own. It returns when the program has
// been found and executed (execve), or a [*StartError] that says why not. The caller must
// wait for the process and close its pipes.
func (l *Launcher) Start(s Spec) (*Process, error) {
	p, err := l.start(s)
	if err != nil {
		return nil, &StartError{Kind: s.Kind, Component: s.Component, Task: s.Task, Args: s.Args, Err: err}
	}
	return p, nil
}

func (l *Launcher) start(s Spec) (_ *Process, err error) {
	if !l.enter() {
		return nil, ErrClosed
	}
	defer func() {
		if err != nil {
			l.children.Done()
		}
	}()
	program, err := lookProgram(s)
	if err != nil {
		return nil, err
	}
	pipes, err := openPipes()
	if err != nil {
		return nil, err
	}
	roomy := l.allowance.enlarge(pipes.ours[stdin], pipes.ours[stdout])
	mark := l.guard.NewMark()
	pid, err := l.fork(program, s.Args, &syscall.ProcAttr{
		Dir:   s.Dir,
		Env:   withMark(s.Env, mark),
		Files: pipes.files(),
		Sys:   sysProcAttr(),
	})
	pipes.closeTheirs()
	if err != nil {
		pipes.closeOurs()
		l.allowance.give(roomy)
		return nil, err
	}
	l.guard.Watch(pid)
	p := &Process{
		launcher: l,
		pid:      pid,
		mark:     mark,
		roomy:    roomy,
		pipes:    pipes.ours,
	}
	p.wait = sync.OnceValue(p.end)
	return p, nil
}

// enter counts a new child, unless the launcher is closed.
func (l *Launcher) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.children.Add(1)
	}
	return !l.closed
}

// fork has the thread fork and exec.
func (l *Launcher) fork(program string, args []string, attr *syscall.ProcAttr) (pid int, err error) {
	done := make(chan struct{})
	l.forks <- func() {
		pid, err = forkExec(program, args, attr)
		close(done)
	}
	<-done
	return pid, err
}

// forkExec starts a program. A script without a #! line is run by the shell, as
// execvp does it.
func forkExec(program string, args []string, attr *syscall.ProcAttr) (int, error) {
	pid, err := syscall.ForkExec(program, args, attr)
	if err == syscall.ENOEXEC {
		pid, err = syscall.ForkExec("/bin/sh", append([]string{"sh", program}, args[1:]...), attr)
	}
	if err != nil {
		return 0, &fs.PathError{Op: "exec", Path: absolute(attr.Dir, program), Err: err}
	}
	return pid, nil
}

// withMark adds the guard's mark to an environment. It replaces the mark of an outer run
// of gust.
func withMark(env []string, mark string) []string {
	if mark == "" {
		return env
	}
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		return strings.HasPrefix(entry, guard.Variable+"=")
	})
	return append(env, mark)
}
