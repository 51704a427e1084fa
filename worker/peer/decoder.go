package peer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"gust/multilang"
	"gust/topology"
)

// Decoder cuts what comes over a connection into frames. It belongs to one goroutine.
//
// Until [Decoder.Admit], the other side may be anybody. The decoder only takes the small
// frames of a [Handshake] from it, and keeps no more than one.
type Decoder struct {
	max    int    // bytes of a tuple; 0 during the handshake
	buf    []byte // what has been read and not decoded: in the chunk, or kept
	kept   []byte // the beginning of an unfinished frame
	pieces []byte // of a large frame
	slots  []Slot
}

// NewDecoder returns a decoder of tuples of up to max bytes. With 0, it is that of a
// handshake.
func NewDecoder(max int) *Decoder { return &Decoder{max: max} }

// Admit lets the decoder of a handshake take all other frames, with tuples of up to max bytes.
func (d *Decoder) Admit(max int) { d.max = max }

// ErrMalformed is what every error of a decoder wraps. The connection is of no use after it.
var ErrMalformed = errors.New("malformed frame")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// maxBody bounds the body of a frame, except for tuples, which come in pieces.
const maxBody = PieceSize + 4096

// most is how large a body may be.
func (d *Decoder) most() int {
	if d.max == 0 {
		return maxHello
	}
	return maxBody
}

// Fill calls read once, to read into chunk after the unfinished frame that was kept, and
// returns what read returned.
func (d *Decoder) Fill(chunk []byte, read func([]byte) (int, error)) (int, error) {
	if have := len(d.kept); have > len(chunk)/2 {
		d.kept = slices.Grow(d.kept, d.most())
		n, err := read(d.kept[have:cap(d.kept)])
		d.kept = d.kept[:have+max(n, 0)]
		d.buf = d.kept
		return n, err
	}
	have := copy(chunk, d.kept)
	n, err := read(chunk[have:])
	d.buf = chunk[:have+max(n, 0)]
	return n, err
}

// Keep saves what is unfinished, and releases the chunk.
func (d *Decoder) Keep() {
	if len(d.buf) > 0 && cap(d.kept) > 0 && &d.buf[0] == &d.kept[:1][0] {
		d.kept = d.buf // it is there already
	} else {
		d.kept = append(d.kept[:0], d.buf...)
	}
	d.buf = nil
}

// Next fills f with the next frame. It is false if more bytes are needed. Every error is
// [ErrMalformed].
func (d *Decoder) Next(f *Frame) (bool, error) {
	for {
		if len(d.buf) < 2 {
			return false, nil
		}
		n, size := binary.Uvarint(d.buf[1:])
		switch {
		case d.max == 0 && !ofHandshake(Kind(d.buf[0])):
			return false, malformed("%v before the handshake", Kind(d.buf[0]))
		case size < 0:
			return false, malformed("%v without a length", Kind(d.buf[0]))
		case n > uint64(d.most()):
			return false, malformed("%v of %d bytes", Kind(d.buf[0]), n)
		case size == 0 || len(d.buf) < 1+size+int(n):
			return false, nil
		}
		k, body := Kind(d.buf[0]), d.buf[1+size:1+size+int(n)]
		d.buf = d.buf[1+size+int(n):]
		if k == Piece {
			whole, err := d.gather(body)
			if err != nil {
				return false, err
			}
			if !whole {
				continue
			}
			k, body = Kind(d.pieces[0]), d.pieces[1:]
			d.pieces = d.pieces[:0]
			if cap(d.pieces) > 4<<20 {
				d.pieces = nil // body still refers to it
			}
		} else if len(d.pieces) > 0 && k == Tuple {
			return false, malformed("TUPLE between the pieces of another")
		}
		if err := d.decode(f, k, body); err != nil {
			return false, err
		}
		return true, nil
	}
}

// gather takes a piece, and says whether it is the last.
func (d *Decoder) gather(body []byte) (whole bool, err error) {
	if len(body) < 2 || body[0] > 1 {
		return false, malformed("PIECE of %d bytes", len(body))
	}
	if len(d.pieces) == 0 && Kind(body[1]) != Tuple {
		return false, malformed("PIECE of a %v", Kind(body[1]))
	}
	if len(d.pieces)+len(body) > d.max+maxBody {
		return false, malformed("TUPLE of more than %d bytes", d.max)
	}
	d.pieces = append(d.pieces, body[1:]...)
	return body[0] == 1, nil
}

// decode fills f with a frame. Bodies are borrowed.
func (d *Decoder) decode(f *Frame, k Kind, body []byte) error {
	*f = Frame{Kind: k}
	r := reader{rest: body}
	switch k {
	case Tuple:
		f.Task, f.From, f.Input = r.task(), r.task(), r.int()
		if cap(d.slots) > 64<<10 {
			d.slots = nil
		}
		d.slots = d.slots[:0]
		n := r.uint64()
		// An entry has four numbers, and several slots differ in theirs. So slots take not
		// much more memory than their bytes.
		slots, entries := n>>flagBits, n&hasEntries != 0
		if slots > 1 && (!entries || slots > uint64(len(r.rest))/5) {
			r.bad = true
		}
		for i := uint64(0); i < slots && !r.bad; i++ {
			s := Slot{ID: multilang.TupleID(r.uint64())}
			if entries {
				s.Entry = Entry{Incarnation: r.uint64(), Worker: r.int(), Index: r.uint32(), Gen: r.uint32()}
				r.bad = r.bad || s.Entry.None()
			}
			d.slots = append(d.slots, s)
		}
		f.Slots, f.Traced, f.Body = d.slots, n&isTraced != 0, r.rest
		r.rest = nil
	case Ack:
		f.Task, f.ID = r.task(), multilang.TupleID(r.uint64())
	case Fail:
		f.Task, f.ID, f.Reason, f.From = r.task(), multilang.TupleID(r.uint64()), r.byte(), r.task()
		f.Body, r.rest = r.rest, nil
	case Hops:
		f.Task, f.ID = r.task(), multilang.TupleID(r.uint64())
		f.Body, r.rest = r.rest, nil
	case Over, Under, Want, TaskUp, TaskDown:
		f.Task = r.task()
	case Credit:
		f.Task, f.Bytes, f.Taken, f.Window = r.task(), r.uint64(), r.uint64(), r.uint64()
	case Frozen:
		f.Count = r.uint64()
	case Who:
		f.Query, f.Task, f.ID = r.uint64(), r.task(), multilang.TupleID(r.uint64())
	case Held:
		f.Query, f.From, f.Age = r.uint64(), r.task(), int64(r.uint64()&math.MaxInt64)
		f.Body, r.rest = r.rest, nil
	case Drained:
		f.Claim = r.claim()
	case Hello, Proof, Refused, Placement:
		f.Body, r.rest = body, nil
	case Ready, Stop, Withdrawing, Leaving, Farewell, Staying, Ping:
	default:
		return malformed("unknown %v", k)
	}
	if r.bad || len(r.rest) > 0 {
		return malformed("%v of %d bytes", k, len(body))
	}
	return nil
}

// reader reads the numbers of a body. It is bad after the first that is not there.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint64() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) below(most uint64) uint64 {
	n := r.uint64()
	if n > most {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// bytes are the next n bytes, or none.
func (r *reader) bytes(n int) []byte {
	if n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) string(most int) string { return string(r.bytes(int(r.below(uint64(most))))) }

func (r *reader) uint32() uint32        { return uint32(r.below(math.MaxUint32)) }
func (r *reader) int() int              { return int(r.below(math.MaxInt32)) }
func (r *reader) task() topology.TaskID { return topology.TaskID(r.below(math.MaxInt32)) }

func (r *reader) claim() Claim {
	state := r.byte()
	c := Claim{Idle: state&claimIdle != 0, Done: state&claimDone != 0}
	n := r.uint64()
	if n > uint64(len(r.rest))/4 {
		r.bad = true // each worker has at least four bytes
		return Claim{}
	}
	for range n {
		c.Epochs = append(c.Epochs, Epoch{Incarnation: r.uint64(), Connection: r.uint64()})
		c.Sent = append(c.Sent, r.uint64())
		c.Received = append(c.Received, r.uint64())
	}
	return c
}
