package check

import "gust/multilang"

// startSpout: the handshake, activate, the end.
func (s *session) startSpout() {
	if !s.begin() {
		return
	}
	s.command(multilang.Activate, nil)
	if s.expect(activateSync, "no sync for activate", s.synced) {
		s.facts.activates = true
	}
	s.learn()
	s.finish()
}

// open prepares a spout for next.
func (s *session) open() bool { return s.meet() && s.activate() }

// activate sends the command, unless the spout is known not to answer it.
func (s *session) activate() bool {
	if !s.facts.activates {
		return true
	}
	s.command(multilang.Activate, nil)
	return s.await(s.synced) == heard
}

// next asks for tuples, and checks the answer.
func (s *session) next() bool {
	s.command(multilang.Next, nil)
	asked := s.asked
	if o := s.await(s.synced); o != heard {
		if s.lost(o) {
			s.blame(taskIDs, o, "no sync for next after it was sent the task ids for its emit", s.synced)
		} else {
			s.asked = asked
			s.blame(nextSync, o, "no sync for next", s.synced)
		}
		s.learn()
		return false
	}
	return true
}

// tryNext asks for tuples in Storm's way: one command at a time.
func (s *session) tryNext() {
	if !s.open() {
		return
	}
	for range 5 {
		if !s.next() {
			return
		}
	}
	s.keep(nextSync)
	s.facts.nexts = true
	if s.books.lists > 0 {
		s.keep(taskIDs)
	}
}

// tryVerdicts acks one of the spout's tuples, and fails another.
func (s *session) tryVerdicts() {
	const most = 20
	if !s.facts.nexts || !s.open() {
		return
	}
	for range most {
		if len(s.books.ids) == 2 {
			break
		}
		if !s.next() {
			return
		}
	}
	commands := []multilang.SpoutCommand{multilang.AckTuple, multilang.FailTuple}
	for i, id := range s.books.ids {
		s.command(commands[i], id)
		if !s.expect(verdictSync, "no sync for "+commands[i].String(), s.synced) {
			return
		}
	}
}

// tryDeactivate deactivates an active spout.
func (s *session) tryDeactivate() {
	if !s.facts.activates || !s.open() {
		return
	}
	s.command(multilang.Deactivate, nil)
	s.expect(deactivateSync, "no sync for deactivate", s.synced)
}

// tryAhead asks for tuples several times at once. Then task ids come after the commands,
// which is the hardest part.
func (s *session) tryAhead() {
	if !s.facts.nexts || !s.open() {
		return
	}
	for range 5 {
		s.command(multilang.Next, nil)
	}
	s.expect(ahead, "not a sync for each of five next that came at once", s.synced)
}
