package access

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"sync"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/remote"
)

// tunnelled reports whether to reach Nimbus through SSH. As with sparse, an environment
// of config.json uses SSH unless its use_ssh_for_nimbus is false. A Nimbus from --nimbus
// or storm.yaml is reached directly. So is one on this machine, unless the setting asks
// for SSH.
func (c *Cluster) tunnelled(seeds []string) (bool, error) {
	if c.Environment == nil || c.Nimbus != "" {
		return false, nil
	}
	if _, named := c.Environment.Settings["nimbus"]; !named && os.Getenv("STREAMPARSE_NIMBUS") == "" {
		return false, nil
	}
	tunnelled, err := c.Environment.Settings.Bool("use_ssh_for_nimbus", c.Environment.Name != "" && !allLocal(seeds))
	if err != nil {
		return false, c.inEnvironment(err)
	}
	return tunnelled, nil
}

// allLocal reports whether all addresses are of this machine.
func allLocal(addresses []string) bool {
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || host != "localhost" && !(ip != nil && ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// openTunnel connects to Nimbus through SSH on Nimbus's own machine, so that its port
// need not be open to others. It opens no local port, because other users of this machine
// could connect to that. It logs in to the first reachable seed now: the user may have to
// type a password, and that time must not count for a call.
func (c *Cluster) openTunnel(ctx context.Context, seeds []string) (*tunnel, error) {
	t := &tunnel{cluster: c, machines: map[string]*remote.Machine{}, users: map[*remote.Machine]int{}}
	var failed []error
	for _, seed := range seeds {
		host, _, err := net.SplitHostPort(seed)
		if err == nil {
			_, err = t.dial(ctx, host)
		}
		if err == nil {
			return t, nil
		}
		if errors.Is(err, terminal.ErrInterrupted) {
			return nil, err
		}
		failed = append(failed, err)
	}
	return nil, hint.With(errors.Join(failed...),
		"if Nimbus is reachable without SSH, set use_ssh_for_nimbus to false in config.json, or use --nimbus "+seeds[0])
}

// tunnel keeps a connection to the machine of each Nimbus while somebody uses it.
type tunnel struct {
	cluster *Cluster

	mu       sync.Mutex // locked while connecting
	machines map[string]*remote.Machine
	gateway  *remote.Machine // the first that was reached
	users    map[*remote.Machine]int
}

// DialContext connects to HOST:PORT from HOST itself. One Nimbus may name another by a
// name that only they know: then it connects through the first machine that it has
// reached.
func (t *tunnel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.machines[host]
	if m == nil {
		if m, err = t.dial(ctx, host); err != nil {
			if t.gateway != nil && ctx.Err() == nil {
				return t.through(ctx, t.gateway, network, address)
			}
			return nil, err
		}
	}
	return t.through(ctx, m, network, net.JoinHostPort("localhost", port))
}

// through connects to an address from a machine.
func (t *tunnel) through(ctx context.Context, m *remote.Machine, network, address string) (net.Conn, error) {
	c, err := m.DialContext(ctx, network, address)
	t.users[m]++
	if err != nil {
		t.release(m) // the next attempt logs in again, unless others use the machine
		return nil, err
	}
	return &tunnelConn{Conn: c, release: sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.release(m)
	})}, nil
}

// release closes a machine when its last user is done.
func (t *tunnel) release(m *remote.Machine) {
	if t.users[m]--; t.users[m] > 0 {
		return
	}
	delete(t.users, m)
	maps.DeleteFunc(t.machines, func(_ string, other *remote.Machine) bool { return other == m })
	if t.gateway == m {
		t.gateway = nil
	}
	_ = m.Close()
}

// tunnelConn is a connection through a machine.
type tunnelConn struct {
	net.Conn
	release func()
}

// Close closes the connection, and the machine's if this was the last one through it.
func (c *tunnelConn) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}

// dial logs in to the machine of a Nimbus.
func (t *tunnel) dial(ctx context.Context, host string) (*remote.Machine, error) {
	target, err := t.cluster.Machine(host)
	if err != nil {
		return nil, err
	}
	m, err := t.cluster.SSH.Dial(ctx, target)
	if err != nil {
		return nil, err
	}
	t.machines[host] = m
	if t.gateway == nil {
		t.gateway = m
	}
	return m, nil
}
