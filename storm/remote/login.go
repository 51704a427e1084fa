package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"gust/internal/hint"
)

// login is one attempt to log in: the methods that the machine is offered.
type login struct {
	dialer *Dialer
	route  *route
	conn   net.Conn
	agent  net.Conn
	// locked are keys that were not tried, because their passphrase is unknown.
	locked []string
	secret secret
}

// patience extends the deadline.
func (l *login) patience() { _ = l.conn.SetDeadline(time.Now().Add(l.dialer.options.Timeout)) }

// methods are the agent's keys, the key files, and passwords, in this order.
func (l *login) methods(ctx context.Context) []ssh.AuthMethod {
	keys := ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { return l.signers(ctx), nil })
	methods := []ssh.AuthMethod{keys}
	if l.route.target.Password == "" && l.dialer.options.Ask == nil {
		return methods
	}
	tries := tries
	if l.route.target.Password != "" {
		tries = 1 // the same one again would only lock the account
	}
	return append(methods,
		ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) { return l.password(ctx) }), tries),
		ssh.RetryableAuthMethod(ssh.KeyboardInteractive(func(_, _ string, questions []string, echos []bool) ([]string, error) {
			// One hidden question is the password by another name.
			if len(questions) == 0 {
				return nil, nil
			}
			if len(questions) > 1 || echos[0] {
				return nil, errors.New("it asks for more than a password")
			}
			password, err := l.password(ctx)
			return []string{password}, err
		}), tries))
}

// tries is how often something secret may be mistyped.
const tries = 3

// signers are the keys that the machine may accept.
func (l *login) signers(ctx context.Context) []ssh.Signer {
	held := l.agentKeys(ctx)
	known := map[string]bool{}
	for _, signer := range held {
		known[string(signer.PublicKey().Marshal())] = true
	}
	var named []ssh.Signer
	for _, file := range l.route.identities {
		file = l.route.expand(file)
		// A key that the agent has needs no passphrase here.
		public := readPublicKey(file + ".pub")
		if public != nil && known[string(public.Marshal())] {
			named = append(named, pick(held, public))
			continue
		}
		if signer := l.keyFile(ctx, file); signer != nil {
			named = append(named, signer)
		}
	}
	if l.route.identitiesOnly {
		return named
	}
	return append(held, named...)
}

// pick is the agent's signer of a public key.
func pick(signers []ssh.Signer, public ssh.PublicKey) ssh.Signer {
	for _, signer := range signers {
		if string(signer.PublicKey().Marshal()) == string(public.Marshal()) {
			return signer
		}
	}
	return nil
}

// agentKeys are the keys of the user's agent, none if there is no agent.
func (l *login) agentKeys(ctx context.Context) []ssh.Signer {
	socket := expandHome(l.route.agent)
	if socket == "" || socket == "SSH_AUTH_SOCK" {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	if socket == "" || socket == "none" {
		return nil
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil // the variable of an agent that has ended
	}
	l.agent = c // it signs until the login is over
	signers, err := agent.NewClient(c).Signers()
	if err != nil {
		return nil
	}
	return signers
}

func (l *login) close() {
	l.judged()
	if l.agent != nil {
		_ = l.agent.Close()
	}
}

// keyFile reads a private key, and asks for its passphrase if it has one. It is nil if
// the key is not available.
func (l *login) keyFile(ctx context.Context, file string) ssh.Signer {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	signer, err := ssh.ParsePrivateKey(data)
	if err == nil {
		return signer
	}
	if _, ok := errors.AsType[*ssh.PassphraseMissingError](err); !ok {
		l.locked = append(l.locked, fmt.Sprintf("%s: %v", file, err))
		return nil
	}
	defer l.pause()()
	if signer, err = l.dialer.unlock(ctx, file, data); err != nil {
		l.locked = append(l.locked, fmt.Sprintf("%s has a passphrase: %v", file, err))
		return nil
	}
	return signer
}

// unlock asks for the passphrase of a key file, once for all machines.
func (d *Dialer) unlock(ctx context.Context, file string, data []byte) (ssh.Signer, error) {
	d.asking.Lock()
	defer d.asking.Unlock()
	if signer, ok := d.unlocked[file]; ok {
		if signer == nil {
			return nil, errLocked
		}
		return signer, nil
	}
	for range tries {
		passphrase, err := d.ask(ctx, "Passphrase of "+file+": ", true)
		if err != nil {
			return nil, err
		}
		signer, err := ssh.ParsePrivateKeyWithPassphrase(data, []byte(passphrase))
		if err == nil {
			d.unlocked[file] = signer
			return signer, nil
		}
		if passphrase == "" {
			break
		}
	}
	d.unlocked[file] = nil
	return nil, errLocked
}

// errLocked is a key whose passphrase was not the right one.
var errLocked = errors.New("it was not given")

func readPublicKey(file string) ssh.PublicKey {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil
	}
	return public
}

// pause stops the machine's time, which the user's is not, until the result is called.
func (l *login) pause() func() {
	_ = l.conn.SetDeadline(time.Time{})
	return l.patience
}

// reason is why the negotiation failed.
func (l *login) reason(err error) error {
	host := l.route.target.Host
	if refused, ok := errors.AsType[*HostKeyError](err); ok {
		return refused
	}
	if silent := l.dialer.whySilent(); silent != nil {
		return fmt.Errorf("cannot log in at %s with SSH: %w", host, silent)
	}
	if strings.Contains(err.Error(), "unable to authenticate") {
		tried := "an agent's keys, or " + strings.Join(l.route.identities, ", ")
		why := ""
		if len(l.locked) > 0 {
			why = "\n" + strings.Join(l.locked, "\n")
		}
		return hint.With(fmt.Errorf("%s accepts no key of %s (%s)%s", host, l.route.user, tried, why),
			fmt.Sprintf("`ssh %[1]s` must work without a prompt: `ssh-copy-id %[1]s` installs a key there, `ssh-add` unlocks one", l.route.target))
	}
	return fmt.Errorf("cannot log in at %s with SSH: %w", host, err)
}
