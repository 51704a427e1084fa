//go:build unix && !linux

package poll

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Poller watches file descriptors.
type Poller struct {
	fds    []unix.PollFd // fds[0] is the read end of the wake-up pipe
	tokens []uint64      // tokens[i] belongs to fds[i]
	index  map[int]int   // fd to its place
	wake   [2]int
	woken  atomic.Bool
	// closing is held while somebody writes to the pipe, or closes it: after
	// that its numbers may be another file's.
	closing sync.Mutex
	closed  bool
	events  []Event
}

// New makes a Poller.
func New() (*Poller, error) {
	p := &Poller{index: map[int]int{}}
	if err := unix.Pipe(p.wake[:]); err != nil {
		return nil, fmt.Errorf("cannot create a pipe: %w", err)
	}
	for _, fd := range p.wake {
		unix.CloseOnExec(fd)
		unix.SetNonblock(fd, true)
	}
	return p, p.Add(p.wake[0], 0, Read)
}

// Add begins to watch fd.
func (p *Poller) Add(fd int, token uint64, want Interest) error {
	p.index[fd] = len(p.fds)
	p.fds = append(p.fds, unix.PollFd{Fd: int32(fd), Events: mask(want)})
	p.tokens = append(p.tokens, token)
	return nil
}

// Change changes what a watched fd is watched for.
func (p *Poller) Change(fd int, token uint64, want Interest) error {
	i, ok := p.index[fd]
	if !ok {
		return fmt.Errorf("cannot watch fd %d: it was not added", fd)
	}
	p.fds[i].Events, p.tokens[i] = mask(want), token
	return nil
}

// Remove stops watching fd. It must be called before fd is closed.
func (p *Poller) Remove(fd int) error {
	i, ok := p.index[fd]
	if !ok {
		return fmt.Errorf("cannot stop watching fd %d: it was not added", fd)
	}
	last := len(p.fds) - 1
	p.fds[i], p.tokens[i] = p.fds[last], p.tokens[last]
	p.index[int(p.fds[i].Fd)] = i
	p.fds, p.tokens = p.fds[:last], p.tokens[:last]
	delete(p.index, fd)
	return nil
}

func mask(want Interest) (events int16) {
	if want&Read != 0 {
		events |= unix.POLLIN
	}
	if want&Write != 0 {
		events |= unix.POLLOUT
	}
	return events
}

// Wait blocks until a descriptor is ready, Wake is called, or the timeout has
// passed; a negative timeout never passes. The events are valid until the next Wait.
func (p *Poller) Wait(timeout time.Duration) ([]Event, error) {
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	p.events = p.events[:0]
	if _, err := unix.Poll(p.fds, ms); err != nil {
		if err == unix.EINTR {
			return nil, nil
		}
		return nil, fmt.Errorf("cannot wait for children: %w", err)
	}
	for i, fd := range p.fds {
		if fd.Revents == 0 {
			continue
		}
		if i == 0 {
			p.drainWake()
			continue
		}
		gone := fd.Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
		p.events = append(p.events, Event{
			Token: p.tokens[i],
			Read:  gone || fd.Revents&unix.POLLIN != 0,
			Write: gone || fd.Revents&unix.POLLOUT != 0,
			Hup:   gone,
		})
	}
	return p.events, nil
}

// Wake ends a Wait, the running one or the next.
func (p *Poller) Wake() {
	if p.woken.Swap(true) {
		return
	}
	p.closing.Lock()
	defer p.closing.Unlock()
	if !p.closed {
		unix.Write(p.wake[1], []byte{1})
	}
}

func (p *Poller) drainWake() {
	var b [16]byte
	unix.Read(p.wake[0], b[:])
	p.woken.Store(false) // in this order: see poll_linux.go
}

// Close releases the Poller. The watched descriptors stay open.
func (p *Poller) Close() error {
	p.closing.Lock()
	defer p.closing.Unlock()
	p.closed = true
	unix.Close(p.wake[1])
	return unix.Close(p.wake[0])
}

// Nap blocks for a fraction of a millisecond.
func Nap(d time.Duration) { time.Sleep(d) }
