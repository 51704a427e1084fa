package poll

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is the longest time that a test waits for an immediate event.
const patience = 10 * time.Second

func newPoller(t *testing.T) *Poller {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// pipe is a pipe whose ends do not block; they are closed with the test.
type pipe struct {
	reader, writer int
	files          [2]*os.File
}

func newPipe(t *testing.T) *pipe {
	t.Helper()
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	made := &pipe{reader: p[0], writer: p[1]}
	for i, fd := range p {
		if err := unix.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		made.files[i] = os.NewFile(uintptr(fd), "pipe")
		t.Cleanup(func() { made.files[i].Close() })
	}
	return made
}

func (p *pipe) write(t *testing.T, n int) {
	t.Helper()
	if _, err := unix.Write(p.writer, make([]byte, n)); err != nil {
		t.Fatal(err)
	}
}

// fill writes until the pipe is full.
func (p *pipe) fill(t *testing.T) {
	t.Helper()
	block := make([]byte, 4096)
	for {
		if _, err := unix.Write(p.writer, block); err == unix.EAGAIN {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// drain reads everything in the pipe.
func (p *pipe) drain(t *testing.T) {
	t.Helper()
	block := make([]byte, 1<<20)
	for {
		if _, err := unix.Read(p.reader, block); err == unix.EAGAIN {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func add(t *testing.T, p *Poller, fd int, token uint64, want Interest) {
	t.Helper()
	if err := p.Add(fd, token, want); err != nil {
		t.Fatal(err)
	}
}

// expect waits for exactly one event.
func expect(t *testing.T, p *Poller, want Event) {
	t.Helper()
	events, err := p.Wait(patience)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || events[0] != want {
		t.Fatalf("events %+v, want %+v", events, want)
	}
}

// expectNone looks, without waiting, that nothing is ready.
func expectNone(t *testing.T, p *Poller) {
	t.Helper()
	events, err := p.Wait(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) > 0 {
		t.Fatalf("events %+v, want none", events)
	}
}

func TestReadIsReportedUntilItIsRead(t *testing.T) {
	p, pipe := newPoller(t), newPipe(t)
	add(t, p, pipe.reader, 1<<40+7, Read) // a token of more than 32 bits
	expectNone(t, p)
	pipe.write(t, 1)
	for range 3 {
		expect(t, p, Event{Token: 1<<40 + 7, Read: true})
	}
	pipe.drain(t)
	expectNone(t, p)
}

func TestWriteIsReportedIfThereIsRoom(t *testing.T) {
	p, pipe := newPoller(t), newPipe(t)
	add(t, p, pipe.writer, 3, Write)
	expect(t, p, Event{Token: 3, Write: true})
	pipe.fill(t)
	expectNone(t, p)
	pipe.drain(t)
	expect(t, p, Event{Token: 3, Write: true})
}

func TestHup(t *testing.T) {
	t.Run("of the writer, with bytes left", func(t *testing.T) {
		p, pipe := newPoller(t), newPipe(t)
		add(t, p, pipe.reader, 1, Read)
		pipe.write(t, 10)
		pipe.files[1].Close()
		expectHup(t, p)
	})
	t.Run("of the writer, watched for nothing", func(t *testing.T) {
		p, pipe := newPoller(t), newPipe(t)
		add(t, p, pipe.reader, 1, 0)
		pipe.write(t, 10)
		expectNone(t, p)
		pipe.files[1].Close()
		expectHup(t, p)
	})
	t.Run("of the reader", func(t *testing.T) {
		p, pipe := newPoller(t), newPipe(t)
		pipe.fill(t)
		add(t, p, pipe.writer, 1, Write)
		expectNone(t, p)
		pipe.files[0].Close()
		events, err := p.Wait(patience)
		if err != nil || len(events) != 1 || !events[0].Write || !events[0].Hup {
			t.Errorf("events %+v, %v; want a write that fails", events, err)
		}
	})
}

// expectHup waits for the event of a pipe whose writers are gone.
func expectHup(t *testing.T, p *Poller) {
	t.Helper()
	events, err := p.Wait(patience)
	if err != nil || len(events) != 1 || !events[0].Read || !events[0].Hup {
		t.Fatalf("events %+v, %v; want a hang-up that can be read", events, err)
	}
}

func TestChange(t *testing.T) {
	p, pipe := newPoller(t), newPipe(t)
	add(t, p, pipe.reader, 1, Read)
	pipe.write(t, 1)
	if err := p.Change(pipe.reader, 1, 0); err != nil {
		t.Fatal(err)
	}
	expectNone(t, p)
	if err := p.Change(pipe.reader, 2, Read); err != nil {
		t.Fatal(err)
	}
	expect(t, p, Event{Token: 2, Read: true})
}

func TestRemove(t *testing.T) {
	p := newPoller(t)
	first, second := newPipe(t), newPipe(t)
	add(t, p, first.reader, 1, Read)
	add(t, p, second.reader, 2, Read)
	first.write(t, 1)
	second.write(t, 1)
	if err := p.Remove(first.reader); err != nil {
		t.Fatal(err)
	}
	expect(t, p, Event{Token: 2, Read: true})
	if err := p.Remove(first.reader); err == nil {
		t.Error("a descriptor was removed twice")
	}
	if err := p.Change(first.reader, 1, Read); err == nil {
		t.Error("a descriptor was changed that is not watched")
	}
	add(t, p, first.reader, 3, Read)
	if events, err := p.Wait(patience); err != nil || len(events) != 2 {
		t.Errorf("events %+v, %v, want those of both", events, err)
	}
}

// More descriptors are ready at once than one system call reports.
func TestManyDescriptors(t *testing.T) {
	p := newPoller(t)
	const n = 300
	for i := range uint64(n) {
		pipe := newPipe(t)
		add(t, p, pipe.reader, i, Read)
		pipe.write(t, 1)
	}
	seen := map[uint64]bool{}
	for range n {
		events, err := p.Wait(patience)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			seen[ev.Token] = true
		}
		if len(seen) == n {
			return
		}
	}
	t.Errorf("%d of %d descriptors were reported", len(seen), n)
}

func TestTimeout(t *testing.T) {
	p := newPoller(t)
	for _, timeout := range []time.Duration{0, time.Microsecond, 1500 * time.Microsecond, 20 * time.Millisecond} {
		began := time.Now()
		events, err := p.Wait(timeout)
		if err != nil || len(events) > 0 {
			t.Fatalf("events %+v, %v", events, err)
		}
		// Not early: a caller that waits for a timer would spin.
		if waited := time.Since(began); waited < timeout {
			t.Errorf("a wait of %v ended after %v", timeout, waited)
		}
	}
}

func TestWakeBeforeWaitIsNotLost(t *testing.T) {
	p := newPoller(t)
	for range 3 {
		p.Wake()
		p.Wake()
		woken(t, p)
	}
	began := time.Now()
	if _, err := p.Wait(10 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if time.Since(began) < 10*time.Millisecond {
		t.Error("one wake-up ended two waits")
	}
}

// woken fails the test if a Wait does not end.
func woken(t *testing.T, p *Poller) {
	t.Helper()
	watchdog := time.AfterFunc(patience, func() { panic("a wake-up was lost") })
	defer watchdog.Stop()
	if _, err := p.Wait(-1); err != nil {
		t.Error(err)
	}
}

// Each wake-up follows a piece of work, as in the worker's loop: a reader that finds no
// work waits again, and it must find all work.
func TestWakesOfManyGoroutinesAreNotLost(t *testing.T) {
	p := newPoller(t)
	const goroutines, each = 8, 3000
	var work atomic.Int64
	var posters sync.WaitGroup
	for range goroutines {
		posters.Go(func() {
			for range each {
				work.Add(1)
				p.Wake()
			}
		})
	}
	for done := int64(0); done < goroutines*each; done += work.Swap(0) {
		woken(t, p)
	}
	posters.Wait()
}

func TestWakeEndsARunningWait(t *testing.T) {
	p := newPoller(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Wait(-1)
	}()
	for { // the test cannot know when the goroutine waits, so it repeats
		p.Wake()
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
}
