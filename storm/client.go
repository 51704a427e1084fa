package storm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
)

// DefaultTimeout is the default time for a call, which is streamparse's.
const DefaultTimeout = 7 * time.Second

// Options are the cluster and how to connect to it.
type Options struct {
	// Seeds are addresses of the form HOST:PORT, of which one at least should
	// be a Nimbus that runs (nimbus.seeds).
	Seeds []string
	// Timeout limits every call, and every attempt to connect. 0 is [DefaultTimeout].
	Timeout time.Duration
	// DialContext opens connections, such as through a tunnel; nil connects directly.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is set for a Nimbus with TLS. Its ServerName is set for each Nimbus. See
	// [TLSFiles].
	TLS *tls.Config
	// Digest is set for a Nimbus that requires SASL's DIGEST-MD5
	// (DigestSaslTransportPlugin). It cannot be combined with TLS; Storm cannot do that,
	// either.
	Digest *Digest
}

// Client makes calls to the Nimbus that leads a cluster. It may be used from any
// goroutine; the calls happen one after the other.
type Client struct {
	options Options

	mu sync.Mutex // locked during a call
	// conn is the connection to the leader, or nil if the next call must find it.
	conn     *conn
	maxFrame int
}

// Dial finds the leader of the cluster and connects to it. If no seed has one, the error
// is a [*NoNimbusError].
func Dial(ctx context.Context, o Options) (*Client, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.DialContext == nil {
		o.DialContext = new(net.Dialer).DialContext
	}
	if len(o.Seeds) == 0 {
		return nil, errors.New("no Nimbus given: there are no seeds to ask")
	}
	if o.TLS != nil && o.Digest != nil {
		return nil, errors.New("TLS and SASL exclude each other: Storm has no transport with both")
	}
	c := &Client{options: o, maxFrame: defaultMaxFrame}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c, c.connect(ctx)
}

// Close closes the connection.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
	return nil
}

// Nimbus is the address of the Nimbus that gets the calls, HOST:PORT, or empty after the
// connection was lost.
func (c *Client) Nimbus() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return ""
	}
	return c.conn.address
}

// Timeout is the time for a call.
func (c *Client) Timeout() time.Duration { return c.options.Timeout }

// connect makes sure that there is a connection.
func (c *Client) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	leader, err := findLeader(ctx, c.options)
	if err != nil {
		return err
	}
	leader.wire.maxFrame = c.maxFrame
	c.conn = leader
	return nil
}

// drop forgets the connection.
func (c *Client) drop() {
	if c.conn != nil {
		c.conn.close()
		c.conn = nil
	}
}

// repetition is whether a call may be repeated if it is unknown whether it was executed.
type repetition bool

const (
	repeatable repetition = true
	once       repetition = false
)

// attempts is the most attempts for a call. The pauses between them give a cluster time
// to elect a leader.
const attempts = 4

func pauseBefore(attempt int) time.Duration {
	return time.Duration(attempt*attempt) * 100 * time.Millisecond
}

// call calls a method of the leader.
func call[T any](ctx context.Context, c *Client, name string, again repetition, f func(context.Context, *generated.NimbusClient) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none T
	for attempt := 1; ; attempt++ {
		if err := c.connect(ctx); err != nil {
			return none, err
		}
		if again == once {
			// A connection that Nimbus has closed looks open until it is used. So it is
			// tested with a query, whose loss does no harm.
			if err := c.confirm(ctx); err != nil {
				return none, err
			}
		}
		address := c.conn.address
		answer, err := do(ctx, c.conn, f)
		if err == nil {
			return answer, nil
		}
		final, err := c.judge(ctx, name, again, address, err)
		if final || attempt == attempts {
			return none, err
		}
		if _, failed := errors.AsType[*InternalError](err); failed && c.conn != nil && attempt > 1 {
			return none, err // the leader itself has failed at it twice
		}
		if err := Pause(ctx, pauseBefore(attempt)); err != nil {
			return none, err
		}
	}
}

// callOn makes a call about a topology, and names the topology in the error as the caller
// did: Nimbus returns a sentence, the id or nothing, depending on the release and the
// call.
func callOn[T any](ctx context.Context, c *Client, topology, name string, again repetition, f func(context.Context, *generated.NimbusClient) (T, error)) (T, error) {
	answer, err := call(ctx, c, name, again, f)
	if e, ok := errors.AsType[*NotAliveError](err); ok {
		e.Topology = topology
	}
	if e, ok := errors.AsType[*AlreadyAliveError](err); ok {
		e.Topology = topology
	}
	return answer, err
}

// confirm asks the connection's Nimbus for the leader, and connects to that.
func (c *Client) confirm(ctx context.Context) error {
	if leads(ctx, c.options, c.conn) {
		return nil
	}
	c.drop()
	return c.connect(ctx)
}

// judge makes the error of a call, and reports whether it is final: whether another
// attempt would be useless, or might execute the call twice.
func (c *Client) judge(ctx context.Context, name string, again repetition, address string, err error) (final bool, _ error) {
	if ctx.Err() != nil {
		c.drop() // a late answer might be taken for the next call's
		return true, context.Cause(ctx)
	}
	if refusal := refused(name, err); refusal != nil {
		return true, refusal
	}
	if failure, ok := errors.AsType[thrift.TApplicationException](err); ok {
		return c.judgeFailure(ctx, name, again, address, failure)
	}
	c.drop()
	if e, ok := errors.AsType[*FrameError](err); ok {
		return true, e // nothing was sent
	}
	if e, ok := errors.AsType[*WrongPeerError](err); ok {
		return true, fmt.Errorf("no Nimbus at %s: %w", address, e)
	}
	if timedOut(err) {
		return true, &TimeoutError{Nimbus: address, Call: name, After: c.options.Timeout}
	}
	return again == once, &LostError{Nimbus: address, Call: name, Err: lostReason(err)}
}

// judgeFailure handles a call that Nimbus answered with an internal failure. A Nimbus
// that is not the leader any more refuses in this way; then the next leader can execute
// any call. 1.x also fails at queries about topologies that are being killed.
func (c *Client) judgeFailure(ctx context.Context, name string, again repetition, address string, failure thrift.TApplicationException) (final bool, _ error) {
	switch failure.TypeId() {
	case thrift.UNKNOWN_METHOD:
		return true, &UnsupportedError{Nimbus: address, Call: name}
	case thrift.INTERNAL_ERROR:
		err := &InternalError{Nimbus: address, Call: name, Detail: failure.Error()}
		if leads(ctx, c.options, c.conn) {
			return again == once, err
		}
		c.drop()
		return false, err
	case thrift.PROTOCOL_ERROR:
		return true, &InternalError{Nimbus: address, Call: name, Detail: failure.Error()}
	}
	c.drop()
	return true, fmt.Errorf("Nimbus at %s gave an invalid answer to %s: %s", address, name, shortened(failure.Error()))
}

// refused words the exceptions that Storm declares, or is nil for other errors.
func refused(name string, err error) error {
	switch e := err.(type) {
	case *generated.NotAliveException:
		return &NotAliveError{Topology: e.Msg}
	case *generated.AlreadyAliveException:
		return &AlreadyAliveError{Topology: e.Msg}
	case *generated.InvalidTopologyException:
		return &InvalidTopologyError{Reason: e.Msg}
	case *generated.AuthorizationException:
		return &DeniedError{Call: name, Reason: e.Msg}
	case *generated.KeyNotFoundException:
		return fmt.Errorf("Nimbus has no blob of that name: %s", e.Msg)
	}
	return nil
}
