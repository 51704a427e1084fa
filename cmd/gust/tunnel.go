package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"gust/conf"
	"gust/internal/remote"
)

// tunnelled tells whether Nimbus is reached through SSH. As in sparse an
// environment of config.json wants that unless its use_ssh_for_nimbus is false.
// There is no tunnel to where --nimbus or storm.yaml point, nor, where nothing
// is said, to this machine itself.
func (o *clusterOptions) tunnelled(environment *conf.Environment, seeds []string) (bool, error) {
	if environment == nil || o.nimbus != "" {
		return false, nil
	}
	if _, named := environment.Settings["nimbus"]; !named && os.Getenv("STREAMPARSE_NIMBUS") == "" {
		return false, nil
	}
	tunnelled, err := environment.Settings.Bool("use_ssh_for_nimbus", environment.Name != "" && !allLocal(seeds))
	if err != nil {
		return false, fmt.Errorf("environment %q of config.json: %w", environment.Name, err)
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

// nimbusTunnel connects to Nimbus through its own machine, which need not let
// anybody else reach the port. No local port is opened, which other users of
// this machine could connect to. It logs in at the first seed that it can: the
// user may have to type a password, which is not to be part of a call's time.
func nimbusTunnel(ctx context.Context, environment *conf.Environment, seeds []string) (*tunnel, error) {
	t := &tunnel{environment: environment, ssh: newSSH(), machines: map[string]*remote.Machine{}}
	var failed []error
	for _, seed := range seeds {
		host, _, err := net.SplitHostPort(seed)
		if err == nil {
			_, err = t.dial(ctx, host)
		}
		if err == nil {
			return t, nil
		}
		failed = append(failed, err)
	}
	return nil, &hintError{errors.Join(failed...),
		"where Nimbus can be reached without SSH, set use_ssh_for_nimbus to false in config.json, or say --nimbus " + seeds[0]}
}

// tunnel keeps a connection to the machine of each Nimbus. They end with the process.
type tunnel struct {
	environment *conf.Environment
	ssh         *remote.Dialer

	mu       sync.Mutex // held while connecting
	machines map[string]*remote.Machine
	gateway  *remote.Machine // the first that was reached
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
				return t.gateway.DialContext(ctx, network, address)
			}
			return nil, err
		}
	}
	c, err := m.DialContext(ctx, network, net.JoinHostPort("localhost", port))
	if err != nil {
		delete(t.machines, host) // the next attempt logs in anew
		if t.gateway == m {
			t.gateway = nil
		}
		_ = m.Close()
	}
	return c, err
}

// dial logs in at the machine of a Nimbus.
func (t *tunnel) dial(ctx context.Context, host string) (*remote.Machine, error) {
	target, err := sshTarget(t.environment, host)
	if err != nil {
		return nil, err
	}
	m, err := t.ssh.Dial(ctx, target)
	if err != nil {
		return nil, err
	}
	t.machines[host] = m
	if t.gateway == nil {
		t.gateway = m
	}
	return m, nil
}
