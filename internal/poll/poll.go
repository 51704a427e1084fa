// Package poll waits until one of many file descriptors can be read or
// written: epoll on Linux, poll(2) elsewhere. It is level-triggered.
//
// # Concurrency properties
//
// A [Poller] belongs to one goroutine, but for [Poller.Wake], which any
// goroutine may call at any time, also after Close.
package poll

// Event says that a file descriptor is ready.
type Event struct {
	// Token is what the descriptor was added with.
	Token uint64
	// Read is set where a read would not block; an end of file or an error counts.
	Read bool
	// Write is set where a write would not block; a broken pipe counts.
	Write bool
	// Hup is set where the other side is gone. Bytes may still be there to read.
	Hup bool
}

// Interest is what a descriptor is watched for. Hup is always reported.
type Interest uint8

// The interests, to be combined.
const (
	Read Interest = 1 << iota
	Write
)
