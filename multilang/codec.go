package multilang

import "fmt"

// Codec is a serialization of the protocol: how messages look on the pipes.
// Both are values without state and may be used from any goroutine.
type Codec interface {
	// Name is "json" or "msgpack": the word after pystorm's -s.
	Name() string

	// NewDecoder returns a decoder of a child's output that takes messages of
	// up to limit bytes.
	NewDecoder(limit int) Decoder

	// AppendHandshake appends the first message to a child.
	AppendHandshake(dst []byte, h *Handshake) ([]byte, error)
	Encoder

	// MessageEnd is the index behind the first message of b, which an [Encoder] has
	// appended and is whole.
	MessageEnd(b []byte) int

	// NewOrigin prepares the part of a tuple message that all tuples of one
	// source task and stream share.
	NewOrigin(component, stream string, task int32) Origin
	// ParseTupleID reads a raw id that a bolt sent back: a text or a number.
	ParseTupleID(raw []byte) (TupleID, bool)
	// AppendText appends a raw value as people read it, JSON text on one line
	// and no more than limit bytes of it.
	AppendText(dst, raw []byte, limit int) []byte
}

// Encoder writes what a host says after the handshake: a [Codec] writes each
// message by itself, a [Packer] many in one.
//
// Its methods append one whole message, framing included, to dst and return the
// extended slice, as strconv's do; what they are given they do not keep.
type Encoder interface {
	// AppendCommand appends a command to a spout. id is raw, in the codec's
	// bytes; nil where the command has none (Storm then sends "").
	AppendCommand(dst []byte, cmd SpoutCommand, id []byte) []byte
	// AppendTuple appends a tuple to a bolt. values is the raw list, in the
	// codec's bytes; origin comes from the codec's NewOrigin.
	AppendTuple(dst []byte, id TupleID, origin Origin, values []byte) []byte
	// AppendHeartbeat appends a heartbeat to a bolt.
	AppendHeartbeat(dst []byte, id TupleID) []byte
	// AppendTick appends a tick tuple, whose only value is the interval in seconds.
	AppendTick(dst []byte, id TupleID, secs float64) []byte
	// AppendTaskIDs appends the answer to an emit that wants task ids.
	AppendTaskIDs(dst []byte, tasks []int32) []byte
}

// Decoder cuts a child's output into messages. It belongs to one goroutine.
//
// Its caller lends it a chunk of memory to read into, so that decoders of many
// children can share one, and gives it the same chunk until [Decoder.Keep]:
//
//	n, err := d.Fill(chunk, read)
//	for { ok, err := d.Next(&m); ... }
//	d.Keep()
type Decoder interface {
	// Fill calls read once, to read into chunk behind the unfinished message
	// that was kept, and returns what read returned. A message that outgrows
	// half the chunk is gathered in memory of the decoder's own, which it
	// gives back when the message is done. len(chunk) is at least 4096.
	Fill(chunk []byte, read func([]byte) (int, error)) (int, error)
	// TakePacks lets the child send packs, from the next message on: Next then
	// returns their messages one by one.
	TakePacks()
	// Next fills m with the next whole message; it is false where more bytes
	// are needed. An error is a [*StrayError], after which Next goes on with
	// what follows, or [ErrTooLarge], after which the decoder is of no use.
	Next(m *Message) (bool, error)
	// Keep saves what is unfinished, and lets go of the chunk.
	Keep()
	// Rest is what has been read and is no whole message yet. At the end of the
	// output it is a child's last words, where it was no multilang component,
	// say. It is borrowed as a message's slices are.
	Rest() []byte
}

// TupleID is the id of a tuple in flight to a bolt. On the wire it is a text of
// decimal digits, which is how Storm's ids look.
type TupleID uint64

// Origin is the wire form of where a tuple comes from; see [Codec].NewOrigin.
type Origin []byte

// SpoutCommand is a command of the host to a spout.
type SpoutCommand uint8

// The commands to a spout.
const (
	Next SpoutCommand = iota
	AckTuple
	FailTuple
	Activate
	Deactivate
)

var spoutCommands = [...]string{Next: "next", AckTuple: "ack", FailTuple: "fail", Activate: "activate", Deactivate: "deactivate"}

// String is the command's word on the wire.
func (c SpoutCommand) String() string { return spoutCommands[c] }

// StrayError is bytes on a child's stdout that are no message. The bytes are
// skipped; no message is lost by it, beyond the broken one.
type StrayError struct {
	// Bytes is the stray line, without its line feed, cut to 16 KiB where it was
	// printed, else to 1024 bytes. It is the caller's.
	Bytes []byte
	// Reason says what is wrong with it.
	Reason string
	// Printed says that it breaks no message: it is text that stands between two.
	Printed bool
	// Emit says that an emit may be lost with it, which the child takes for
	// done: the words of one are in it. ID says that the emit may have an id.
	Emit, ID bool
}

func (e *StrayError) Error() string { return fmt.Sprintf("%s: %q", e.Reason, e.Bytes) }

// Handshake is the first message of the host.
type Handshake struct {
	PIDDir  string
	Conf    map[string]any
	Context Context
	// Packs offers packs to the child, as a key of the conf that is not in Conf:
	// there are clients that would not take a handshake with another member.
	Packs bool
}

// PacksKey is the key of the offer, and PacksVersion its value: what packs look
// like. A child that takes the offer says so with its pid.
const (
	PacksKey     = "gust.packs"
	PacksVersion = 1
)

// Context tells a child its place in the topology (TopologyContext).
type Context struct {
	TaskComponents map[int32]string // task->component
	TaskID         int32
	ComponentID    string
	Streams        []string                       // in any order
	OutputFields   map[string][]string            // stream -> fields
	Targets        map[string]map[string]Grouping // stream -> target component -> grouping
	Sources        map[string]map[string]Grouping // source component -> stream -> grouping
	SourceFields   map[string]map[string][]string // source component -> stream -> fields
}

// Grouping as a context shows it: its type, and its fields for FIELDS.
type Grouping struct {
	Type   string
	Fields []string
}
