package shell

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"gust/multilang"
)

// drainedPipe is a pipe and a function that empties it.
func drainedPipe(tb testing.TB) (writer int, drain func()) {
	tb.Helper()
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeAll(p[:]) })
	for _, fd := range p {
		if err := unix.SetNonblock(fd, true); err != nil {
			tb.Fatal(err)
		}
	}
	buf := make([]byte, 1<<20)
	return p[1], func() {
		for {
			if n, err := unix.Read(p[0], buf); n <= 0 || err != nil {
				return
			}
		}
	}
}

// rounds are what an outbox does in a round of the loop: it gathers tuples of a
// size, and writes them.
var rounds = []struct{ tuples, size int }{{1, 100}, {100, 100}, {1, 64 << 10}, {1, 1 << 20}}

// round fills the outbox, and writes until all is written.
func round(tb testing.TB, o *Outbox, message []byte, n, fd int, drain func()) {
	for range n {
		o.Buf = append(o.Buf, message...)
	}
	write := into(fd)
	for {
		left, err := o.WriteTo(write)
		if err != nil {
			tb.Fatal(err)
		}
		drain()
		if !left {
			return
		}
	}
}

func BenchmarkOutbox(b *testing.B) {
	for _, r := range rounds {
		b.Run(fmt.Sprintf("%dx%d", r.tuples, r.size), func(b *testing.B) {
			fd, drain := drainedPipe(b)
			var o Outbox
			message := make([]byte, r.size)
			b.SetBytes(int64(r.tuples * r.size))
			b.ReportAllocs()
			for b.Loop() {
				round(b, &o, message, r.tuples, fd, drain)
			}
		})
	}
}

// command sends a `next` and takes its answer, with one tuple.
func command(c *Commands, now int64) {
	c.Sent(multilang.Next, now)
	c.Emitted(true, false)
	c.Synced(now + 1000)
}

func BenchmarkCommands(b *testing.B) {
	c := NewCommands(64)
	b.ReportAllocs()
	for now := int64(0); b.Loop(); now += 2000 {
		command(c, now)
	}
}

// What an outbox and a spout's books need, they need once.
func TestRoundsDoNotAllocate(t *testing.T) {
	for _, r := range rounds {
		if r.size >= keepCap {
			continue // memory beyond keepCap is given back, and taken anew
		}
		t.Run(fmt.Sprintf("%dx%d", r.tuples, r.size), func(t *testing.T) {
			fd, drain := drainedPipe(t)
			var o Outbox
			message := make([]byte, r.size)
			for range 10 {
				round(t, &o, message, r.tuples, fd, drain)
			}
			if n := testing.AllocsPerRun(50, func() { round(t, &o, message, r.tuples, fd, drain) }); n > 0 {
				t.Errorf("a round costs %g allocations, and may cost none", n)
			}
		})
	}
	t.Run("commands", func(t *testing.T) {
		c := NewCommands(64)
		now := int64(0)
		if n := testing.AllocsPerRun(5000, func() { command(c, now); now += 2000 }); n > 0 {
			t.Errorf("a command costs %g allocations, and may cost none", n)
		}
	})
}
