package worker

import (
	"github.com/rs/zerolog"
	"gust/internal/histogram"

	"gust/multilang"
	"gust/shell"
)

// boltTask is what a task of a bolt has beyond a task: the tuples in flight to
// its process.
type boltTask struct {
	*task
	flight           *flight
	window           window
	inputs           []inputCount // as comp.inputs
	execute, process histogram.Histogram
	ticks            timer

	share ratio // of the component's tuples, how many go to this task

	lastAnswer int64
	// worked is how long the bolt has worked on the tuples that this chunk of its
	// output answers, and answered how many those are.
	worked, answered int64
}

func newBoltTask(t *task) *boltTask {
	b := &boltTask{task: t, flight: newFlight(), window: newWindow(t.comp.set.messageTimeout)}
	b.ticks.fire = b.tick
	for _, in := range t.comp.inputs {
		b.inputs = append(b.inputs, inputCount{input: in})
	}
	return b
}

// ready follows the process' pid.
func (b *boltTask) ready() {
	b.beat()
	if b.comp.set.tick > 0 {
		b.w.timers.arm(&b.ticks, b.w.now+int64(b.comp.set.tick))
	}
}

// give puts a tuple that came over an edge into the outbox.
func (b *boltTask) give(over *edge, origin multilang.Origin, values []byte, place kept, trees []treeRef) {
	if b.flight.full() {
		b.expire(b.flight.oldest(), failedByBolt)
		b.offend("tuples neither acked nor failed", "holds %d tuples without acking or failing them: giving up the oldest", maxSlots)
	}
	if i := b.flight.oldest(); b.flight.n >= hoard && b.flight.slots[i].tree.none() {
		b.flight.close(i, slotExpired)
	}
	for _, tree := range trees {
		b.w.acker.grow(tree)
	}
	over.given++
	id := b.flight.open(b.w.now, b.window.give(b.w.now), &b.inputs[over.in], place, trees)
	b.out.Buf = b.enc.AppendTuple(b.out.Buf, id, origin, values)
	if b.window.due(b.w.now) {
		b.heartbeat()
	}
	b.touch()
}

// hoard is how many tuples a bolt may hold before those that belong to no tree are
// given up, oldest first: some bolts never ack such tuples, and nobody waits for it.
// An ack that comes all the same is forgiven.
const hoard = 1 << 20

// anchors appends the trees of the tuples that an emit is anchored to, each
// once, and returns the extended slice.
func (b *boltTask) anchors(ids [][]byte, trees []treeRef) []treeRef {
	b.w.acker.gather()
	for _, raw := range ids {
		i, ok := b.find(raw, "anchored a tuple to")
		if !ok {
			continue
		}
		s := &b.flight.slots[i]
		trees = b.w.acker.include(trees, s.tree)
		for _, tree := range s.more {
			trees = b.w.acker.include(trees, tree)
		}
	}
	return trees
}

// find looks up an id that the bolt sent. An id that was in flight once is
// forgiven where the host has given the tuple up; all else is an offence.
func (b *boltTask) find(raw []byte, did string) (slot int32, ok bool) {
	id, ok := b.comp.codec.ParseTupleID(raw)
	if !ok {
		b.offend("wrong ids", "%s %s, which is not a tuple id", did, b.show(raw))
		return 0, false
	}
	slot, held, was := b.flight.find(id)
	switch {
	case held:
		return slot, true
	case was == slotAcked:
		b.offend("repeated acks and fails", "%s id %d, which it has already acked", did, id)
	case was == slotFailed:
		b.offend("repeated acks and fails", "%s id %d, which it has already failed", did, id)
	case was == slotExpired, b.flight.issued(id), b.flight.isHeartbeat(id):
		// Given up by the host, or so long ago that it cannot be told, or a heartbeat.
	default:
		b.offend("wrong ids", "%s id %d, which it was never sent", did, id)
	}
	return 0, false
}

// answer takes an ack or a fail.
func (b *boltTask) answer(m *multilang.Message) {
	did := "acked"
	if m.Command == multilang.Fail {
		did = "failed"
	}
	if m.ID == nil {
		b.offend("wrong ids", "%s without an id", did)
		return
	}
	i, ok := b.find(m.ID, did)
	if !ok {
		return
	}
	now := b.w.now
	s := &b.flight.slots[i]
	b.took(s.seq)
	if s.in != nil { // ticks go on for ever
		b.w.stop.progress = now
	}
	if s.in != nil {
		worked := now - max(s.sent, b.lastAnswer)
		b.worked += worked
		b.answered++
		b.process.Add(now - s.sent)
		s.in.worked += worked
		s.in.processed += now - s.sent
	}
	b.lastAnswer = now
	if m.Command == multilang.Ack {
		b.lastError = ""
		if s.in != nil {
			s.in.acked++
		}
		b.w.acker.done(s.tree)
		for _, tree := range s.more {
			b.w.acker.done(tree)
		}
		b.flight.close(i, slotAcked)
		return
	}
	if s.in != nil {
		s.in.failed++
		b.tellFail(s)
	}
	b.failTrees(i, failedByBolt)
	b.flight.close(i, slotFailed)
}

// settle follows each chunk of the bolt's output. What is answered in one chunk was
// done in turn, so that each tuple has its share of the time.
func (b *boltTask) settle() {
	if n := b.window.settle(b.w.now); n > 0 {
		b.comp.passed += n
		b.w.moved = true
	}
	if b.answered > 0 {
		b.execute.AddEach(b.worked/b.answered, uint64(b.answered))
		b.worked, b.answered = 0, 0
	}
}

func (b *boltTask) tellFail(s *slot) {
	b.complain("failed tuples", zerolog.WarnLevel, "failed a tuple of %v%v", s.in, blamed{b.task})
}

// blamed is a task's last error, as the reason of what follows it.
type blamed struct{ *task }

// String is empty where there was no error.
func (t blamed) String() string {
	if t.lastError == "" {
		return ""
	}
	return "; last error: " + shell.Headline(t.lastError)
}

// failTrees fails the trees of a tuple in flight.
func (b *boltTask) failTrees(i int32, v verdict) {
	s := &b.flight.slots[i]
	b.w.culprit = culprit{b.task, i}
	b.w.acker.fail(s.tree, v)
	for _, tree := range s.more {
		b.w.acker.fail(tree, v)
	}
	b.w.culprit = culprit{}
}

// expire gives a tuple up.
func (b *boltTask) expire(i int32, v verdict) {
	b.failTrees(i, v)
	b.flight.close(i, slotExpired)
}

// died fails all that the process held.
func (b *boltTask) died() {
	b.w.timers.disarm(&b.ticks)
	b.giveUp(childDied)
	b.window.restart()
	b.lastAnswer = 0
	b.w.moved = true
}

// giveUp gives up all that the bolt holds.
func (b *boltTask) giveUp(v verdict) {
	for i := b.flight.oldest(); i != 0; i = b.flight.oldest() {
		b.expire(i, v)
	}
}

// beat sends a heartbeat, unless one is on its way already.
func (b *boltTask) beat() {
	if !b.beating {
		b.heartbeat()
	}
}

// heartbeat sends a heartbeat. Where too many are on their way already, the bolt
// has those to answer.
func (b *boltTask) heartbeat() {
	if b.state != running {
		return
	}
	b.beating = true
	if len(b.window.marks) == maxMarks {
		return
	}
	b.out.Buf = b.enc.AppendHeartbeat(b.out.Buf, b.flight.heartbeatID())
	b.window.mark(b.w.now)
	b.touch()
}

// synced takes the answer to a heartbeat.
func (b *boltTask) synced() {
	b.took(b.window.answered())
}

// took notes that the bolt has taken the tuple of that number, and all before it.
func (b *boltTask) took(n uint64) {
	b.window.reach(n)
	b.flight.take(n)
}

// probe has a heartbeat on its way while spouts wait: a second until the next one
// would be a second lost, where the bolt keeps its tuples or was only held up.
func (b *boltTask) probe() {
	if b.window.queued() > 0 && len(b.window.marks) == 0 {
		b.heartbeat()
	}
}

// tick sends a tick tuple. It belongs to no tree and is counted nowhere.
func (b *boltTask) tick(now int64) {
	every := b.comp.set.tick
	// From its own time, not from now, so that ticks do not drift; but never a
	// burst of those that were missed.
	next := b.ticks.when + int64(every)
	if next <= now {
		next = now + int64(every)
	}
	b.w.timers.arm(&b.ticks, next)
	if b.state != running || b.flight.full() {
		return
	}
	id := b.flight.open(now, b.window.given, nil, kept{}, nil)
	b.out.Buf = b.enc.AppendTick(b.out.Buf, id, every.Seconds())
	b.touch()
}

// sweep gives up what has been in flight for longer than the message time-out:
// its trees have failed by now, and a bolt that never acks what belongs to no
// tree must not fill the memory.
func (b *boltTask) sweep(now int64) {
	timeout := int64(b.comp.set.messageTimeout)
	if timeout == 0 {
		return
	}
	for i := b.flight.oldest(); i != 0; i = b.flight.oldest() {
		if now-b.flight.slots[i].sent < timeout {
			return
		}
		b.expire(i, timedOut)
	}
}
