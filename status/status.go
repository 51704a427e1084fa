package status

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"gust/conf"
	"gust/topology"
	"gust/worker"
)

// Status is what is known about one topology: one run, with all its reloads.
//
// # Concurrency properties
//
// All methods may be called from any goroutine. Their results are copies, or never
// change. Updates come from one place, the run, about once a second.
type Status struct {
	mu       sync.RWMutex
	id       string
	topology *topology.Topology
	conf     conf.Conf
	started  time.Time
	ended    time.Time // zero while it runs
	reason   string    // why it ended

	announced Transition // what is about to happen,
	due       time.Time  // and when
	logLevel  string     // the lowest that is logged
	confLevel string     // that of the conf

	report *Report // if not nil, nothing else is known

	layout  *layout
	last    *worker.Snapshot // nil before the first
	now     *moment          // of last
	before  *moment          // of the snapshot before
	base    *moment          // the final counts of earlier workers
	minute  past
	windows [len(StormWindows) - 1]past
	history history

	diagnosis Diagnosis // the last one before the topology was stopped
	latest    *View     // over the last minute; nil if something has changed since it was made

	events   ring[Event]
	errors   errorLog
	failures failureLog
	traces   traceLog
	logs     *Logs

	changed chan struct{} // closed at the next change
}

// New is the status of a topology that is about to start.
func New(t *topology.Topology, c conf.Conf, now time.Time) *Status {
	s := &Status{
		id:      fmt.Sprintf("%s-1-%d", t.Name, now.Unix()), // as Nimbus would name it
		started: now, layout: newLayout(), base: &moment{},
		minute: past{span: time.Duration(Minute)}, history: newHistory(),
		events: ring[Event]{most: mostEvents}, failures: newFailureLog(), traces: newTraceLog(), errors: newErrorLog(), logs: newLogs(),
		changed: make(chan struct{}),
	}
	for i := range s.windows {
		s.windows[i].span = time.Duration(StormWindows[i])
	}
	s.Begin(t, c)
	return s
}

// ID is the topology's id in Storm's form: its name, a number, and its start in seconds.
func (s *Status) ID() string { return s.id }

// Begin announces that the next snapshots come from a new worker, which runs this
// topology. Its counts start at zero, and are added to the earlier ones.
func (s *Status) Begin(t *topology.Topology, c conf.Conf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topology, s.conf = t, c
	if s.announced == Rebalancing {
		s.announced = Staying
	}
	if s.now != nil {
		s.base = s.now
		s.events.add(Event{Time: time.Now(), Kind: EventReloaded})
	}
}

// News is what a snapshot adds.
type News struct {
	Failures []*Failure
	Replays  []*Replay // that have ended
}

// Update adds a worker's snapshot.
func (s *Status) Update(snap *worker.Snapshot) News {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.last = s.now, snap
	s.now = s.moment(snap)
	s.minute.add(s.now)
	for i := range s.windows {
		s.windows[i].add(s.now)
	}
	s.history.add(s.now)
	news := s.read(&snap.Journal)
	s.wake()
	s.latest = s.view(Minute)
	if snap.Phase != worker.Draining && snap.Phase != worker.Ending && s.announced == Staying {
		s.diagnosis = s.latest.Diagnosis
	}
	return news
}

// End ends the run. The reason is "" for an orderly end.
func (s *Status) End(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.IsZero() {
		s.ended, s.reason = time.Now(), reason
		s.events.add(Event{Time: s.ended, Kind: EventEnded, Text: reason})
	}
	s.wake()
}

// SetLogLevel says which is the lowest level that is logged now, and which by the conf.
func (s *Status) SetLogLevel(now, conf string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logLevel, s.confLevel = now, conf
}

// wake closes the channel of Changed. mu is locked.
func (s *Status) wake() {
	s.latest = nil
	close(s.changed)
	s.changed = make(chan struct{})
}

// Changed is closed when the status changes after this call.
func (s *Status) Changed() <-chan struct{} {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.changed
}

// Shows reports whether the status shows what an operation did that returned at a time. If
// not, it will after a change.
func (s *Status) Shows(when time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return !s.ended.IsZero() || s.last != nil && s.last.Requested.After(when)
}

// Logs are the topology's log lines.
func (s *Status) Logs() *Logs { return s.logs }

// moment adds a snapshot's counts to the base, row by row, and notes the state of each
// task.
func (s *Status) moment(snap *worker.Snapshot) *moment {
	m := &moment{at: snap.Time, active: s.base.active + snap.Active, trees: s.base.trees.Plus(snap.Trees)}
	s.layout.forget()
	m.rows = append(make([]Counts, 0, s.layout.rows), s.base.rows...)
	count := func(row int, n Counts) {
		for row >= len(m.rows) {
			m.rows = append(m.rows, Counts{})
		}
		m.rows[row] = s.base.row(row).Plus(n)
	}
	for i := range snap.Components {
		s.layout.component(&snap.Components[i])
	}
	m.components = make([]tally, len(s.layout.components))
	for i := range m.components {
		was := s.base.component(i)
		m.components[i] = tally{
			spout: was.spout, counts: was.counts, latency: was.latency, errors: was.errors, restarts: was.restarts, spent: maps.Clone(was.spent),
		}
	}
	for i := range snap.Components {
		from := &snap.Components[i]
		c := s.layout.component(from)
		sum := &m.components[c.index]
		sum.spout = c.kind == topology.Spout
		sum.errors += from.Errors
		c.waits(from, snap.Time)
		for j := range from.Tasks {
			t := &from.Tasks[j]
			place := c.task(t.Task)
			place.now = t
			for k, n := range t.Outputs {
				out := Counts{Emitted: n.Emitted, Transferred: n.Transferred, Acked: n.Acked, Failed: n.Failed, Completed: n.Completed}
				count(rowOf(s.layout, place.outputs, from.Outputs[k]), out)
				sum.counts = sum.counts.Plus(out)
			}
			for k, n := range t.Inputs {
				in := Counts{Executed: n.Executed, Acked: n.Acked, Failed: n.Failed, Executing: n.Executing, Processing: n.Processing}
				count(rowOf(s.layout, place.inputs, from.Inputs[k]), in)
				sum.counts = sum.counts.Plus(in)
			}
			sum.add(t)
		}
	}
	return m
}

// add adds a task's state.
func (sum *tally) add(t *worker.TaskSnapshot) {
	sum.latency = sum.latency.plus(latencies{t.Execute, t.Process, t.Complete})
	sum.tasks++
	sum.restarts += t.Restarts
	sum.queueBytes += t.QueueBytes
	switch t.State {
	case worker.TaskDown:
		sum.down++
	case worker.TaskLoading:
		sum.loading++
	}
	if b := t.Bolt; b != nil {
		sum.queued += b.Queued
		sum.inFlight += b.InFlight
		sum.oldest = max(sum.oldest, b.Oldest)
	}
	if spout := t.Spout; spout != nil {
		if sum.spent == nil {
			sum.spent = map[worker.SpoutDoing]time.Duration{}
		}
		for doing, spent := range spout.Spent {
			sum.spent[doing] += spent
		}
		sum.pending += spout.Pending
		sum.oldest = max(sum.oldest, spout.Oldest)
	}
}
