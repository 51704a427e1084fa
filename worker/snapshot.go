package worker

import (
	"maps"
	"os"
	"slices"
	"time"

	"gust/internal/histogram"
	"gust/topology"
)

// Snapshot is what a running topology has done and is doing, at one moment. It is
// made of copies, and may be read by anybody.
//
// Counts begin with the worker and never go back: a task's go on when its process
// is started anew.
type Snapshot struct {
	Topology string
	Time     time.Time // by the wall
	// Requested is when the snapshot was requested. What operations before that did is in
	// it. It is zero in the last snapshot.
	Requested time.Time
	Phase     Phase
	// Active is for how long the topology has been at work: from the activation of
	// the first spout until the processes are to end. It is 0 before.
	Active     time.Duration
	Components []ComponentSnapshot // in the order of their declaration
	Trees      TreeStats
	// Workers are those of a topology that has several. A worker itself knows only its own,
	// and only the tasks that it runs.
	Workers []WorkerSnapshot
	// Journal is what has happened since the snapshot before.
	Journal Journal
}

// Phase says where in its life a topology is.
type Phase string

// The phases, in their order.
const (
	Starting Phase = "starting" // the spouts wait until the bolts have come up
	Active   Phase = "active"
	Inactive Phase = "inactive" // [Worker.Deactivate]: the spouts are not asked
	Draining Phase = "draining" // the spouts are stopped, tuples in flight may finish
	Ending   Phase = "ending"   // the processes are to end
)

// WorkerSnapshot is one of the workers of a topology that has several.
type WorkerSnapshot struct {
	Worker   int
	State    WorkerState
	Host     string // the machine that it runs on
	Address  string // where the others reach it
	PID      int    // 0 if it is down
	Up       time.Duration
	Restarts uint64
	Death    string // how its last process ended
	Links    []LinkSnapshot
}

// WorkerState says how a worker is.
type WorkerState string

// The states of a worker.
const (
	WorkerDown   WorkerState = "down"   // no process, or one that cannot be reached
	WorkerUp     WorkerState = "up"     // it answers
	WorkerSilent WorkerState = "silent" // there is a connection to it, and it does not answer
)

// LinkSnapshot is a worker's connection to another one.
type LinkSnapshot struct {
	Worker int // the other one
	Up     bool
	Since  time.Duration // for how long it has been so
	Error  string        // why it is not up, if that is known
	// Sent and Received are how many tuples have gone over it, each way.
	Sent, Received uint64
}

// ComponentSnapshot is a component's part of a [Snapshot].
type ComponentSnapshot struct {
	Name      string
	Kind      topology.Kind
	Outputs   []string // the names of its output streams
	Inputs    []InputName
	Errors    uint64
	LastError string
	Debug     bool          // the tuples that it emits are logged: [Worker.SetDebug]
	Sampling  float64       // the percentage of a spout's trees that are traced: [Worker.SetSampling]
	Metrics   []MetricStats // sorted by name
	// WaitsFor is, of a spout whose tasks are not asked because a bolt has no room,
	// that bolt: of all bolts downstream the one with the least room.
	WaitsFor string
	Tasks    []TaskSnapshot // by rising id
}

// InputName names an input stream of a bolt.
type InputName struct{ Component, Stream string }

// TaskState says what a task's process does.
type TaskState string

// The states of a task.
const (
	TaskDown    TaskState = "down"    // no process, or one that is being started
	TaskLoading TaskState = "loading" // the process has not answered the handshake, or a bolt its first heartbeat
	TaskRunning TaskState = "running"
	TaskLeaving TaskState = "leaving" // it is to end
)

// TaskSnapshot is a task's part of a [Snapshot].
type TaskSnapshot struct {
	Task     int
	Worker   int // the worker that runs it; 0 if the topology has one
	State    TaskState
	Since    time.Duration // for how long it has been in the state
	Up       time.Duration // for how long the process has run; 0 if none does
	PID      int           // 0 if no process runs
	CameUp   bool          // a process of the task has answered: [ProcessStats.Ready]
	Restarts uint64
	Death    string // how the last process that died did
	Outputs  []OutputCount
	Inputs   []InputCount

	Execute, Process histogram.Counts // of a bolt: [ComponentStats.ExecuteLatency] and ProcessLatency
	Complete         histogram.Counts // of a spout

	QueueBytes int // that wait in gust for the process
	// Breakpoint is where the process has stopped for a debugger, nil if it has not.
	Breakpoint *Breakpoint
	// UnreadFor says why the task's output is left unread: the bolt that has no
	// room for what it emits. It is empty if it is read.
	UnreadFor string

	Bolt  *BoltState  // nil for a spout
	Spout *SpoutState // nil for a bolt
}

// OutputCount counts what a task emitted to one stream, in the order of
// [ComponentSnapshot.Outputs]. Acked, Failed and Completed are of a spout's trees.
type OutputCount struct {
	Emitted, Transferred, Acked, Failed uint64
	Completed                           time.Duration // of all acked trees together
}

// InputCount counts what a bolt's task did with one input, in the order of
// [ComponentSnapshot.Inputs].
type InputCount struct {
	Executed, Acked, Failed uint64
	Executing, Processing   time.Duration // execute and process latency, of all answered tuples together
}

// BoltState is what a bolt's task has to do.
type BoltState struct {
	Queued   uint64        // tuples that it is not known to have taken
	Window   uint64        // how many of those it may have
	InFlight int           // tuples given to it and neither acked nor failed
	Oldest   time.Duration // how long the oldest of those is in flight
}

// SpoutState is what a spout's task is doing.
type SpoutState struct {
	Pending int           // trees
	Oldest  time.Duration // how long the oldest of those is pending
	Doing   SpoutDoing
	// Spent is how long it has been at each, as found by a look every 100 ms.
	Spent map[SpoutDoing]time.Duration
	// Command is the oldest command that it has not answered, such as "next", for
	// CommandAge; empty if there is none.
	Command    string
	CommandAge time.Duration
}

// SpoutDoing is what a spout does, or waits for.
type SpoutDoing string

// What spouts do.
const (
	SpoutLoading      SpoutDoing = "loading"      // no process of it is ready
	SpoutEmitting     SpoutDoing = "emitting"     // it is at work on a command
	SpoutNoData       SpoutDoing = "no data"      // it had nothing to emit when it was last asked
	SpoutMaxPending   SpoutDoing = "max pending"  // topology.max.spout.pending trees are pending
	SpoutBackpressure SpoutDoing = "backpressure" // a bolt downstream has no room
	SpoutInactive     SpoutDoing = "inactive"
)

// spoutDoings are all of them, in the order of the loop's numbers.
var spoutDoings = [...]SpoutDoing{SpoutLoading, SpoutEmitting, SpoutNoData, SpoutMaxPending, SpoutBackpressure, SpoutInactive}

// Snapshot is what the topology has done and does. It may be called from any
// goroutine, once Run has been called. The journal is handed over: who wants all of
// it is the only one who calls this.
func (w *Worker) Snapshot() *Snapshot {
	requested := time.Now()
	answer := make(chan *Snapshot, 1)
	w.loop.post(func() { answer <- w.loop.snapshot() })
	select {
	case s := <-answer:
		s.Requested = requested
		return s
	case <-w.ended:
		w.mu.Lock()
		defer w.mu.Unlock()
		s := *w.final
		w.final.Journal = Journal{}
		return &s
	}
}

// snapshot is what the loop has counted, and empties the journal.
func (l *loop) snapshot() *Snapshot {
	s := l.look()
	s.Journal = l.journal.take()
	return s
}

// stats is what the loop has counted, component by component.
func (l *loop) stats() Stats { return l.look().Stats() }

// look copies what the loop has counted.
func (l *loop) look() *Snapshot {
	s := &Snapshot{Topology: l.topology, Time: l.kernel.Time(), Phase: l.shownPhase(), Trees: l.acker.stats}
	s.Trees.Failed.Held = maps.Clone(s.Trees.Failed.Held)
	if l.activeAt > 0 {
		end := l.now
		if l.phase == ending {
			end = l.entered // children that take their time to exit do no work
		}
		s.Active = time.Duration(end - l.activeAt)
	}
	for _, c := range l.plan.components {
		s.Components = append(s.Components, c.snapshot(l.now))
	}
	if l.peers != nil {
		s.Workers = []WorkerSnapshot{l.peers.snapshot(l.now)}
	}
	return s
}

// snapshot is this worker, with its links to the others.
func (ps *peers) snapshot(now int64) WorkerSnapshot {
	s := WorkerSnapshot{Worker: ps.self, State: WorkerUp, Address: ps.address, PID: os.Getpid(), Up: time.Duration(now)}
	s.Host, _ = os.Hostname() // without one it is shown by its address
	ps.others(func(p *peerWorker) {
		link := LinkSnapshot{Worker: p.number, Up: p.link != nil, Since: time.Duration(now - p.since)}
		if p.link != nil {
			link.Sent, link.Received = p.link.sent, p.link.received
		} else {
			link.Error = p.lost
		}
		s.Links = append(s.Links, link)
	})
	return s
}

// shownPhase is the phase as a snapshot shows it: a deactivated topology has one of its own.
func (l *loop) shownPhase() Phase {
	switch {
	case l.phase == draining:
		return Draining
	case l.phase == ending:
		return Ending
	case l.inactive:
		return Inactive
	case l.phase == starting:
		return Starting
	}
	return Active
}

func (c *component) snapshot(now int64) ComponentSnapshot {
	s := ComponentSnapshot{Name: c.name(), Kind: c.spec.Kind, Errors: c.errors, LastError: c.lastError, Debug: c.set.debug}
	if c.spec.Kind == topology.Spout {
		s.Sampling = c.set.tracePercent
	}
	for _, out := range c.outputs {
		s.Outputs = append(s.Outputs, out.Name)
	}
	for _, in := range c.inputs {
		s.Inputs = append(s.Inputs, InputName{in.from.name(), in.stream})
	}
	for _, name := range slices.Sorted(maps.Keys(c.metrics)) {
		s.Metrics = append(s.Metrics, *c.metrics[name])
	}
	throttled := false
	for _, t := range c.own {
		task := t.snapshot(now)
		throttled = throttled || task.Spout != nil && task.Spout.Doing == SpoutBackpressure
		s.Tasks = append(s.Tasks, task)
	}
	if throttled {
		if bolt := c.tightest(); bolt != nil {
			s.WaitsFor = bolt.name()
		}
	}
	return s
}

func (t *task) snapshot(now int64) TaskSnapshot {
	s := TaskSnapshot{
		Task: int(t.id), Worker: t.worker, State: t.stateNow(), Since: time.Duration(now - t.since), PID: t.pid,
		CameUp: t.cameUp, Restarts: t.restarts(), Death: t.death, QueueBytes: t.out.Len(), Breakpoint: t.stopped.at,
	}
	if t.proc != nil {
		s.Up = time.Duration(now - t.attached)
	}
	if bolt := t.pausedFor(); bolt != nil {
		s.UnreadFor = bolt.name()
	}
	for i := range t.outs {
		n := &t.outs[i].count
		s.Outputs = append(s.Outputs, OutputCount{n.emitted, n.transferred, n.acked, n.failed, time.Duration(n.completed)})
	}
	if t.spout != nil {
		s.Complete = t.spout.complete.Counts()
		s.Spout = t.spout.snapshot(now)
	} else {
		s.Execute, s.Process = t.bolt.execute.Counts(), t.bolt.process.Counts()
		s.Bolt = t.bolt.snapshot(now)
		for i := range t.bolt.inputs {
			n := &t.bolt.inputs[i]
			s.Inputs = append(s.Inputs, InputCount{n.executed, n.acked, n.failed, time.Duration(n.worked), time.Duration(n.processed)})
		}
	}
	return s
}

func (t *task) stateNow() TaskState {
	switch {
	case t.state == down:
		return TaskDown
	case t.state == leaving:
		return TaskLeaving
	case t.state == greeting, t.bolt != nil && !t.greeted:
		return TaskLoading
	}
	return TaskRunning
}

func (b *boltTask) snapshot(now int64) *BoltState {
	s := &BoltState{Queued: b.window.queued(), Window: b.window.limited, InFlight: b.flight.n}
	if i := b.flight.oldest(); i != 0 {
		s.Oldest = time.Duration(now - b.flight.slots[i].sent)
	}
	return s
}

func (s *spoutTask) snapshot(now int64) *SpoutState {
	state := &SpoutState{Pending: s.pending, Doing: spoutDoings[s.doing()], Spent: make(map[SpoutDoing]time.Duration)}
	for i, d := range s.spent {
		if d > 0 {
			state.Spent[spoutDoings[i]] = time.Duration(d)
		}
	}
	if _, oldest := s.loop.acker.oldest(s.list); oldest != nil {
		state.Oldest = time.Duration(now - oldest.emitted)
	}
	if command, since, ok := s.commands.Oldest(); ok {
		state.Command, state.CommandAge = command.String(), time.Duration(now-since)
	}
	return state
}
