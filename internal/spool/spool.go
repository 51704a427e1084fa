// Package spool puts memory between the writers of lines and a file that may be slow, or
// blocked forever: a paused terminal, a pipe whose reader sleeps.
package spool

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// DefaultLimit is the most bytes that wait, unless [Options] have another limit.
const DefaultLimit = 16 << 20

// keepCap is the largest buffer that is kept for the next lines. The garbage collector
// gets a larger one, which a burst has left.
const keepCap = 1 << 20

// Options configure a spool. The zero value is useful.
type Options struct {
	// Limit is how many bytes may wait, those that are being written included; 0 is [DefaultLimit].
	Limit int
	// Missing makes the record in place of missing lines. It ends with a line feed. With
	// nil there is no record.
	Missing func(lines uint64) []byte
	// Failed is called with each error of the writer, from the spool's
	// goroutine. It must not wait for the spool.
	Failed func(error)
}

// Spool is an [io.Writer] that never waits and never fails.
//
// A goroutine takes all that waits and writes it with one call, so that lines under load
// leave in large pieces and a single line leaves at once. Above the limit, the spool
// drops lines and counts them until the goroutine has taken what waits; the record of the
// missing lines is in their place.
//
// Write may be called from any goroutine.
type Spool struct {
	w io.Writer
	o Options

	mu      sync.Mutex
	waiting []byte
	writing int    // bytes that the goroutine has taken but not yet written
	dropped uint64 // lines that did not fit after waiting
	closed  bool
	err     error // the writer's last error

	wake chan struct{} // has a token if there is something to write
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

// Write keeps a copy of p, which is one or more whole lines, or drops all of it if it
// does not fit. It returns len(p) and no error; also after Close, when it keeps nothing:
// a log cannot report its own errors.
func (s *Spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return len(p), nil
	case s.dropped > 0 || len(s.waiting)+s.writing+len(p) > s.o.Limit:
		// After a dropped line, shorter ones that would fit are dropped, too: otherwise
		// the record would be in the wrong place.
		s.dropped += lines(p)
	default:
		s.waiting = append(s.waiting, p...)
	}
	s.signal()
	return len(p), nil
}

// Close writes what waits and ends the spool. It gives up after the timeout, because a
// blocked write cannot be interrupted; the goroutine then remains. The error is the
// writer's, or says that the timeout has passed.
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

// signal wakes the goroutine, unless there is a token in wake already.
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

// take swaps what waits with the written buffer, which is reused.
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

// write writes a batch between the records of missing lines before and after it, and
// returns how many lines are missing now.
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
