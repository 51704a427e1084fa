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

// tunnelled tells whether Nimbus is reached through SSH. As in sparse an
// environment of config.json wants that unless its use_ssh_for_nimbus is false.
// There is no tunnel to where --nimbus or storm.yaml point, nor, where nothing
// is said, to this machine itself.
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

// allLocal tells whether all addresses are of this machine.
func allLocal(addresses []string) bool {
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || host != "localhost" && !(ip != nil && ip.IsLoopback()) {
			return false
		}
	}
	return true
}

// openTunnel connects to Nimbus through its own machine, which need not let
// anybody else reach the port. No local port is opened, which other users of
// this machine could connect to. It logs in at the first seed that it can: the
// user may have to type a password, which is not to be part of a call's time.
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

// tunnel keeps a connection to the machine of each Nimbus, for as long as
// somebody reaches Nimbus through it.
type tunnel struct {
	cluster *Cluster

	mu       sync.Mutex // held while connecting
	machines map[string]*remote.Machine
	gateway  *remote.Machine // the first that was reached
	users    map[*remote.Machine]int
}

// DialContext connects to HOST:PORT from HOST itself. A Nimbus may call another
// one by a name that only they know: then the way leads through the first
// machine that could be reached.
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
		t.release(m) // unless others use it, the next attempt logs in anew
		return nil, err
	}
	return &tunnelConn{Conn: c, release: sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.release(m)
	})}, nil
}

// release closes a machine that nobody uses any more.
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

// Close closes the connection, and the way to it where it was the last one.
func (c *tunnelConn) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}

// dial logs in at the machine of a Nimbus.
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
