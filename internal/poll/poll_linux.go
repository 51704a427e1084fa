package poll

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// wakeToken marks the eventfd; callers' tokens are below it.
const wakeToken = ^uint64(0)

// Poller watches file descriptors.
type Poller struct {
	waker
	epfd   int
	raw    []unix.EpollEvent
	events []Event
}

// New makes a Poller.
func New() (*Poller, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot create an epoll instance: %w", err)
	}
	wakefd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epfd)
		return nil, fmt.Errorf("cannot create an eventfd: %w", err)
	}
	p := &Poller{waker: waker{readfd: wakefd, writefd: wakefd}, epfd: epfd, raw: make([]unix.EpollEvent, 128)}
	if err := p.Add(wakefd, wakeToken, Read); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Add starts to watch fd.
func (p *Poller) Add(fd int, token uint64, want Interest) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, token, want)
}

// Change changes what fd is watched for.
func (p *Poller) Change(fd int, token uint64, want Interest) error {
	return p.control(unix.EPOLL_CTL_MOD, fd, token, want)
}

// Remove stops watching fd. It must be called before fd is closed, since a
// copy of the descriptor in a child would keep the watch alive.
func (p *Poller) Remove(fd int) error {
	if err := unix.EpollCtl(p.epfd, unix.EPOLL_CTL_DEL, fd, nil); err != nil {
		return fmt.Errorf("cannot stop watching fd %d: %w", fd, err)
	}
	return nil
}

func (p *Poller) control(op, fd int, token uint64, want Interest) error {
	ev := unix.EpollEvent{Fd: int32(uint32(token)), Pad: int32(uint32(token >> 32))}
	if want&Read != 0 {
		ev.Events |= unix.EPOLLIN
	}
	if want&Write != 0 {
		ev.Events |= unix.EPOLLOUT
	}
	if err := unix.EpollCtl(p.epfd, op, fd, &ev); err != nil {
		return fmt.Errorf("cannot watch fd %d: %w", fd, err)
	}
	return nil
}

// Wait blocks until a descriptor is ready, Wake is called, or the timeout has
// passed; a negative timeout never passes. The events are valid until the next Wait.
func (p *Poller) Wait(timeout time.Duration) ([]Event, error) {
	ms := -1
	if timeout >= 0 {
		// Rounded up: a timer that fires early would spin until its time.
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	n, err := unix.EpollWait(p.epfd, p.raw, ms)
	if err != nil {
		if err == unix.EINTR {
			return nil, nil
		}
		return nil, fmt.Errorf("cannot wait for children: %w", err)
	}
	p.events = p.events[:0]
	for _, ev := range p.raw[:n] {
		token := uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32
		if token == wakeToken {
			p.drain()
			continue
		}
		p.events = append(p.events, Event{
			Token: token,
			Read:  ev.Events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			Write: ev.Events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			Hup:   ev.Events&(unix.EPOLLHUP|unix.EPOLLERR) != 0,
		})
	}
	if n == len(p.raw) {
		p.raw = make([]unix.EpollEvent, 2*n)
	}
	return p.events, nil
}

// Close releases the Poller. The watched descriptors stay open.
func (p *Poller) Close() error {
	p.close()
	return unix.Close(p.epfd)
}

// Nap blocks for a fraction of a millisecond, as exactly as the kernel can:
// the timers of the Go runtime are too coarse for that.
func Nap(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	unix.Nanosleep(&t, nil)
}
