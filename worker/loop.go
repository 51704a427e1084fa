package worker

import (
	"math"
	"sync"
	"time"

	"gust/internal/poll"
	"gust/multilang"
	"gust/shell"
	"gust/topology"

	"github.com/rs/zerolog"
)

// loop is the one goroutine that holds all conversations: it reads what
// children say, routes it, and writes what there is to be told.
//
// # Why one goroutine
//
// A tuple costs less than a microsecond; waking somebody to take it on costs
// fifty. A goroutine per pipe hands each tuple over at least once, under a lock.
// Here nobody is woken but by the kernel, nothing is locked, and the acker, the
// tables and the outboxes are plain memory. Measured with children that cost
// nothing, one loop moves more than twice what a goroutine per pipe does, and
// ten times what the quickest Python children can.
//
// # Concurrency properties
//
// All of the loop, the tasks and the acker belong to the loop's goroutine.
// Others reach it by post alone, which runs a function on the loop; functions
// run in the order of their posts. The loop waits for nothing but the poller:
// no file, no lock, no other goroutine, and never for one child on behalf of
// another.
type loop struct {
	topology string // its name
	plan     *plan
	log      zerolog.Logger
	pidDir   string
	ready    func() // told when the spouts are activated
	tap      func(*topology.Component, topology.TaskID, int) Tap
	cancel   func()        // ends the restarting of processes
	drain    time.Duration // how long tuples in flight may finish
	mercy    time.Duration // how long a child has for each step to its end

	poller *poll.Poller
	clock  clock
	now    int64 // the clock when the round, or the chunk that is handled, began
	timers timers
	acker  *acker
	chunk  []byte // that all children's output is read into

	message    multilang.Message
	trees      []treeRef // scratch of emit
	place      kept      // of the tuple that is emitted
	targets    []target
	askedLast  []*spoutTask // scratch of askEach
	part       []*spoutTask
	components []*component // scratch of componentsOf
	visit      uint64       // its last call
	transcoded []byte
	taskIDs    []int32

	dirty    []*task      // whose outboxes have something to write
	pumps    []*spoutTask // that wait to be asked for more
	held     []*spoutTask // that are not read until there is room
	resumed  []*task      // that are read again, and whose decoders may hold messages
	moved    bool         // there may be room, or somebody who looks for it
	flow     flow
	messages int    // handled in this round
	rounds   uint64 // so far

	pace  time.Duration // between two messages, of late
	paced int64         // when pace was last looked at

	kept    keptValues
	journal journal
	culprit culprit // set while trees fail because of a bolt's tuple
	spentAt int64   // when spend was last called

	sweeper  timer
	beater   timer
	lookedAt int64 // when it was last looked at what the run waits for
	stop     stop

	services int   // goroutines that look after a process
	started  bool  // the bolts have answered: spouts are activated
	activeAt int64 // when the first spout was, 0 before
	stopping bool  // the spouts are asked no more
	inactive bool  // somebody has deactivated the topology
	closed   bool  // what spouts emit does not count any more
	verdict  error // why the run failed

	posts struct {
		sync.Mutex
		queue []func()
	}
}

const (
	chunkSize  = 256 << 10
	sweepEvery = 100 * time.Millisecond
	beatEvery  = time.Second
)

// post runs a function on the loop, soon. Any goroutine may call it, also
// after the loop has ended: the function then does not run.
func (w *loop) post(f func()) {
	w.posts.Lock()
	w.posts.queue = append(w.posts.queue, f)
	w.posts.Unlock()
	w.poller.Wake()
}

func (w *loop) runPosts() {
	w.posts.Lock()
	queue := w.posts.queue
	w.posts.queue = nil
	w.posts.Unlock()
	for _, f := range queue {
		f()
	}
}

// run holds the conversations until no process is left and none will come.
func (w *loop) run() error {
	w.sweeper.fire = w.sweep
	w.beater.fire = w.beat
	w.timers.arm(&w.sweeper, w.now+int64(sweepEvery))
	w.timers.arm(&w.beater, w.now+int64(beatEvery))
	for w.services > 0 {
		events, err := w.poller.Wait(w.untilNextTimer())
		if err != nil {
			return err
		}
		w.now = w.clock.now()
		w.messages = 0
		w.rounds++
		for _, ev := range events {
			w.serve(ev)
		}
		w.runPosts()
		w.timers.run(w.now)
		w.settle()
		if w.stop.phase == draining {
			w.drained()
		}
		w.gather()
	}
	w.reportHidden(math.MaxInt64) // at the end every interval is over
	return nil
}

// settle does what follows of a round, until nothing does: it reads tasks on that
// were held, asks spouts, and writes.
func (w *loop) settle() {
	for w.moved || len(w.dirty) > 0 || len(w.resumed) > 0 {
		w.moved = false
		w.readOn()
		w.askSpouts()
		w.writeOutboxes()
	}
}

func (w *loop) untilNextTimer() time.Duration {
	when, ok := w.timers.next()
	if !ok {
		return -1
	}
	return max(0, time.Duration(when-w.clock.now()))
}

func (w *loop) serve(ev poll.Event) {
	t := w.plan.task(ev.Token >> 2)
	if t.proc == nil {
		return
	}
	switch ev.Token & 3 {
	case stdin:
		t.writable()
	case stdout:
		if !t.eof && (t.holding == free || ev.Hup) {
			t.receive()
		}
	case stderr:
		t.receiveStderr()
	}
}

func (w *loop) writeOutboxes() {
	for i := 0; i < len(w.dirty); i++ {
		t := w.dirty[i]
		t.dirty = false
		t.flush()
		w.mark(t)
	}
	w.dirty = w.dirty[:0]
}

// gather waits a moment before the next round, where that costs nobody
// anything: so many tuples are under way that no child runs dry meanwhile, and
// yet the last round brought few messages. Clients such as pystorm flush each
// message, and a host that reads as soon as there is one is woken for each, at
// fifty times the cost of the message. Where little is under way, as when a
// lone tuple goes through an idle topology, it does not wait at all.
//
// The moment is half the time in which the children, at the pace of late, are
// done with what is under way: for Python children that is all of gatherMost,
// for the quickest ones too little to be worth it.
func (w *loop) gather() {
	if w.messages == 0 {
		return
	}
	w.keepPace()
	if w.messages >= gatherBelow {
		return
	}
	n := w.underWay(max(gatherAbove, int(2*gatherMost/w.pace)))
	if nap := min(time.Duration(n)*w.pace/2, gatherMost); n >= gatherAbove && nap >= gatherLeast {
		poll.Nap(nap)
	}
}

const (
	gatherBelow = 256                    // messages in a round: more is a batch already
	gatherAbove = 32                     // tuples and commands under way
	gatherLeast = 50 * time.Microsecond  // the kernel's timers add as much again
	gatherMost  = 400 * time.Microsecond // a Python child takes as long for ten to thirty tuples
)

// keepPace takes the round into the time between two messages: a moving average
// over some eight rounds, in which a pause counts as gatherMost.
func (w *loop) keepPace() {
	now := w.clock.now()
	took := min(time.Duration(now-w.paced)/time.Duration(w.messages), gatherMost)
	w.pace = max(1, w.pace+(took-w.pace)/8)
	w.paced = now
}

// underWay is the number of tuples that bolts, and of commands that spouts, have
// to do. It does not count beyond enough.
func (w *loop) underWay(enough int) int {
	n := 0
	for _, t := range w.plan.tasks {
		if t.bolt != nil {
			n += t.bolt.flight.n
		} else {
			n += t.spout.commands.Outstanding()
		}
		if n >= enough {
			break
		}
	}
	return n
}

// beat looks after hanging processes, once a second.
func (w *loop) beat(now int64) {
	w.timers.arm(&w.beater, now+int64(beatEvery))
	for _, t := range w.plan.tasks {
		t.check(now)
		if t.bolt != nil {
			t.bolt.window.shrink()
		}
	}
	w.start()
	w.reportWaits(now)
	w.reportHidden(now)
}

// start activates the spouts when every bolt has answered for the first time,
// so that no tuple spends its time-out in the queue of a bolt that still loads
// its models. A bolt that does not answer, or that has died, is not waited for
// longer than startGrace.
func (w *loop) start() {
	if w.started || w.stopping {
		return
	}
	for _, t := range w.plan.tasks {
		if t.bolt != nil && !t.greeted && t.restarts == 0 && (t.state != running || w.now-t.since < int64(startGrace)) {
			return
		}
	}
	w.started = true
	for _, t := range w.plan.tasks {
		if t.spout != nil {
			t.spout.activate()
		}
	}
}

// startGrace is how long the spouts wait for a bolt that has sent its pid and
// does not answer its first heartbeat.
const startGrace = 5 * time.Second

// reportHidden logs how many complaints were only counted, of those kinds whose
// interval is over.
func (w *loop) reportHidden(now int64) {
	for _, c := range w.plan.components {
		c.complaints.calm(now, func(kind string, hidden uint64) {
			w.log.Warn().Str("component", c.name()).Msgf("%d more %s suppressed", hidden, kind)
		})
		c.tracebacks.calm(w.now, func(text string, hidden uint64) {
			w.log.Warn().Str("component", c.name()).Msgf("not shown: %d more of the traceback that ends with %q", hidden, shell.Headline(text))
		})
	}
}

// clock is the time as the topology lives it, in nanoseconds. It stands still
// while gust itself does not run — stopped by Ctrl-Z, or the machine asleep —
// so that nothing times out in a time in which nothing could have happened.
type clock struct {
	start   time.Time
	last    int64
	skipped int64
}

// stall is more than any round takes that is not a stall: timers end a wait
// after a second.
const stall = 5 * time.Second

func (c *clock) now() int64 {
	now := int64(time.Since(c.start)) - c.skipped
	if now-c.last > int64(stall) {
		c.skipped += now - c.last - int64(time.Second)
		now = c.last + int64(time.Second)
	}
	c.last = now
	return now
}
