package crew

import (
	"errors"
	"time"

	"gust/topology"
	"gust/worker"
)

var errNone = errors.New("no worker of the topology is up")

// member is what a crew knows of one worker.
type member struct {
	worker Worker // nil if it is not up
	info   Info
	since  time.Time // when it joined or left
	death  string
	left   int // how many times

	// base are the counts of its processes that have ended, last is the last snapshot of the
	// one that runs: nil before the first.
	base, last *worker.Snapshot

	// asked gets the answer to a request that was sent at askedAt. They belong to the holder
	// of Crew.gathering.
	asked   chan *worker.Snapshot
	askedAt time.Time

	tickets map[uint64]time.Time // of injected tuples that have not ended
}

// silence is how late an answer is if the worker is shown as silent.
const silence = 3 * time.Second

// absent is a worker that has never been there, and its tasks.
func absent(t *topology.Topology, tasks topology.Tasks, ids []topology.TaskID) *worker.Snapshot {
	s := &worker.Snapshot{Topology: t.Name}
	for _, c := range t.Components {
		one := worker.ComponentSnapshot{Name: c.Name, Kind: c.Kind}
		for _, id := range ids {
			if tasks[id-1].Component != c.Name {
				continue
			}
			down := worker.TaskSnapshot{Task: int(id), State: worker.TaskDown}
			if c.Kind == topology.Spout {
				down.Spout = &worker.SpoutState{Doing: worker.SpoutLoading}
			} else {
				down.Bolt = &worker.BoltState{}
			}
			one.Tasks = append(one.Tasks, down)
		}
		s.Components = append(s.Components, one)
	}
	return s
}

// leave makes what the worker has counted part of the base. Its processes are gone; why is
// empty if that was intended.
func (m *member) leave(why string) {
	s := copied(m.base)
	if m.last != nil {
		s = after(m.base, m.last)
	}
	retireAll(s, why)
	if why != "" {
		s.Trees.Failed.Died += s.Trees.Pending
		s.Trees.Pending = 0
		m.death = why
	}
	m.base, m.last, m.worker = s, nil, nil
	m.since = time.Now()
	m.left++
}

// lose ends the injected tuples of a worker that is gone.
func (m *member) lose(why string) (ends []worker.InjectedEnd) {
	now := time.Now()
	for ticket, since := range m.tickets {
		ends = append(ends, worker.InjectedEnd{Ticket: ticket, Time: now, Took: now.Sub(since), Reason: worker.FailedByDeath, Error: why})
	}
	clear(m.tickets)
	return ends
}

// retireAll is what is left of a worker's tasks when it is gone.
func retireAll(s *worker.Snapshot, why string) {
	for i := range s.Components {
		tasks := s.Components[i].Tasks
		for j := range tasks {
			retire(&tasks[j], why)
		}
	}
}

// retire is what is left of a task when its worker is gone.
func retire(t *worker.TaskSnapshot, why string) {
	if why != "" && t.PID != 0 {
		t.Restarts++
		t.Death = "died with its worker: " + why
	}
	t.State, t.Since, t.Up, t.PID = worker.TaskDown, 0, 0, 0
	t.QueueBytes, t.Breakpoint, t.UnreadFor = 0, nil, ""
	if t.Bolt != nil {
		t.Bolt = &worker.BoltState{}
	}
	if t.Spout != nil {
		t.Spout = &worker.SpoutState{Doing: worker.SpoutLoading, Spent: t.Spout.Spent}
	}
}

// now is the base with the last snapshot added.
func (m *member) now() *worker.Snapshot {
	if m.last == nil {
		return copied(m.base)
	}
	s := after(m.base, m.last)
	if m.worker == nil { // out of reach
		retireAll(s, "")
	}
	return s
}

// shown is the member as a snapshot shows it.
func (m *member) shown(i int, address string, now time.Time) worker.WorkerSnapshot {
	s := worker.WorkerSnapshot{Worker: i, State: worker.WorkerDown, Host: m.info.Host, Address: address, Restarts: uint64(m.left), Death: m.death}
	if m.worker == nil {
		if m.last == nil && m.left > 0 {
			s.Restarts-- // the next one has not come yet
		}
		return s
	}
	s.State, s.PID, s.Up = worker.WorkerUp, m.info.PID, now.Sub(m.info.Started)
	if m.asked != nil && now.Sub(m.askedAt) > silence {
		s.State = worker.WorkerSilent
	}
	if m.last != nil && len(m.last.Workers) == 1 {
		s.Links = m.last.Workers[0].Links
	}
	return s
}
