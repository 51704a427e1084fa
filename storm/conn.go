package storm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
)

// conn is one connection to one Nimbus. It belongs to one goroutine at a time.
type conn struct {
	address string
	wire    *wire
	nimbus  *generated.NimbusClient
}

// dial connects to one Nimbus, and negotiates the options.
func dial(ctx context.Context, o Options, address string) (*conn, error) {
	// If a machine drops packets, the system's own attempt would take minutes.
	dialing, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	tcp, err := o.DialContext(dialing, "tcp", address)
	if err != nil {
		return nil, dialReason(err, o.Timeout)
	}
	stop := context.AfterFunc(dialing, func() { tcp.Close() })
	defer stop()
	c, err := negotiate(dialing, o, tcp, address)
	if err != nil {
		tcp.Close()
		if dialing.Err() != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("it accepts connections, but sends nothing within %v", o.Timeout)
		}
		return nil, err
	}
	return c, nil
}

// negotiate adds TLS, SASL and Thrift to a connection, depending on the options.
func negotiate(ctx context.Context, o Options, tcp net.Conn, address string) (*conn, error) {
	c := &conn{address: address}
	switch {
	case o.TLS != nil:
		secure := tls.Client(tcp, tlsFor(o.TLS, address))
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, tlsReason(err)
		}
		c.wire = newWire(secure, false, o.Timeout)
	default:
		c.wire = newWire(tcp, true, o.Timeout)
	}
	if o.Digest != nil {
		if err := c.wire.login(ctx, o.Digest); err != nil {
			return nil, err
		}
	}
	protocol := thrift.NewTBinaryProtocolConf(c.wire, &thrift.TConfiguration{MaxMessageSize: maxAnswer, MaxFrameSize: maxAnswer})
	c.nimbus = generated.NewNimbusClient(thrift.NewTStandardClient(protocol, protocol))
	return c, nil
}

// close closes the connection. Its error does not matter.
func (c *conn) close() { _ = c.wire.Close() }

// do makes one call on the connection. A cancelled context ends it at once.
func do[T any](ctx context.Context, c *conn, f func(context.Context, *generated.NimbusClient) (T, error)) (T, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.wire.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	answer, err := f(ctx, c.nimbus)
	if err != nil && ctx.Err() != nil {
		return answer, ctx.Err()
	}
	return answer, err
}

// dialReason is why there is no connection.
func dialReason(err error, timeout time.Duration) error {
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return fmt.Errorf("unknown host %s (%s)", lookup.Name, lookup.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("cannot connect within %v", timeout)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
