package worker

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/poll"
	"gust/multilang"
	"gust/topology"
)

// loop is the one goroutine that talks to all children: it reads their output,
// routes it, and writes their input.
//
// # Why one goroutine
//
// Processing a tuple takes less than a microsecond; waking another goroutine for it
// takes fifty. A goroutine per pipe hands over each tuple at least once, under a lock.
// Here only the kernel wakes anybody, nothing is locked, and the acker, the tables and
// the outboxes are plain memory. With children that cost nothing, one loop moves more
// than twice as many tuples as a goroutine per pipe, and ten times as many as the
// fastest Python children can process.
//
// # Concurrency properties
//
// The loop, the tasks and the acker belong to the loop's goroutine. Other goroutines
// only call post, which runs a function on the loop; the functions run in the order
// of the posts. The loop waits for nothing but the poller: not for a file, a lock or
// another goroutine, and not for one child on behalf of another.
type loop struct {
	topology     string // its name
	plan         *plan
	log          zerolog.Logger
	pidDir       string
	ready        func() // called when the first spout is activated
	tap          func(*topology.Component, topology.TaskID, int) Tap
	cancel       func()        // ends the restarts of processes
	drainTime    time.Duration // how long in-flight tuples may finish
	startTimeout time.Duration // how long a process may take to start; 0 is without a limit
	exitWait     time.Duration // how long a child may take for each step of its end

	kernel kernel
	rand   *rand.Rand
	clock  clock
	now    int64 // the time when the round, or the chunk that is being handled, began
	timers timers
	acker  *acker
	chunk  []byte // all children's output is read into it

	message  multilang.Message // that is being handled
	messages int               // handled in this round
	rounds   uint64            // so far
	dirty    []*task           // their outboxes have something to write
	moved    bool              // there may be more room, or another spout that wants it
	emission
	asking
	pauses
	flow       flow
	nap        nap
	injections injections

	breakpoints bool // processes may stop at them
	frozen      frozen

	kept    keptValues
	journal journal
	tracing tracing
	peers   *peers      // nil if this worker runs the whole topology
	late    *lateReport // what is to be said later of the tree that fails, or nil
	culprit culprit     // set while trees fail because of a bolt's tuple
	spentAt int64       // when spend was last called

	sweeper  timer
	checker  timer
	lookedAt int64 // when reportWaits last ran
	stop     stop
	phase    phase
	entered  int64 // when the phase began

	services int   // goroutines that keep a process
	activeAt int64 // when the first spout was activated; 0 before that
	inactive bool  // the user has deactivated the topology
	failure  error // why the run failed

	posts struct {
		sync.Mutex
		queue []func()
	}
}

const (
	chunkSize  = 256 << 10
	sweepEvery = 100 * time.Millisecond
	checkEvery = time.Second
)

func newLoop(o Options, p *plan, k kernel) *loop {
	l := &loop{
		topology: o.Topology.Name, plan: p, log: o.Log, ready: o.Ready, tap: o.Tap, breakpoints: o.Breakpoints,
		kernel: k, rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), clock: clock{kernel: k},
		acker: newAcker(), chunk: make([]byte, chunkSize),
		services: len(p.tasks), tracing: newTracing(),
	}
	l.acker.onEnd = func(t *tree, ref treeRef, v verdict) {
		switch {
		case t.spout != nil:
			t.spout.judge(t, v)
		case t.by != nil:
			t.by.judge(t, v)
		default:
			t.link.answer(t, ref, v)
		}
	}
	l.injections.list = l.acker.list()
	for _, t := range p.byID {
		if t == nil { // an acker
			continue
		}
		t.loop = l
		t.log = o.Log.With().Str("component", t.comp.name()).Int("task", int(t.id)).Logger()
		if t.comp.spec.Kind == topology.Spout {
			t.spout = newSpoutTask(t)
			t.spout.list = l.acker.list()
		} else {
			t.bolt = newBoltTask(t)
		}
	}
	if o.Peers != nil {
		l.peers = newPeers(l, o, newSockets(o.Peers))
	}
	l.flow = newFlow(p.components)
	l.journal.on = o.Journal
	return l
}

// post runs a function on the loop, soon. Any goroutine may call it, even after the
// loop has ended: then the function does not run.
func (l *loop) post(f func()) {
	l.posts.Lock()
	l.posts.queue = append(l.posts.queue, f)
	l.posts.Unlock()
	l.kernel.Wake()
}

func (l *loop) runPosts() {
	l.posts.Lock()
	queue := l.posts.queue
	l.posts.queue = nil
	l.posts.Unlock()
	for _, f := range queue {
		f()
	}
}

// run runs until no process is left and none will come.
func (l *loop) run() error {
	l.begin()
	for l.services > 0 || l.peers != nil && l.phase != ending {
		if err := l.round(); err != nil {
			return err
		}
	}
	l.reportHidden(math.MaxInt64) // the end of the run ends every interval
	return nil
}

// begin arms the timers that always run.
func (l *loop) begin() {
	l.sweeper.fire = l.sweep
	l.checker.fire = l.check
	l.timers.arm(&l.sweeper, l.now+int64(sweepEvery))
	l.timers.arm(&l.checker, l.now+int64(checkEvery))
	if l.peers != nil {
		l.peers.begin()
	}
}

// round waits for something to happen, and does all that follows from it. The error is that
// of a kernel that is broken.
func (l *loop) round() error {
	events, err := l.kernel.Wait(l.untilNextTimer())
	if err != nil {
		return err
	}
	l.now = l.clock.now()
	l.messages = 0
	l.rounds++
	for _, ev := range events {
		l.serve(ev)
	}
	l.runPosts()
	l.timers.run(l.now)
	for {
		l.settle()
		if l.phase == draining {
			l.endIfDrained()
			l.settle() // the end of the run has something to write
		}
		if l.peers == nil || !l.peers.endRound() {
			break
		}
	}
	l.takeNap()
	return nil
}

// settle does what follows from a round, until nothing does: it resumes paused tasks,
// asks spouts, and writes.
func (l *loop) settle() {
	for l.unsettled() {
		l.moved = false
		l.readOn()
		l.askSpouts()
		l.writeOutboxes()
	}
}

func (l *loop) unsettled() bool { return l.moved || len(l.dirty) > 0 || len(l.resumed) > 0 }

func (l *loop) untilNextTimer() time.Duration {
	when, ok := l.timers.next()
	if !ok {
		return -1
	}
	return max(0, time.Duration(when-l.clock.now()))
}

// serve handles an event of the poller. A pipe that the child has closed is read to
// its end even if the task is paused.
func (l *loop) serve(ev poll.Event) {
	if ev.Token&linkToken != 0 {
		l.peers.serveLink(ev)
		return
	}
	id, pipe := parseToken(ev.Token)
	t := l.plan.task(id)
	if t.proc == nil {
		return
	}
	switch pipe {
	case stdin:
		t.writable()
	case stdout:
		if !t.eof && (!t.paused() || ev.Hup) {
			t.receive()
		}
	case stderr:
		t.receiveStderr()
	}
}

func (l *loop) writeOutboxes() {
	for i := 0; i < len(l.dirty); i++ {
		t := l.dirty[i]
		t.dirty = false
		t.flush()
		l.checkQueue(t)
	}
	l.dirty = l.dirty[:0]
}

// check does what is due once a second.
func (l *loop) check(now int64) {
	l.timers.arm(&l.checker, now+int64(checkEvery))
	for _, t := range l.plan.tasks {
		t.check(now)
		if t.bolt != nil {
			t.bolt.window.shrink()
		}
	}
	if l.peers != nil {
		l.peers.beat()
	}
	l.startSpouts()
	l.reportWaits(now)
	l.reportHidden(now)
}
