package peer

import (
	"testing"
)

// creditBug is a planted bug of the model of credits.
type creditBug int

const (
	noCreditBug creditBug = iota
	deathReturnsNothing
	refusalReturnsNothing
	queueOfLostConnectionReturns
	debtOutlivesConnection
	accountOutlivesConnection
	noResidue
	noOverdraft
	noLeastShare
	undivided
)

// creditModel has some senders and one task that they send to.
type creditModel struct {
	dice
	bug    creditBug
	window uint64
	from   []*creditSender
	queue  []creditTuple // of the task
	pipe   []creditTuple
	size   uint64 // of the window in tuples
	asked  bool   // the senders are spouts, that are asked for what they have room for
}

type creditTuple struct {
	bytes  uint64
	sender *creditSender // nil if its connection is lost
}

type creditSender struct {
	account  Account
	waiting  []uint64 // tuples without credit
	untaken  uint64   // tuples that it has sent
	share    uint64
	sent     []uint64 // in flight
	debt     Debt     // at the task
	credits  []byte   // CREDIT frames in flight
	decoder  *Decoder
	number   int
	received uint64 // by the task
}

func playCredits(bug creditBug) func(dice) {
	return func(d dice) {
		m := &creditModel{dice: d, bug: bug, window: 64, size: uint64(1 + d(40)), asked: d(2) == 0}
		for i := range 1 + d(3) {
			m.from = append(m.from, &creditSender{account: NewAccount(m.window), decoder: NewDecoder(1 << 20), number: i})
		}
		for range 20 + d(100) {
			m.step()
			m.check()
		}
		m.rest()
	}
}

func (m *creditModel) step() {
	s := m.from[m.dice(len(m.from))]
	switch m.dice(8) {
	case 0, 1:
		bytes := uint64(1 + m.dice(20))
		if m.chance(10) {
			bytes = 3 * m.window
		}
		s.waiting = append(s.waiting, bytes)
		m.send(s)
	case 2:
		m.deliver(s)
	case 3:
		m.credit(s)
	case 4:
		m.drain()
	case 5:
		m.take()
	case 6:
		if m.chance(30) {
			m.die()
		}
	default:
		if m.chance(30) {
			m.lose(s)
		}
	}
	m.round()
}

func (m *creditModel) send(s *creditSender) {
	for len(s.waiting) > 0 {
		may := s.account.MaySend()
		if m.bug == noOverdraft {
			may = s.account.Spent()+s.waiting[0] <= m.window
		}
		if !may || m.asked && s.untaken >= s.share {
			return
		}
		s.account.Sent(s.waiting[0])
		s.untaken++
		s.sent = append(s.sent, s.waiting[0])
		s.waiting = s.waiting[1:]
	}
}

// deliver lets a tuple arrive, which the task may refuse.
func (m *creditModel) deliver(s *creditSender) {
	if len(s.sent) == 0 {
		return
	}
	bytes := s.sent[0]
	s.sent = s.sent[1:]
	s.received++
	if m.chance(10) {
		if m.bug != refusalReturnsNothing {
			s.debt.Drained(bytes)
			s.debt.Took(1)
		}
		return
	}
	m.queue = append(m.queue, creditTuple{bytes, s})
}

func (m *creditModel) drain() {
	if len(m.queue) > 0 && len(m.pipe) < 2 {
		t := m.queue[0]
		m.queue, m.pipe = m.queue[1:], append(m.pipe, t)
		if t.sender != nil {
			t.sender.debt.Drained(t.bytes)
		}
	}
}

func (m *creditModel) take() {
	if len(m.pipe) > 0 {
		if s := m.pipe[0].sender; s != nil {
			s.debt.Took(1)
		}
		m.pipe = m.pipe[1:]
	}
}

// die drops what the task's process had, and what waited for it.
func (m *creditModel) die() {
	for _, t := range m.queue {
		if t.sender != nil && m.bug != deathReturnsNothing {
			t.sender.debt.Drained(t.bytes)
			t.sender.debt.Took(1)
		}
	}
	m.queue = nil
	for len(m.pipe) > 0 {
		m.take()
	}
}

// lose ends a sender's connection, and begins another.
func (m *creditModel) lose(s *creditSender) {
	if m.bug != accountOutlivesConnection {
		s.account.Reset()
	}
	if m.bug != debtOutlivesConnection {
		s.debt.Reset()
	}
	s.sent, s.untaken, s.share, s.credits, s.decoder = nil, 0, 0, nil, NewDecoder(1<<20)
	for _, tuples := range [][]creditTuple{m.queue, m.pipe} {
		for i := range tuples {
			if tuples[i].sender == s && m.bug != queueOfLostConnectionReturns {
				tuples[i].sender = nil
			}
		}
	}
	m.send(s)
}

// share is what each sender is told.
func (m *creditModel) share() uint64 {
	switch m.bug {
	case noLeastShare:
		return m.size / uint64(len(m.from))
	case undivided:
		return m.size
	}
	return Share(m.size, len(m.from))
}

// round is the end of a round of the task's worker.
func (m *creditModel) round() {
	for _, s := range m.from {
		share := m.share()
		empty := len(m.queue) == 0 && m.bug != noResidue
		if s.debt.Due(m.window, share, empty) {
			s.credits = s.debt.Append(s.credits, 1, share)
		}
	}
}

// credit lets some bytes of CREDIT frames arrive.
func (m *creditModel) credit(s *creditSender) {
	if len(s.credits) == 0 {
		return
	}
	n := 1 + m.dice(len(s.credits))
	frames, err := reading(s.decoder, make([]byte, 1024), s.credits[:n])
	s.credits = s.credits[n:]
	if err != nil {
		violated("CREDIT is %v", err)
	}
	for _, f := range frames {
		if err := s.account.Returned(f.Bytes); err != nil {
			violated("%v", err)
		}
		if f.Taken > s.untaken {
			violated("%d tuples were taken of %d", f.Taken, s.untaken)
		}
		s.untaken -= f.Taken
		s.share = f.Window
	}
	m.send(s)
}

// check compares each account with what it accounts for.
func (m *creditModel) check() {
	untaken := uint64(0)
	for _, s := range m.from {
		untaken += s.untaken
	}
	if most := max(m.size, uint64(len(m.from))); m.asked && untaken > most {
		violated("%d tuples were asked for that the task has not taken, more than %d", untaken, most)
	}
	for _, s := range m.from {
		bytes, taken := s.debt.bytes, s.debt.taken
		for _, n := range s.sent {
			bytes += n
			taken++
		}
		for _, t := range m.queue {
			if t.sender == s {
				bytes += t.bytes
				taken++
			}
		}
		for _, t := range m.pipe {
			if t.sender == s {
				taken++
			}
		}
		// Whole frames and the rest of one, with what the decoder has of it.
		frames, _ := reading(NewDecoder(1<<20), make([]byte, 4096), append(append([]byte(nil), s.decoder.kept...), s.credits...))
		for _, f := range frames {
			bytes += f.Bytes
			taken += f.Taken
		}
		if s.account.Spent() != bytes || s.untaken != taken {
			violated("sender %d has spent %d bytes and %d tuples, but %d and %d are somewhere", s.number, s.account.Spent(), s.untaken, bytes, taken)
		}
	}
}

// rest lets all that can happen happen: then each tuple has gone, and all credit is back.
func (m *creditModel) rest() {
	for busy := true; busy; {
		for _, s := range m.from {
			m.deliver(s)
			m.credit(s)
		}
		m.drain()
		m.take()
		m.round()
		m.check()
		busy = len(m.queue) > 0 || len(m.pipe) > 0
		for _, s := range m.from {
			busy = busy || len(s.sent) > 0 || len(s.credits) > 0
		}
	}
	for _, s := range m.from {
		if len(s.waiting) > 0 {
			violated("sender %d has no credit for %d tuples", s.number, len(s.waiting))
		}
		if s.account.Spent() > 0 || s.untaken > 0 {
			violated("of sender %d, %d bytes and %d tuples have not returned", s.number, s.account.Spent(), s.untaken)
		}
		if want := m.share(); s.share+s.share/8 < want || s.share-s.share/8 > want {
			violated("sender %d has a share of %d, not %d", s.number, s.share, want)
		}
	}
}

// Each byte and each tuple returns once, whatever dies, is refused or lost. What spouts are
// asked for fits into the window, or is one tuple each, and no sender waits for good.
func TestCreditReturnsOnce(t *testing.T) { hold(t, playCredits(noCreditBug)) }

func TestModelOfCreditsFindsBugs(t *testing.T) {
	for bug, name := range map[creditBug]string{
		deathReturnsNothing: "a death returns nothing", refusalReturnsNothing: "a refusal returns nothing",
		queueOfLostConnectionReturns: "what came on a lost connection returns on the next",
		debtOutlivesConnection:       "the debt outlives its connection", accountOutlivesConnection: "the account outlives its connection",
		noResidue: "less than a quarter stays away", noOverdraft: "no overdraft",
		noLeastShare: "a share of nothing", undivided: "the window is not divided",
	} {
		t.Run(name, func(t *testing.T) { breaks(t, playCredits(bug)) })
	}
}
