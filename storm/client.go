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

// DefaultTimeout is how long a call may take where nobody says otherwise. It is
// streamparse's.
const DefaultTimeout = 7 * time.Second

// Options say which cluster is meant, and how to talk to it.
type Options struct {
	// Seeds are addresses of the form HOST:PORT, of which one at least should
	// be a Nimbus that runs (nimbus.seeds).
	Seeds []string
	// Timeout bounds every call, and every attempt to connect. 0 is [DefaultTimeout].
	Timeout time.Duration
	// DialContext opens connections, such as through a tunnel; nil connects directly.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is set where Nimbus is to be spoken to through TLS. Its ServerName
	// is filled in for each Nimbus. See [TLSFiles].
	TLS *tls.Config
	// Digest is set where Nimbus asks for SASL's DIGEST-MD5
	// (DigestSaslTransportPlugin). It cannot be had together with TLS, nor in Storm.
	Digest *Digest
}

// Client makes calls to the Nimbus that leads a cluster. It may be used from any
// goroutine; the calls happen one after the other.
type Client struct {
	options Options

	mu sync.Mutex // held while a call is made
	// conn is the connection to the leader, or nil where the next call must find it.
	conn     *conn
	maxFrame int
}

// Dial finds the leader of the cluster and connects to it. Where no seed leads
// to it the error is a [*NoNimbusError].
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

// Nimbus is the address of the Nimbus that calls go to, HOST:PORT, or empty
// where the connection was lost and none has been made since.
func (c *Client) Nimbus() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return ""
	}
	return c.conn.address
}

// Timeout is how long a call may take.
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

// repetition says whether a call may be made again when nobody knows whether it
// was carried out.
type repetition bool

const (
	repeatable repetition = true
	once       repetition = false
)

// attempts is how often a call is made at most. The pauses between them leave a
// cluster the time to agree on a leader.
const attempts = 4

func pauseBefore(attempt int) time.Duration {
	return time.Duration(attempt*attempt) * 100 * time.Millisecond
}

// call makes a call of the given name at the leader.
func call[T any](ctx context.Context, c *Client, name string, again repetition, f func(context.Context, *generated.NimbusClient) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var none T
	for attempt := 1; ; attempt++ {
		if err := c.connect(ctx); err != nil {
			return none, err
		}
		if again == once {
			// A connection that Nimbus closed long ago looks alive until it is
			// used. It is tried with a question, whose loss does no harm.
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
		if err := sleep(ctx, pauseBefore(attempt)); err != nil {
			return none, err
		}
	}
}

// callOn makes a call about a topology, and names it in the error as it was named
// in the question: Nimbus says a sentence, the id or nothing, in each release and
// in each call something else.
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

// confirm asks the connection's Nimbus who leads, and follows the answer.
func (c *Client) confirm(ctx context.Context) error {
	if leads(ctx, c.options, c.conn) {
		return nil
	}
	c.drop()
	return c.connect(ctx)
}

// judge words the error of a call, and says whether it is final: whether
// another attempt is of no use, or might do the thing twice.
func (c *Client) judge(ctx context.Context, name string, again repetition, address string, err error) (final bool, _ error) {
	if ctx.Err() != nil {
		c.drop() // an answer may be on its way that would be taken for the next call's
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

// judgeFailure judges a call that Nimbus answered with a failure of its own. It
// is how one that does not lead any more refuses; a call is safe with the next
// leader then, whatever it does. 1.x also fails at questions about topologies
// that are just being killed.
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

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
