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
}

// Dial connects to the debugger at a socket. The caller closes what is returned.
func Dial(ctx context.Context, socket string, keys Keys, out io.Writer) (*Conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		switch {
		case err == nil:
			return &Conversation{conn: conn, keys: keys, out: out}, nil
		case ctx.Err() != nil:
			return nil, ErrBusy
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED):
			return nil, fmt.Errorf("cannot reach the debugger: %w", err)
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
// more keys while the component works. The end of the keys at a prompt detaches, too.
func (c *Conversation) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	defer stop()
	shown := c.show()
	var ended <-chan struct{} // while the component works
	for {
		select {
		case at, ok := <-shown:
			switch {
			case !ok:
				return c.end(ctx)
			case at.sign == goesOn:
				ended = c.keys.Ended()
				if c.GoesOn != nil {
					c.GoesOn()
				}
			case at.sign == asks:
				ended = nil
				if err := c.answer(ctx, at.prompt, shown); err != nil {
					return err
				}
			}
		case <-ended:
			return nil
		}
	}
}

// answer sends a line that is typed.
func (c *Conversation) answer(ctx context.Context, prompt string, shown <-chan stop) error {
	type typed struct {
		line string
		err  error
	}
	done := make(chan typed, 1)
	go func() {
		line, err := c.keys.ReadLine(prompt)
		done <- typed{line + "\n", err}
	}()
	select {
	case t := <-done:
		switch {
		case errors.Is(t.err, io.EOF):
			t.line = detach
		case t.err != nil:
			return t.err
		}
		c.last = t.line
		_, _ = io.WriteString(c.conn, t.line) // if nobody reads it, the debugger has hung up
		return nil
	case <-shown: // the debugger has hung up: while it waits for a line, it shows nothing
		return c.end(ctx)
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

// stop is where the debugger's text comes to a sign.
type stop struct {
	sign   byte
	prompt string
}

// show shows what the debugger sends, up to each sign. The channel is closed at its end.
func (c *Conversation) show() <-chan stop {
	stops := make(chan stop)
	go func() {
		defer close(stops)
		var text []byte
		for chunk := make([]byte, 32<<10); ; {
			n, err := c.conn.Read(chunk)
			text = append(text, chunk[:n]...)
			for {
				i := bytes.IndexAny(text, string([]byte{asks, goesOn}))
				if i < 0 {
					break
				}
				at := stop{sign: text[i]}
				lines := text[:i]
				if at.sign == asks {
					line := bytes.LastIndexByte(lines, '\n') + 1
					lines, at.prompt = lines[:line], string(lines[line:])
				}
				c.print(lines)
				text = text[i+1:]
				stops <- at
			}
			// Half a line may become a prompt.
			whole := bytes.LastIndexByte(text, '\n') + 1
			c.print(text[:whole])
			text = append([]byte(nil), text[whole:]...)
			if err != nil {
				c.print(text)
				return
			}
		}
	}()
	return stops
}

func (c *Conversation) print(text []byte) { _, _ = c.out.Write(text) }
