package stormtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
)

// Deed is what a [Fake] does with a call.
type Deed int

// The deeds.
const (
	// Answer is what a Nimbus should do.
	Answer Deed = iota
	// Hang reads the call and sends nothing more on the connection.
	Hang
	// Drop closes the connection before the call is carried out.
	Drop
	// DropAfter carries the call out and closes the connection instead of answering.
	DropAfter
	// Fail answers with an internal error, as a Nimbus does that has ceased to lead.
	Fail
	// Unknown answers that there is no such call, like another release.
	Unknown
)

// Fake is a fake Nimbus, on the real protocol and a free port. It remembers topologies
// and uploads, and misbehaves if a test asks for it.
type Fake struct {
	// Leads is the fake that GetLeader returns: itself, unless a test sets another one,
	// or nil for none.
	Leads *Fake
	// Version is the Storm that it claims to be.
	Version string

	listener net.Listener
	secure   *tls.Config // nil without TLS

	mu          sync.Mutex
	deeds       map[string][]Deed
	calls       []string
	connections map[net.Conn]bool
	topologies  []*generated.TopologySummary
	supervisors []*generated.SupervisorSummary
	uploads     map[string][]byte
	submitted   map[string]*generated.StormTopology
	infos       map[string]*generated.TopologyInfo
	conf        string
	serving     sync.WaitGroup
}

// NewFake starts a fake that ends with the test.
func NewFake(t testing.TB) *Fake {
	t.Helper()
	return newFake(t, nil)
}

// NewSecureFake starts a fake that uses TLS, and then no frames, as Storm's
// TlsTransportPlugin does. Unlike Storm 2.8.3, it requires a certificate of the client.
func NewSecureFake(t testing.TB, config *tls.Config) *Fake {
	t.Helper()
	return newFake(t, config)
}

func newFake(t testing.TB, secure *tls.Config) *Fake {
	t.Helper()
	f := &Fake{
		secure:  secure,
		Version: "2.8.3", deeds: map[string][]Deed{}, connections: map[net.Conn]bool{},
		supervisors: []*generated.SupervisorSummary{{Host: host, SupervisorID: "fake", NumWorkers: 4}},
		uploads:     map[string][]byte{}, submitted: map[string]*generated.StormTopology{}, infos: map[string]*generated.TopologyInfo{}, conf: "{}",
	}
	f.Leads = f
	var err error
	if f.listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		t.Fatal(err)
	}
	f.serving.Go(f.serve)
	t.Cleanup(f.Stop)
	return f
}

// Address is the fake's address.
func (f *Fake) Address() string { return f.listener.Addr().String() }

// Stop ends the fake, like a machine that is switched off.
func (f *Fake) Stop() {
	_ = f.listener.Close()
	f.Disconnect()
	f.serving.Wait()
}

// Disconnect closes all open connections.
func (f *Fake) Disconnect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.connections {
		_ = c.Close()
	}
}

// Next sets the deeds for the next calls of a name, in their order. Later calls are
// answered.
func (f *Fake) Next(call string, deeds ...Deed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deeds[call] = append(f.deeds[call], deeds...)
}

// SetLeader sets the leader, nil for none.
func (f *Fake) SetLeader(leader *Fake) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Leads = leader
}

// Calls are the names of all calls so far, and how often each was made.
func (f *Fake) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := map[string]int{}
	for _, name := range f.calls {
		counts[name]++
	}
	return counts
}

// serve accepts connections until the listener is closed.
func (f *Fake) serve() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.connections[c] = true
		f.mu.Unlock()
		f.serving.Go(func() { f.converse(c) })
	}
}

// converse answers the calls on a connection until one of the sides closes it.
func (f *Fake) converse(c net.Conn) {
	defer func() {
		_ = c.Close()
		f.mu.Lock()
		delete(f.connections, c)
		f.mu.Unlock()
	}()
	protocol := thrift.NewTBinaryProtocolConf(f.transport(c), nil)
	processor := generated.NewNimbusProcessor(&handler{fake: f})
	for f.answer(processor, protocol) {
	}
}

// transport carries the messages of a connection.
func (f *Fake) transport(c net.Conn) thrift.TTransport {
	if f.secure == nil {
		return thrift.NewTFramedTransportConf(thrift.NewTSocketFromConnConf(c, nil), nil)
	}
	return thrift.NewTBufferedTransport(thrift.NewTSocketFromConnConf(tls.Server(c, f.secure), nil), 4096)
}

// answer answers one call, and reports whether the connection continues.
func (f *Fake) answer(processor *generated.NimbusProcessor, protocol *thrift.TBinaryProtocol) bool {
	ctx := context.Background()
	name, _, sequence, err := protocol.ReadMessageBegin(ctx)
	if err != nil {
		return false
	}
	call, ok := processor.GetProcessorFunction(name)
	deed := f.deed(name)
	if !ok {
		deed = Unknown
	}
	switch deed {
	case Drop:
		return false
	case Hang:
		_, _, _, err := protocol.ReadMessageBegin(ctx)
		return err == nil // not reached: the client closes the connection
	case DropAfter:
		_, _ = call.Process(ctx, sequence, protocol, thrift.NewTBinaryProtocolConf(thrift.NewTMemoryBuffer(), nil))
		return false
	case Fail, Unknown:
		if protocol.Skip(ctx, thrift.STRUCT) != nil || protocol.ReadMessageEnd(ctx) != nil {
			return false
		}
		return f.fail(ctx, protocol, name, sequence, deed) == nil
	}
	_, failure := call.Process(ctx, sequence, protocol, protocol)
	_, transport := failure.(thrift.TTransportException)
	return failure == nil || !transport
}

// fail answers with an exception of Thrift's own.
func (f *Fake) fail(ctx context.Context, protocol thrift.TProtocol, name string, sequence int32, deed Deed) error {
	failure := thrift.NewTApplicationException(thrift.INTERNAL_ERROR, "Internal error processing "+name)
	if deed == Unknown {
		failure = thrift.NewTApplicationException(thrift.UNKNOWN_METHOD, fmt.Sprintf("Invalid method name: '%s'", name))
	}
	if err := protocol.WriteMessageBegin(ctx, name, thrift.EXCEPTION, sequence); err != nil {
		return err
	}
	if err := failure.Write(ctx, protocol); err != nil {
		return err
	}
	if err := protocol.WriteMessageEnd(ctx); err != nil {
		return err
	}
	return protocol.Flush(ctx)
}

// deed records a call and takes the next deed for it.
func (f *Fake) deed(name string) Deed {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if len(f.deeds[name]) == 0 {
		return Answer
	}
	deed := f.deeds[name][0]
	f.deeds[name] = f.deeds[name][1:]
	return deed
}
