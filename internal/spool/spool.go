// Package spool puts memory between those who write lines and a file that may
// be slow, or stopped for good: a terminal that was told to pause, a pipe whose
// reader sleeps.
package spool

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// DefaultLimit is how many bytes wait at most, unless [Options] say otherwise.
const DefaultLimit = 16 << 20

// keepCap is the largest buffer that is kept for the next lines. A larger one,
// which a burst has left, goes back to the garbage collector.
const keepCap = 1 << 20

// Options are what may be said about a spool. The zero value is useful.
type Options struct {
	// Limit is how many bytes may wait, those that are being written included; 0 is [DefaultLimit].
	Limit int
	// Missing makes the record that stands where lines are missing. It ends
	// with a line feed. Nil leaves no trace of them.
	Missing func(lines uint64) []byte
	// Failed is called with each error of the writer, from the spool's
	// goroutine. It must not wait for the spool.
	Failed func(error)
}

// Spool is an [io.Writer] that never waits and never fails.
//
// A goroutine takes out all that has gathered and writes it with one call, so
// that lines under load leave in large pieces and a lone line leaves at once.
// When the limit is reached, what comes is dropped and counted until the
// goroutine has taken out what waits; the record of what is missing then stands
// where the lines would have stood.
//
// Write may be called from any goroutine.
type Spool struct {
	w io.Writer
	o Options

	mu      sync.Mutex
	waiting []byte
	writing int    // bytes that the goroutine has taken out and not yet written
	dropped uint64 // lines that did not fit behind waiting
	closed  bool
	err     error // the writer's last error

	wake chan struct{} // holds a token when there is something to take out
	done chan struct{} // closed when the goroutine has ended
}

// New starts a spool in front of w. [Spool.Close] ends it.
func New(w io.Writer, o Options) *Spool {
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	s := &Spool{w: w, o: o, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go s.drain()
	return s
}

// Write keeps a copy of p, which is one or more whole lines, or drops it whole
// where it does not fit. It reports len(p) and no error, after Close as well,
// where nothing is kept: a log has nobody to tell of its own trouble.
func (s *Spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return len(p), nil
	case s.dropped > 0 || len(s.waiting)+s.writing+len(p) > s.o.Limit:
		// Once a line is dropped, shorter ones do not slip in behind it: the
		// record of what is missing would stand in the wrong place.
		s.dropped += lines(p)
	default:
		s.waiting = append(s.waiting, p...)
	}
	s.signal()
	return len(p), nil
}

// Close writes what waits and ends the spool. It gives up after the timeout,
// because a writer that is blocked cannot be called back; its goroutine is then
// left behind. The error says what did not get out: it is the writer's, or
// tells that the time was over.
func (s *Spool) Close(timeout time.Duration) error {
	s.mu.Lock()
	s.closed = true
	s.signal()
	s.mu.Unlock()

	expired := time.NewTimer(timeout)
	defer expired.Stop()
	select {
	case <-s.done:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err
	case <-expired.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		return fmt.Errorf("%d bytes were not written within %v", s.writing+len(s.waiting), timeout)
	}
}

// signal wakes the goroutine, which a token in wake has done already.
func (s *Spool) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// drain is the spool's goroutine.
func (s *Spool) drain() {
	defer close(s.done)
	var batch []byte
	var lost uint64 // lines that the writer refused, not yet recorded
	for range s.wake {
		var dropped uint64
		var last bool
		batch, dropped, last = s.take(batch)
		for len(batch) > 0 || dropped > 0 {
			lost = s.write(batch, lost, dropped)
			batch, dropped, last = s.take(batch)
		}
		if last {
			return
		}
	}
}

// take swaps what waits for the written buffer, which is used again.
func (s *Spool) take(written []byte) (batch []byte, dropped uint64, last bool) {
	if cap(written) > keepCap {
		written = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.waiting = s.waiting, written[:0]
	dropped, s.dropped = s.dropped, 0
	s.writing = len(batch)
	return batch, dropped, s.closed
}

// write writes a batch between the records of what is missing before and
// behind it, and returns how many lines are missing now.
func (s *Spool) write(batch []byte, lost, dropped uint64) uint64 {
	if lost > 0 && !s.record(lost) {
		return lost + lines(batch) + dropped
	}
	if len(batch) > 0 {
		if n, err := s.w.Write(batch); err != nil {
			s.fail(err)
			return lines(batch[n:]) + dropped
		}
	}
	if dropped > 0 && !s.record(dropped) {
		return dropped
	}
	return 0
}

// record writes that lines are missing, and reports whether that went out.
func (s *Spool) record(missing uint64) bool {
	if s.o.Missing == nil {
		return true
	}
	_, err := s.w.Write(s.o.Missing(missing))
	if err != nil {
		s.fail(err)
	}
	return err == nil
}

func (s *Spool) fail(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	if s.o.Failed != nil {
		s.o.Failed(err)
	}
}

// lines counts the lines in p, of which the last may lack its line feed.
func lines(p []byte) uint64 {
	n := bytes.Count(p, []byte{'\n'})
	if len(p) > 0 && p[len(p)-1] != '\n' {
		n++
	}
	return uint64(n)
}
