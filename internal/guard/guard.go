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

// patience is how long [Guard.Close] waits for a guard that does not end, for example
// after a SIGSTOP.
const patience = 5 * time.Second

// Guard belongs to one run: it marks the run's processes, and kills those that are left
// at its end.
type Guard struct {
	mark    string // Variable=ID
	marks   atomic.Uint64
	sweeper sweeper

	// process is the guard process, nil if it did not start. pipe is its stdin, whose end
	// is the end of the run.
	process *exec.Cmd
	pipe    *os.File
	close   func() error
}

// Start begins a run. executable is the absolute path of a program that calls [Main] if
// its first argument is [Command]: os.Executable.
//
// Start returns as soon as the guard process exists. It need not be ready, because
// nothing written into its pipe is lost. After an error there is no such process, but the
// Guard does without it what it can: it marks and sweeps.
func Start(executable string) (*Guard, error) {
	id := rand.Text()
	if outer := os.Getenv(Variable); outer != "" {
		id = outer + "." + id // who ends the run that contains this one ends this one, too
	}
	g := &Guard{mark: Variable + "=" + id}
	g.close = sync.OnceValue(g.end)
	stdin, pipe, err := os.Pipe()
	if err != nil {
		return g, fmt.Errorf("cannot start the guard of the run's processes: %w", err)
	}
	defer stdin.Close()
	// The guard inherits nothing that others may wait for: no terminal, no pipe of a
	// program that reads our stderr to its end, no directory, no variables (it must not
	// have the mark of a run that contains ours).
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

// NewMark makes a unique mark of the run, for one child and its descendants: an entry for
// its environment. It is "" on a nil Guard.
func (g *Guard) NewMark() string {
	if g == nil {
		return ""
	}
	return g.mark + "." + strconv.FormatUint(g.marks.Add(1), 10)
}

// Watch reports a process group to the guard process, which kills it if the run ends
// before [Guard.Forget]. If the guard process is gone, only Close returns an error.
func (g *Guard) Watch(pgid int) { g.tell('+', pgid) }

// Forget undoes Watch. The caller must call it before it reaps the group's leader: after
// that, the id may be another group's.
func (g *Guard) Forget(pgid int) { g.tell('-', pgid) }

// TempDir makes a temporary directory, like os.MkdirTemp. The caller removes it; if the
// run ends earlier, the guard process does.
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

// Sweep kills every process of the run and returns how many there were. It returns when
// none is left, or after about a second if one does not die. It finds processes by their
// marks, so only on Linux; elsewhere it returns 0.
func (g *Guard) Sweep() int {
	if g == nil {
		return 0
	}
	return g.sweeper.sweep(g.mark)
}

// SweepMark is Sweep for the processes with a mark of [Guard.NewMark].
func (g *Guard) SweepMark(mark string) int {
	if g == nil || mark == "" {
		return 0
	}
	return g.sweeper.sweep(mark)
}

// Close ends the run: it kills the run's remaining processes, and returns when the guard
// process has ended. An error means that the guard process did not do its work; the run's
// processes have been swept nevertheless.
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
