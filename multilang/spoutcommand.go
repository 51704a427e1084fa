package multilang

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
