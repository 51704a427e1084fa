package worker

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/poll"
)

// simKernel is the kernel of one simulated worker. It never waits: the world has the loop go
// round when there is something for it to do.
type simKernel struct {
	node    *simNode
	files   []*simFile // open descriptors: the index is the descriptor
	watched []*simFile
	woken   bool
	events  []poll.Event
	passed  time.Duration // what the calls of this round have taken so far
}

// simFile is an open descriptor.
type simFile struct {
	fd      int
	stream  simStream
	closed  bool
	watched bool
	token   uint64
	want    poll.Interest
}

// simStream is what a descriptor leads to. Read and write are system calls that do not block.
type simStream interface {
	read(p []byte) (int, error)
	write(p []byte) (int, error)
	ready() (read, write, hup bool)
	close()
}

// open makes a descriptor for a stream. No number is used twice, so that the use of a closed
// descriptor shows.
func (k *simKernel) open(s simStream) int {
	f := &simFile{fd: len(k.files) + 3, stream: s}
	k.files = append(k.files, f)
	return f.fd
}

// file is an open descriptor. To use another one is a bug, even where a real kernel would not
// notice: the number may be another file's by then.
func (k *simKernel) file(fd int, call string) *simFile {
	if fd < 3 || fd-3 >= len(k.files) || k.files[fd-3].closed {
		k.node.world.violate("%v: %s of the descriptor %d, which is not open", k.node, call, fd)
	}
	return k.files[fd-3]
}

func (k *simKernel) Add(fd int, token uint64, want poll.Interest) error {
	f := k.file(fd, "Add")
	if f.watched {
		k.node.world.violate("%v watches the descriptor %d twice", k.node, fd)
	}
	f.watched, f.token, f.want = true, token, want
	k.watched = append(k.watched, f)
	return nil
}

func (k *simKernel) Change(fd int, token uint64, want poll.Interest) error {
	f := k.file(fd, "Change")
	if !f.watched {
		return unix.ENOENT
	}
	f.token, f.want = token, want
	return nil
}

func (k *simKernel) Remove(fd int) error {
	f := k.file(fd, "Remove")
	if !f.watched {
		return unix.ENOENT
	}
	f.watched = false
	k.watched = slices.DeleteFunc(k.watched, func(other *simFile) bool { return other == f })
	return nil
}

func (k *simKernel) Close(fd int) error {
	f := k.file(fd, "Close")
	if f.watched {
		_ = k.Remove(fd)
	}
	f.closed = true
	f.stream.close()
	return nil
}

func (k *simKernel) Wake() {
	k.woken = true
	k.node.poke()
}

// event is what the poller reports of a file, if anything.
func (f *simFile) event() (poll.Event, bool) {
	read, write, hup := f.stream.ready()
	ev := poll.Event{Token: f.token, Read: hup || read && f.want&poll.Read != 0, Write: hup || write && f.want&poll.Write != 0, Hup: hup}
	return ev, ev.Read || ev.Write || ev.Hup
}

// anyReady says whether Wait would report something.
func (k *simKernel) anyReady() bool {
	return k.woken || slices.ContainsFunc(k.watched, func(f *simFile) bool { _, ok := f.event(); return ok })
}

// Wait reports the files that are ready, in any order, and not always all of them.
func (k *simKernel) Wait(time.Duration) ([]poll.Event, error) {
	k.woken = false
	k.events = k.events[:0]
	for _, f := range k.watched {
		if ev, ok := f.event(); ok {
			k.events = append(k.events, ev)
		}
	}
	w := k.node.world
	if n := len(k.events); n > 1 {
		w.rand.Shuffle(n, func(i, j int) { k.events[i], k.events[j] = k.events[j], k.events[i] })
		if w.rand.IntN(4) == 0 {
			k.events = k.events[:1+w.rand.IntN(n)]
		}
	}
	return k.events, nil
}

func (k *simKernel) Read(fd int, p []byte) (int, error) {
	f := k.file(fd, "Read")
	k.pass(20 * time.Microsecond)
	if k.node.world.chance(100) {
		return -1, unix.EINTR
	}
	n, err := f.stream.read(p)
	if err != nil {
		n = -1 // as the system call does
	}
	return n, err
}

func (k *simKernel) Write(fd int, p []byte) (int, error) {
	f := k.file(fd, "Write")
	k.pass(20 * time.Microsecond)
	if k.node.world.chance(100) {
		return -1, unix.EINTR
	}
	n, err := f.stream.write(p)
	if err != nil {
		n = -1
	}
	return n, err
}

// pass has a call take some time.
func (k *simKernel) pass(most time.Duration) { k.passed += k.node.world.upTo(most) }

func (k *simKernel) Now() int64 {
	k.passed += time.Duration(k.node.world.rand.IntN(300))
	return k.node.world.now - k.node.born + int64(k.passed)
}

func (k *simKernel) Time() time.Time { return time.Unix(1e9, k.node.world.now+int64(k.passed)).UTC() }

func (k *simKernel) Nap(d time.Duration) { k.passed += d }

func (k *simKernel) Release() error { return nil }

// simPipe is a pipe with few or many bytes of room.
type simPipe struct {
	world                  *simWorld
	buf                    []byte
	room                   int
	readerGone, writerGone bool
	// The ends are poked when there is something new for them: bytes, or room.
	reader, writer func()
}

// take reads some of what the pipe has: all of it, or a part.
func (p *simPipe) take(into []byte) (int, error) {
	if len(p.buf) == 0 {
		if p.writerGone {
			return 0, nil
		}
		return 0, unix.EAGAIN
	}
	n := p.world.part(min(len(into), len(p.buf)))
	copy(into, p.buf[:n])
	p.buf = p.buf[:copy(p.buf, p.buf[n:])]
	p.writer()
	return n, nil
}

// put writes as much as there is room for, or a part of it.
func (p *simPipe) put(b []byte) (int, error) {
	if p.readerGone {
		return 0, unix.EPIPE
	}
	n := min(len(b), p.room-len(p.buf))
	if n <= 0 {
		return 0, unix.EAGAIN
	}
	n = p.world.part(n)
	p.buf = append(p.buf, b[:n]...)
	p.reader()
	return n, nil
}

func (p *simPipe) closeReader() {
	p.readerGone = true
	p.writer()
}

func (p *simPipe) closeWriter() {
	p.writerGone = true
	p.reader()
}

// simReadEnd and simWriteEnd are the ends of pipes that a worker has.
type simReadEnd struct{ *simPipe }

func (e simReadEnd) read(p []byte) (int, error)  { return e.take(p) }
func (e simReadEnd) write(p []byte) (int, error) { return 0, unix.EBADF }
func (e simReadEnd) close()                      { e.closeReader() }
func (e simReadEnd) ready() (read, write, hup bool) {
	return len(e.buf) > 0, false, e.writerGone
}

type simWriteEnd struct{ *simPipe }

func (e simWriteEnd) read(p []byte) (int, error)  { return 0, unix.EBADF }
func (e simWriteEnd) write(p []byte) (int, error) { return e.put(p) }
func (e simWriteEnd) close()                      { e.closeWriter() }
func (e simWriteEnd) ready() (read, write, hup bool) {
	return false, len(e.buf) < e.room, e.readerGone
}
