package status

import (
	"slices"
	"time"

	"gust/worker"
)

// Trace is the way of one tuple tree through the topology. Times in it are in milliseconds
// since the spout's emit.
type Trace struct {
	Number    uint64            `json:"number"` // counts the topology's traces from 1
	Time      time.Time         `json:"time"`   // of the emit
	Spout     string            `json:"spout"`
	Task      int               `json:"task"`
	Stream    string            `json:"stream"`
	MessageID string            `json:"message_id"`
	Values    string            `json:"values,omitempty"` // of the spout's tuple, as JSON text; empty if they were not kept
	Took      float64           `json:"took_ms"`
	Failed    worker.FailReason `json:"failed,omitempty"` // why; empty if the tree was acked
	Headline  string            `json:"headline,omitempty"`
	Error     string            `json:"error,omitempty"`
	HopCount  int               `json:"hop_count"`        // with those missed
	Missed    int               `json:"missed,omitempty"` // hops for which there was no room
	Hops      []Hop             `json:"hops,omitempty"`
}

// Hop is a tuple of a traced tree on its way from one task to another: worker.Hop.
type Hop struct {
	Parent   int             `json:"parent"` // the number of a hop, from 1; 0 is the spout's tuple
	From     string          `json:"from"`
	FromTask int             `json:"from_task"`
	Stream   string          `json:"stream"`
	To       string          `json:"to"`
	Task     int             `json:"task"`
	Values   string          `json:"values,omitempty"`
	State    worker.HopState `json:"state"`
	Cause    bool            `json:"cause,omitempty"` // the tree failed because of it
	Given    float64         `json:"given_ms"`
	Taken    *float64        `json:"taken_ms,omitempty"`    // not if it is queued
	Answered *float64        `json:"answered_ms,omitempty"` // if it was acked or failed
}

// Ended says when the bolt had answered or, if it had not, when the tree ended, in
// milliseconds since the spout's emit.
func (h *Hop) Ended(t *Trace) float64 {
	if h.Answered != nil {
		return *h.Answered
	}
	return t.Took
}

// TraceFilter picks traces. Empty fields pick all.
type TraceFilter struct {
	Spout  string
	Failed bool    // only trees that failed
	Slower float64 // only those that took so many milliseconds, or more
	Before uint64  // only those with a lower number; 0 for all
	After  uint64  // only those with a higher number
	Limit  int     // at most so many; 0 for all
}

// traceLog keeps the last traces within a bound of memory, and counts all.
type traceLog struct {
	kept  bounded[*Trace]
	total uint64
}

const (
	mostTraces     = 2000
	mostTraceBytes = 8 << 20
)

func newTraceLog() traceLog {
	return traceLog{kept: bounded[*Trace]{most: mostTraces, mostBytes: mostTraceBytes}}
}

// add takes a traced tree in.
func (l *traceLog) add(from *worker.Trace) {
	l.total++
	t := &Trace{
		Number: l.total, Time: from.Time, Spout: from.Spout, Task: from.Task, Stream: from.Stream, MessageID: from.MessageID, Values: from.Values,
		Took: millis(from.Took), Failed: from.Failed, Headline: headline(from.Error), Error: cut(from.Error, errorText),
		HopCount: len(from.Hops) + from.Missed, Missed: from.Missed,
	}
	for i := range from.Hops {
		h := &from.Hops[i]
		hop := Hop{
			Parent: h.Parent, From: h.From.Component, FromTask: h.FromTask, Stream: h.From.Stream, To: h.Bolt, Task: h.Task,
			Values: h.Values, State: h.State, Cause: h.Cause, Given: millis(h.Given),
		}
		if h.State != worker.HopQueued {
			hop.Taken = new(millis(h.Taken))
		}
		if h.State == worker.HopAcked || h.State == worker.HopFailed {
			hop.Answered = new(millis(h.Answered))
		}
		t.Hops = append(t.Hops, hop)
	}
	l.kept.add(t)
}

// size is about what a trace takes in memory.
func (t *Trace) size() int {
	n := 300 + len(t.MessageID) + len(t.Values) + len(t.Headline) + len(t.Error)
	for i := range t.Hops {
		n += 200 + len(t.Hops[i].Values)
	}
	return n
}

func (filter *TraceFilter) picks(t *Trace) bool {
	return (filter.Spout == "" || t.Spout == filter.Spout) &&
		(!filter.Failed || t.Failed != "") &&
		t.Took >= filter.Slower &&
		(filter.Before == 0 || t.Number < filter.Before) &&
		t.Number > filter.After
}

// Traces are those that the filter picks, newest first, of those that are still kept. They
// must not be changed.
func (s *Status) Traces(filter TraceFilter) []*Trace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []*Trace{}
	for _, t := range slices.Backward(s.traces.kept.list) {
		if t.Number <= filter.After || filter.Limit > 0 && len(list) == filter.Limit {
			break
		}
		if filter.picks(t) {
			list = append(list, t)
		}
	}
	return list
}

// Trace is the one of that number; nil if it is not kept.
func (s *Status) Trace(number uint64) *Trace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.traces.kept.list
	if len(list) == 0 || number < list[0].Number || number > list[len(list)-1].Number {
		return nil
	}
	return list[number-list[0].Number]
}
