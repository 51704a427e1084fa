package storm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

const (
	// defaultMaxFrame is Storm's default of nimbus.thrift.max_buffer_size.
	defaultMaxFrame = 1 << 20
	// maxAnswer limits the answer of a Nimbus: a larger length is not a length, but the
	// beginning of something that is not Thrift.
	maxAnswer = 32 << 20
	// frameHead is the length of a frame's header.
	frameHead = 4
)

// wire is a connection to Nimbus for Thrift's library: a transport. It differs from the
// library's framed one in three ways. The deadline applies to the whole call, not to each
// read, so that a Nimbus that sends a byte now and then cannot block a caller forever. It
// does not send a frame that Nimbus would not answer. And its errors name what is not
// Thrift.
type wire struct {
	conn    net.Conn
	in      *bufio.Reader
	out     bytes.Buffer
	timeout time.Duration

	framed bool
	// maxFrame is the longest frame that Nimbus reads, its head not counted.
	maxFrame int
	// left is the number of unread bytes of the answer's frame.
	left int
}

func newWire(conn net.Conn, framed bool, timeout time.Duration) *wire {
	w := &wire{conn: conn, in: bufio.NewReader(conn), framed: framed, maxFrame: defaultMaxFrame, timeout: timeout}
	w.begin()
	return w
}

// begin empties the outgoing message, with room for the frame's header.
func (w *wire) begin() {
	w.out.Reset()
	if w.framed {
		w.out.Write(make([]byte, frameHead))
	}
}

// Write gathers the message; [wire.Flush] sends it.
func (w *wire) Write(p []byte) (int, error) { return w.out.Write(p) }

// Flush sends the message with one write, and starts the clock of the call.
func (w *wire) Flush(ctx context.Context) error {
	defer w.begin()
	message := w.out.Bytes()
	if w.framed {
		size := len(message) - frameHead
		if size > w.maxFrame {
			return &FrameError{Size: size, Max: w.maxFrame}
		}
		binary.BigEndian.PutUint32(message, uint32(size))
	}
	w.startClock(ctx)
	_, err := w.conn.Write(message)
	return err
}

// startClock sets the deadline of the call that begins.
func (w *wire) startClock(ctx context.Context) {
	end := time.Now().Add(w.timeout)
	if by, ok := ctx.Deadline(); ok && by.Before(end) {
		end = by
	}
	// A connection that accepts no deadline is broken, and its next use fails.
	_ = w.conn.SetDeadline(end)
}

// Read reads the answer, frame by frame.
func (w *wire) Read(p []byte) (int, error) {
	if !w.framed {
		return w.in.Read(p)
	}
	for w.left == 0 {
		if err := w.readHead(); err != nil {
			return 0, err
		}
	}
	n, err := w.in.Read(p[:min(len(p), w.left)])
	w.left -= n
	return n, err
}

// readHead reads the length of the next frame.
func (w *wire) readHead() error {
	var head [frameHead]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxAnswer {
		return notThrift(head)
	}
	w.left = int(size)
	return nil
}

// notThrift describes an answer by its first bytes.
func notThrift(head [frameHead]byte) error {
	switch {
	case head[0] == saslBad || head[0] == saslError:
		return &WrongPeerError{"it wants SASL, as Storm's DigestSaslTransportPlugin does",
			"set storm.thrift.transport and java.security.auth.login.config in storm.yaml as on the cluster"}
	case head[0] == 0x15 && head[1] == 0x03:
		return &WrongPeerError{"it wants TLS", "set nimbus.thrift.client.use.tls: true in storm.yaml"}
	case string(head[:]) == "HTTP":
		return &WrongPeerError{"it is a web server", "Storm's UI is not Nimbus, whose port is 6627 unless nimbus.thrift.port says otherwise"}
	case string(head[:]) == "SSH-":
		return &WrongPeerError{"it is an SSH server", "Nimbus' port is 6627 unless nimbus.thrift.port says otherwise"}
	}
	return &WrongPeerError{fmt.Sprintf("its answer begins with % x, which is not Thrift", head), "is this the port of Nimbus (nimbus.thrift.port)?"}
}

// Close closes the connection.
func (w *wire) Close() error { return w.conn.Close() }

// Open is for the library: a wire is made of an open connection.
func (w *wire) Open() error { return nil }

// IsOpen is there for the library.
func (w *wire) IsOpen() bool { return true }

// RemainingBytes limits the sizes that the library accepts: within a frame, to the rest
// of it.
func (w *wire) RemainingBytes() uint64 {
	if w.framed {
		return uint64(w.left)
	}
	return maxAnswer
}

var _ thrift.TTransport = (*wire)(nil)
