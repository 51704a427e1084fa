package multilang

// Encoder writes what a host says after the handshake: a [Codec] writes each
// message by itself, a [Packer] many in one.
//
// Its methods append one whole message, framing included, to dst and return the
// extended slice, as strconv's do; what they are given they do not keep.
type Encoder interface {
	// AppendCommand appends a command to a spout. id is raw, in the codec's
	// bytes; nil if the command has none (Storm then sends "").
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

// Origin is the wire form of where a tuple comes from; see [Codec].NewOrigin.
type Origin []byte
