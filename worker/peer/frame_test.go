package peer

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
)

// encode appends a frame as its sender does.
func encode(dst []byte, f *Frame) []byte {
	switch f.Kind {
	case Tuple:
		return AppendTuple(dst, f.Task, f.From, f.Input, f.Slots, f.Traced, f.Body)
	case Ack:
		return AppendAck(dst, f.Task, f.ID)
	case Fail:
		return AppendFail(dst, f.Task, f.ID, f.Reason, f.From, f.Body)
	case Hops:
		return AppendHops(dst, f.Task, f.ID, f.Body)
	case Over, Under:
		return AppendMark(dst, f.Task, f.Kind == Over)
	case Want:
		return AppendWant(dst, f.Task)
	case Credit:
		return AppendCredit(dst, f.Task, f.Bytes, f.Taken, f.Window)
	case TaskUp, TaskDown:
		return AppendTask(dst, f.Task, f.Kind == TaskUp)
	case Frozen:
		return AppendFrozen(dst, int(f.Count))
	case Who:
		return AppendWho(dst, f.Query, f.Task, f.ID)
	case Held:
		return AppendHeld(dst, f.Query, f.From, f.Age, f.Body)
	case Drained:
		return AppendClaim(dst, f.Claim)
	case Ready, Stop, Withdrawing, Leaving, Farewell, Staying, Ping:
		return AppendSignal(dst, f.Kind)
	case Hello, Proof, Refused, Placement:
		return AppendBody(dst, f.Kind, f.Body)
	}
	panic(fmt.Sprintf("a frame of %v", f.Kind))
}

// examples are frames of each kind, with the least and the most of each number.
func examples() (frames []Frame) {
	const task, id = math.MaxInt32, math.MaxUint64
	large := bytes.Repeat([]byte("0123456789"), PieceSize/4)
	entry := Entry{Incarnation: math.MaxUint64, Worker: math.MaxInt32, Index: math.MaxUint32, Gen: math.MaxUint32}
	return []Frame{
		{Kind: Hello, Body: []byte("hello")}, {Kind: Proof, Body: []byte("proof")}, {Kind: Refused}, {Kind: Placement, Body: []byte("placement")},
		{Kind: Tuple},
		{Kind: Tuple, Task: task, From: task, Input: math.MaxInt32, Slots: []Slot{{ID: id}}, Body: []byte("[1]")},
		{Kind: Tuple, Task: 1, From: 2, Slots: []Slot{{ID: 0, Entry: Entry{Incarnation: 1}}, {ID: id, Entry: entry}}, Body: []byte("[1]")},
		{Kind: Tuple, Task: 3, Slots: []Slot{{ID: 7}}, Body: large},
		{Kind: Tuple, Task: 3, Slots: slices.Repeat([]Slot{{ID: id, Entry: entry}}, PieceSize/20), Body: large[:10]},
		{Kind: Ack}, {Kind: Ack, Task: task, ID: id},
		{Kind: Fail}, {Kind: Fail, Task: task, ID: id, Reason: 255, From: task, Body: []byte("why")},
		{Kind: Hops, Task: task, ID: id, Body: []byte("hops")},
		{Kind: Tuple, Task: 1, From: 2, Slots: []Slot{{ID: 3}}, Traced: true, Body: []byte("[1]")},
		{Kind: Over}, {Kind: Over, Task: task}, {Kind: Under, Task: task}, {Kind: Want, Task: task},
		{Kind: Credit}, {Kind: Credit, Task: task, Bytes: math.MaxUint64, Taken: math.MaxUint64, Window: math.MaxUint64},
		{Kind: TaskUp, Task: task}, {Kind: TaskDown}, {Kind: Ready}, {Kind: Frozen, Count: 3},
		{Kind: Who, Query: math.MaxUint64, Task: task, ID: id}, {Kind: Held, Query: 1, From: task, Age: math.MaxInt64, Body: []byte("[1]")}, {Kind: Held},
		{Kind: Stop}, {Kind: Withdrawing}, {Kind: Leaving}, {Kind: Farewell}, {Kind: Staying}, {Kind: Ping}, {Kind: Drained},
		{Kind: Drained, Claim: Claim{Idle: true, Done: true, Epochs: []Epoch{{}, {math.MaxUint64, 2}}, Sent: []uint64{0, math.MaxUint64}, Received: []uint64{3, 4}}},
	}
}

// reading reads pieces of what came, each with one call of Fill, through a chunk that is
// shared, and returns copies of the frames.
func reading(d *Decoder, chunk []byte, pieces ...[]byte) (frames []Frame, err error) {
	var f Frame
	for _, piece := range pieces {
		for len(piece) > 0 {
			n, _ := d.Fill(chunk, func(b []byte) (int, error) { return copy(b, piece), nil })
			piece = piece[n:]
			for {
				ok, err := d.Next(&f)
				if err != nil {
					return frames, err
				}
				if !ok {
					break
				}
				kept := f
				kept.Slots, kept.Body = slices.Clone(f.Slots), bytes.Clone(f.Body)
				frames = append(frames, kept)
			}
			d.Keep()
			for i := range min(n+100, len(chunk)) {
				chunk[i] = 0xee // it is another connection's now
			}
		}
	}
	return frames, nil
}

// sameFrames compares frames; what is empty is the same as what is nil.
func sameFrames(got, want []Frame) bool {
	return slices.EqualFunc(got, want, func(a, b Frame) bool {
		same := bytes.Equal(a.Body, b.Body) && slices.Equal(a.Slots, b.Slots) && a.Claim.Equal(&b.Claim)
		a.Body, b.Body, a.Slots, b.Slots, a.Claim, b.Claim = nil, nil, nil, nil, Claim{}, Claim{}
		return same && reflect.DeepEqual(a, b)
	})
}

func TestFramesComeAsTheyWent(t *testing.T) {
	seen := map[Kind]bool{}
	var all []byte
	frames := examples()
	for _, f := range frames {
		seen[f.Kind] = true
		one := encode(nil, &f)
		if got, err := reading(NewDecoder(8<<20), make([]byte, 1<<20), one); err != nil || !sameFrames(got, []Frame{f}) {
			t.Errorf("%v came as %.300v, %v", f.Kind, got, err)
		}
		for at := 0; at < len(one); at += FrameEnd(one[at:]) {
			if end := FrameEnd(one[at:]); end > PieceSize+100 {
				t.Errorf("%v goes in pieces of up to %d bytes", f.Kind, end)
			}
		}
		all = append(all, one...)
	}
	for k := Kind(1); k < kinds; k++ {
		if !seen[k] && k != Piece {
			t.Errorf("no frame is a %v", k)
		}
		if k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
	for _, size := range []int{1000, 100_000, len(all)} {
		pieces := slices.Collect(slices.Chunk(all, size))
		if got, err := reading(NewDecoder(8<<20), make([]byte, 256<<10), pieces...); err != nil || !sameFrames(got, frames) {
			t.Errorf("in pieces of %d bytes came %d frames of %d, %v", size, len(got), len(frames), err)
		}
	}
}

// What goes first overtakes a tuple in pieces between two of them.
func TestControlBetweenPieces(t *testing.T) {
	tuple := Frame{Kind: Tuple, Task: 3, Body: make([]byte, 3*PieceSize)}
	b := encode(nil, &tuple)
	first := FrameEnd(b)
	var mixed []byte
	mixed = append(mixed, b[:first]...)
	mixed = AppendAck(mixed, 1, 2)
	mixed = append(mixed, b[first:]...)
	got, err := reading(NewDecoder(1<<20), make([]byte, 1<<20), mixed)
	if err != nil || !sameFrames(got, []Frame{{Kind: Ack, Task: 1, ID: 2}, tuple}) {
		t.Errorf("got %d frames, %v", len(got), err)
	}
}

func TestMalformed(t *testing.T) {
	numbers := func(k Kind, n ...uint64) []byte { return appendNumbers(nil, k, n...) }
	large := encode(nil, &Frame{Kind: Tuple, Body: make([]byte, 2*PieceSize)})
	piece := large[:FrameEnd(large)]
	for _, tt := range []struct {
		name string
		b    []byte
		want string
	}{
		{"kind 0", []byte{0, 0}, "unknown kind 0"},
		{"a kind of the future", []byte{byte(kinds), 0}, fmt.Sprintf("unknown kind %d", kinds)},
		{"a length without end", append([]byte{byte(Ack)}, bytes.Repeat([]byte{0xff}, 11)...), "ACK without a length"},
		{"a large frame", []byte{byte(Tuple), 0xff, 0xff, 0xff, 0x7f}, "TUPLE of 268435455 bytes"},
		{"ACK without an id", numbers(Ack, 1), "ACK of 1 bytes"},
		{"ACK with more", numbers(Ack, 1, 2, 3), "ACK of 3 bytes"},
		{"a task that is none", numbers(Ack, math.MaxInt32+1, 1), "ACK of 6 bytes"},
		{"READY with content", []byte{byte(Ready), 1, 1}, "READY of 1 bytes"},
		{"more slots than bytes", numbers(Tuple, 1, 2, 0, 1<<40|1), "TUPLE of"},
		{"several slots without entries", numbers(Tuple, 1, 2, 0, 2<<flagBits, 7, 8), "TUPLE of 6 bytes"},
		{"a slot on a cycle without an entry", numbers(Tuple, 1, 2, 0, 1<<flagBits|hasEntries, 7, 0, 0, 0, 0), "TUPLE of 9 bytes"},
		{"more workers than bytes", numbers(Drained, 1, 1<<40), "DRAINED of"},
		{"an empty piece", []byte{byte(Piece), 1, 0}, "PIECE of 1 bytes"},
		{"a piece of a piece", []byte{byte(Piece), 2, 0, byte(Piece)}, "PIECE of a PIECE"},
		{"a piece that is neither the last nor another", []byte{byte(Piece), 2, 2, byte(Tuple)}, "PIECE of 2 bytes"},
		{"a tuple between pieces", AppendTuple(bytes.Clone(piece), 1, 2, 0, nil, false, nil), "TUPLE between the pieces of another"},
		{"a tuple without end", bytes.Repeat(piece[:len(piece):len(piece)], 1), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := reading(NewDecoder(1<<20), make([]byte, 1<<20), tt.b)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrMalformed) || !bytes.Contains([]byte(err.Error()), []byte("malformed frame: "+tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	d := NewDecoder(1 << 20)
	var err error
	next := append([]byte{byte(Piece)}, piece[1:]...)
	for n := 0; err == nil; n++ {
		if _, err = reading(d, make([]byte, 1<<20), next); n > 10 {
			t.Fatal("a tuple in pieces has no end")
		}
	}
	if want := "malformed frame: TUPLE of more than 1048576 bytes"; err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// Frames that go with every tuple cost no memory.
func TestFramesWithoutAllocation(t *testing.T) {
	slots := []Slot{{ID: 5, Entry: Entry{Incarnation: 1, Worker: 1, Index: 2, Gen: 3}}}
	values := make([]byte, 100)
	var b []byte
	d, chunk := NewDecoder(1<<20), make([]byte, 4096)
	var f Frame
	allocations := testing.AllocsPerRun(100, func() {
		b = AppendTuple(b[:0], 1, 2, 0, slots, false, values)
		b = AppendAck(b, 1, 5)
		b = AppendCredit(b, 1, 100, 1, 2)
		_, _ = d.Fill(chunk, func(p []byte) (int, error) { return copy(p, b), nil })
		for n := 0; ; n++ {
			ok, err := d.Next(&f)
			if err != nil || !ok && n != 3 {
				t.Fatal(n, err)
			}
			if !ok {
				break
			}
		}
		d.Keep()
	})
	if allocations > 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// FuzzDecoder reads anything: it ends without panic and with bounded memory, in whatever
// pieces it comes, and what was understood is the same when it is written and read again.
func FuzzDecoder(f *testing.F) {
	for _, example := range examples() {
		if b := encode(nil, &example); len(b) < 10_000 {
			f.Add(b, uint16(3), true)
		}
	}
	hello := NewDialer(identity(0), 2, secret, nonce(1)).Begin(nil)
	f.Add(hello, uint16(10), false)
	f.Add(AppendRefusal(nil, &Refusal{Reason: OtherSecret, Text: "no", Hint: "yes"}), uint16(1), false)
	small := []byte{byte(Piece), 3, 0, byte(Tuple), 1, byte(Ping), 0, byte(Piece), 4, 1, 2, 0, 0}
	f.Add(small, uint16(2), true)
	f.Fuzz(func(t *testing.T, b []byte, size uint16, admitted bool) {
		most := 0
		if admitted {
			most = 1 << 20
		}
		whole := NewDecoder(most)
		frames, err := reading(whole, make([]byte, len(b)+1), b)

		d := NewDecoder(most)
		n := int(size)%max(len(b), 1) + 1
		split, splitErr := reading(d, make([]byte, 4*n+64), slices.Collect(slices.Chunk(b, n))...)
		if !sameFrames(split, frames) || fmt.Sprint(splitErr) != fmt.Sprint(err) {
			t.Fatalf("in pieces of %d bytes: %v, %v; at once: %v, %v", n, split, splitErr, frames, err)
		}
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("the error is %v", err)
		}
		memory := cap(d.kept) + cap(d.pieces) + 32*cap(d.slots)
		if bound := 16*len(b) + 4*maxBody; memory > bound {
			t.Errorf("%d bytes have taken %d", len(b), memory)
		}
		if !admitted && err == nil && cap(d.kept) > 4*(maxHello+10)+len(b)/2 {
			t.Errorf("of a stranger, %d bytes are kept", cap(d.kept))
		}
		for i := range frames {
			written := encode(nil, &frames[i])
			again, err := reading(NewDecoder(1<<20), make([]byte, len(written)), written)
			if err != nil || !sameFrames(again, frames[i:i+1]) {
				t.Fatalf("%v comes back as %v, %v", frames[i], again, err)
			}
			if !bytes.Equal(encode(nil, &again[0]), written) {
				t.Errorf("%v is written in two ways", frames[i])
			}
		}
	})
}
