package status

import (
	"errors"
	"fmt"
	"time"

	"gust/multilang"
	"gust/topology"
	"gust/worker"
)

// DeadLetter is a failure with the topology in which it happened. Failures are called dead
// letters when nobody makes another attempt, and they are kept beyond their run.
type DeadLetter struct {
	Topology string `json:"topology"` // its id
	*Failure
}

// Key names the dead letter.
func (d *DeadLetter) Key() LetterKey { return LetterKey{d.Topology, d.Number} }

// LetterKey names a failure among those of many topologies.
type LetterKey struct {
	Topology string // its id
	Number   uint64
}

// Replay is another attempt to process the tuple that caused a failure: gust sends it to
// the bolt that failed it.
type Replay struct {
	Ticket   uint64      `json:"ticket"`             // counts the topology's replays from 1
	Topology string      `json:"topology,omitempty"` // of the failure: its id
	Failure  uint64      `json:"failure"`            // its number
	Dead     bool        `json:"dead,omitempty"`     // it is a dead letter
	Began    time.Time   `json:"began"`
	State    ReplayState `json:"state"`
	Took     float64     `json:"took_ms,omitempty"` // until its end
	// These say why it failed.
	Reason    worker.FailReason `json:"reason,omitempty"`
	Component string            `json:"component,omitempty"`
	Task      int               `json:"task,omitempty"`
	Headline  string            `json:"headline,omitempty"` // of Error
	Error     string            `json:"error,omitempty"`
}

// ReplayState says how a replay stands.
type ReplayState string

// The states of a replay.
const (
	ReplayPending ReplayState = "pending"
	ReplayAcked   ReplayState = "acked"
	ReplayFailed  ReplayState = "failed"
)

// Replayable is an error that says why the tuple that caused a failure cannot be replayed;
// nil if it can.
func (f *Failure) Replayable() error {
	c := f.Cause
	switch {
	case c == nil:
		return errors.New("no bolt had a tuple of it")
	case c.From == topology.SystemComponent:
		return errors.New("the tuple was a tick")
	case c.Whole || c.Raw != nil:
		return nil
	case c.Values == "" && c.Size == 0:
		return errors.New("the values were not kept (gust.failures.values)")
	case c.Values == "":
		return fmt.Errorf("the values, %d bytes, are no longer kept", c.Size)
	}
	return fmt.Errorf("the values, %d bytes, were too large to keep", c.Size)
}

// Injection is what replays the tuple that caused the failure, which must be replayable.
func (f *Failure) Injection(ticket uint64) worker.Injection {
	c := f.Cause
	i := worker.Injection{
		Ticket: ticket, Bolt: c.Component, From: worker.InputName{Component: c.From, Stream: c.Stream}, Task: c.Task,
		Values: []byte(c.Values), Serializer: multilang.JSON.Name(),
	}
	if !c.Whole {
		i.Values, i.Serializer = c.Raw, c.Serializer
	}
	return i
}

// mostReplays is how many replays are remembered. The oldest are forgotten first.
const mostReplays = 2000

// replayLog remembers the last replays.
type replayLog struct {
	total uint64
	list  map[uint64]*Replay // by ticket; never changed
}

// StartReplay has the tuple of a failure injected, and notes the replay. The failure may be one
// of an earlier run. Of one failure there is one replay at a time.
func (s *Status) StartReplay(of DeadLetter, inject func(worker.Injection) error) (*Replay, error) {
	if err := of.Replayable(); err != nil {
		return nil, fmt.Errorf("failure %d cannot be replayed: %w", of.Number, err)
	}
	r, err := s.beginReplay(of)
	if err != nil {
		return nil, err
	}
	if err := inject(of.Injection(r.Ticket)); err != nil {
		s.abandonReplay(r)
		return nil, fmt.Errorf("failure %d cannot be replayed: %w", of.Number, err)
	}
	return r, nil
}

// beginReplay notes a replay before its tuple is injected: it may end at once.
func (s *Status) beginReplay(of DeadLetter) (*Replay, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.failures
	if f := s.replayed(of.Topology, of.Number); f != nil && f.Replay != nil && f.Replay.State == ReplayPending {
		return nil, fmt.Errorf("failure %d is being replayed", of.Number)
	}
	l.replays.total++
	r := &Replay{Ticket: l.replays.total, Topology: of.Topology, Failure: of.Number, Dead: of.Dead, Began: time.Now(), State: ReplayPending}
	delete(l.replays.list, r.Ticket-mostReplays)
	s.setReplay(r)
	return r, nil
}

// abandonReplay forgets a replay whose tuple could not be injected.
func (s *Status) abandonReplay(r *Replay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failures.replays.list, r.Ticket)
	if f := s.replayed(r.Topology, r.Failure); f != nil {
		f.Replay = nil
	}
}

// Replay is the replay with a ticket; nil if it is not known. It must not be changed.
func (s *Status) Replay(ticket uint64) *Replay {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failures.replays.list[ticket]
}

// replayEnded takes the end of a replay in.
func (s *Status) replayEnded(end *worker.InjectedEnd) *Replay {
	was := s.failures.replays.list[end.Ticket]
	if was == nil {
		return nil
	}
	r := *was
	r.State, r.Took = ReplayAcked, millis(end.Took)
	if !end.Acked {
		r.State, r.Reason, r.Component, r.Task = ReplayFailed, end.Reason, end.Bolt, end.Task
		r.Headline, r.Error = headline(end.Error), cut(end.Error, errorText)
	}
	s.setReplay(&r)
	return &r
}

// setReplay notes how a replay stands.
func (s *Status) setReplay(r *Replay) {
	s.failures.replays.list[r.Ticket] = r
	if f := s.replayed(r.Topology, r.Failure); f != nil {
		f.Replay = r
	}
}

// replayed is a copy of the failure of a replay, in the place of the one that others may be
// reading; nil if it is not one of this topology that is still kept.
func (s *Status) replayed(topology string, number uint64) *Failure {
	if topology != s.id {
		return nil
	}
	i, ok := s.failures.find(number)
	if !ok {
		return nil
	}
	f := *s.failures.kept.list[i]
	s.failures.kept.list[i] = &f
	return &f
}
