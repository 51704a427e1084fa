package guard

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Variable is the name of the variable that marks the processes of a run.
const Variable = "GUST_RUN"

// Command is the word after the program's name that makes it a guard: main then
// calls [Main].
const Command = "__guard"

// patience is how long [Guard.Close] waits for a guard that does not end, say
// because someone stopped it with SIGSTOP.
const patience = 5 * time.Second

// Guard belongs to one run: it marks the run's processes, and kills those that
// are left.
type Guard struct {
	mark    string // Variable=ID
	marks   atomic.Uint64
	sweeper sweeper

	// process is the guard process, nil where it could not be started, and pipe
	// its stdin, which says by its end that the run has ended.
	process *exec.Cmd
	pipe    *os.File
	close   func() error
}

// Start begins a run. executable is the absolute path of a program that calls
// [Main] where its first argument is [Command]: os.Executable.
//
// Start returns as soon as the guard process exists; it does not wait until it
// is ready, because what is written into its pipe meanwhile is not lost. Where
// the error is not nil there is no such process, but the Guard is there, and
// does what can be done without: it marks and sweeps.
func Start(executable string) (*Guard, error) {
	id := rand.Text()
	g := &Guard{mark: Variable + "=" + id}
	g.close = sync.OnceValue(g.end)
	stdin, pipe, err := os.Pipe()
	if err != nil {
		return g, fmt.Errorf("cannot start the guard of the run's processes: %w", err)
	}
	defer stdin.Close()
	// Nothing that may keep others waiting goes along: no terminal, no pipe of
	// somebody who reads our stderr to its end, no directory, no variables (the
	// mark of a run that we are part of ourselves must not be the guard's).
	process := exec.Command(executable)
	process.Args = []string{"gust", Command, id}
	process.Env = []string{"GOMAXPROCS=1"}
	process.Dir = "/"
	process.Stdin = stdin
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		pipe.Close()
		return g, fmt.Errorf("cannot start the guard of the run's processes: %w", err)
	}
	g.process, g.pipe = process, pipe
	return g, nil
}

// Env is the run's mark, an entry for the environment of a process of the run.
func (g *Guard) Env() string {
	if g == nil {
		return ""
	}
	return g.mark
}

// NewMark makes a mark of the run that nobody else bears, for one child and
// whatever that starts: an entry for its environment. It is "" on a nil Guard.
func (g *Guard) NewMark() string {
	if g == nil {
		return ""
	}
	return g.mark + "." + strconv.FormatUint(g.marks.Add(1), 10)
}

// Watch tells the guard process of a process group, to be killed should the run
// end before [Guard.Forget]. A guard process that is gone is not told; Close says so.
func (g *Guard) Watch(pgid int) { g.tell('+', pgid) }

// Forget takes a Watch back. It must come before the group's leader is reaped:
// from then on the id may be another group's.
func (g *Guard) Forget(pgid int) { g.tell('-', pgid) }

// TempDir makes a temporary directory, as os.MkdirTemp does. Whoever asked for it
// removes it; should the run end before, the guard process does.
func (g *Guard) TempDir(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	g.write(strconv.AppendQuote(nil, dir))
	return dir, nil
}

func (g *Guard) tell(sign byte, pgid int) {
	g.write(strconv.AppendInt([]byte{sign}, int64(pgid), 10))
}

func (g *Guard) write(line []byte) {
	if g == nil || g.pipe == nil {
		return
	}
	_, _ = g.pipe.Write(append(line, '\n'))
}

// Sweep kills every process of the run and returns how many there were. It
// returns when none is left, or after about a second where one does not die. It
// finds processes by their marks, so it is of use on Linux only; elsewhere it
// returns 0.
func (g *Guard) Sweep() int {
	if g == nil {
		return 0
	}
	return g.sweeper.sweep(g.mark)
}

// SweepMark is Sweep for the processes that bear a mark of [Guard.NewMark].
func (g *Guard) SweepMark(mark string) int {
	if g == nil || mark == "" {
		return 0
	}
	return g.sweeper.sweep(mark)
}

// Close ends the run: whatever process of it is left is killed, and the guard
// process has ended when Close returns. An error says that the guard process
// did not do its work; the run's processes have been swept all the same.
func (g *Guard) Close() error {
	if g == nil {
		return nil
	}
	return g.close()
}

func (g *Guard) end() error {
	if g.process == nil {
		g.Sweep()
		return nil
	}
	g.pipe.Close()
	impatient := time.AfterFunc(patience, func() { _ = g.process.Process.Kill() })
	defer impatient.Stop()
	if err := g.process.Wait(); err != nil {
		g.Sweep()
		return fmt.Errorf("the guard of the run's processes ended before its work: %w", err)
	}
	return nil
}
