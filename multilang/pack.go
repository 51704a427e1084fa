package multilang

// Packer writes messages to a child that takes packs: many tuples, acks or commands in
// one message, so that the child has to read only one envelope for them. docs/packs.md
// describes them.
//
//	{"comp": "words", "stream": "default", "task": 1, "tuples": ["7", ["a"], "8", ["b"]]}
//	{"command": "ack", "ids": [3, 4]}
//	{"command": "next", "times": 2}
//
// What is appended one after the other and fits into one pack goes into it; a
// pack is open until something else is appended, or until End. All appending is
// to one slice, and End comes before it is written. A Packer belongs to one
// goroutine.
type Packer struct {
	Codec
	form    packForm
	open    packKind
	origin  Origin       // of the open pack's tuples
	command SpoutCommand // of the open pack's ids
	begin   int          // where its elements begin
	count   int
}

// packKind is what an open pack holds.
type packKind uint8

const (
	noPack packKind = iota
	tuplePack
	idPack
	nextPack
)

// packBytes is how long a pack may be when one more element comes: the child
// begins with it when all of it has come.
const packBytes = 16 << 10

// packForm is how a codec writes packs. n is how many elements the pack has already.
type packForm interface {
	appendTuples(dst []byte, origin Origin) []byte
	appendIDs(dst []byte, cmd SpoutCommand) []byte
	appendPackedTuple(dst []byte, n int, id TupleID, values []byte) []byte
	appendPackedID(dst []byte, n int, id []byte) []byte
	// appendEnd ends a pack of so many values, which begin at dst[begin].
	appendEnd(dst []byte, begin, values int) []byte
	appendNexts(dst []byte, times int) []byte
}

// NewPacker returns a packer for a child that speaks codec.
func NewPacker(codec Codec) *Packer { return &Packer{Codec: codec, form: codec.(packForm)} }

// AppendTuple is [Codec].AppendTuple. Tuples share a pack if their origin is the same slice.
func (p *Packer) AppendTuple(dst []byte, id TupleID, origin Origin, values []byte) []byte {
	if p.open != tuplePack || &p.origin[0] != &origin[0] || len(dst)-p.begin > packBytes {
		dst = p.form.appendTuples(p.End(dst), origin)
		p.open, p.origin, p.begin = tuplePack, origin, len(dst)
	}
	dst = p.form.appendPackedTuple(dst, p.count, id, values)
	p.count++
	return dst
}

// AppendCommand is [Codec].AppendCommand.
func (p *Packer) AppendCommand(dst []byte, cmd SpoutCommand, id []byte) []byte {
	switch {
	case cmd == Next:
		if p.open != nextPack {
			dst = p.End(dst)
			p.open = nextPack
		}
	case (cmd == AckTuple || cmd == FailTuple) && id != nil:
		if p.open != idPack || p.command != cmd || len(dst)-p.begin > packBytes {
			dst = p.form.appendIDs(p.End(dst), cmd)
			p.open, p.command, p.begin = idPack, cmd, len(dst)
		}
		dst = p.form.appendPackedID(dst, p.count, id)
	default:
		return p.Codec.AppendCommand(p.End(dst), cmd, id)
	}
	p.count++
	return dst
}

// AppendHeartbeat is [Codec].AppendHeartbeat.
func (p *Packer) AppendHeartbeat(dst []byte, id TupleID) []byte {
	return p.Codec.AppendHeartbeat(p.End(dst), id)
}

// AppendTick is [Codec].AppendTick.
func (p *Packer) AppendTick(dst []byte, id TupleID, secs float64) []byte {
	return p.Codec.AppendTick(p.End(dst), id, secs)
}

// AppendTaskIDs is [Codec].AppendTaskIDs.
func (p *Packer) AppendTaskIDs(dst []byte, tasks []int32) []byte {
	return p.Codec.AppendTaskIDs(p.End(dst), tasks)
}

// End ends the open pack, if there is one.
func (p *Packer) End(dst []byte) []byte {
	switch p.open {
	case tuplePack:
		dst = p.form.appendEnd(dst, p.begin, 2*p.count) // an id and a list for each
	case idPack:
		dst = p.form.appendEnd(dst, p.begin, p.count)
	case nextPack:
		dst = p.form.appendNexts(dst, p.count)
	}
	p.open, p.origin, p.count = noPack, nil, 0
	return dst
}
