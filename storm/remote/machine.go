package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Machine is a connection to a machine.
type Machine struct {
	// Target is the dialled target, Name its host, and User the user who is logged in.
	Target     Target
	Name, User string

	client *ssh.Client
	via    []*Machine // the machines on the way
}

// Close ends the connection, and with it all that runs through it.
func (m *Machine) Close() error {
	var err error
	if m.client != nil {
		err = m.client.Close()
	}
	for i := len(m.via) - 1; i >= 0; i-- {
		err = errors.Join(err, m.via[i].Close())
	}
	return err
}

// ExitError is a command that did not end well.
type ExitError struct {
	Host string
	// Status is the exit status, or -1 if the command ended without one.
	Status int
}

func (e *ExitError) Error() string {
	if e.Status < 0 {
		return "the command on " + e.Host + " was ended"
	}
	return fmt.Sprintf("the command on %s failed: exit status %d", e.Host, e.Status)
}

// Complaint adds a command's stderr to its error.
func Complaint(err error, said string) error {
	if said = strings.TrimSpace(said); said == "" {
		return err
	}
	return fmt.Errorf("%w:\n    %s", err, strings.ReplaceAll(said, "\n", "\n    "))
}

// Run runs a command in the user's shell there. Any of the streams may be nil. The error
// is an [*ExitError] if the command ran. When the context ends, or a writer fails, Run
// returns at once: it closes the command's input, and does not wait for the command.
func (m *Machine) Run(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) error {
	session, err := m.client.NewSession()
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	defer session.Close()
	broken := make(chan error, 2)
	gates := [2]gate{{broken: broken}, {broken: broken}}
	defer gates[0].close()
	defer gates[1].close()
	session.Stdout, session.Stderr = gates[0].to(stdout), gates[1].to(stderr)
	if stdin != nil {
		// A session with a reader would wait for its end, even after the command has
		// ended.
		input, err := session.StdinPipe()
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		go func() {
			_, _ = io.Copy(input, stdin) // the command may not read all of its input
			_ = input.Close()
		}()
	}
	ended := make(chan error, 1)
	go func() { ended <- session.Run(command) }()
	select {
	case err = <-ended:
	case err = <-broken:
		return err
	case <-ctx.Done():
		// Closing the session closes the command's input. The far side would
		// answer only when the command has ended.
		return context.Cause(ctx)
	}
	if exit, ok := errors.AsType[*ssh.ExitError](err); ok {
		return &ExitError{Host: m.Name, Status: exit.ExitStatus()}
	}
	if _, ok := errors.AsType[*ssh.ExitMissingError](err); ok {
		return &ExitError{Host: m.Name, Status: -1}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	return nil
}

// gate keeps a command's output from a writer that must not be used any more.
type gate struct {
	broken chan<- error // gets the writer's error, once
	mu     sync.Mutex
	w      io.Writer
	closed bool
}

// to opens the gate to a writer. Without one, output is discarded.
func (g *gate) to(w io.Writer) io.Writer {
	if w == nil {
		w = io.Discard
	}
	g.w = w
	return g
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return 0, io.ErrClosedPipe
	}
	n, err := g.w.Write(p)
	if err != nil {
		g.broken <- err
		g.closed = true
	}
	return n, err
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// DialContext connects to an address as the machine sees it.
func (m *Machine) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := m.client.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("%s cannot reach %s: %w", m.Name, address, err)
	}
	return withDeadlines(c), nil
}

// withDeadlines adds deadlines to a connection through SSH, which has none: if the server
// at its other end hangs, gust must not hang.
func withDeadlines(c net.Conn) net.Conn {
	near, far := net.Pipe()
	go func() {
		_, _ = io.Copy(far, c)
		_ = far.Close() // so that the reader at our end sees that the other end has closed
	}()
	go func() {
		_, _ = io.Copy(c, far)
		_ = c.Close()
	}()
	return &tunnelled{Conn: near, remote: c.RemoteAddr()}
}

// tunnelled is our end of a connection through SSH.
type tunnelled struct {
	net.Conn
	remote net.Addr
}

// RemoteAddr is the address at the far end.
func (t *tunnelled) RemoteAddr() net.Addr { return t.remote }
