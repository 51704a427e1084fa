package storm_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// tampering is a connection that changes the calls of one name on their way to Nimbus. It
// sends what neither the client nor the generated code would send, to test how the client
// handles the answer.
type tampering struct {
	net.Conn
	call string
	// rewrite reads the call's arguments and writes others.
	rewrite func(ctx context.Context, in, out thrift.TProtocol) error
}

// tamper connects to a Nimbus through connections that tamper.
func tamper(t *testing.T, cluster *stormtest.Cluster, call string, rewrite func(ctx context.Context, in, out thrift.TProtocol) error) *storm.Client {
	t.Helper()
	client, err := storm.Dial(t.Context(), storm.Options{
		Seeds: []string{cluster.Nimbus()},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &tampering{Conn: conn, call: call, rewrite: rewrite}, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// frameHead is the length of a frame's header.
const frameHead = 4

// Write gets a whole frame, because the client sends it at once.
func (c *tampering) Write(frame []byte) (int, error) {
	ctx := context.Background()
	buffer := thrift.NewTMemoryBuffer()
	buffer.Write(frame[frameHead:])
	in := thrift.NewTBinaryProtocolConf(buffer, nil)
	name, kind, sequence, err := in.ReadMessageBegin(ctx)
	if err != nil || name != c.call {
		return c.Conn.Write(frame)
	}
	changed := thrift.NewTMemoryBuffer()
	changed.Write(make([]byte, frameHead))
	out := thrift.NewTBinaryProtocolConf(changed, nil)
	if err := out.WriteMessageBegin(ctx, name, kind, sequence); err != nil {
		return 0, err
	}
	if err := c.rewrite(ctx, in, out); err != nil {
		return 0, fmt.Errorf("cannot tamper with %s: %w", name, err)
	}
	message := changed.Bytes()
	binary.BigEndian.PutUint32(message, uint32(len(message)-frameHead))
	if _, err := c.Conn.Write(message); err != nil {
		return 0, err
	}
	return len(frame), nil
}

// submitWithout changes a submission: the field of that name, wherever it is in
// the arguments, is not sent.
func submitWithout(field string) func(ctx context.Context, in, out thrift.TProtocol) error {
	return func(ctx context.Context, in, out thrift.TProtocol) error {
		var args generated.NimbusSubmitTopologyWithOptsArgs
		if err := args.Read(ctx, in); err != nil {
			return err
		}
		return args.Write(ctx, &without{TProtocol: out, field: field, out: out})
	}
}

// uploadTo changes the place that the parts of an upload go to.
func uploadTo(location string) func(ctx context.Context, in, out thrift.TProtocol) error {
	return func(ctx context.Context, in, out thrift.TProtocol) error {
		var args generated.NimbusUploadChunkArgs
		if err := args.Read(ctx, in); err != nil {
			return err
		}
		args.Location = location
		return args.Write(ctx, out)
	}
}

// without leaves a field out of what is written, with its content.
type without struct {
	thrift.TProtocol // out, or discards the field
	field            string
	out              thrift.TProtocol
	depth            int // of fields, counted from the one that is left out
}

func (w *without) WriteFieldBegin(ctx context.Context, name string, kind thrift.TType, id int16) error {
	if name == w.field && w.depth == 0 {
		w.TProtocol = thrift.NewTBinaryProtocolConf(thrift.NewTMemoryBuffer(), nil)
		w.depth = 1
	} else if w.depth > 0 {
		w.depth++
	}
	return w.TProtocol.WriteFieldBegin(ctx, name, kind, id)
}

func (w *without) WriteFieldEnd(ctx context.Context) error {
	err := w.TProtocol.WriteFieldEnd(ctx)
	if w.depth > 0 {
		w.depth--
	}
	if w.depth == 0 {
		w.TProtocol = w.out
	}
	return err
}
