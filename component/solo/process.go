package solo

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/guard"
	"gust/multilang"
	"gust/shell"
	"gust/topology"
)

// Program is a component that can be started.
type Program struct {
	// Name and Kind are for messages; Name is the component's in the context, too.
	Name string
	Kind topology.Kind
	Task int

	Command []string
	Dir     string   // empty is gust's own
	Env     []string // all of it
	Codec   multilang.Codec
	// Guard ends the process should gust itself be killed. It may be nil.
	Guard *guard.Guard
}

// NameOf is a name for the component that a command starts: the last argument that looks
// like a file, without its extension.
func NameOf(command []string) string {
	name := command[0]
	for _, word := range command[1:] {
		if !strings.HasPrefix(word, "-") && strings.Contains(word, ".") {
			name = word
			break
		}
	}
	base := filepath.Base(name)
	return cmp.Or(strings.TrimSuffix(base, filepath.Ext(base)), "component")
}

// maxMessage is the size of the largest message.
const maxMessage = 256 << 20

// process is a running program, with goroutines for its output and its input.
type process struct {
	*Program
	launcher *shell.Launcher
	proc     *shell.Process
	words    *shell.LastWords

	events chan Event  // closed after the exit
	tell   chan []byte // the input; closing it closes stdin
	exit   shell.Exit  // once events is closed
}

func start(p *Program) (*process, error) {
	launcher := shell.NewLauncher(p.Guard)
	proc, err := launcher.Start(shell.Spec{
		Kind: p.Kind.String(), Component: p.Name, Task: p.Task, Args: p.Command, Dir: p.Dir, Env: p.Env,
	})
	if err != nil {
		launcher.Close()
		return nil, err
	}
	r := &process{
		Program: p, launcher: launcher, proc: proc, words: shell.NewLastWords(shell.LastWordsLines),
		events: make(chan Event), tell: make(chan []byte),
	}
	var files [3]*os.File
	for i, fd := range []int{proc.Stdin(), proc.Stdout(), proc.Stderr()} {
		if files[i], err = adopt(fd); err != nil {
			break
		}
	}
	proc.CloseStdin()
	proc.CloseOutputs()
	if err != nil {
		for _, f := range files {
			f.Close() // also of nil: the error does not matter
		}
		proc.Kill()
		proc.Wait()
		launcher.Close()
		return nil, fmt.Errorf("cannot talk to %s: %w", p.Name, err)
	}
	go r.write(files[0])
	go r.run(files[1], files[2])
	return r, nil
}

// adopt makes a file from a descriptor. The descriptor is non-blocking, so that reads and
// writes block only a goroutine.
func adopt(fd int) (*os.File, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(own), "pipe"), nil
}

// write writes the input until the process stops reading.
func (p *process) write(stdin *os.File) {
	defer stdin.Close()
	var err error
	for b := range p.tell {
		if err == nil {
			_, err = stdin.Write(b) // on an error the process has closed its stdin: its end, or a missing answer, will show that
		}
	}
}

// run forwards the output of the process, and then its end.
func (p *process) run(stdout, stderr *os.File) {
	var pipes sync.WaitGroup
	pipes.Go(func() { p.readMessages(stdout) })
	pipes.Go(func() { p.readLines(stderr) })
	p.exit = p.proc.Wait()
	// All output is in the pipes; a process that escaped may keep them open forever.
	for _, f := range []*os.File{stdout, stderr} {
		f.SetReadDeadline(time.Now().Add(time.Second))
	}
	pipes.Wait()
	stdout.Close()
	stderr.Close()
	p.events <- Event{Exit: p.exit.String()}
	close(p.events)
}

func (p *process) readMessages(stdout *os.File) {
	d := NewDecoder(p.Codec)
	say := func(e Event) { p.events <- e }
	chunk := make([]byte, 64<<10)
	for {
		n, err := stdout.Read(chunk)
		d.Feed(chunk[:n], say)
		if err != nil {
			d.Last(say)
			return
		}
	}
}

func (p *process) readLines(stderr *os.File) {
	lines := shell.NewLines(func(line []byte) {
		p.words.Add(line)
		if len(line) > 0 {
			p.events <- Event{Stderr: string(line)}
		}
	})
	io.Copy(lines, stderr)
	lines.Flush()
}

// died is the error for an unexpected end.
func (p *process) died(cause error) error {
	return &shell.ExitError{
		Kind: p.Kind.String(), Component: p.Name, Task: p.Task, PID: p.proc.PID(), Dir: p.Dir,
		Exit: p.exit, LastWords: p.words.Lines(), Cause: cause,
	}
}
