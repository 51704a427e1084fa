package shell

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"gust/multilang"
)

// openPipe returns a pipe whose ends do not block. A test that closes an end
// does it with closeAll.
func openPipe(t *testing.T) *[2]int {
	t.Helper()
	p := new([2]int)
	if err := unix.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	for _, fd := range p {
		if err := unix.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { closeAll(p[:]) })
	return p
}

// into writes to a descriptor.
func into(fd int) func([]byte) (int, error) {
	return func(p []byte) (int, error) { return unix.Write(fd, p) }
}

// readSome reads up to n bytes of what the pipe holds.
func readSome(t *testing.T, fd, n int) []byte {
	t.Helper()
	p := make([]byte, n)
	got, err := unix.Read(fd, p)
	if err == unix.EAGAIN {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return p[:got]
}

// Whatever comes in while the child reads a little at a time goes out whole and
// in order, through a pipe that is full most of the time.
func TestOutboxKeepsTheOrderOverAFullPipe(t *testing.T) {
	ends := openPipe(t)
	reader, writer := ends[0], ends[1]
	rnd := rand.New(rand.NewPCG(1, 5))
	var box Outbox
	var sent, got []byte
	largest := 0
	for range 400 {
		piece := make([]byte, rnd.IntN(20_000))
		for i := range piece {
			piece[i] = byte(rnd.Uint32())
		}
		box.Buf = append(box.Buf, piece...)
		sent = append(sent, piece...)
		left, err := box.WriteTo(into(writer))
		if err != nil {
			t.Fatal(err)
		}
		if left != (box.Len() > 0) {
			t.Fatalf("left %v, with %d bytes waiting", left, box.Len())
		}
		got = append(got, readSome(t, reader, rnd.IntN(21_000)+1)...)
		if want := len(sent); len(got)+box.Len() > want {
			t.Fatalf("%d bytes read and %d waiting, of %d", len(got), box.Len(), want)
		}
		largest = max(largest, box.Len())
		if cap(box.Buf) > 8*largest+keepCap {
			t.Fatalf("memory of %d bytes for at most %d", cap(box.Buf), largest)
		}
	}
	if largest == 0 {
		t.Fatal("the pipe was never full: this test shows nothing")
	}
	for box.Len() > 0 {
		got = append(got, readSome(t, reader, 1<<20)...)
		if _, err := box.WriteTo(into(writer)); err != nil {
			t.Fatal(err)
		}
	}
	for more := readSome(t, reader, 1<<20); more != nil; more = readSome(t, reader, 1<<20) {
		got = append(got, more...)
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came out of %d, or in another order", len(got), len(sent))
	}
}

// What goes first never breaks a message, comes in its own order, and waits for one
// message at most: also over a pipe that is full most of the time.
func TestOutboxFirst(t *testing.T) {
	for _, codec := range []multilang.Codec{multilang.JSON, multilang.Msgpack} {
		for _, late := range []bool{false, true} { // whether the first list comes when all has long begun
			t.Run(fmt.Sprintf("%s, late %v", codec.Name(), late), func(t *testing.T) {
				ends := openPipe(t)
				reader, writer := ends[0], ends[1]
				rnd := rand.New(rand.NewPCG(3, 5))
				origin := codec.NewOrigin("c", "default", 1)
				var values []byte // a text of some kilobytes
				if codec == multilang.JSON {
					values = []byte(`["` + strings.Repeat("x", 3000) + `"]`)
				} else {
					values = append([]byte{0x91, 0xda, 3000 >> 8, 3000 & 0xff}, strings.Repeat("x", 3000)...)
				}
				var box Outbox
				var got []byte
				tuples, lists := 0, 0
				for round := range 600 {
					for range rnd.IntN(3) {
						tuples++
						box.Buf = codec.AppendTuple(box.Buf, multilang.TupleID(tuples), origin, values)
					}
					if rnd.IntN(4) == 0 && (!late || round > 200) {
						lists++
						box.End = codec.MessageEnd
						box.First = codec.AppendTaskIDs(box.First, []int32{int32(lists)})
					}
					if _, err := box.WriteTo(into(writer)); err != nil {
						t.Fatal(err)
					}
					got = append(got, readSome(t, reader, rnd.IntN(4000)+1)...)
				}
				if box.Len() < 100_000 {
					t.Fatal("the queue was never long: this test shows nothing")
				}
				// From here on, a list overtakes all but the message that has begun.
				got = append(got, readSome(t, reader, 1<<20)...)
				lists++
				box.First = codec.AppendTaskIDs(box.First, []int32{int32(lists)})
				waits := tuples
				for box.Len() > 0 {
					if _, err := box.WriteTo(into(writer)); err != nil {
						t.Fatal(err)
					}
					got = append(got, readSome(t, reader, 1<<20)...)
				}
				got = append(got, readSome(t, reader, 1<<20)...)

				seenTuples, seenLists := 0, 0
				for len(got) > 0 {
					end := codec.MessageEnd(got)
					list := codec.AppendTaskIDs(nil, []int32{int32(seenLists + 1)})
					if bytes.Equal(got[:end], list) {
						seenLists++
						if seenLists == lists {
							waits -= seenTuples
						}
					} else {
						seenTuples++
						tuple := codec.AppendTuple(nil, multilang.TupleID(seenTuples), origin, values)
						if !bytes.Equal(got[:end], tuple) {
							t.Fatalf("after %d tuples and %d lists comes %.80q", seenTuples-1, seenLists, got[:end])
						}
					}
					got = got[end:]
				}
				if seenTuples != tuples || seenLists != lists {
					t.Errorf("%d tuples of %d and %d lists of %d came out", seenTuples, tuples, seenLists, lists)
				}
				if waits < 100_000/3000 {
					t.Errorf("the last list overtook %d tuples", waits)
				}
			})
		}
	}
}

// A child that reads slowly forever must not make the memory grow with all
// that it has been told.
func TestOutboxCompacts(t *testing.T) {
	ends := openPipe(t)
	reader, writer := ends[0], ends[1]
	var box Outbox
	box.Buf = bytes.Repeat([]byte{'x'}, 1<<20) // never empty from here on
	block := bytes.Repeat([]byte{'y'}, 64<<10)
	for range 500 {
		if left, err := box.WriteTo(into(writer)); !left || err != nil {
			t.Fatalf("left %v, error %v", left, err)
		}
		n := len(readSome(t, reader, len(block)))
		box.Buf = append(box.Buf, block[:n]...)
	}
	if cap(box.Buf) > 8<<20 {
		t.Errorf("memory of %d bytes for %d that wait", cap(box.Buf), box.Len())
	}
}

func TestOutboxOfABrokenPipe(t *testing.T) {
	ends := openPipe(t)
	writer := ends[1]
	var box Outbox
	box.Buf = append(box.Buf, "to nobody"...)
	closeAll(ends[:1])
	if _, err := box.WriteTo(into(writer)); err != unix.EPIPE {
		t.Fatalf("a write to nobody: %v, want EPIPE", err)
	}
	if box.Len() != len("to nobody") {
		t.Errorf("%d bytes wait after a write that failed", box.Len())
	}
	box.Reset()
	if left, err := box.WriteTo(into(writer)); left || err != nil {
		t.Errorf("an empty outbox: left %v, %v", left, err)
	}
}

func TestOutboxGivesLargeMemoryBack(t *testing.T) {
	ends := openPipe(t)
	reader, writer := ends[0], ends[1]
	var box Outbox
	for size, keeps := range map[int]bool{keepCap / 4: true, 4 * keepCap: false} {
		box.Buf = append(box.Buf, make([]byte, size)...)
		for left := true; left; {
			var err error
			if left, err = box.WriteTo(into(writer)); err != nil {
				t.Fatal(err)
			}
			readSome(t, reader, 1<<20)
		}
		if got := cap(box.Buf) > 0; got != keeps {
			t.Errorf("after %d bytes: keeps memory %v, want %v", size, got, keeps)
		}
		for readSome(t, reader, 1<<20) != nil {
		}
	}
}
