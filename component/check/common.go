package check

import (
	"bytes"
	"strings"
	"time"

	"gust/multilang"
)

// hello is the handshake. It can be written: Complete has tried.
func (s *session) hello() []byte {
	b, _ := s.Codec.AppendHandshake(nil, s.stage.handshake(s.Kind, s.pidDir))
	return b
}

// meet sends the handshake and waits for the pid. It is false if none comes.
func (s *session) meet() bool { return s.greet(s.hello()) }

func (s *session) greet(handshake []byte) bool {
	s.out = append(s.out, handshake...)
	s.say(0)
	return s.await(s.greeted) == heard
}

func (s *session) greeted() bool { return s.books.pid != 0 }

// begin is meet for the first step, which checks the pid.
func (s *session) begin() bool {
	s.out = append(s.out, s.hello()...)
	s.say(0)
	if o := s.await(s.greeted); o != heard {
		s.blame(pid, o, "no pid", s.greeted)
		s.learn()
		return false
	}
	s.facts.greets = true
	return true
}

// learn ends the check after a missing flush: no other step makes sense.
func (s *session) learn() {
	if s.notes.of(flush).Verdict == Broken {
		s.facts.flushes = false
	}
}

// startOnly is the first step, with a program of which nothing is known.
func (s *session) startOnly() {
	if s.begin() {
		s.finish()
	}
}

// finish ends the program's input, and checks that this ends the program.
func (s *session) finish() {
	s.closeStdin()
	s.asked = nil
	if s.await(never) == ended {
		s.keep(inputEnd)
		return
	}
	s.facts.spins.Store(true)
	waited := time.Since(s.endAt)
	s.proc.Kill()
	for !s.gone {
		s.turn(time.Now().Add(time.Second))
	}
	says := "it kept running for " + waited.Round(time.Second/10).String() + " after the end of its stdin"
	switch {
	case s.afterEnd > 64<<10:
		says += ", and kept writing"
	case s.exit.UserTime+s.exit.SystemTime > waited/2:
		says += ", and kept a processor busy"
	}
	s.fault(inputEnd, says, nil)
}

// answersAny reports whether the program is known to answer any message.
func (s *session) answersAny() bool {
	if s.isSpout() {
		return s.facts.nexts
	}
	return s.facts.answers || s.facts.heartbeats
}

// ready prepares a program for a message that it is known to answer. It is false if there
// is none.
func (s *session) ready() bool {
	switch {
	case !s.answersAny():
		return false
	case s.isSpout():
		return s.open()
	}
	return s.meet()
}

// ask sends the message that the program is known to answer, and returns a function that
// reports whether it has.
func (s *session) ask() (answered func() bool) {
	switch {
	case s.isSpout():
		s.command(multilang.Next, nil)
		return s.synced
	case s.facts.answers:
		return s.give(s.tuple()).answered
	}
	s.beat()
	return s.synced
}

// splitText is a string whose characters have two, three and four bytes.
const splitText = `"Ω 漢 😀"`

// tryPieces sends a message byte by byte.
func (s *session) tryPieces() {
	if !s.ready() {
		return
	}
	var answered func() bool
	if place, ok := s.place(splitText); ok && !s.isSpout() && s.facts.answers {
		answered = s.put(place, splitText).answered
	} else {
		answered = s.ask()
	}
	message := s.out
	s.out = nil
	for i := range message {
		s.out = append(s.out, message[i])
		// The pause lets the program read the byte alone, most of the time.
		s.turn(time.Now().Add(time.Millisecond))
		s.hearUntil(time.Now().Add(time.Millisecond))
	}
	s.nudge() // not earlier: an answer to a message in between would disturb
	if !s.expect(pieces, "no answer to a message that came in single bytes", answered) {
		return
	}
	for _, e := range s.books.emits {
		for _, v := range e.values {
			if strings.Contains(v.text, "\uFFFD") {
				s.fault(pieces, splitText+" has become "+show(v.raw), e.bytes)
				return
			}
		}
	}
}

// expect waits for an answer, which shows whether the program follows a rule.
func (s *session) expect(rule, what string, answered func() bool) bool {
	if o := s.await(answered); o != heard {
		s.blame(rule, o, what, answered)
		return false
	}
	s.keep(rule)
	return true
}

// tryUnknownFields sends a handshake and a message with one field too many each.
func (s *session) tryUnknownFields() {
	if !s.answersAny() {
		return
	}
	if !s.greet(withExtra(s.Codec, s.hello())) {
		s.expect(unknownFields, "no pid for a handshake with the unknown field \"gust.check\"", s.greeted)
		return
	}
	if s.isSpout() && !s.activate() {
		return
	}
	answered := s.ask()
	s.out = withExtra(s.Codec, s.out)
	s.asked = bytes.Clone(s.out)
	s.nudge()
	s.expect(unknownFields, "no answer to a message with the unknown field \"gust.check\"", answered)
}

// withExtra is a message with another field in front.
func withExtra(codec multilang.Codec, message []byte) []byte {
	if codec == multilang.JSON {
		return append([]byte(`{"gust.check":{"a":[1,null]},`), message[1:]...)
	}
	extra := append([]byte{message[0] + 1}, "\xaagust.check\x81\xa1a\x92\x01\xc0"...)
	return append(extra, message[1:]...)
}

// tryTerminate sends SIGTERM to a program that is up and has nothing to do.
func (s *session) tryTerminate() {
	if !s.ready() {
		return
	}
	answered := s.ask()
	s.nudge()
	if s.await(answered) != heard {
		return
	}
	s.proc.Terminate()
	s.asked = nil
	if s.await(never) == ended {
		s.keep(terminate)
		return
	}
	s.fault(terminate, "it kept running for "+s.Timeout.String()+" after SIGTERM", nil)
}
