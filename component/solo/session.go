package solo

import (
	"context"
	"time"
)

// session is the conversation with a process.
type session struct {
	*process
	ctx    context.Context
	handle func(Event) // called with each event
	queue  []byte      // to be written
	over   bool        // the process has ended
}

// outcome is the result of waiting.
type outcome uint8

const (
	happened outcome = iota
	late             // the time is over
	ended            // the process has, or ctx, before it happened
)

// send queues a message.
func (s *session) send(message []byte) { s.queue = append(s.queue, message...) }

// await reads the process's events until done, which it calls after each event.
func (s *session) await(patience time.Duration, done func() bool) outcome {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for !done() {
		if s.over || !s.turn(timer.C) {
			switch {
			case s.over || s.ctx.Err() != nil:
				return ended
			default:
				return late
			}
		}
	}
	return happened
}

// turn waits for the next event. It is false if the time passed, or ctx ended.
func (s *session) turn(expired <-chan time.Time) bool {
	var tell chan<- []byte
	if len(s.queue) > 0 {
		tell = s.tell
	}
	select {
	case tell <- s.queue:
		s.queue = nil
	case e, ok := <-s.events:
		if !ok {
			s.over = true
			break
		}
		s.handle(e)
	case <-expired:
		return false
	case <-s.ctx.Done():
		return false
	}
	return true
}

// quiet reads events until done, or until none has come for some time.
func (s *session) quiet(patience, silence time.Duration, done func() bool) {
	deadline := time.Now().Add(patience)
	heard := 0
	handle := s.handle
	s.handle = func(e Event) { heard++; handle(e) }
	defer func() { s.handle = handle }()
	for {
		before := heard
		left := min(silence, time.Until(deadline))
		if s.await(left, func() bool { return done() || heard > before }) != happened || done() {
			return
		}
	}
}

// mercy is the time for a process to end after its stdin has ended.
const mercy = 3 * time.Second

// leave ends the process's input, and kills the process if it does not end.
func (s *session) leave() {
	s.await(mercy, func() bool { return len(s.queue) == 0 })
	close(s.tell)
	s.queue = nil
	if s.await(mercy, func() bool { return s.over }) != happened {
		s.proc.Kill()
	}
	// The rest of its output is read to the end, even after ctx.
	for e := range s.events {
		s.handle(e)
	}
	s.over = true
	s.launcher.Close()
}
