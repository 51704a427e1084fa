package worker

import (
	"gust/internal/poll"
	"gust/worker/peer"
)

// A task is paused while gust does not read its output: a spout until there is room
// downstream again, and any task that is behind an edge whose target has too long an
// outbox. See "Backpressure" in the package comment.

// The second mark, as a multiple of the first, which is gust.queue.bytes. On a cycle
// it is so far away that the queues reach it only if the cycle makes more tuples than
// it takes, since gust stops asking the spouts long before.
const (
	pauseMark = peer.QueueMarks
	cycleMark = pauseMark * peer.CyclicWindows
)

// pauses has the tasks that are paused or have just been.
type pauses struct {
	awaitingRoom []*spoutTask // they are paused until there is room
	resumed      []*task      // they were paused, and their decoders may have messages
}

// paused says whether gust does not read the task's output for now.
func (t *task) paused() bool { return t.pausedFor() != nil }

// pausedFor is the bolt that has no room for the task's output, nil if gust reads it.
func (t *task) pausedFor() *component {
	switch {
	case t.behind != nil:
		return t.behind.to
	case t.spout != nil:
		return t.spout.awaits
	}
	return nil
}

// unpause forgets why the output was not read.
func (t *task) unpause() {
	t.behind = nil
	if t.spout != nil {
		t.spout.awaits = nil
	}
}

// checkQueue compares the length of a bolt's outbox with the marks, after a round.
func (l *loop) checkQueue(t *task) {
	if t.bolt == nil {
		return
	}
	queue, most := t.load(), t.firstMark()
	if len(t.waiters) > 0 && queue <= most {
		l.resumeWaiters(t)
	}
	if t.overMark {
		most /= 2 // so that it does not change with every tuple
	}
	if over := queue > most; over != t.overMark {
		t.overMark, l.moved = over, true
	}
	if l.peers != nil {
		t.bolt.foreign.left(t.out.Gone())
		l.peers.mark(t)
	}
}

// firstMark is the first mark of the task's queue, in bytes.
func (t *task) firstMark() int {
	if t.stub != nil {
		return int(t.comp.shareBytes) / pauseMark
	}
	return t.comp.set.queueBytes
}

// mayGoOn says whether gust may read the spout's next message after a tuple.
func (s *spoutTask) mayGoOn() bool {
	if s.loop.phase == ending || s.task.exited {
		return true
	}
	if s.grant--; s.grant > 0 {
		return true
	}
	s.loop.survey()
	s.grant = int(min(s.comp.mayEmit(), maxGrant))
	return s.grant > 0
}

// maxGrant is how many tuples of a spout gust reads before it looks for room again.
const maxGrant = 1 << 20

// awaitRoom pauses the spout until there is room downstream. What gust has already
// read waits in the decoder.
func (s *spoutTask) awaitRoom() {
	s.awaits = s.comp.tightest()
	s.loop.awaitingRoom = append(s.loop.awaitingRoom, s)
	s.task.watchStdout(0)
	s.comp.probe()
}

// pauseBehind pauses the task if the target's outbox is over its second mark.
func (t *task) pauseBehind(to target) {
	most := pauseMark
	if to.edge.cyclic {
		most = cycleMark
	}
	if t.paused() || t.proc == nil || t.eof || to.task.load() <= most*to.task.firstMark() {
		return
	}
	t.behind = to.edge
	to.task.waiters = append(to.task.waiters, t)
	to.task.touch() // so that checkQueue looks at it
	t.watchStdout(0)
}

// resumeWaiters resumes the tasks that were paused for t.
func (l *loop) resumeWaiters(t *task) {
	for _, waiter := range t.waiters {
		if waiter.behind != nil { // otherwise its process has ended meanwhile
			l.resume(waiter)
		}
	}
	t.waiters = t.waiters[:0]
}

// resume has a task's output read again, at the end of this round.
func (l *loop) resume(t *task) {
	t.unpause()
	t.heard = l.now
	if t.proc == nil {
		return
	}
	if !t.eof {
		t.watchStdout(poll.Read)
	}
	l.resumed = append(l.resumed, t)
}

// readOn resumes the spouts for which there is room again, and handles what resumed
// tasks had said before they were paused.
func (l *loop) readOn() {
	l.resumeSpouts()
	for i := 0; i < len(l.resumed); i++ {
		if t := l.resumed[i]; t.proc != nil && !t.paused() {
			t.handleRead()
		}
	}
	l.resumed = l.resumed[:0]
}

func (l *loop) resumeSpouts() {
	if len(l.awaitingRoom) == 0 {
		return
	}
	l.survey()
	still := l.awaitingRoom[:0]
	for _, s := range l.awaitingRoom {
		switch {
		case s.awaits == nil: // its process has ended meanwhile
		case l.phase == ending || s.comp.mayEmit() > 0:
			l.resume(s.task)
		default:
			still = append(still, s)
		}
	}
	clear(l.awaitingRoom[len(still):])
	l.awaitingRoom = still
	for _, c := range l.componentsOf(still) {
		c.probe()
	}
}
