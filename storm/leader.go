package storm

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"gust/internal/hint"
	"gust/storm/generated"
)

// leaderWait is how long an election may take: a Nimbus answers before there is a leader,
// both when a cluster starts and when a leader has died.
const leaderWait = 10 * time.Second

// errNoLeader is a seed that knows no leader.
var errNoLeader = errors.New("it knows no leader yet")

// findLeader asks the seeds for the leader, in their order, and connects to it. While a
// seed answers but there is no leader, it asks again: an election ends.
func findLeader(ctx context.Context, o Options) (*conn, error) {
	for end := time.Now().Add(leaderWait); ; {
		c, err := askSeeds(ctx, o)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !errors.Is(err, errNoLeader) || time.Now().After(end) {
			return nil, err
		}
		if err := Pause(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// askSeeds asks each seed once.
func askSeeds(ctx context.Context, o Options) (*conn, error) {
	failed := &NoNimbusError{}
	for _, seed := range o.Seeds {
		c, err := dial(ctx, o, seed)
		if err == nil {
			c, err = follow(ctx, o, c)
		}
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failed.Seeds = append(failed.Seeds, seed)
		failed.Reasons = append(failed.Reasons, err)
	}
	return nil, failed
}

// follow returns a connection to the Nimbus that leads the cluster of c: c
// itself, or another one, in which case c is closed.
func follow(ctx context.Context, o Options, c *conn) (*conn, error) {
	leader, err := leaderOf(ctx, o, c)
	if err != nil {
		c.close()
		return nil, askReason(c.address, o, err)
	}
	if leader == "" || isAt(c, leader) {
		return c, nil
	}
	other, err := dial(ctx, o, leader)
	if err == nil {
		c.close()
		return other, nil
	}
	// If the leader's name works only inside its cluster, the leader may be the seed
	// itself, as with a port that a container or a tunnel forwards. If there is only one
	// Nimbus, it is.
	if alone(ctx, c) {
		return c, nil
	}
	c.close()
	return nil, &unreachableError{leader: leader, err: err}
}

// leaderOf asks the Nimbus of c for the leader. The address is empty if the Nimbus is too
// old to know others.
func leaderOf(ctx context.Context, o Options, c *conn) (address string, err error) {
	leader, err := do(ctx, c, func(ctx context.Context, n *generated.NimbusClient) (*generated.NimbusSummary, error) {
		return n.GetLeader(ctx)
	})
	switch {
	case isUnknownMethod(err):
		return "", nil
	case isFailure(err):
		// Without a leader, 1.x fails, and 2.x says so.
		return "", errNoLeader
	case err != nil:
		return "", err
	case leader == nil || leader.Host == "" || !leader.IsLeader:
		return "", errNoLeader
	}
	port := leader.Port
	if o.TLS != nil && leader.GetTlsPort() > 0 {
		port = leader.GetTlsPort()
	}
	return net.JoinHostPort(leader.Host, strconv.Itoa(int(port))), nil
}

// leads reports whether the Nimbus of c still leads.
func leads(ctx context.Context, o Options, c *conn) bool {
	leader, err := leaderOf(ctx, o, c)
	return err == nil && (leader == "" || isAt(c, leader) || alone(ctx, c))
}

// isAt reports whether c is a connection to the address, under any name.
func isAt(c *conn, address string) bool {
	if c.address == address {
		return true
	}
	remote, ok := c.wire.conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return false
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != strconv.Itoa(remote.Port) {
		return false
	}
	ips, err := net.LookupIP(host)
	if err != nil {
		return false
	}
	for _, ip := range ips {
		if ip.Equal(remote.IP) {
			return true
		}
	}
	return false
}

// alone reports whether the cluster has one Nimbus only.
func alone(ctx context.Context, c *conn) bool {
	cluster, err := do(ctx, c, func(ctx context.Context, n *generated.NimbusClient) (*generated.ClusterSummary, error) {
		return n.GetClusterInfo(ctx)
	})
	return err == nil && len(cluster.Nimbuses) <= 1
}

// unreachableError is a leader that a seed has named, but that cannot be reached.
type unreachableError struct {
	leader string
	err    error
}

func (e *unreachableError) Error() string {
	return hint.Join("it says that "+e.leader+" leads, but is unreachable from here: "+e.err.Error(),
		"add an address of the leader that works from here to the seeds, or open a tunnel")
}

func (e *unreachableError) Unwrap() error { return e.err }
