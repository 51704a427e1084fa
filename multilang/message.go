package multilang

// Command is what a child asks of the host.
type Command uint8

// The commands of the protocol, and what is not a command.
const (
	// NoCommand is an object without a command (and without a pid).
	NoCommand Command = iota
	// UnknownCommand has its word in [Message.Name].
	UnknownCommand
	// PID is a child's answer to the handshake.
	PID
	Emit
	Ack
	Fail
	Log
	Error
	Metrics
	Sync

	// pack is a message of messages. The decoder takes it apart, and never returns it.
	pack
)

// Level is the level of a log message (ShellMsg.ShellLogLevel).
type Level int8

// Storm's levels, as they stand on the wire.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Err
)

// Message is one message from a child, its envelope read and its payload left
// as the bytes that it was.
//
// Every slice is borrowed: it lies in the decoder's chunk, or in scratch of the
// decoder, and is valid until the next call of any of the decoder's methods.
// A field that the message lacks, or that is null there, has its zero value;
// fields that the protocol does not know are skipped.
type Message struct {
	Command Command

	// ID is an emit's, ack's or fail's id, raw: any value, in the codec's bytes.
	ID []byte
	// Stream is the name of an emit's stream, nil for the default stream.
	Stream []byte
	// Task is the task of a direct emit, 0 otherwise.
	Task int64
	// NeedTaskIDs is true if an emit wants the list of task ids: where the
	// field is absent or null, too.
	NeedTaskIDs bool
	// Anchors are an emit's anchors, each a raw id; where `anchors` is one id
	// and no list, that one.
	Anchors [][]byte
	// Tuple is an emit's list of values, raw and on one line; nil if there is none.
	Tuple []byte
	// Values is the number of values in Tuple.
	Values int
	// Flaws are those of the values.
	Flaws Flaws

	// Msg is the text of a log or an error.
	Msg []byte
	// Level is a log's level; Info if it is absent or out of range.
	Level Level
	// Name is a metric's name, or the word of an unknown command.
	Name []byte
	// Params are a metric's params, raw.
	Params []byte
	// PID is the child's process id, for the command PID.
	PID int64
	// Packs is the version of packs that the child takes and sends, for the command PID.
	Packs int64
}
