package peer

import (
	"encoding/binary"
	"fmt"

	"gust/multilang"
	"gust/topology"
)

// Kind says what a frame is about.
type Kind uint8

// The kinds of frames. A kind that a worker does not know ends the connection: workers of
// different versions refuse each other before that.
const (
	_ Kind = iota
	// Hello is the first frame each way, Proof what the dialer answers, Refused the last
	// frame to somebody who is not let in: see [Handshake].
	Hello
	Proof
	Refused

	Tuple // a tuple for a task of the receiver
	Piece // a part of a frame that is too large to be sent at once
	Ack   // a tuple and all that was anchored to it are acked
	Fail  // or one of them has failed
	Hops  // what became of a tuple that is traced; before its answer

	// Over and Under say that the queue of a task, as the sender of the frame sees it, has
	// come over the first mark, and under half of it. They are states: the last one holds.
	Over
	Under
	Want   // spouts of the sender's wait for room at a task of the receiver
	Credit // how much of what was sent to a task has left its queue

	TaskUp   // a task of the sender has a process that works
	TaskDown // or has none
	Ready    // the sender's bolts have come up
	Frozen   // how many of the sender's tasks wait at a breakpoint

	Who  // which task holds a tuple that has timed out?
	Held // the answer

	Stop        // the topology is to end
	Drained     // a claim about the end of the sender's work, or its withdrawal
	Withdrawing // the sender is told to end alone
	Leaving     // the sender ends alone: it takes no more tuples
	Farewell    // the answer, behind the last tuple
	Staying     // the sender takes LEAVING back
	Placement   // a newer placement of the topology
	Ping        // life

	kinds // how many there are
)

var kindNames = [kinds]string{
	Hello: "HELLO", Proof: "PROOF", Refused: "REFUSED", Tuple: "TUPLE", Piece: "PIECE", Ack: "ACK", Fail: "FAIL", Hops: "HOPS", Over: "OVER", Under: "UNDER",
	Want: "WANT", Credit: "CREDIT", TaskUp: "TASK UP", TaskDown: "TASK DOWN", Ready: "READY", Frozen: "FROZEN", Who: "WHO", Held: "HELD",
	Stop: "STOP", Drained: "DRAINED", Withdrawing: "WITHDRAWING", Leaving: "LEAVING", Farewell: "FAREWELL", Staying: "STAYING", Placement: "PLACEMENT", Ping: "PING",
}

// String is the kind as the package comment has it, such as "HELLO".
func (k Kind) String() string {
	if k == 0 || k >= kinds {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

// Frame is a frame that was read. Only the fields of its kind mean something; slices are
// borrowed until the decoder's next call.
type Frame struct {
	Kind Kind

	Task   topology.TaskID   // Tuple: who gets it; Ack, Fail, Hops, Who: who got it; Over, Under, Credit, TaskUp, TaskDown: who it is about
	From   topology.TaskID   // Tuple: who has emitted it; Fail, Held: who failed or held it, 0 for nobody
	Input  int               // Tuple: the index of the input on which it comes, in the order of the bolt's inputs
	Traced bool              // Tuple: a tree of it is traced
	Slots  []Slot            // Tuple: whom to answer; none if it belongs to no tree
	ID     multilang.TupleID // Ack, Fail, Hops, Who
	Body   []byte            // Tuple: its values, in the codec of the task that gets it; Fail, Held, Hops: about the tuple, for people; Hello, Proof, Refused, Placement: the payload

	Reason uint8 // Fail: a verdict of package worker

	Bytes  uint64 // Credit: that are returned
	Taken  uint64 // Credit: tuples that the task has taken, of those that the receiver sent
	Window uint64 // Credit: how many of those that it has not taken the receiver may have there

	Query uint64 // Who, Held: which question
	Age   int64  // Held: nanoseconds for which the tuple has been held
	Count uint64 // Frozen
	Claim Claim  // Drained
}

// Slot is where the sender of a tuple waits for the answer to it: in the flight of its stub.
type Slot struct {
	ID multilang.TupleID
	// Entry is, on a cycle, the tree or proxy with which the tuple came into the cycle.
	Entry Entry
}

// Entry names a tree of a worker, for all workers. The zero value is none.
type Entry struct {
	Incarnation uint64 // of the worker, above 0
	Worker      int
	Index, Gen  uint32 // of the tree in the worker's table
}

// None says whether the entry names no tree.
func (e Entry) None() bool { return e.Incarnation == 0 }

// PieceSize is the most that is sent at once of a large frame: an ack waits no longer than
// this takes.
const PieceSize = 256 << 10

// The body of a frame follows its kind and its length, as a uvarint. A length is written
// in lenSize bytes where it is not known in advance.
const lenSize = 4

// begin appends a frame's kind, and room for its length.
func begin(dst []byte, k Kind) (b []byte, body int) {
	b = append(dst, byte(k), 0, 0, 0, 0)
	return b, len(b)
}

// end fills in the length of the frame whose body begins at body.
func end(b []byte, body int) []byte {
	n := len(b) - body
	p := b[body-lenSize:]
	p[0], p[1], p[2], p[3] = byte(n)|0x80, byte(n>>7)|0x80, byte(n>>14)|0x80, byte(n>>21)
	return b
}

// AppendTuple appends a tuple for a task. If it is large, it is in pieces. Traced has the other
// worker answer with [Hops], too.
func AppendTuple(dst []byte, to, from topology.TaskID, input int, slots []Slot, traced bool, values []byte) []byte {
	start := len(dst)
	b, body := begin(dst, Tuple)
	b = binary.AppendUvarint(b, uint64(to))
	b = binary.AppendUvarint(b, uint64(from))
	b = binary.AppendUvarint(b, uint64(input))
	cyclic := len(slots) > 0 && !slots[0].Entry.None()
	n := uint64(len(slots)) << flagBits
	if cyclic {
		n |= hasEntries
	}
	if traced {
		n |= isTraced
	}
	b = binary.AppendUvarint(b, n)
	for i := range slots {
		b = binary.AppendUvarint(b, uint64(slots[i].ID))
		if cyclic {
			b = appendEntry(b, slots[i].Entry)
		}
	}
	if len(b)-start+len(values) <= PieceSize {
		return end(append(b, values...), body)
	}
	head := append([]byte(nil), b[body:]...)
	return appendPieces(b[:start], Tuple, head, values)
}

// The number of a tuple's slots is written with two flags in its lowest bits.
const (
	hasEntries = 1 << iota
	isTraced
	flagBits = iota
)

func appendEntry(b []byte, e Entry) []byte {
	b = binary.AppendUvarint(b, e.Incarnation)
	b = binary.AppendUvarint(b, uint64(e.Worker))
	b = binary.AppendUvarint(b, uint64(e.Index))
	return binary.AppendUvarint(b, uint64(e.Gen))
}

// appendPieces appends a frame in pieces. The first byte of each says whether it is the
// last one, the second byte of the first one what kind of frame they make.
func appendPieces(b []byte, k Kind, parts ...[]byte) []byte {
	left := 0
	for _, p := range parts {
		left += len(p)
	}
	for first := true; left > 0; first = false {
		var body int
		b, body = begin(b, Piece)
		b = append(b, 0)
		if first {
			b = append(b, byte(k))
		}
		for room := PieceSize; room > 0 && len(parts) > 0; {
			n := min(room, len(parts[0]))
			b = append(b, parts[0][:n]...)
			room, left = room-n, left-n
			if parts[0] = parts[0][n:]; len(parts[0]) == 0 {
				parts = parts[1:]
			}
		}
		if left == 0 {
			b[body] = 1
		}
		b = end(b, body)
	}
	return b
}

// AppendAck appends that a tuple is acked, with all that was anchored to it.
func AppendAck(dst []byte, task topology.TaskID, id multilang.TupleID) []byte {
	b := append(dst, byte(Ack), 0)
	body := len(b)
	b = binary.AppendUvarint(b, uint64(task))
	b = binary.AppendUvarint(b, uint64(id))
	b[body-1] = byte(len(b) - body) // two uvarints are shorter than 128 bytes
	return b
}

// AppendFail appends that a tuple, or one that was anchored to it, has failed: why, because
// of which task (0 for none), and what there is to say about it. About may be cut by the
// caller; it is not interpreted here.
func AppendFail(dst []byte, task topology.TaskID, id multilang.TupleID, reason uint8, by topology.TaskID, about []byte) []byte {
	b, body := begin(dst, Fail)
	b = binary.AppendUvarint(b, uint64(task))
	b = binary.AppendUvarint(b, uint64(id))
	b = append(b, reason)
	b = binary.AppendUvarint(b, uint64(by))
	return end(append(b, about...), body)
}

// AppendHops appends what became of a tuple that is traced. It is not interpreted here.
func AppendHops(dst []byte, task topology.TaskID, id multilang.TupleID, hops []byte) []byte {
	b, body := begin(dst, Hops)
	b = binary.AppendUvarint(b, uint64(task))
	b = binary.AppendUvarint(b, uint64(id))
	return end(append(b, hops...), body)
}

// AppendMark appends [Over] or [Under] for a task.
func AppendMark(dst []byte, task topology.TaskID, over bool) []byte {
	if over {
		return appendNumbers(dst, Over, uint64(task))
	}
	return appendNumbers(dst, Under, uint64(task))
}

// AppendWant appends that spouts wait for room at a task.
func AppendWant(dst []byte, task topology.TaskID) []byte {
	return appendNumbers(dst, Want, uint64(task))
}

// AppendCredit appends what has become of the tuples that the receiver has sent to a task.
func AppendCredit(dst []byte, task topology.TaskID, bytes, taken, window uint64) []byte {
	return appendNumbers(dst, Credit, uint64(task), bytes, taken, window)
}

// AppendTask appends whether a task's process works.
func AppendTask(dst []byte, task topology.TaskID, up bool) []byte {
	if up {
		return appendNumbers(dst, TaskUp, uint64(task))
	}
	return appendNumbers(dst, TaskDown, uint64(task))
}

// AppendFrozen appends how many tasks wait at a breakpoint.
func AppendFrozen(dst []byte, count int) []byte { return appendNumbers(dst, Frozen, uint64(count)) }

// AppendWho appends the question which task holds a tuple that the receiver was sent.
func AppendWho(dst []byte, query uint64, task topology.TaskID, id multilang.TupleID) []byte {
	return appendNumbers(dst, Who, query, uint64(task), uint64(id))
}

// AppendHeld appends the answer: the task (0 if nobody holds it), for how many nanoseconds
// it has, and what there is to say about the tuple.
func AppendHeld(dst []byte, query uint64, by topology.TaskID, age int64, about []byte) []byte {
	b, body := begin(dst, Held)
	b = binary.AppendUvarint(b, query)
	b = binary.AppendUvarint(b, uint64(by))
	b = binary.AppendUvarint(b, uint64(age))
	return end(append(b, about...), body)
}

// AppendSignal appends a frame that has no body: [Ready], [Stop], [Withdrawing], [Leaving], [Farewell], [Staying] or [Ping].
func AppendSignal(dst []byte, k Kind) []byte { return append(dst, byte(k), 0) }

// AppendBody appends a frame whose body package peer does not know: [Hello], [Proof],
// [Refused] or [Placement].
func AppendBody(dst []byte, k Kind, body []byte) []byte {
	b, at := begin(dst, k)
	return end(append(b, body...), at)
}

// appendNumbers appends a frame of a few numbers.
func appendNumbers(dst []byte, k Kind, numbers ...uint64) []byte {
	b := append(dst, byte(k), 0)
	body := len(b)
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	b[body-1] = byte(len(b) - body) // a few uvarints are shorter than 128 bytes
	return b
}

// FrameEnd is the index after the first frame of b, which begins with a whole one.
func FrameEnd(b []byte) int {
	n, size := binary.Uvarint(b[1:])
	return 1 + size + int(n)
}
