package status

import (
	"time"

	"gust/worker"
)

// Event is something that happened to the topology or to one of its tasks.
type Event struct {
	Time      time.Time        `json:"time"`
	Kind      worker.EventKind `json:"kind"`
	Component string           `json:"component,omitempty"` // empty if it is about the topology
	Task      int              `json:"task,omitempty"`
	PID       int              `json:"pid,omitempty"`
	Text      string           `json:"text,omitempty"`
}

// Events that do not come from a worker.
const (
	EventReloaded worker.EventKind = "reloaded" // the topology has changed, and another worker runs it
	EventEnded    worker.EventKind = "ended"    // the run is over
	EventOperated worker.EventKind = "operated" // an operation, which Text describes
)

// mostEvents limits how many events are kept.
const mostEvents = 2000

// Note adds an event, such as an operation.
func (s *Status) Note(kind worker.EventKind, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.add(Event{Time: time.Now(), Kind: kind, Text: text})
}

// Events are the last events, the oldest first.
func (s *Status) Events() []Event {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Event{}, s.events.last()...)
}

// read reads a worker's journal.
func (s *Status) read(j *worker.Journal) (news News) {
	for _, e := range j.Events {
		s.events.add(Event(e))
	}
	for _, e := range j.Errors {
		s.errors.add(e)
	}
	for i := range j.Failures {
		news.Failures = append(news.Failures, s.failures.add(&j.Failures[i]))
	}
	for i := range j.Injected {
		if r := s.replayEnded(&j.Injected[i]); r != nil {
			news.Replays = append(news.Replays, r)
		}
	}
	for i := range j.Traces {
		s.traces.add(&j.Traces[i])
	}
	if j.MoreFailures > 0 {
		s.failures.facets.countMore(uint64(j.MoreFailures), time.Now())
	}
	return news
}
