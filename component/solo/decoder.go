package solo

import (
	"bytes"
	"errors"

	"gust/multilang"
)

// Decoder reads events from bytes that are there already, such as a recording's.
type Decoder struct {
	codec    multilang.Codec
	messages multilang.Decoder // nil after a message that is too large
	chunk    []byte
	m        multilang.Message
}

// NewDecoder decodes the output of a component with that serializer.
func NewDecoder(codec multilang.Codec) *Decoder {
	return &Decoder{codec: codec, messages: codec.NewDecoder(maxMessage), chunk: make([]byte, 64<<10)}
}

// Feed calls do with each complete event. After a message that is too large it does
// nothing.
func (d *Decoder) Feed(p []byte, do func(Event)) {
	for len(p) > 0 && d.messages != nil {
		d.messages.Fill(d.chunk, func(room []byte) (int, error) {
			n := copy(room, p)
			p = p[n:]
			return n, nil
		})
		d.drain(do)
	}
}

// drain calls do with each event in the buffer.
func (d *Decoder) drain(do func(Event)) {
	for {
		ok, err := d.messages.Next(&d.m)
		var stray *multilang.StrayError
		switch {
		case errors.As(err, &stray):
			do(Event{Stray: printable(stray.Bytes)})
		case err != nil:
			do(Event{Stray: err.Error()})
			d.messages = nil
			return
		case ok:
			do(eventOf(&d.m, d.codec))
		default:
			d.messages.Keep()
			return
		}
	}
}

// Last calls do with the remaining bytes at the end, which are not a message.
func (d *Decoder) Last(do func(Event)) {
	if d.messages == nil {
		return
	}
	if rest := bytes.TrimSpace(d.messages.Rest()); len(rest) > 0 {
		do(Event{Stray: printable(rest[:min(len(rest), 1024)])})
	}
}

func printable(b []byte) string { return string(bytes.ToValidUTF8(b, []byte("\uFFFD"))) }
