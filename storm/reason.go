package storm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/internal/hint"
)

// timedOut reports whether a connection ended at a deadline.
func timedOut(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	transport, ok := errors.AsType[thrift.TTransportException](err)
	return ok && transport.TypeId() == thrift.TIMED_OUT
}

// lostReason words how a connection ended.
func lostReason(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("Nimbus closed it")
	case errors.Is(err, syscall.ECONNRESET):
		return errors.New("it was reset")
	case errors.Is(err, syscall.EPIPE):
		return errors.New("Nimbus had closed it")
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// askReason words why the first question on a connection failed.
func askReason(address string, o Options, err error) error {
	if e, ok := errors.AsType[*WrongPeerError](err); ok {
		return e
	}
	switch {
	case errors.Is(err, errNoLeader):
		return err
	case timedOut(err):
		return hint.With(fmt.Errorf("it accepts connections, but does not answer within %v", o.Timeout),
			fmt.Sprintf("is %s Nimbus, and does it speak without %s?", address, transportOf(o)))
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF):
		return hint.New("it closes the connection without an answer",
			"is this the port of Nimbus (nimbus.thrift.port)? It may want SASL (storm.thrift.transport in storm.yaml) or TLS (nimbus.thrift.client.use.tls)")
	}
	if denied := refused("getLeader", err); denied != nil {
		return denied
	}
	return lostReason(err)
}

// transportOf names other ways to connect to Nimbus.
func transportOf(o Options) string {
	if o.TLS != nil {
		return "TLS there"
	}
	return "TLS or SASL"
}

func isUnknownMethod(err error) bool {
	failure, ok := errors.AsType[thrift.TApplicationException](err)
	return ok && failure.TypeId() == thrift.UNKNOWN_METHOD
}

// isFailure reports whether an answer says that the call failed.
func isFailure(err error) bool {
	_, ok := errors.AsType[thrift.TApplicationException](err)
	return ok
}
