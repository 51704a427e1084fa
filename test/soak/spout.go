package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// spout emits new tuples at its rate, and replays those that have failed or that its
// predecessors have left open, until all are acked. Only the ledger passes from one
// process to the next.
//
// A replay has the id of the tuple: an ack or fail that came too late, or for a tree of a
// predecessor, would count for the replay, and show in the ledger.
type spout struct {
	*component
	book    *book
	tuples  []tupleState // by sequence number
	replays []int        // to be replayed, oldest first
	asks    bool         // for task ids

	began time.Time
	first int // the first sequence number of this process

	// For the driver's table.
	emitted, acks, fails, open atomic.Int64
}

// tupleState is the state of a tuple.
type tupleState struct {
	attempts int32
	acked    bool
	open     bool // emitted by this process, without a verdict
	since    time.Time
}

// ledgers is the kind of the spouts' books. Their lines are
//
//	b PID          a process begins
//	e SEQ ATTEMPT  it is about to emit
//	a SEQ          it was told ack
//	f SEQ          it was told fail
//	q              its input has ended: nothing more can come
const ledgers = "ledgers"

func (c *component) runSpout() error {
	s := &spout{component: c, asks: c.name == "clicks"}
	if err := s.remember(); err != nil {
		return err
	}
	go s.report()
	for {
		m, err := c.wire.next()
		if err == io.EOF && s.wire.isMuted() {
			return nil // gust does not know all emits in the ledger
		}
		if err == io.EOF {
			return s.book.note("q")
		}
		if err != nil {
			return err
		}
		c.pause()
		if err := s.handle(m); err != nil {
			return err
		}
		if err := c.wire.send(map[string]string{"command": "sync"}); err != nil {
			return err
		}
	}
}

func (s *spout) handle(m *hostMessage) error {
	switch m.Command {
	case "activate", "deactivate":
		return nil
	case "next":
		return s.nextTuple()
	case "ack", "fail":
		return s.judged(m.Command == "ack", m.ID)
	}
	s.violation("the host sent the command %q", m.Command)
	return nil
}

// remember reads the ledger, and takes over the open tuples.
func (s *spout) remember() error {
	path := bookPath(s.dir, ledgers, s.name, s.task)
	err := readLedger(path, func(e ledgerEntry) {
		switch e.what {
		case 'e':
			s.tuple(e.seq).attempts = e.attempt
		case 'a':
			s.tuple(e.seq).acked = true
		}
	})
	if err != nil {
		return err
	}
	for seq := range s.tuples {
		if !s.tuples[seq].acked {
			s.replays = append(s.replays, seq)
		}
	}
	s.open.Store(int64(len(s.replays)))
	s.first, s.began = len(s.tuples), time.Now()
	if s.book, err = openBook(path); err != nil {
		return err
	}
	return s.book.note("b %d", os.Getpid())
}

func (s *spout) tuple(seq int) *tupleState {
	for len(s.tuples) <= seq {
		s.tuples = append(s.tuples, tupleState{})
	}
	return &s.tuples[seq]
}

func (s *spout) nextTuple() error {
	if len(s.replays) > 0 {
		seq := s.replays[0]
		s.replays = s.replays[1:]
		return s.emit(seq)
	}
	due := s.first + int(time.Since(s.began).Seconds()*s.Rate)
	if s.finishing.Load() || len(s.tuples) >= due {
		return nil
	}
	// Tuples that could not be emitted in time, because the host did not ask, are
	// skipped.
	if behind := due - len(s.tuples); behind > int(s.Rate) {
		s.first -= behind - int(s.Rate)
	}
	s.open.Add(1)
	return s.emit(len(s.tuples))
}

func (s *spout) emit(seq int) error {
	t := s.tuple(seq)
	t.attempts++
	t.open, t.since = true, time.Now()
	if err := s.book.note("e %d %d", seq, t.attempts); err != nil {
		return err
	}
	s.emitted.Add(1)
	err := s.wire.send(emission{
		Command: "emit", ID: seq, Tuple: []any{tupleID(s.name, s.task, seq), keyOf(seq), t.attempts}, NeedTaskIDs: s.asks,
	})
	if err != nil || !s.asks {
		return err
	}
	ids, err := s.wire.taskIDs()
	if err != nil {
		return err
	}
	s.checkTargets(ids, "parse", "batch", "lap")
	return nil
}

// checkTargets compares a task id list with the topology: one task of each.
func (c *component) checkTargets(ids []int, want ...string) {
	left := map[string]int{}
	for _, name := range want {
		left[name]++
	}
	for _, id := range ids {
		left[c.tasks[id]]--
	}
	for name, n := range left {
		if n != 0 {
			c.violation("wrong task ids %v of an emit (want those of %v): %q", ids, want, name)
		}
	}
}

func (s *spout) judged(ack bool, id json.RawMessage) error {
	var seq int
	if err := json.Unmarshal(id, &seq); err != nil || seq < 0 || seq >= len(s.tuples) {
		s.violation("an ack or fail of %s, which was never emitted", id)
		return nil
	}
	t := &s.tuples[seq]
	what := byte('f')
	if ack {
		what = 'a'
	}
	if err := s.book.note("%c %d", what, seq); err != nil {
		return err
	}
	if !t.open {
		return nil // the ledger shows it
	}
	t.open = false
	if !ack {
		s.fails.Add(1)
		s.line.say("failed %d", time.Since(t.since).Microseconds())
		s.replays = append(s.replays, seq)
		return nil
	}
	t.acked = true
	s.acks.Add(1)
	s.open.Add(-1)
	return nil
}

// report sends the state to the driver, twice a second.
func (s *spout) report() {
	for ; ; time.Sleep(500 * time.Millisecond) {
		s.line.say("count %d %d %d %d", s.emitted.Load(), s.acks.Load(), s.fails.Load(), s.open.Load())
	}
}

// tupleID names a tuple in the books of the sinks, such as "orders-7/1234".
func tupleID(component string, task, seq int) string {
	return fmt.Sprintf("%s-%d/%d", component, task, seq)
}
