package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Options are the user's settings, and how to ask the user.
type Options struct {
	// ConfigFiles are in ssh_config's form, the most particular first.
	ConfigFiles []string
	// KnownHosts are the user's files with the keys of machines, if ssh_config has no
	// others. A new key is added to the first. GlobalKnownHosts are those of all users.
	KnownHosts, GlobalKnownHosts []string
	// Identities are the private keys to try, if ssh_config has none.
	Identities []string
	// Ask asks the user something, such as a passphrase; a hidden answer must not be
	// shown while it is typed. It is nil if there is no user to ask. After an error, the
	// user is not asked again.
	Ask func(ctx context.Context, question string, hidden bool) (string, error)
	// Timeout limits each attempt to connect. 0 is [DefaultTimeout].
	Timeout time.Duration
}

// DefaultTimeout is the default time for a connection.
const DefaultTimeout = 20 * time.Second

// UserOptions are those that ssh has for this user.
func UserOptions() Options {
	home := func(file string) string { return expandHome("~/.ssh/" + file) }
	return Options{
		ConfigFiles:      []string{home("config"), "/etc/ssh/ssh_config"},
		KnownHosts:       []string{home("known_hosts"), home("known_hosts2")},
		GlobalKnownHosts: []string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"},
		Identities:       []string{home("id_ed25519"), home("id_ecdsa"), home("id_rsa")},
	}
}

// Dialer connects to machines. Any goroutine may use it; it asks the user one question at
// a time.
type Dialer struct {
	options Options

	asking sync.Mutex // locked while the user is asked; guards the answers
	// unlocked are the key files that had a passphrase; nil is one that stays locked.
	unlocked map[string]ssh.Signer
	// met are the keys that the user has agreed to, by address.
	met map[string]string
	// silent is why the user is not asked any more.
	silent error

	proving sync.Mutex // locked from a password's question until the machine has accepted or refused it
	// passwords are those that machines have accepted.
	passwords passwords
}

// New makes a dialer.
func New(o Options) *Dialer {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return &Dialer{options: o, unlocked: map[string]ssh.Signer{}, met: map[string]string{}, passwords: passwords{map[account]string{}, map[string]*route{}}}
}

// Dial connects to a machine and logs in. Its errors name the machine and the remedy.
func (d *Dialer) Dial(ctx context.Context, t Target) (*Machine, error) {
	return d.dial(ctx, t, maxJumps)
}

// maxJumps limits the number of machines on the way to another.
const maxJumps = 8

func (d *Dialer) dial(ctx context.Context, t Target, jumps int) (*Machine, error) {
	r, err := d.routeTo(t)
	if err != nil {
		return nil, err
	}
	if len(r.jumps) > jumps {
		return nil, fmt.Errorf("ProxyJump to %s has a cycle", t.Host)
	}
	m := &Machine{Target: t, Name: t.Host, User: r.user}
	forward := new(net.Dialer).DialContext
	for _, jump := range r.jumps {
		via, err := d.dialThrough(ctx, jump, forward, jumps-1)
		if err != nil {
			m.Close()
			return nil, fmt.Errorf("on the way to %s: %w", t.Host, err)
		}
		m.via = append(m.via, via)
		forward = via.DialContext
	}
	if m.client, err = d.handshake(ctx, r, forward); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// dialThrough connects to a machine on the way. ssh_config may have a way for the first
// one; the others are reached through the machines before them.
func (d *Dialer) dialThrough(ctx context.Context, t Target, forward func(context.Context, string, string) (net.Conn, error), jumps int) (*Machine, error) {
	r, err := d.routeTo(t)
	if err != nil {
		return nil, err
	}
	if len(r.jumps) > 0 {
		return d.dial(ctx, t, jumps)
	}
	client, err := d.handshake(ctx, r, forward)
	if err != nil {
		return nil, err
	}
	return &Machine{Target: t, Name: t.Host, User: r.user, client: client}, nil
}

// handshake connects and logs in.
func (d *Dialer) handshake(ctx context.Context, r *route, forward func(context.Context, string, string) (net.Conn, error)) (*ssh.Client, error) {
	hosts, err := readKnownHosts(slices.Concat(r.knownHosts, r.globalKnownHosts))
	if err != nil {
		return nil, err
	}
	connecting, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	c, err := forward(connecting, "tcp", r.address)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s with SSH: %w", r.target.Host, connectReason(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	login := &login{dialer: d, route: r, conn: c}
	login.patience()
	config := &ssh.ClientConfig{
		User:              r.user,
		Auth:              login.methods(ctx),
		HostKeyCallback:   login.checkKey(ctx, hosts),
		HostKeyAlgorithms: hosts.algorithms(r.address),
	}
	defer login.close()
	conn, channels, requests, err := ssh.NewClientConn(c, r.address, config)
	if err != nil {
		_ = c.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, login.reason(err)
	}
	login.accepted()
	_ = c.SetDeadline(time.Time{})
	return ssh.NewClient(conn, channels, requests), nil
}

// connectReason removes from a dialer's error what the message already says.
func connectReason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		if op.Addr != nil {
			return fmt.Errorf("%s: %w", op.Addr, op.Err)
		}
		return op.Err
	}
	return err
}

// ask asks the user something. The caller has locked d.asking.
func (d *Dialer) ask(ctx context.Context, question string, hidden bool) (string, error) {
	if d.options.Ask == nil {
		return "", errNobody
	}
	if d.silent != nil {
		return "", d.silent
	}
	answer, err := d.options.Ask(ctx, question, hidden)
	d.silent = err
	return answer, err
}

// whySilent is why the user is not asked any more, or nil.
func (d *Dialer) whySilent() error {
	d.asking.Lock()
	defer d.asking.Unlock()
	return d.silent
}

// errNobody is a question without a user to answer it.
var errNobody = errors.New("no terminal to ask on")

// appendLine adds a line to a file, which is made for the user alone.
func appendLine(file, line string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
