package worker

import (
	"fmt"
	"strings"
	"time"
)

// Journal is what happened to a topology since somebody last asked. Each list is in
// the order of time and has at most journalMost items.
type Journal struct {
	Events   []Event
	Errors   []ErrorReport
	Failures []FailedTree
	Traces   []Trace
	// Injected has how each injected tuple has ended: all of them, since somebody waits for each.
	Injected []InjectedEnd
	// MoreFailures is how many failures did not fit.
	MoreFailures int
}

// Append adds what another journal has, later in time. Each list has at most so many items.
func (j *Journal) Append(k *Journal, most int) {
	appendUpTo(&j.Events, k.Events, most)
	appendUpTo(&j.Errors, k.Errors, most)
	appendUpTo(&j.Traces, k.Traces, most)
	j.MoreFailures += k.MoreFailures + appendUpTo(&j.Failures, k.Failures, most)
	j.Injected = append(j.Injected, k.Injected...)
}

// appendUpTo appends what there is room for, and returns how many items there was none for.
func appendUpTo[T any](to *[]T, items []T, most int) (more int) {
	room := min(len(items), max(0, most-len(*to)))
	*to = append(*to, items[:room]...)
	return len(items) - room
}

// journalMost bounds each list of a journal. It is taken once a second or so: more
// than this nobody reads.
const journalMost = 1000

// EventKind says what happened to a task, or to the topology.
type EventKind string

// The kinds of events.
const (
	EventStarted     EventKind = "started"     // a process was started
	EventReady       EventKind = "ready"       // it has come up
	EventDied        EventKind = "died"        // it has ended, and nobody had asked it to
	EventRestarted   EventKind = "restarted"   // it has ended for a restart that a user asked for
	EventActivated   EventKind = "activated"   // the spouts are asked
	EventDeactivated EventKind = "deactivated" // the spouts are not asked
	EventBreakpoint  EventKind = "breakpoint"  // a process has stopped at one
	EventResumed     EventKind = "resumed"     // it goes on

	// Of a topology that has several workers:
	EventWorkerStarted EventKind = "worker started"
	EventWorkerDied    EventKind = "worker died"  // its process has ended, or it cannot be reached
	EventConnected     EventKind = "connected"    // a connection to another worker stands
	EventDisconnected  EventKind = "disconnected" // it was lost
)

// Event is something that happened.
type Event struct {
	Time      time.Time
	Kind      EventKind
	Component string // empty if it is about the topology
	Task      int
	PID       int
	Text      string // how a process died, or where it has stopped
}

// ErrorReport is an error of a component: it reported it, broke the protocol, or died.
type ErrorReport struct {
	Time      time.Time
	Component string
	Task      int
	Text      string // whole, with the traceback
}

// FailedTree is a tuple tree that was not acked.
type FailedTree struct {
	Time      time.Time
	Spout     string
	Task      int
	Stream    string
	MessageID string        // as JSON text
	Values    string        // of the spout's tuple, as JSON text; empty if they were not kept
	Took      time.Duration // from the emit to the failure
	Reason    FailReason
	// Dead says that it was the last attempt by gust.max.attempts: the spout got an ack.
	Dead bool
	// Cause is the tuple that failed the tree: one that a bolt failed, held when its
	// process died, or has held longest when the tree timed out. It is nil if no
	// bolt had a tuple of it.
	Cause *FailedTuple
	// Error is the last error of the task that caused it, or how its process died.
	Error string
}

// FailReason says why a tree failed, by the names of [FailedStats].
type FailReason string

// The reasons.
const (
	FailedByBolt     FailReason = "bolt"
	FailedByTimeout  FailReason = "timeout"
	FailedByDeath    FailReason = "died"
	FailedByShutdown FailReason = "shutdown"
)

var failReasons = [...]FailReason{
	failedByBolt: FailedByBolt, timedOut: FailedByTimeout, childDied: FailedByDeath, shutDown: FailedByShutdown,
}

// FailReasons are all reasons.
var FailReasons = failReasons[failedByBolt:]

// FailedTuple is a tuple at a bolt's task.
type FailedTuple struct {
	Bolt   string
	Task   int
	From   InputName // the stream on which it came
	Values Values
	Age    time.Duration // since it was given to the task
	Taken  bool          // the task had begun to work on it, as far as is known
}

// journal gathers what happens, on the loop.
type journal struct {
	Journal
	on bool
}

func (j *journal) take() Journal {
	taken := j.Journal
	j.Journal = Journal{}
	return taken
}

func note[T any](list *[]T, item T) {
	if len(*list) < journalMost {
		*list = append(*list, item)
	}
}

// happened notes an event of the topology.
func (l *loop) happened(kind EventKind) {
	if l.journal.on {
		note(&l.journal.Events, Event{Time: l.kernel.Time(), Kind: kind})
	}
}

// noted notes an event of the worker.
func (l *loop) noted(kind EventKind, text string) {
	if l.journal.on {
		note(&l.journal.Events, Event{Time: l.kernel.Time(), Kind: kind, Text: text})
	}
}

// happened notes an event of the task.
func (t *task) happened(kind EventKind, text string) {
	if j := &t.loop.journal; j.on {
		note(&j.Events, Event{Time: t.loop.kernel.Time(), Kind: kind, Component: t.comp.name(), Task: int(t.id), PID: t.pid, Text: text})
	}
}

// maxErrorReport bounds the bytes of an error in a journal.
const maxErrorReport = 64 << 10

// erred notes an error of the task.
func (t *task) erred(text string) {
	if j := &t.loop.journal; j.on {
		if len(text) > maxErrorReport {
			text = strings.Clone(text[:maxErrorReport])
		}
		note(&j.Errors, ErrorReport{Time: t.loop.kernel.Time(), Component: t.comp.name(), Task: int(t.id), Text: text})
	}
}

// culprit is the task because of which trees fail, and of a bolt most often the
// tuple: a slot of its flight. The zero value is none.
type culprit struct {
	task *task
	slot int32 // 0 is no tuple
	// bystander says that the task's process has died while it worked on another tuple.
	bystander bool
	// told is what another worker has said of the tuple, if it failed there: the slot is then that
	// of the tuple that was sent. It is nil if it failed here.
	told *about
}

// String is the component, or "nobody".
func (c culprit) String() string {
	if c.task == nil {
		return "nobody"
	}
	name := fmt.Sprintf("%s %q", c.task.comp.spec.Kind, c.task.comp.name())
	if c.task.stub != nil {
		name += fmt.Sprintf(" (task %d on worker %d)", c.task.id, c.task.worker)
	}
	return name
}

// said is the last error of the task, or how its process died.
func (c culprit) said(v verdict) string {
	switch {
	case c.told != nil:
		return c.told.Error
	case c.task == nil:
		return ""
	case v == childDied:
		return c.task.fate
	}
	return c.task.lastError
}

// blameless says whether the tuple had nothing to do with the death of the process.
func (c culprit) blameless() bool {
	if c.told != nil {
		return c.told.Tuple == nil || c.told.Bystander
	}
	return c.slot == 0 || c.bystander
}

// tuple shows the tuple, nil if there is none.
func (c culprit) tuple() *FailedTuple {
	switch {
	case c.told != nil:
		return c.told.Tuple
	case c.slot == 0:
		return nil
	}
	f := c.task.bolt.failedTuple(c.slot)
	f.Taken = f.Taken && !c.bystander
	return f
}

// failed notes a tree of the spout that has failed. It says whether its tuple is a dead
// letter: only one that the journal has a place for, or it would be lost.
func (s *spoutTask) failed(t *tree, v verdict) (dead bool) {
	j := &s.loop.journal
	if !j.on {
		return false
	}
	if len(j.Failures) >= journalMost {
		j.MoreFailures++ // before anything is made readable
		return false
	}
	by := s.loop.culprit
	blameless := v == shutDown || v == childDied && by.blameless()
	if !blameless && s.attempts.fail(t.id) {
		s.attempts.forget(t.id)
		s.loop.acker.stats.DeadLetters++
		dead = true
	}
	f := FailedTree{
		Time: s.loop.kernel.Time(), Spout: s.comp.name(), Task: int(s.task.id), MessageID: s.task.show(t.id).String(),
		Values: s.comp.shownValues(s.loop, t.values, shownMost), Took: time.Duration(s.loop.now - t.emitted), Reason: failReasons[v], Dead: dead,
	}
	if t.stream != nil {
		f.Stream = t.stream.name
	}
	f.Cause = by.tuple()
	f.Error = by.said(v)
	if s.loop.late != nil {
		s.loop.late.tree = &f
	} else {
		j.Failures = append(j.Failures, f)
	}
	return dead
}

// failedTuple shows a tuple in flight.
func (b *boltTask) failedTuple(slot int32) *FailedTuple {
	s := &b.flight.slots[slot]
	f := &FailedTuple{Bolt: b.comp.name(), Task: int(b.task.id), Age: time.Duration(b.loop.now - s.sent), Taken: !b.flight.isUntaken(s.seq)}
	if s.in != nil {
		f.From = InputName{s.in.from.name(), s.in.stream}
		f.Values = s.in.from.valuesOf(b.loop, s.values)
	}
	return f
}

// shownValues are a tuple's values as JSON text of at most about so many bytes, empty if
// they were not kept.
func (c *component) shownValues(l *loop, place kept, most int) string {
	raw := l.kept.values(place)
	if raw == nil {
		return ""
	}
	return string(c.codec.AppendText(nil, raw, most))
}

// shownMost is how much of a tuple's text a failure shows, in bytes.
const shownMost = 4 << 10
