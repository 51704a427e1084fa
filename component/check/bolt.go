package check

import (
	"bytes"
	"slices"

	"gust/multilang"
)

// startBolt: the handshake, heartbeats, the end.
func (s *session) startBolt() {
	if !s.begin() {
		return
	}
	for range 2 {
		s.beat()
		if !s.expect(heartbeat, "no sync for a heartbeat", s.synced) {
			s.learn()
			s.finish()
			return
		}
	}
	s.facts.heartbeats = true
	s.finish()
}

// tryTick sends a tick tuple.
func (s *session) tryTick() {
	if s.meet() {
		s.facts.ticks = s.expect(tick, "no ack for a tick", s.tick().answered)
	}
}

// tuple is the input of a bolt, in the codec's bytes.
func (c *checker) tuple() []byte {
	b, _ := multilang.Transcode(nil, []byte(c.Tuple), multilang.JSON, c.Codec)
	return b
}

// nudge sends a bolt that waits for ticks a few of them.
func (s *session) nudge() {
	const enough = 3 // pystorm's BatchingBolt acks at the second
	if !s.facts.batches {
		return
	}
	asked := s.asked
	for range enough {
		s.tick()
	}
	s.asked = asked // the ticks need no answer of their own
}

// tryTuples sends the bolt a few tuples, one after the other.
func (s *session) tryTuples() {
	if !s.meet() {
		return
	}
	for range 3 {
		g := s.give(s.tuple())
		asked := s.asked
		s.nudge()
		o := s.awaitAnswer(g)
		s.facts.wantsIDs = s.books.lists > 0
		if o == heard {
			continue
		}
		if s.lost(o) {
			s.blame(taskIDs, o, "no answer to a tuple after it was sent the task ids for its emit", g.answered)
		} else {
			s.asked = asked
			s.blame(answer, o, "no ack or fail for a tuple", g.answered)
		}
		s.learn()
		return
	}
	// The answer to a heartbeat shows that the bolt still runs, and comes after
	// everything that belongs to the tuples.
	if s.facts.heartbeats {
		s.beat()
		if o := s.await(s.synced); o != heard && s.lost(o) {
			s.blame(taskIDs, o, "no sync for a heartbeat after it was sent the task ids for its emit", s.synced)
			return
		} else if o != heard {
			s.blame(answer, o, "no sync for a heartbeat after it answered its tuples", s.synced)
			return
		}
	}
	s.keep(answer)
	s.facts.answers = true
	if s.books.lists > 0 {
		s.keep(taskIDs)
	}
}

// lost reports whether a program that gave no answer was thrown off by task ids:
// it has been sent some, and has ended, or answers nothing else either.
func (s *session) lost(o outcome) bool {
	if s.books.lists == 0 || o == ended {
		return s.books.lists > 0
	}
	messages := s.books.messages
	switch {
	case s.isSpout():
		s.command(multilang.Next, nil)
	case s.facts.heartbeats:
		s.beat()
	default:
		return false
	}
	return s.await(func() bool { return s.books.messages > messages }) != heard
}

// awaitAnswer waits for the answer to a tuple. After a quarter of the time it sends
// ticks, if the bolt answers those: it may collect tuples between them.
func (s *session) awaitAnswer(g *given) outcome {
	if !s.facts.ticks || s.facts.batches {
		return s.await(g.answered)
	}
	if o := s.awaitFor(s.Timeout/4, g.answered); o != silent {
		return o
	}
	s.facts.batches = true
	s.nudge()
	return s.await(g.answered)
}

// tryTaskIDsQueue delays the task ids until a tuple and a heartbeat have come before
// them, as for a bolt with a queue.
func (s *session) tryTaskIDsQueue() {
	if !s.facts.answers || !s.facts.wantsIDs || !s.meet() {
		return
	}
	s.books.holding = true
	first := s.give(s.tuple())
	s.nudge()
	if s.await(func() bool { return s.books.lists > 0 }) != heard {
		return
	}
	second := s.give(s.tuple())
	s.nudge()
	if s.facts.heartbeats {
		s.beat()
	}
	s.release()
	s.expect(taskIDsQueue, "no answers after a tuple and a heartbeat came before its task ids", func() bool {
		return first.answered() && second.answered() && s.synced()
	})
}

// tryOneWrite sends tuples and a heartbeat in one write.
func (s *session) tryOneWrite() {
	if !s.facts.answers && !s.facts.heartbeats || !s.meet() {
		return
	}
	// A tuple whose emit wants task ids comes last: another rule covers messages after
	// it.
	var tuples []*given
	if s.facts.heartbeats {
		s.beat()
		s.beat()
	}
	count := 3
	if s.facts.wantsIDs {
		count = 1
	}
	for range count {
		if s.facts.answers {
			tuples = append(tuples, s.give(s.tuple()))
		}
	}
	s.nudge()
	s.asked = bytes.Clone(s.out)
	s.expect(oneWrite, "not an answer to each of the messages that came in one write", func() bool {
		waiting := func(g *given) bool { return !g.answered() }
		return !slices.ContainsFunc(tuples, waiting) && s.synced()
	})
}
