// Package debugger brings the debugger of a component that has stopped at a breakpoint to
// a terminal.
//
// The debugger runs in the component's process (runner/python/gust_runner/debugger.py) and
// listens on a Unix socket while it waits for a terminal. It sends what is to be shown,
// and takes lines. Two signs, which are not shown, say when it wants one.
package debugger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"time"
)

// The debugger's signs.
const (
	asks   = 0x05 // it waits for a line; what came since the last line feed is its prompt
	goesOn = 0x04 // the component works again; the next text is about its next stop
)

// detach is the debugger's command that lets the component go on, and leaves it alone.
const detach = "detach\n"

// ErrBusy is that no debugger waits at a socket, while its process is stopped: another
// terminal has it.
var ErrBusy = errors.New("another terminal is attached")

// Conversation is that with one debugger.
type Conversation struct {
	conn net.Conn
	keys Keys
	out  io.Writer
	// GoesOn is called when the component works again while the terminal stays attached. It
	// may be nil.
	GoesOn func()
	last   string // line that was sent
	again  bool   // the component has gone on since then
}

// Dial connects to the debugger at a socket. The caller closes what is returned.
func Dial(ctx context.Context, socket string, keys Keys, out io.Writer) (*Conversation, error) {
	for end := time.Now().Add(patience); ; {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		switch {
		case err == nil:
			return &Conversation{conn: conn, keys: keys, out: out}, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.EAGAIN):
			return nil, fmt.Errorf("cannot reach the debugger: %w", err)
		case time.Now().After(end):
			return nil, ErrBusy
		}
		select { // it may be about to listen again, after another terminal has left
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// patience is how long a debugger may take to listen again.
const patience = time.Second

// Close ends the conversation. A component that is stopped stays so, for the next terminal.
func (c *Conversation) Close() error { return c.conn.Close() }

// ErrGone is that the process of the debugger has ended.
var ErrGone = errors.New("the process has ended")

// Run holds the conversation until the user detaches, or ctx is cancelled, or there are no
// more keys while the component works. The end of the keys at a prompt detaches, too; but
// if a program's commands end with one that continues, the next stop is for the next
// terminal, even if it comes before the end of the commands is known.
func (c *Conversation) Run(ctx context.Context) error {
	heard := c.listen()
	defer func() {
		c.conn.Close()
		for range heard { // until it has noticed
		}
	}()
	defer context.AfterFunc(ctx, func() { c.conn.Close() })()
	var ended <-chan struct{} // of the keys, while the component works
	for {
		select {
		case said, ok := <-heard:
			if !ok {
				return c.end(ctx)
			}
			c.print(said.lines)
			switch said.sign {
			case goesOn:
				ended, c.again = c.keys.Ended(), true
				if c.GoesOn != nil {
					c.GoesOn()
				}
			case asks:
				ended = nil
				if goOn, err := c.answer(ctx, said.prompt, heard); !goOn {
					return err
				}
			}
		case <-ended:
			return nil
		}
	}
}

// answer sends a line that is typed. It says whether the conversation goes on.
func (c *Conversation) answer(ctx context.Context, prompt string, heard <-chan utterance) (goOn bool, err error) {
	type typed struct {
		line string
		err  error
	}
	done := make(chan typed, 1) // a read of a keyboard cannot be taken back, and may stay behind
	go func() {
		line, err := c.keys.ReadLine(prompt)
		done <- typed{line + "\n", err}
	}()
	select {
	case t := <-done:
		switch {
		case errors.Is(t.err, io.EOF) && c.again && c.keys.Ended() != nil:
			return false, nil
		case errors.Is(t.err, io.EOF):
			t.line = detach
		case t.err != nil:
			return false, t.err
		}
		c.last, c.again = t.line, false
		_, _ = io.WriteString(c.conn, t.line) // an error means that the debugger has hung up
		return true, nil
	case <-heard: // the debugger has hung up: while it waits for a line, it says nothing
		return false, c.end(ctx)
	}
}

// end says why the debugger has hung up.
func (c *Conversation) end(ctx context.Context) error {
	switch strings.TrimSpace(c.last) {
	case "q", "quit", "exit", "EOF", "detach":
		return nil
	}
	return cmp.Or(ctx.Err(), ErrGone)
}

// utterance is what the debugger says, up to a sign.
type utterance struct {
	lines  []byte
	sign   byte   // 0 if none has come yet
	prompt string // if the sign is asks
}

// listen reads what the debugger says. The channel is closed when it has hung up.
func (c *Conversation) listen() <-chan utterance {
	heard := make(chan utterance)
	go func() {
		defer close(heard)
		var text []byte
		for chunk := make([]byte, 32<<10); ; {
			n, err := c.conn.Read(chunk)
			text = append(text, chunk[:n]...)
			for {
				i := bytes.IndexAny(text, string([]byte{asks, goesOn}))
				if i < 0 {
					break
				}
				said := utterance{lines: text[:i:i], sign: text[i]}
				if said.sign == asks {
					line := bytes.LastIndexByte(said.lines, '\n') + 1
					said.lines, said.prompt = text[:line:line], string(text[line:i])
				}
				heard <- said
				text = text[i+1:]
			}
			whole := bytes.LastIndexByte(text, '\n') + 1 // the rest may become a prompt
			if err != nil {
				whole = len(text)
			}
			if whole > 0 {
				heard <- utterance{lines: text[:whole:whole]}
			}
			if err != nil {
				return
			}
			text = append([]byte(nil), text[whole:]...)
		}
	}()
	return heard
}

func (c *Conversation) print(lines []byte) { _, _ = c.out.Write(lines) }
