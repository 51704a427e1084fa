package remote

import (
	"context"
	"fmt"
)

// account is who logs in at which machine.
type account struct{ user, address string }

// passwords are those that machines have accepted, and no others.
type passwords struct {
	of map[account]string
	// last is the machine that was the last to accept one of the user.
	last map[string]*route
}

// secret is what a login knows of its password.
type secret struct {
	proving bool   // the login holds the dialer's lock of that name
	given   string // to the machine, last
	known   bool   // the machine was given the one that it accepted before
	offered bool   // the user was offered one that another machine has accepted
}

// password is the target's, or what the machine has accepted before, or what the
// user says. A password that another machine has accepted is given to this one only
// if the user agrees: it may not be the machine that it seems. Logins ask one after
// another, each when the one before has been judged.
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

// accepted notes that the machine has let the user in. What was given to it last is
// the password then, if one was given: keys are tried before.
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
