package debugger

import (
	"bufio"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"gust/internal/terminal"
)

// Keys is where the commands for a debugger come from.
type Keys interface {
	// ReadLine reads the next line, without its line feed. It returns io.EOF if there is none.
	ReadLine(prompt string) (string, error)
	// Ended is closed when there will be no more lines. It is nil if that is not known.
	Ended() <-chan struct{}
}

// Lines are commands that a program writes.
type Lines struct {
	lines chan string
	ended chan struct{}
	out   io.Writer
}

// NewLines reads commands from in; the prompts and the commands go to out, so that its
// reader sees what the answers are to.
func NewLines(in io.Reader, out io.Writer) *Lines {
	l := &Lines{lines: make(chan string), ended: make(chan struct{}), out: out}
	go func() {
		defer close(l.ended)
		for scan := bufio.NewScanner(in); scan.Scan(); {
			l.lines <- scan.Text()
		}
	}()
	return l
}

// ReadLine is [Keys].ReadLine.
func (l *Lines) ReadLine(prompt string) (string, error) {
	select {
	case line := <-l.lines:
		_, err := io.WriteString(l.out, prompt+line+"\n")
		return line, err
	case <-l.ended:
		return "", io.EOF
	}
}

// Ended is [Keys].Ended.
func (l *Lines) Ended() <-chan struct{} { return l.ended }

// Keyboard is a terminal, on which a line can be edited, and earlier ones be found by the
// arrow keys. Ctrl-C throws the line away; Ctrl-D is the end.
type Keyboard struct {
	tty    *os.File
	editor *term.Terminal

	mu     sync.Mutex  // Restore may come while a ReadLine is left behind
	before *term.State // of the terminal while it is raw; nil while it is not
}

// NewKeyboard is the terminal that a program's stdin and stdout are.
func NewKeyboard(tty *os.File, out io.Writer) *Keyboard {
	k := &Keyboard{tty: tty}
	k.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{interrupts{tty}, out}, "")
	return k
}

// ReadLine is [Keys].ReadLine. The terminal is raw only meanwhile: while the component
// works, Ctrl-C ends gust as usual.
func (k *Keyboard) ReadLine(prompt string) (string, error) {
	fd := int(k.tty.Fd())
	if err := k.makeRaw(); err != nil {
		return "", err
	}
	defer k.Restore()
	if width, height, err := term.GetSize(fd); err == nil && width > 0 { // else it is 80 columns wide
		_ = k.editor.SetSize(width, height)
	}
	k.editor.SetPrompt(terminal.Visible(prompt))
	return k.editor.ReadLine()
}

func (k *Keyboard) makeRaw() (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.before, err = term.MakeRaw(int(k.tty.Fd()))
	return err
}

// Restore makes the terminal what it was, if a ReadLine is left behind. It may be called
// from any goroutine.
func (k *Keyboard) Restore() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.before != nil {
		_ = term.Restore(int(k.tty.Fd()), k.before)
		k.before = nil
	}
}

// Ended is [Keys].Ended.
func (k *Keyboard) Ended() <-chan struct{} { return nil }

// interrupts reads Ctrl-C as Ctrl-U, which erases the line: the editor would take it for
// the end.
type interrupts struct{ io.Reader }

// Read is io.Reader's.
func (r interrupts) Read(p []byte) (int, error) {
	const ctrlC, ctrlU = 0x03, 0x15
	n, err := r.Reader.Read(p)
	for i := range p[:n] {
		if p[i] == ctrlC {
			p[i] = ctrlU
		}
	}
	return n, err
}
