package worker

import (
	"errors"
	"fmt"
	"strconv"

	"gust/internal/poll"
	"gust/shell"
)

// observe has the truth judge the loop's verdicts.
func (n *simNode) observe() {
	end := n.loop.acker.onEnd
	n.loop.acker.onEnd = func(t *tree, ref treeRef, v verdict) {
		if t.spout != nil {
			number, err := strconv.ParseUint(string(t.spout.comp.codec.AppendText(nil, t.id, 100)), 10, 64)
			if err != nil {
				n.world.violate("a tree of the id %q: %v", t.id, err)
			}
			n.world.truth.judge(number, v)
			if v != acked && n.loop.journal.on {
				n.unsaid[number] = v
			}
		}
		end(t, ref, v)
	}
}

// check checks what must hold whenever the loop has gone round.
func (n *simNode) check() {
	l, w := n.loop, n.world
	if l.moved || len(l.dirty) > 0 || len(l.resumed) > 0 {
		w.violate("%v left work for the next round: moved %v, %d dirty, %d resumed", n, l.moved, len(l.dirty), len(l.resumed))
	}
	n.checkCounts()
	idle := l.phase == working
	for _, t := range n.tasks {
		n.checkPipes(t)
		n.checkWaiters(t)
		if t.bolt != nil {
			n.checkFlight(t.bolt)
			idle = idle && t.bolt.window.queued() == 0 && t.load() == 0 && !t.bolt.over
		} else if t.stub == nil {
			idle = idle && (t.spout.commands.Nexts() == 0)
		}
	}
	if idle {
		n.checkAsked()
	}
}

// checkCounts compares each tree's count with the slots that name it.
func (n *simNode) checkCounts() {
	l, w := n.loop, n.world
	if len(n.named) < len(l.acker.trees) {
		n.named = make([]int32, 2*len(l.acker.trees))
	}
	named := n.named
	clear(named)
	for _, t := range n.tasks {
		if t.bolt == nil {
			continue
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			s := &f.slots[i]
			for at := -1; at < len(s.more); at++ {
				ref := s.tree
				if at >= 0 {
					ref = s.more[at]
				}
				if l.acker.find(ref) != nil {
					named[ref.index]++
				}
			}
		}
	}
	live := uint64(0)
	for i := range l.acker.trees {
		tree := &l.acker.trees[i]
		if !tree.live {
			continue
		}
		if tree.spout != nil {
			live++
		}
		if tree.open != named[i] {
			w.violate("%v counts %d tuples of the tree %q, and %d slots name it", n, tree.open, tree.id, named[i])
		}
	}
	if live != l.acker.stats.Pending {
		w.violate("%v counts %d pending trees, and has %d", n, l.acker.stats.Pending, live)
	}
}

// checkPipes checks that nothing waits for an event that will not come.
func (n *simNode) checkPipes(t *task) {
	if t.proc == nil || n.loop.phase == ending {
		return
	}
	child := t.proc.(*simChild)
	switch {
	case t.stdin == stdinOpen && t.state == running && t.out.Len() > 0:
		n.world.violate("%v: %d bytes wait for %v, and nobody writes them", n, t.out.Len(), t)
	case t.stdin == stdinFull && !n.kernel.file(child.stdinFD, "look").watched:
		n.world.violate("%v does not wait for room in the pipe to %v", n, t)
	}
	if t.eof {
		return
	}
	f := n.kernel.file(child.stdoutFD, "look")
	if reads := f.watched && f.want&poll.Read != 0; reads == t.paused() {
		n.world.violate("%v: %v is paused: %v, and is watched: %v", n, t, t.paused(), reads)
	}
}

// checkWaiters checks that whoever is paused has a reason, so that every emitter proceeds.
func (n *simNode) checkWaiters(t *task) {
	if t.bolt != nil && t.load() <= t.firstMark() {
		for _, waiter := range t.waiters {
			if waiter.behind != nil {
				n.world.violate("%v: %v is paused behind %v, whose queue has %d bytes of %d", n, waiter, t, t.load(), t.firstMark())
			}
		}
	}
	if t.behind != nil && t.stub == nil {
		for _, to := range t.behind.to.tasks {
			for _, waiter := range to.waiters {
				if waiter == t {
					return
				}
			}
		}
		n.world.violate("%v: %v is paused, and no queue has it on its list", n, t)
	}
}

// checkFlight checks the table of a bolt's tuples, and its window.
func (n *simNode) checkFlight(b *boltTask) {
	held, untaken := 0, uint64(0)
	for i := b.flight.oldest(); i != 0; i = b.flight.slots[i].next {
		held++
		if s := &b.flight.slots[i]; s.in != nil && b.flight.isUntaken(s.seq) {
			untaken++
		}
	}
	if held != b.flight.n {
		n.world.violate("%v: %v has %d tuples and counts %d", n, b.task, held, b.flight.n)
	}
	if b.window.taken > b.window.given {
		n.world.violate("%v: %v has taken %d tuples of %d", n, b.task, b.window.taken, b.window.given)
	}
	if b.task.proc != nil && untaken > b.window.queued() {
		n.world.violate("%v: %v has %d tuples to take and counts %d", n, b.task, untaken, b.window.queued())
	}
	if b.task.proc == nil && b.task.loop.phase == ending && b.flight.n > 0 {
		return // of ticks, or of a process that never came
	}
	n.checkMemory(b.task)
}

// checkMemory checks the bound of a bolt's queue: the second mark, and for each task that
// emits to it what one read may bring.
func (n *simNode) checkMemory(t *task) {
	mark, emitters := pauseMark, 0
	for _, c := range n.loop.plan.components {
		for _, out := range c.outputs {
			for _, e := range out.edges {
				if e.to == t.comp {
					emitters += len(c.tasks)
					if e.cyclic {
						mark = cycleMark
					}
				}
			}
		}
	}
	const ofRead = 2 * chunkSize // a tuple may be a little longer than the emit
	if most := mark*t.firstMark() + (emitters+1)*ofRead; t.load() > most {
		n.world.violate("%v: %d bytes wait for %v, more than %d", n, t.load(), t, most)
	}
}

// checkAsked checks that a spout that may emit has been asked when nothing is on its way.
func (n *simNode) checkAsked() {
	for _, t := range n.loop.plan.tasks {
		if s := t.spout; s != nil && t.state == running && s.wants() > 0 && s.commands.Idle() && !t.paused() {
			n.world.violate("%v: nothing is on its way, and nobody asks %v (room for %v)\n%s", n, t, s.comp.mayAsk(), n.describe())
		}
	}
}

// checkEnd checks the end of a run.
func (n *simNode) checkEnd() {
	l, w := n.loop, n.world
	n.checkSaid()
	n.checkVerdict()
	if f := l.acker.stats.Failed; w.gently && f.Sum() > 0 {
		w.violate("%v has left or ended, and trees have failed: %+v", n, f)
	}
	if l.acker.stats.Pending != 0 {
		w.violate("%v has ended with %d pending trees", n, l.acker.stats.Pending)
	}
	for _, t := range l.plan.tasks {
		if t.proc != nil || t.state != down {
			w.violate("%v has ended, and %v has a process", n, t)
		}
	}
	for _, f := range n.kernel.files {
		if !f.closed {
			w.violate("%v has ended with the open descriptor %d", n, f.fd)
		}
	}
	for _, t := range n.tasks {
		if t.stub != nil && t.bolt != nil && t.bolt.flight.n > 0 {
			for i := t.bolt.flight.oldest(); i != 0; i = t.bolt.flight.slots[i].next {
				if l.acker.find(t.bolt.flight.slots[i].tree) != nil {
					w.violate("%v has ended, and waits for an answer from %v", n, t)
				}
			}
		}
	}
}

// checkVerdict checks that a worker has failed if one of its tasks was in a crash loop, and
// because of nothing else: not because of the deaths of others' processes, or of a requested restart.
func (n *simNode) checkVerdict() {
	exit, died := errors.AsType[*shell.ExitError](n.loop.failure)
	if (n.loop.failure != nil) != (n.looped != nil) || died && exit.Task != int(n.looped.id) {
		n.world.violate("%v has failed because of %v, and the task in a crash loop is %v", n, n.loop.failure, n.looped)
	}
}

// describe says where everybody stands, for a violation.
func (w *simWorld) describe() (text string) {
	for _, n := range w.nodes {
		text += n.describe()
	}
	return text
}

func (n *simNode) describe() string {
	l := n.loop
	text := fmt.Sprintf("%v: phase %d, services %d, ended %v, dead %v, trees %+v\n", n, l.phase, l.services, n.ended, n.dead, l.acker.stats)
	if l.peers != nil {
		l.peers.others(func(p *peerWorker) {
			text += fmt.Sprintf("  %v: connected %v, ready %v, leaving %v, claim %+v, lost %q\n", p, p.link != nil, p.ready, p.leaving, p.claim, p.lost)
		})
	}
	for _, t := range n.tasks {
		text += fmt.Sprintf("  %v: here %v, state %d, paused %v, stdin %d, load %d", t, t.stub == nil, t.state, t.paused(), t.stdin, t.load())
		if t.bolt != nil {
			text += fmt.Sprintf(", window %d of %d, in flight %d, over %v", t.bolt.window.queued(), t.bolt.window.limited, t.bolt.flight.n, t.bolt.over)
		} else if t.stub == nil {
			text += fmt.Sprintf(", pending %d, commands %d", t.spout.pending, t.spout.commands.Outstanding())
		}
		if s := n.world.source[t.id]; s != nil {
			text += fmt.Sprintf(", messages acked %d, next %d, to replay %d", s.acked, s.next, len(s.replay))
		}
		if t.proc != nil {
			c := t.proc.(*simChild)
			text += fmt.Sprintf("; child %v: hung %v, scheduled %v, unread %d, unwritten %d, awaits ids %v", c, c.hung, c.scheduled, len(c.stdin.buf), len(c.out), c.awaitsIDs)
		}
		text += "\n"
	}
	return text
}
