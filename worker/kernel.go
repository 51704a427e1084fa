package worker

import (
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/poll"
)

// kernel is all that the loop asks of the operating system: which descriptors are ready,
// their bytes, and the time. Only the loop's goroutine calls it, except for Wake. A test
// puts a simulated one in its place, and so decides what each call returns.
type kernel interface {
	// Add, Change, Remove, Wait and Wake are those of [poll.Poller].
	Add(fd int, token uint64, want poll.Interest) error
	Change(fd int, token uint64, want poll.Interest) error
	Remove(fd int) error
	Wait(timeout time.Duration) ([]poll.Event, error)
	Wake()

	// Read, Write and Close are the system calls, on descriptors that do not block.
	Read(fd int, p []byte) (int, error)
	Write(fd int, p []byte) (int, error)
	Close(fd int) error

	Now() int64      // nanoseconds since some moment; it never goes back
	Time() time.Time // by the wall
	Nap(d time.Duration)

	// Release gives the poller back, after the end of the run.
	Release() error
}

// system is the kernel that gust runs on.
type system struct {
	*poll.Poller
	start time.Time
}

func newSystem() (*system, error) {
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	return &system{poller, time.Now()}, nil
}

func (s *system) Read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func (s *system) Write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }
func (s *system) Close(fd int) error                  { return unix.Close(fd) }
func (s *system) Now() int64                          { return int64(time.Since(s.start)) }
func (s *system) Time() time.Time                     { return time.Now() }
func (s *system) Nap(d time.Duration)                 { poll.Nap(d) }
func (s *system) Release() error                      { return s.Poller.Close() }
