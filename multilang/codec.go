package multilang

// Codec is a serialization of the protocol: the form of messages on the pipes. Codecs
// have no state, and may be used from any goroutine.
type Codec interface {
	// Name is "json" or "msgpack": the word after pystorm's -s.
	Name() string

	// NewDecoder returns a decoder of a child's output that takes messages of
	// up to limit bytes.
	NewDecoder(limit int) Decoder

	// AppendHandshake appends the first message to a child.
	AppendHandshake(dst []byte, h *Handshake) ([]byte, error)
	Encoder

	// MessageEnd is the index after the first message of b, which an [Encoder] has
	// appended as a whole.
	MessageEnd(b []byte) int

	// NewOrigin prepares the part of a tuple message that all tuples of one
	// source task and stream share.
	NewOrigin(component, stream string, task int32) Origin
	// ParseTupleID reads a raw id that a bolt sent back: a string or a number.
	ParseTupleID(raw []byte) (TupleID, bool)
	// AppendText appends a raw value for people to read: JSON text on one line, and
	// at most limit bytes of it.
	AppendText(dst, raw []byte, limit int) []byte
}

// Codecs are the codecs that a child may speak.
var Codecs = [...]Codec{JSON, Msgpack}

// CodecNamed returns the codec with the name that streamparse's config.json and
// pystorm's -s use, "json" or "msgpack". It is false if there is none.
func CodecNamed(name string) (Codec, bool) {
	for _, c := range Codecs {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}
