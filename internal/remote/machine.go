package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/crypto/ssh"
)

// Machine is a connection to a machine.
type Machine struct {
	// Target is what was dialled, Name its host, and User who is logged in there.
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
	// Status is the exit status, or -1 where the command ended without one.
	Status int
}

func (e *ExitError) Error() string {
	if e.Status < 0 {
		return "the command on " + e.Host + " was ended"
	}
	return fmt.Sprintf("the command on %s ended with exit code %d", e.Host, e.Status)
}

// Run runs a command in the user's shell there. Any of the streams may be nil.
// Its error is an [*ExitError] where the command ran. When the context ends,
// the command's input is closed and the rest of it left to itself.
func (m *Machine) Run(ctx context.Context, command string, stdin io.Reader, stdout, stderr io.Writer) error {
	session, err := m.client.NewSession()
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	defer session.Close()
	session.Stdout, session.Stderr = stdout, stderr
	if stdin != nil {
		// A session that is given a reader would wait for its end, even when the
		// command has ended long ago.
		input, err := session.StdinPipe()
		if err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		go func() {
			_, _ = io.Copy(input, stdin) // what the command does not read is its own affair
			_ = input.Close()
		}()
	}
	stop := context.AfterFunc(ctx, func() { _ = session.Close() })
	defer stop()
	err = session.Run(command)
	if ctx.Err() != nil {
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

// DialContext connects to an address as the machine sees it.
func (m *Machine) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := m.client.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("%s cannot reach %s: %w", m.Name, address, err)
	}
	return withDeadlines(c), nil
}

// withDeadlines gives deadlines to a connection through SSH, which has none: a
// server at its other end that hangs must not hang us.
func withDeadlines(c net.Conn) net.Conn {
	near, far := net.Pipe()
	go func() {
		_, _ = io.Copy(far, c)
		_ = far.Close() // what reads at our end sees that the other end has closed
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
