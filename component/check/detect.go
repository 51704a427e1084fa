package check

import (
	"context"
	"time"

	"gust/multilang"
	"gust/topology"
)

// clue is the result of one attempt to find the program's kind.
type clue struct {
	spout   bool // it answers next
	emits   bool // it emits after next, as do bolts that take that for a tuple
	bolt    bool // it answers tuples
	beats   bool // it answers heartbeats, as do spouts that answer everything
	failure error
}

// detect finds whether the program is a spout or a bolt: it sends one message to each of
// three processes, since most programs end at a message for the other kind. The kind is
// nil if it remains unknown.
func (c *checker) detect(ctx context.Context) (*topology.Kind, error) {
	attempts := []func(*session) clue{tryAsSpout, tryHeartbeat, tryTuple}
	trial, cancel := context.WithCancel(ctx)
	defer cancel()
	clues := make(chan clue, len(attempts))
	for _, attempt := range attempts {
		go func() {
			var found clue
			_, err := c.converse(trial, "kind", func(s *session) {
				if s.meet() {
					s.quiet()
					found = attempt(s)
				}
				s.proc.Kill()
			})
			found.failure = err
			clues <- found
		}()
	}
	sum := c.gather(clues, len(attempts), cancel)
	switch {
	case sum.failure != nil:
		return nil, sum.failure
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return sum.kind(), nil
}

// gather adds up the clues of so many attempts, and cuts those short that cannot
// change the verdict any more.
func (c *checker) gather(clues <-chan clue, attempts int, cancel func()) (sum clue) {
	var patience <-chan time.Time
	for attempts > 0 {
		select {
		case found := <-clues:
			attempts--
			sum.spout = sum.spout || found.spout
			sum.emits = sum.emits || found.emits
			sum.bolt = sum.bolt || found.bolt
			sum.beats = sum.beats || found.beats
			if sum.failure == nil {
				sum.failure = found.failure
			}
			if sum.spout || sum.failure != nil {
				cancel()
			} else if (sum.bolt || sum.beats) && patience == nil {
				// Whether it answers next as well must show soon.
				patience = time.After(min(c.Timeout/4, 2*time.Second))
			}
		case <-patience:
			cancel()
		}
	}
	return sum
}

// kind is the kind that the clues show, the strongest first; nil if they show none.
func (sum clue) kind() *topology.Kind {
	spout, bolt := topology.Spout, topology.Bolt
	switch {
	case sum.spout:
		return &spout
	case sum.bolt:
		return &bolt
	case sum.emits:
		return &spout
	case sum.beats:
		return &bolt
	}
	return nil
}

// quiet waits until a program's messages at its start have passed.
func (s *session) quiet() { s.hearUntil(time.Now().Add(50 * time.Millisecond)) }

func tryAsSpout(s *session) clue {
	emits := len(s.books.emits)
	spout := s.syncsTwice(func() { s.command(multilang.Next, nil) })
	return clue{spout: spout, emits: len(s.books.emits) > emits}
}

func tryHeartbeat(s *session) clue { return clue{beats: s.syncsTwice(s.beat)} }

// syncsTwice reports whether the program answers a message with sync, twice: pystorm
// sends an error and a sync for a message that it does not understand, and ends.
func (s *session) syncsTwice(ask func()) bool {
	for range 2 {
		syncs, errors := s.books.syncs, s.books.errors
		ask()
		if s.await(func() bool { return s.books.syncs > syncs }) != heard || s.books.errors > errors {
			return false
		}
	}
	return true
}

func tryTuple(s *session) clue {
	g := s.give(s.tuple())
	return clue{bolt: s.await(g.answered) == heard}
}
