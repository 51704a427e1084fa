package remote

import (
	"context"
	"fmt"
)

// account is a user at a machine.
type account struct{ user, address string }

// passwords are those that machines have accepted, and no others.
type passwords struct {
	of map[account]string
	// last is the machine that was the last to accept one of the user.
	last map[string]*route
}

// secret is the state of a login's password.
type secret struct {
	proving bool   // the login has locked the dialer's mutex of that name
	given   string // to the machine, last
	known   bool   // the machine got the password that it had accepted before
	offered bool   // the user was offered one that another machine has accepted
}

// password is the target's, or the one that the machine has accepted before, or the
// user's answer. If another machine has accepted a password, this one gets it only if the
// user agrees: it may be an impostor. Logins ask one after another, each when the
// previous one is decided.
func (l *login) password(ctx context.Context) (string, error) {
	if l.route.target.Password != "" {
		return l.route.target.Password, nil
	}
	defer l.pause()()
	d, s := l.dialer, &l.secret
	if !s.proving {
		d.proving.Lock()
		s.proving = true
	}
	if known, ok := d.passwords.of[l.account()]; ok && !s.known {
		s.known, s.given = true, known
		return known, nil
	}
	question := fmt.Sprintf("Password of %s at %s", l.route.user, l.route.target.Host)
	last := d.passwords.last[l.route.user]
	offer := last != nil && !s.offered
	if offer {
		question += fmt.Sprintf(" (Enter tries the one that %s accepted)", last.target.Host)
	}
	d.asking.Lock()
	defer d.asking.Unlock()
	typed, err := d.ask(ctx, question+": ", true)
	if err == nil && typed == "" && offer {
		typed = d.passwords.of[account{last.user, last.address}]
	}
	s.offered, s.given = s.offered || offer, typed
	return typed, err
}

func (l *login) account() account { return account{l.route.user, l.route.address} }

// accepted records that the machine has let the user in. The last password that it got is
// correct then, if it got one: keys are tried first.
func (l *login) accepted() {
	if l.secret.given != "" {
		l.dialer.passwords.of[l.account()] = l.secret.given
		l.dialer.passwords.last[l.route.user] = l.route
	}
}

// judged lets the next login ask for a password.
func (l *login) judged() {
	if l.secret.proving {
		l.secret.proving = false
		l.dialer.proving.Unlock()
	}
}
