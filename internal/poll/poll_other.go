//go:build unix && !linux

package poll

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Poller watches file descriptors.
type Poller struct {
	waker
	fds    []unix.PollFd // fds[0] is the waker's
	tokens []uint64      // tokens[i] belongs to fds[i]
	index  map[int]int   // fd to its place
	events []Event
}

// New makes a Poller.
func New() (*Poller, error) {
	var pipe [2]int
	if err := unix.Pipe(pipe[:]); err != nil {
		return nil, fmt.Errorf("cannot create a pipe: %w", err)
	}
	for _, fd := range pipe {
		unix.CloseOnExec(fd)
		unix.SetNonblock(fd, true)
	}
	p := &Poller{waker: waker{readfd: pipe[0], writefd: pipe[1]}, index: map[int]int{}}
	return p, p.Add(p.readfd, 0, Read)
}

// Add starts to watch fd.
func (p *Poller) Add(fd int, token uint64, want Interest) error {
	p.index[fd] = len(p.fds)
	p.fds = append(p.fds, unix.PollFd{Fd: int32(fd), Events: mask(want)})
	p.tokens = append(p.tokens, token)
	return nil
}

// Change changes what fd is watched for.
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
			p.drain()
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

// Close releases the Poller. The watched descriptors stay open.
func (p *Poller) Close() error { return p.close() }

// Nap blocks for a fraction of a millisecond.
func Nap(d time.Duration) { time.Sleep(d) }
