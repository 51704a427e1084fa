package crew

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"gust/topology"
	"gust/worker"
)

// Worker is one worker, as a crew sees it.
type Worker interface {
	// Snapshot hands over the journal. It is nil if the worker cannot be reached any more.
	Snapshot() *worker.Snapshot
	Activate()
	Deactivate()
	Restart(component string)
	RestartTask(topology.TaskID)
	SetDebug(component string, on bool)
	SetSampling(spout string, percent float64)
	Inject(worker.Injection) error
	Abort()
	End()
}

// Crew is all workers of a topology.
type Crew struct {
	placement topology.Placement
	workerOf  []int // by task

	// gathering is held while snapshots are on their way into the members.
	gathering sync.Mutex

	mu      sync.Mutex
	members []*member
	orders  orders
	journal worker.Journal // not yet handed over
	words   map[string]string
	started bool // the topology has left the phase "starting"
	closed  bool
	active  activity
}

// activity is for how long the topology has been at work.
type activity struct {
	since time.Time // zero before
	took  time.Duration
}

// orders are what holds for all workers, also for those that come later.
type orders struct {
	inactive bool
	debug    map[string]bool    // by component; "" is all
	sampling map[string]float64 // by spout; "" is all
}

// New is the crew of a placement. None of its workers is up.
func New(t *topology.Topology, tasks topology.Tasks, p topology.Placement) *Crew {
	c := &Crew{
		placement: p, workerOf: p.WorkerOf(tasks), words: map[string]string{},
		orders: orders{debug: map[string]bool{}, sampling: map[string]float64{}},
	}
	now := time.Now()
	for i := range p.Workers {
		c.members = append(c.members, &member{since: now, base: absent(t, tasks, p.Workers[i].Tasks)})
	}
	return c
}

// Info says which process a worker is, and where it runs.
type Info struct {
	Host        string // empty for this machine
	PID         int
	Incarnation uint64 // tells the worker's processes apart
	Started     time.Time
}

// Join says that a worker is up. It gets the orders that hold.
func (c *Crew) Join(i int, w Worker, info Info) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.members[i]
	if m.last != nil && info.Incarnation != m.info.Incarnation {
		c.journal.Injected = append(c.journal.Injected, m.lose(m.death)...)
		m.leave(m.death) // its process was out of reach, and has ended meanwhile
	}
	m.worker, m.info, m.since = w, info, time.Now()
	c.happened(worker.EventWorkerStarted, i, info.PID, "")
	if c.orders.inactive {
		w.Deactivate()
	}
	for component, on := range c.orders.debug {
		w.SetDebug(component, on)
	}
	for spout, percent := range c.orders.sampling {
		w.SetSampling(spout, percent)
	}
}

// Leave says that a worker that had joined is gone, and why: "" if it was asked to end. It
// takes the worker's last snapshot, if it has left one.
func (c *Crew) Leave(i int, why string) {
	c.gathering.Lock()
	defer c.gathering.Unlock()
	c.mu.Lock()
	m := c.members[i]
	w := m.worker
	c.mu.Unlock()
	if w == nil {
		return
	}
	var last *worker.Snapshot
	if asked := m.asked; asked != nil { // answered by now, since the worker is gone
		last = <-asked
		m.asked = nil
	}
	c.take(m, last)
	c.take(m, w.Snapshot())
	c.mu.Lock()
	defer c.mu.Unlock()
	if why != "" {
		c.happened(worker.EventWorkerDied, i, m.info.PID, why)
	}
	c.journal.Injected = append(c.journal.Injected, m.lose(why)...)
	m.leave(why)
}

// Close says that all workers have left for good.
func (c *Crew) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

// Lose says that a worker cannot be reached any more, and why. Its process may live, and
// join again.
func (c *Crew) Lose(i int, why string) {
	c.gathering.Lock()
	defer c.gathering.Unlock()
	m := c.members[i]
	if asked := m.asked; asked != nil { // answered by now, since the connection has ended
		c.take(m, <-asked)
		m.asked = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.worker == nil {
		return
	}
	c.happened(worker.EventWorkerDied, i, m.info.PID, why)
	m.worker, m.death, m.since = nil, why, time.Now()
}

// Failed says that a worker could not be started, or reached, and why.
func (c *Crew) Failed(i int, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[i].death = why
}

func (c *Crew) happened(kind worker.EventKind, i, pid int, text string) {
	text = fmt.Sprintf("worker %d %s", i, text)
	c.journal.Events = append(c.journal.Events, worker.Event{Time: time.Now(), Kind: kind, PID: pid, Text: text})
}

// Snapshot is what the topology has done and does. The journal is handed over, as
// [worker.Worker.Snapshot] does.
func (c *Crew) Snapshot() *worker.Snapshot {
	requested := time.Now()
	requested = c.gather(requested)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.merged()
	s.Requested = requested
	s.Journal, c.journal = c.journal, worker.Journal{}
	return s
}

// Stats are what the topology has done.
func (c *Crew) Stats() worker.Stats {
	c.gather(time.Now())
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.merged().Stats()
}

// patience is how long a snapshot waits for the workers. One that is alive answers within
// milliseconds.
const patience = time.Second

// gather asks all workers for snapshots, and returns the earliest time for which those
// that have answered are right.
func (c *Crew) gather(requested time.Time) time.Time {
	c.gathering.Lock()
	defer c.gathering.Unlock()
	c.mu.Lock()
	var asked []*member
	for _, m := range c.members {
		if m.worker == nil {
			continue
		}
		asked = append(asked, m)
		if m.asked == nil {
			answer, w := make(chan *worker.Snapshot, 1), m.worker
			m.asked, m.askedAt = answer, time.Now()
			go func() { answer <- w.Snapshot() }()
		}
	}
	c.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	for _, m := range asked {
		select {
		case s := <-m.asked:
			requested = c.answered(m, s, requested)
		default:
			select {
			case s := <-m.asked:
				requested = c.answered(m, s, requested)
			case <-late.C:
				late.Reset(0) // no more waiting, for the others either
			}
		}
	}
	return requested
}

func (c *Crew) answered(m *member, s *worker.Snapshot, requested time.Time) time.Time {
	m.asked = nil
	c.take(m, s)
	if s != nil && !s.Requested.IsZero() && s.Requested.Before(requested) {
		return s.Requested
	}
	return requested
}

// take makes a snapshot the member's last one, and keeps its journal.
func (c *Crew) take(m *member, s *worker.Snapshot) {
	if s == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listen(m.last, s)
	for _, end := range s.Journal.Injected {
		delete(m.tickets, end.Ticket)
	}
	c.append(m, &s.Journal)
	s.Journal = worker.Journal{}
	m.last = s
	if s.Active > 0 && c.active.since.IsZero() {
		c.active.since = s.Time.Add(-s.Active)
	}
}

// mostKept bounds each list of the journal, if nobody takes it.
const mostKept = 10_000

func (c *Crew) append(from *member, j *worker.Journal) {
	if !c.first(from) { // it is said once that all have been activated
		j.Events = slices.DeleteFunc(j.Events, func(e worker.Event) bool {
			return e.Kind == worker.EventActivated || e.Kind == worker.EventDeactivated
		})
	}
	c.journal.Append(j, mostKept)
}

// first says whether a member is the first one that is up.
func (c *Crew) first(m *member) bool {
	for _, other := range c.members {
		if other.worker != nil {
			return other == m
		}
	}
	return true
}

// Each calls f with each worker that is up.
func (c *Crew) Each(f func(Worker)) {
	c.mu.Lock()
	var up []Worker
	for _, m := range c.members {
		if m.worker != nil {
			up = append(up, m.worker)
		}
	}
	c.mu.Unlock()
	for _, w := range up {
		f(w)
	}
}

// Activate is [worker.Worker.Activate] of all workers.
func (c *Crew) Activate() { c.order(func(o *orders) { o.inactive = false }, Worker.Activate) }

// Deactivate is [worker.Worker.Deactivate] of all workers.
func (c *Crew) Deactivate() { c.order(func(o *orders) { o.inactive = true }, Worker.Deactivate) }

// SetDebug is [worker.Worker.SetDebug] of all workers.
func (c *Crew) SetDebug(component string, on bool) {
	c.order(func(o *orders) {
		if component == "" {
			clear(o.debug)
		}
		o.debug[component] = on
	}, func(w Worker) { w.SetDebug(component, on) })
}

// SetSampling is [worker.Worker.SetSampling] of all workers.
func (c *Crew) SetSampling(spout string, percent float64) {
	c.order(func(o *orders) {
		if spout == "" {
			clear(o.sampling)
		}
		o.sampling[spout] = percent
	}, func(w Worker) { w.SetSampling(spout, percent) })
}

func (c *Crew) order(note func(*orders), give func(Worker)) {
	c.mu.Lock()
	note(&c.orders)
	c.mu.Unlock()
	c.Each(give)
}

// Restart is [worker.Worker.Restart] of all workers.
func (c *Crew) Restart(component string) { c.Each(func(w Worker) { w.Restart(component) }) }

// RestartTask is [worker.Worker.RestartTask] of the task's worker.
func (c *Crew) RestartTask(id topology.TaskID) {
	if w := c.up(c.WorkerOf(int(id))); w != nil {
		w.RestartTask(id)
	}
}

// WorkerOf is the worker of a task, or -1.
func (c *Crew) WorkerOf(task int) int {
	if task < 0 || task >= len(c.workerOf) {
		return -1
	}
	return c.workerOf[task]
}

// up is a worker, nil if it is not up.
func (c *Crew) up(i int) Worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i < 0 || i >= len(c.members) {
		return nil
	}
	return c.members[i].worker
}

// Inject is [worker.Worker.Inject] of any worker that is up: it routes the tuple, wherever
// it goes. If that worker dies, so has the tuple.
func (c *Crew) Inject(i worker.Injection) error {
	c.mu.Lock()
	var by *member
	var w Worker
	for _, m := range c.members {
		if m.worker != nil {
			by, w = m, m.worker
			break
		}
	}
	if w == nil {
		c.mu.Unlock()
		return errNone
	}
	if by.tickets == nil {
		by.tickets = map[uint64]time.Time{}
	}
	by.tickets[i.Ticket] = time.Now()
	c.mu.Unlock()
	err := w.Inject(i)
	if err != nil {
		c.mu.Lock()
		delete(by.tickets, i.Ticket)
		c.mu.Unlock()
	}
	return err
}

// Abort is [worker.Worker.Abort] of all workers.
func (c *Crew) Abort() { c.Each(Worker.Abort) }

// End is [worker.Worker.End] of all workers.
func (c *Crew) End() { c.Each(Worker.End) }
