package status

import (
	"cmp"
	"slices"
	"time"

	"gust/topology"
	"gust/worker"
)

// Failure is a tuple tree that failed.
type Failure struct {
	Number    uint64            `json:"number"` // counts the topology's failures from 1
	Time      time.Time         `json:"time"`
	Spout     string            `json:"spout"`
	Task      int               `json:"task"`
	Stream    string            `json:"stream"`
	MessageID string            `json:"message_id"`
	Values    string            `json:"values,omitempty"` // of the spout's tuple, as JSON text; empty if they were not kept
	Took      float64           `json:"took_ms"`          // from the emit to the failure
	Reason    worker.FailReason `json:"reason"`
	Cause     *FailedTuple      `json:"cause,omitempty"`
	Headline  string            `json:"headline,omitempty"` // of Error
	Error     string            `json:"error,omitempty"`    // of the task that caused it
	// Attempts is how often a tuple of the spout with this message id has failed, this time
	// included.
	Attempts int `json:"attempts"`
	// Dead says that there are no more attempts (gust.max.attempts): it is a dead letter.
	Dead bool `json:"dead,omitempty"`
	// Poison says that processes have died on it, at least twice.
	Poison bool `json:"poison,omitempty"`
	// Replay is the last replay of the tuple that caused it; nil if there was none.
	Replay *Replay `json:"replay,omitempty"`
}

// FailedTuple is the tuple at a bolt because of which a tree failed.
type FailedTuple struct {
	Component string `json:"component"`
	Task      int    `json:"task"`
	From      string `json:"from"` // the component that emitted it
	Stream    string `json:"stream"`
	Values    string `json:"values,omitempty"` // as JSON text; empty if they were not kept
	Size      int    `json:"size,omitempty"`   // of the values, in bytes
	Whole     bool   `json:"whole,omitempty"`  // Values are all of the values
	// Raw are the values in the bytes of Serializer, if JSON cannot represent them.
	Raw        []byte  `json:"raw,omitempty"`
	Serializer string  `json:"serializer,omitempty"`
	Age        float64 `json:"age_ms"` // since its delivery to the task
	Taken      bool    `json:"taken"`  // the task had read it
}

// Blames is the component that caused the failure: the bolt, or the spout itself.
func (f *Failure) Blames() string {
	if f.Cause != nil {
		return f.Cause.Component
	}
	return f.Spout
}

// FailureFilter picks failures. Empty fields pick all.
type FailureFilter struct {
	Reason    worker.FailReason
	Component string // that caused it
	Spout     string
	Headline  string    // of the failure or of its facet
	Since     time.Time // only those of this time or later; zero for all
	Until     time.Time // only earlier ones; zero for all
	Before    uint64    // only those with a lower number; 0 for all
	Limit     int       // at most so many; 0 for all
}

// failureLog keeps the last failures within a memory limit, and counts all.
type failureLog struct {
	kept     bounded[*Failure]
	total    uint64
	facets   facetLog
	attempts map[messageKey]attempts
	replays  replayLog
}

type messageKey struct{ spout, id string }

// attempts is how often a tuple has failed, and how often because a process died on it.
type attempts struct{ all, deaths int }

const (
	mostFailures     = 5000
	mostFailureBytes = 8 << 20
	mostFacets       = 500
	mostAttempts     = 20_000 // message ids whose attempts are counted
)

func newFailureLog() failureLog {
	return failureLog{
		kept:   bounded[*Failure]{most: mostFailures, mostBytes: mostFailureBytes},
		facets: facetLog{}, attempts: map[messageKey]attempts{}, replays: replayLog{list: map[uint64]*Replay{}},
	}
}

// add adds a failed tree, and returns it in its public form.
func (l *failureLog) add(from *worker.FailedTree) *Failure {
	l.total++
	f := &Failure{
		Number: l.total, Time: from.Time, Spout: from.Spout, Task: from.Task, Stream: from.Stream, MessageID: from.MessageID,
		Values: from.Values, Took: millis(from.Took), Reason: from.Reason, Dead: from.Dead,
		Headline: headline(from.Error), Error: cut(from.Error, errorText),
	}
	if c := from.Cause; c != nil {
		f.Cause = &FailedTuple{Component: c.Bolt, Task: c.Task, From: c.From.Component, Stream: c.From.Stream,
			Values: c.Values.Text, Size: c.Values.Size, Whole: c.Values.Whole, Raw: c.Values.Raw, Serializer: c.Values.Serializer,
			Age: millis(c.Age), Taken: c.Taken}
		if c.From.Component == "" {
			f.Cause.From, f.Cause.Stream = topology.SystemComponent, topology.TickStream
		}
	}
	message := messageKey{f.Spout, f.MessageID}
	n := l.attempts[message]
	n.all++
	if from.Reason == worker.FailedByDeath && from.Cause != nil && from.Cause.Taken {
		n.deaths++
	}
	if len(l.attempts) >= mostAttempts && n.all == 1 {
		clear(l.attempts) // they restart: an exact count of so many is of little use
	}
	l.attempts[message] = n
	f.Attempts, f.Poison = n.all, n.deaths >= 2
	l.kept.add(f)
	l.facets.count(f)
	return f
}

// size is the approximate memory of a failure.
func (f *Failure) size() int {
	n := 300 + len(f.MessageID) + len(f.Values) + len(f.Headline) + len(f.Error)
	if f.Cause != nil {
		n += 150 + len(f.Cause.Values) + len(f.Cause.Raw)
	}
	return n
}

// Picks says whether the filter picks a failure; the limit aside.
func (filter *FailureFilter) Picks(f *Failure) bool {
	return (filter.Reason == "" || f.Reason == filter.Reason) &&
		(filter.Component == "" || f.Blames() == filter.Component) &&
		(filter.Spout == "" || f.Spout == filter.Spout) &&
		(filter.Headline == "" || f.Headline == filter.Headline || alike(f.Headline) == filter.Headline) &&
		(filter.Before == 0 || f.Number < filter.Before) && filter.picksTime(f.Time)
}

func (filter *FailureFilter) picksTime(t time.Time) bool {
	return !t.Before(filter.Since) && (filter.Until.IsZero() || t.Before(filter.Until))
}

// PicksFacet says whether the filter picks failures that a facet counts; their time aside.
func (filter *FailureFilter) PicksFacet(f *FailureFacet) bool {
	return (filter.Reason == "" || f.Reason == filter.Reason) &&
		(filter.Component == "" || f.Component == filter.Component) &&
		(filter.Headline == "" || f.Headline == filter.Headline || f.Headline == alike(filter.Headline))
}

// Failures are the failures that the filter picks, the newest first, among those that are
// still kept. They must not be changed.
func (s *Status) Failures(filter FailureFilter) []*Failure {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []*Failure{}
	for _, f := range slices.Backward(s.failures.kept.list) {
		if filter.Limit > 0 && len(list) == filter.Limit {
			break
		}
		if filter.Picks(f) {
			list = append(list, f)
		}
	}
	return list
}

// Failure is the failure with a number; nil if it is not kept.
func (s *Status) Failure(number uint64) *Failure {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i, ok := s.failures.find(number); ok {
		return s.failures.kept.list[i]
	}
	return nil
}

// Discard forgets a failure, and returns it. The facets still count it. It is nil if it
// was not kept.
func (s *Status) Discard(number uint64) *Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.failures.find(number)
	if !ok {
		return nil
	}
	f := s.failures.kept.list[i]
	s.failures.kept.remove(i)
	return f
}

// Park makes a failure a dead letter, and returns it. It is nil if it was not kept.
func (s *Status) Park(number uint64) *Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.failures.find(number)
	if !ok {
		return nil
	}
	parked := *s.failures.kept.list[i] // readers have the one before
	parked.Dead = true
	s.failures.kept.list[i] = &parked
	return &parked
}

func (l *failureLog) find(number uint64) (i int, ok bool) {
	return slices.BinarySearchFunc(l.kept.list, number, func(f *Failure, number uint64) int { return cmp.Compare(f.Number, number) })
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
