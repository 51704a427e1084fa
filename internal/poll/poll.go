// Package poll waits until one of many file descriptors can be read or
// written: epoll on Linux, poll(2) elsewhere. It is level-triggered.
//
// # Concurrency properties
//
// A [Poller] belongs to one goroutine, but for [Poller.Wake], which any
// goroutine may call at any time, also after Close.
package poll

// Event reports that a file descriptor is ready.
type Event struct {
	// Token is the token that the descriptor was added with.
	Token uint64
	// Read is set if a read would not block; an end of file or an error counts.
	Read bool
	// Write is set if a write would not block; a broken pipe counts.
	Write bool
	// Hup is set if the other side is closed. There may still be bytes to read.
	Hup bool
}

// Interest is what to watch a descriptor for. Hup is always reported.
type Interest uint8

// The interests; they can be combined.
const (
	Read Interest = 1 << iota
	Write
)
