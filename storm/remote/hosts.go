package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"gust/internal/hint"
)

// HostKeyError is a machine whose key is unknown.
type HostKeyError struct {
	Host string
	// Key is the type and the fingerprint of the key that it shows.
	Key string
	// Changed is set if another key is known. KnownIn is its place, FILE:LINE.
	Changed bool
	KnownIn string
	// Strict is set if new keys are refused (StrictHostKeyChecking).
	Strict bool
}

func (e *HostKeyError) Error() string {
	if e.Changed {
		return hint.Join(fmt.Sprintf("%s has another key than the one in %s: %s. Someone may be intercepting the connection", e.Host, e.KnownIn, e.Key),
			"if the machine was reinstalled, remove the old key from that file")
	}
	if e.Strict {
		return hint.Join(fmt.Sprintf("unknown host key of %s, and StrictHostKeyChecking is yes: it is %s", e.Host, e.Key), "add its key to your known_hosts")
	}
	return hint.Join(fmt.Sprintf("unknown host key of %s: it is %s", e.Host, e.Key),
		fmt.Sprintf("`ssh %s` asks once whether it is right, and remembers it", e.Host))
}

// readKnownHosts reads the files that there are.
func readKnownHosts(files []string) (*knownHosts, error) {
	var there []string
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			there = append(there, file)
		}
	}
	db, err := knownhosts.NewDB(there...)
	if err != nil {
		return nil, fmt.Errorf("cannot read the known machines of SSH: %w", err)
	}
	return &knownHosts{db}, nil
}

// knownHosts are the known keys of machines, and of the authorities that certify such
// keys.
type knownHosts struct{ *knownhosts.HostKeyDB }

// algorithms are those with which a machine can show a known key: it has keys of several
// kinds. Certificates are useful only from machines with a known authority. If no key is
// known, all kinds are.
func (k *knownHosts) algorithms(address string) []string {
	var plain []string
	certified := false
	for _, key := range k.HostKeys(address) {
		switch kind := key.Type(); {
		case key.Cert:
			certified = true
		case kind == ssh.KeyAlgoRSA:
			plain = append(plain, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA)
		default:
			plain = append(plain, kind)
		}
	}
	var certificates, keys []string
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		if strings.Contains(algorithm, "-cert-") {
			certificates = append(certificates, algorithm)
		} else {
			keys = append(keys, algorithm)
		}
	}
	if len(plain) > 0 {
		keys = plain
	}
	if certified {
		return append(certificates, keys...)
	}
	return keys
}

// has reports whether a key is known as the machine's own, not as an authority's.
func (k *knownHosts) has(address string, key ssh.PublicKey) bool {
	return slices.ContainsFunc(k.HostKeys(address), func(known knownhosts.PublicKey) bool {
		return !known.Cert && bytes.Equal(known.Marshal(), key.Marshal())
	})
}

// checkKey decides about the key that a machine shows.
func (l *login) checkKey(ctx context.Context, hosts *knownHosts) ssh.HostKeyCallback {
	check := hosts.HostKeyCallback()
	return func(address string, remote net.Addr, key ssh.PublicKey) error {
		err := check(address, remote, key)
		known, ok := errors.AsType[*xknownhosts.KeyError](err)
		if !ok {
			return err
		}
		refused := &HostKeyError{Host: l.route.target.Host, Key: key.Type() + " " + ssh.FingerprintSHA256(key), Strict: l.route.checking == strict}
		for _, want := range known.Want {
			if hosts.has(address, want.Key) {
				refused.Changed = true
				refused.KnownIn = fmt.Sprintf("%s:%d", want.Filename, want.Line)
				return refused
			}
		}
		_ = l.conn.SetDeadline(time.Time{})
		defer l.patience()
		return l.dialer.meet(ctx, l.route, address, key, refused)
	}
}

// meet accepts a machine with a new key if the user agrees, and remembers the key.
func (d *Dialer) meet(ctx context.Context, r *route, address string, key ssh.PublicKey, refused *HostKeyError) error {
	if r.checking == strict {
		return refused
	}
	d.asking.Lock()
	defer d.asking.Unlock()
	if agreed := d.met[address]; agreed != "" {
		if agreed == refused.Key {
			return nil
		}
		return refused
	}
	if r.checking == askNew {
		answer, err := d.ask(ctx, fmt.Sprintf("Unknown host key of %s: it is %s.\nIs it right (yes/no)? ", r.target.Host, refused.Key), false)
		if err != nil && !errors.Is(err, errNobody) {
			return err
		}
		if !strings.EqualFold(strings.TrimSpace(answer), "yes") {
			return refused
		}
	}
	d.met[address] = refused.Key
	if len(r.knownHosts) == 0 {
		return nil
	}
	return appendLine(r.knownHosts[0], knownhosts.Line([]string{knownhosts.Normalize(address)}, key))
}
