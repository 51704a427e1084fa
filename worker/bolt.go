package worker

import (
	"github.com/rs/zerolog"

	"gust/internal/histogram"
	"gust/multilang"
	"gust/shell"
)

// boltTask is what a task of a bolt has beyond a task: the tuples in flight to its
// process.
type boltTask struct {
	task             *task
	loop             *loop      // the task's
	comp             *component // the task's
	flight           *flight
	window           window
	inputs           []inputCount // as comp.inputs
	execute, process histogram.Histogram
	ticks            timer

	share ratio // how many of the component's tuples go to this task

	// These are for topologies with several workers.
	foreign foreign
	told    bool // the others have been told that its queue is over the mark
	over    bool // another worker says so

	lastAnswer int64
	failedLast bool  // the last answer was a fail
	diedOn     int32 // while the tuples of a dead process fail: the one that it was working on
	// worked is how long the bolt has worked on the tuples that this chunk of its
	// output answers, and answered is how many these are.
	worked, answered int64
	// before is when the bolt gave its last answer before this chunk.
	before int64
}

func newBoltTask(t *task) *boltTask {
	b := &boltTask{task: t, loop: t.loop, comp: t.comp, flight: newFlight(), window: newWindow(t.comp.set.messageTimeout)}
	b.ticks.fire = b.tick
	for _, in := range t.comp.inputs {
		b.inputs = append(b.inputs, inputCount{input: in})
	}
	return b
}

// ready is called when the process has sent its pid.
func (b *boltTask) ready() {
	b.ensureHeartbeat()
	if b.comp.set.tick > 0 {
		b.loop.timers.arm(&b.ticks, b.loop.now+int64(b.comp.set.tick))
	}
}

// give puts a tuple of an input into the outbox.
func (b *boltTask) give(in int, origin multilang.Origin, values []byte, place kept, trees []treeRef) {
	if b.flight.full() {
		b.expire(b.flight.oldest(), failedByBolt)
		b.task.offend("tuples neither acked nor failed", "holds %d tuples without acking or failing them: giving up the oldest", maxSlots)
	}
	if i := b.flight.oldest(); b.flight.n >= maxTreeless && b.flight.slots[i].tree.none() {
		b.flight.close(i, slotExpired)
	}
	for _, tree := range trees {
		b.loop.acker.grow(tree)
	}
	id := b.flight.open(b.loop.now, b.window.give(b.loop.now), &b.inputs[in], place, trees)
	b.task.out.Buf = b.task.enc.AppendTuple(b.task.out.Buf, id, origin, values)
	if b.window.due(b.loop.now) {
		b.sendHeartbeat()
	}
	b.task.touch()
}

// maxTreeless is how many tuples a bolt may hold before gust gives up those that belong
// to no tree, oldest first: some bolts never ack them, and nobody waits for it. A late
// ack is not an error.
const maxTreeless = 1 << 20

// anchors appends the trees of the tuples that an emit is anchored to, each once, and
// returns the extended slice.
func (b *boltTask) anchors(ids [][]byte, trees []treeRef) []treeRef {
	b.loop.acker.beginList()
	for _, raw := range ids {
		i, ok := b.find(raw, "anchored a tuple to")
		if !ok {
			continue
		}
		s := &b.flight.slots[i]
		if s.hop != nil {
			s.hop.take(max(s.sent, b.before))
			s.hop.parents(b.loop.acker.lists)
		}
		trees = b.loop.acker.include(trees, s.tree)
		for _, tree := range s.more {
			trees = b.loop.acker.include(trees, tree)
		}
	}
	return trees
}

// find looks up an id that the bolt sent. An id that is not in flight is an error,
// unless gust has given the tuple up.
func (b *boltTask) find(raw []byte, did string) (slot int32, ok bool) {
	id, ok := b.comp.codec.ParseTupleID(raw)
	if !ok {
		b.task.offend("wrong ids", "%s %s, which is not a tuple id", did, b.task.show(raw))
		return 0, false
	}
	slot, held, was := b.flight.find(id)
	switch {
	case held:
		return slot, true
	case was == slotAcked:
		b.task.offend("repeated acks and fails", "%s id %d, which it has already acked", did, id)
	case was == slotFailed:
		b.task.offend("repeated acks and fails", "%s id %d, which it has already failed", did, id)
	case was == slotExpired, b.flight.issued(id), b.flight.isHeartbeat(id):
		// gust has given it up, or too long ago to know, or it is a heartbeat's.
	default:
		b.task.offend("wrong ids", "%s id %d, which it was never sent", did, id)
	}
	return 0, false
}

// answer handles an ack or a fail.
func (b *boltTask) answer(m *multilang.Message) {
	did := "acked"
	if m.Command == multilang.Fail {
		did = "failed"
	}
	if m.ID == nil {
		b.task.offend("wrong ids", "%s without an id", did)
		return
	}
	i, ok := b.find(m.ID, did)
	if !ok {
		return
	}
	s := &b.flight.slots[i]
	b.took(s.seq)
	if s.in != nil { // a tick has no input
		b.loop.stop.progress = b.loop.now // only tuples count: ticks never end
		b.count(s)
	}
	b.lastAnswer = b.loop.now
	b.failedLast = m.Command == multilang.Fail
	if m.Command == multilang.Ack {
		b.acked(i)
	} else {
		b.failed(i)
	}
}

// count counts the time that a tuple took until its answer.
func (b *boltTask) count(s *slot) {
	now := b.loop.now
	worked := now - max(s.sent, b.lastAnswer)
	b.worked += worked
	b.answered++
	b.process.Add(now - s.sent)
	s.in.worked += worked
	s.in.processed += now - s.sent
}

func (b *boltTask) acked(i int32) {
	s := &b.flight.slots[i]
	b.task.lastError = ""
	if s.in != nil {
		s.in.acked++
	}
	if s.hop != nil {
		s.hop.answer(b.loop.now, HopAcked)
	}
	b.loop.acker.done(s.tree)
	for _, tree := range s.more {
		b.loop.acker.done(tree)
	}
	b.flight.close(i, slotAcked)
}

func (b *boltTask) failed(i int32) {
	if s := &b.flight.slots[i]; s.in != nil {
		s.in.failed++
		b.logFail(s)
		if s.hop != nil {
			s.hop.answer(b.loop.now, HopFailed)
		}
	}
	b.failTrees(i, failedByBolt, culprit{task: b.task, slot: i})
	b.flight.close(i, slotFailed)
}

// endChunk is called after each chunk of the bolt's output. The bolt has processed the
// tuples that one chunk answers in turn, so each has its share of the time.
func (b *boltTask) endChunk() {
	if n := b.window.endChunk(b.loop.now); n > 0 {
		b.comp.passed += n
		b.loop.moved = true
		if b.loop.peers != nil {
			b.task.touch() // so that checkQueue looks at it
		}
	}
	if b.answered > 0 {
		b.execute.AddEach(b.worked/b.answered, uint64(b.answered))
		b.worked, b.answered = 0, 0
	}
	b.before = b.lastAnswer
}

func (b *boltTask) logFail(s *slot) {
	b.task.complain("failed tuples", zerolog.WarnLevel, "failed a tuple of %v%v", s.in, blamed{b.task})
}

// blamed is a task's last error, as the probable reason of what follows it.
type blamed struct{ *task }

// String is empty if there was no error.
func (t blamed) String() string {
	if t.lastError == "" {
		return ""
	}
	return "; last error: " + shell.Headline(t.lastError)
}

// failTrees fails the trees of a tuple in flight, because of it or of what it became.
func (b *boltTask) failTrees(i int32, v verdict, by culprit) {
	s := &b.flight.slots[i]
	b.loop.culprit = by
	b.loop.acker.fail(s.tree, v)
	for _, tree := range s.more {
		b.loop.acker.fail(tree, v)
	}
	b.loop.culprit = culprit{}
}

// expire gives up a tuple.
func (b *boltTask) expire(i int32, v verdict) {
	b.failTrees(i, v, culprit{task: b.task, slot: i, bystander: v == childDied && i != b.diedOn})
	b.flight.close(i, slotExpired)
}

// died fails all tuples that the process held.
func (b *boltTask) died() {
	b.loop.timers.disarm(&b.ticks)
	b.diedOn = b.working()
	b.giveUp(childDied)
	b.diedOn, b.failedLast = 0, false
	b.window.restart()
	b.lastAnswer, b.before = 0, 0
	b.loop.moved = true
}

// working is the tuple that the bolt is probably working on: the oldest that it has taken.
// It is 0 if there is none, or if the bolt's last answer was a fail: a component that exits
// after an exception fails the tuple first.
func (b *boltTask) working() int32 {
	if b.failedLast {
		return 0
	}
	for i := b.flight.oldest(); i != 0; i = b.flight.slots[i].next {
		if s := &b.flight.slots[i]; s.in != nil { // no tick
			if b.flight.isUntaken(s.seq) {
				return 0
			}
			return i
		}
	}
	return 0
}

// giveUp gives up all tuples that the bolt holds.
func (b *boltTask) giveUp(v verdict) {
	for i := b.flight.oldest(); i != 0; i = b.flight.oldest() {
		b.expire(i, v)
	}
}

// ensureHeartbeat sends a heartbeat, unless one is out.
func (b *boltTask) ensureHeartbeat() {
	if !b.task.heartbeatOut {
		b.sendHeartbeat()
	}
}

// sendHeartbeat sends a heartbeat. If too many are out, the bolt has those to answer.
func (b *boltTask) sendHeartbeat() {
	if b.task.state != running {
		return
	}
	b.task.heartbeatOut = true
	if len(b.window.heartbeats) == maxHeartbeats {
		return
	}
	b.task.out.Buf = b.task.enc.AppendHeartbeat(b.task.out.Buf, b.flight.heartbeatID())
	b.window.noteHeartbeat(b.loop.now)
	b.task.touch()
}

// synced handles the answer to a heartbeat.
func (b *boltTask) synced() {
	b.took(b.window.heartbeatSynced())
}

// took notes that the bolt has read tuple number n, and all before it.
func (b *boltTask) took(n uint64) {
	b.window.reach(n)
	b.flight.take(n, b.before)
}

// probe keeps a heartbeat out while spouts wait. If the bolt collects its tuples for a
// batch, or was only delayed, waiting for the next regular heartbeat would lose a second.
func (b *boltTask) probe() {
	if b.task.stub != nil {
		b.task.stub.want()
		return
	}
	if b.window.queued() > 0 && len(b.window.heartbeats) == 0 {
		b.sendHeartbeat()
	}
}

// tick sends a tick tuple. It belongs to no tree, and no stats count it.
func (b *boltTask) tick(now int64) {
	every := b.comp.set.tick
	// Relative to its own time, not to now, so that ticks do not drift; but missed
	// ticks do not follow in a burst.
	next := b.ticks.when + int64(every)
	if next <= now {
		next = now + int64(every)
	}
	b.loop.timers.arm(&b.ticks, next)
	if b.task.state != running || b.task.stopped.at != nil || b.flight.full() {
		return
	}
	id := b.flight.open(now, b.window.given, nil, kept{}, nil)
	b.task.out.Buf = b.task.enc.AppendTick(b.task.out.Buf, id, every.Seconds())
	b.task.touch()
}

// sweep gives up tuples that have been in flight for longer than the message timeout:
// their trees have failed by now, and a bolt that never acks tuples without a tree must
// not fill the memory.
func (b *boltTask) sweep(now int64) {
	timeout := int64(b.comp.set.messageTimeout)
	if timeout == 0 {
		return
	}
	if b.loop.peers != nil {
		timeout += int64(linger)
	}
	for i := b.flight.oldest(); i != 0; i = b.flight.oldest() {
		if now-b.flight.slots[i].sent < timeout {
			return
		}
		b.expire(i, timedOut)
	}
}
