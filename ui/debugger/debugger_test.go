package debugger

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// listen is a debugger that a test plays.
func listen(t *testing.T) (socket string, accept func() *player) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return socket, func() *player {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return &player{t, conn}
	}
}

type player struct {
	t *testing.T
	net.Conn
}

func (p *player) says(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p, text); err != nil {
		p.t.Fatal(err)
	}
}

// reads waits for a line.
func (p *player) reads(want string) {
	p.t.Helper()
	p.SetReadDeadline(time.Now().Add(30 * time.Second))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(p, got); err != nil || string(got) != want {
		p.t.Errorf("it reads %q, %v, want %q", got, err, want)
	}
}

// started is a conversation of commands that a program writes.
type started struct {
	t        *testing.T
	debugger *player
	commands *io.PipeWriter
	ended    chan error
	out      bytes.Buffer // to be read after the end
}

func start(t *testing.T) *started {
	t.Helper()
	socket, accept := listen(t)
	in, commands := io.Pipe()
	s := &started{t: t, commands: commands, ended: make(chan error, 1)}
	c, err := Dial(t.Context(), socket, NewLines(in, &s.out), &s.out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { commands.Close(); c.Close() })
	s.debugger = accept()
	go func() {
		s.ended <- c.Run(t.Context())
		c.Close()
	}()
	return s
}

func (s *started) types(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.commands, line+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

// ends checks how the conversation ends, and that it has shown one of these texts.
func (s *started) ends(want error, shown ...string) {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			s.t.Errorf("it ends with %v, want %v", err, want)
		}
	case <-time.After(30 * time.Second):
		s.t.Fatal("it does not end")
	}
	if got := s.out.String(); !slices.Contains(shown, got) {
		s.t.Errorf("it has shown %q, want %q", got, shown)
	}
}

func TestConversation(t *testing.T) {
	s := start(t)
	s.debugger.says("> count.py(1)process()\n-> brea")
	s.debugger.says("kpoint()\n(Pd")
	s.debugger.says("b) \x05")
	s.types("p 1")
	s.debugger.reads("p 1\n")
	s.debugger.says("1\n(Pdb) \x05")
	s.types("c")
	s.debugger.reads("c\n")
	s.debugger.says("\x04> count.py(1)process()\n(Pdb) \x05")
	s.types("q")
	s.debugger.reads("q\n")
	s.debugger.Close()
	s.ends(nil, "> count.py(1)process()\n-> breakpoint()\n(Pdb) p 1\n1\n(Pdb) c\n> count.py(1)process()\n(Pdb) q\n")
}

// The end of the commands detaches at a prompt.
func TestEndOfCommandsAtAPrompt(t *testing.T) {
	s := start(t)
	s.debugger.says("(Pdb) \x05")
	s.types("n")
	s.debugger.reads("n\n")
	s.commands.Close()
	s.debugger.says("(Pdb) \x05")
	s.debugger.reads("detach\n")
	s.debugger.Close()
	s.ends(nil, "(Pdb) n\n")
}

// If the last command continues, the next stop is for the next terminal: whether the
// component stops before or after the end of the commands.
func TestEndOfCommandsThatContinue(t *testing.T) {
	for _, next := range []string{"", "> count.py(1)process()\n(Pdb) \x05"} {
		s := start(t)
		s.debugger.says("(Pdb) \x05")
		s.types("c")
		s.debugger.reads("c\n")
		s.debugger.says("\x04" + next)
		s.commands.Close()
		if n, err := s.debugger.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the debugger reads %d bytes, %v", n, err)
		}
		s.ends(nil, "(Pdb) c\n", "(Pdb) c\n> count.py(1)process()\n")
	}
}

// A process that ends takes its debugger with it, also while a line is waited for.
func TestProcessThatEnds(t *testing.T) {
	s := start(t)
	s.debugger.says("(Pdb) \x05")
	s.debugger.Close()
	s.ends(ErrGone, "")
	s = start(t)
	s.debugger.says("(Pdb) \x05")
	s.types("c")
	s.debugger.reads("c\n")
	s.debugger.says("\x04half a line")
	s.debugger.Close()
	s.ends(ErrGone, "(Pdb) c\nhalf a line")
}

func TestNoDebugger(t *testing.T) {
	if _, err := Dial(t.Context(), filepath.Join(t.TempDir(), "none"), nil, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("dialing no socket: %v", err)
	}
}
