package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// HostKeyError is a machine that shows a key which is not known to be its own.
type HostKeyError struct {
	Host string
	// Key is the type and the fingerprint of the key that it shows.
	Key string
	// Changed tells that another key is known. KnownIn says where, FILE:LINE.
	Changed bool
	KnownIn string
}

func (e *HostKeyError) Error() string {
	if e.Changed {
		return fmt.Sprintf("%s shows another key than the one in %s: %s. Somebody may be listening in\n"+
			"hint: where the machine was set up anew, take the old key out of that file", e.Host, e.KnownIn, e.Key)
	}
	return fmt.Sprintf("the key of %s is not known: it shows %s\nhint: `ssh %s` asks once whether it is the right one, and remembers it", e.Host, e.Key, e.Host)
}

// knownHosts are the keys of the machines that the user knows.
type knownHosts struct {
	callback ssh.HostKeyCallback
	files    []string // all that were asked for, also those that do not exist
}

// readKnownHosts reads the files that there are.
func readKnownHosts(files []string) (*knownHosts, error) {
	var there []string
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			there = append(there, file)
		}
	}
	callback, err := knownhosts.New(there...)
	if err != nil {
		return nil, fmt.Errorf("cannot read the known machines of SSH: %w", err)
	}
	return &knownHosts{callback: callback, files: files}, nil
}

// algorithms are those of the keys that are known of a machine: it has keys of
// several kinds, and must be asked for one that can be checked. It is nil, for
// all, where none is known.
func (k *knownHosts) algorithms(address string, remote net.Addr) []string {
	err := k.callback(address, remote, noKey{})
	known, ok := errors.AsType[*knownhosts.KeyError](err)
	if !ok {
		return nil
	}
	var algorithms []string
	for _, key := range known.Want {
		switch kind := key.Key.Type(); kind {
		case ssh.KeyAlgoRSA:
			algorithms = append(algorithms, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA)
		default:
			algorithms = append(algorithms, kind)
		}
	}
	return algorithms
}

// noKey is a key that no machine has.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

// checkKey decides about the key that a machine shows.
func (l *login) checkKey(hosts *knownHosts) ssh.HostKeyCallback {
	return func(address string, remote net.Addr, key ssh.PublicKey) error {
		err := hosts.callback(address, remote, key)
		known, ok := errors.AsType[*knownhosts.KeyError](err)
		if !ok {
			return err
		}
		refused := &HostKeyError{Host: l.route.target.Host, Key: key.Type() + " " + ssh.FingerprintSHA256(key)}
		if len(known.Want) > 0 {
			refused.Changed = true
			refused.KnownIn = fmt.Sprintf("%s:%d", known.Want[0].Filename, known.Want[0].Line)
			return refused
		}
		_ = l.conn.SetDeadline(time.Time{})
		defer l.patience()
		return l.dialer.meet(l.route, hosts, address, key, refused)
	}
}

// meet lets a machine in whose key is new, where the user agrees, and remembers it.
func (d *Dialer) meet(r *route, hosts *knownHosts, address string, key ssh.PublicKey, refused *HostKeyError) error {
	d.asking.Lock()
	defer d.asking.Unlock()
	if agreed := d.met[address]; agreed != "" {
		if agreed == refused.Key {
			return nil
		}
		return refused
	}
	if !r.acceptNew {
		if d.options.Ask == nil {
			return refused
		}
		answer, err := d.options.Ask(fmt.Sprintf("The key of %s is not known: it shows %s.\nIs it the right one (yes/no)? ", r.target.Host, refused.Key), false)
		if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "yes") {
			return refused
		}
	}
	d.met[address] = refused.Key
	if len(hosts.files) == 0 {
		return nil
	}
	return appendLine(hosts.files[0], knownhosts.Line([]string{knownhosts.Normalize(address)}, key))
}
