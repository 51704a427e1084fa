package worker

// A spout on another worker cannot see how much a bolt here has to do, nor how much this
// worker has sent to a bolt on a third. So each worker tells the others of tasks whose queue,
// as it sees it, is over the mark: in bytes, or in the tuples of its window. It tells the
// state whenever that changes, and anew over each connection; who has heard it does not ask
// the spouts upstream of the task.

// mark compares the queue of a bolt's task with its marks, and tells the others.
func (ps *peers) mark(t *task) {
	b := t.bolt
	queued, limit := b.window.queued(), b.window.limit(ps.loop.now)
	over := t.overMark || queued >= limit
	if b.told && limit >= steadyMark {
		over = t.overMark || queued > limit/2 // so that it does not change with every tuple
	}
	if over {
		b.probe() // it may have taken more than it has said
	}
	over = over || t.stub == nil && ps.end.leaves() // until the worker's successor has the task
	if over == b.told {
		return
	}
	b.told = over
	for _, number := range t.comp.askers {
		ps.all[number].telling.Set(t.id, over)
	}
	if !over && queued == 0 {
		b.wanted() // it ran dry while the spouts waited for it
	}
}

// heed takes what the others tell of a task into account.
func (ps *peers) heed(t *task) {
	if t != nil && t.bolt != nil {
		t.bolt.over = ps.marks.Over(t.id)
		ps.loop.moved = true
	}
}

// steadyMark is the least window whose mark is left at half of it: a slow bolt would have
// nothing to do meanwhile.
const steadyMark = 8

// wanted is called when spouts wait for room at the task: if it has nothing to do, its
// window is too small.
func (b *boltTask) wanted() {
	switch {
	case b.task.stub != nil:
		b.task.stub.want()
	case b.window.queued() > 0:
		b.probe()
	case b.window.widen(b.loop.now):
		b.loop.moved = true
		b.loop.peers.standing(func(k *link) {
			if d := k.debt(b.task); d != nil {
				d.list()
			}
		})
	}
}
