package multilang

import "errors"

// Decoder cuts a child's output into messages. It belongs to one goroutine.
//
// Its caller lends it a chunk of memory to read into, so that decoders of many
// children can share one, and gives it the same chunk until [Decoder.Keep]:
//
//	n, err := d.Fill(chunk, read)
//	for { ok, err := d.Next(&m); ... }
//	d.Keep()
type Decoder interface {
	// Fill calls read once, to read into chunk after the unfinished message
	// that was kept, and returns what read returned. A message that outgrows
	// half the chunk is gathered in memory of the decoder's own, which it
	// gives back when the message is done. len(chunk) is at least 4096.
	Fill(chunk []byte, read func([]byte) (int, error)) (int, error)
	// TakePacks lets the child send packs, from the next message on: Next then
	// returns their messages one by one.
	TakePacks()
	// Next fills m with the next whole message; it is false if more bytes
	// are needed. An error is a [*StrayError], after which Next goes on with
	// what follows, or [ErrTooLarge], after which the decoder is of no use.
	Next(m *Message) (bool, error)
	// Keep saves what is unfinished, and releases the chunk.
	Keep()
	// Rest is what has been read of an incomplete message. At the end of the output it
	// may be the last words of a child that is not a multilang component. It is
	// borrowed, as the slices of a message are.
	Rest() []byte
}

// ErrTooLarge is a message beyond the decoder's limit. The decoder cannot find the next
// message after it, so the child has to be restarted.
var ErrTooLarge = errors.New("the message is larger than the limit")
