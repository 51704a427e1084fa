package worker

// sweep times out trees and tuples, ten times a second, so that a timeout is exact to
// 100 ms. A spout's trees are in the order of their emits, so that the sweep only looks
// at those that have timed out.
func (l *loop) sweep(now int64) {
	l.timers.arm(&l.sweeper, now+int64(sweepEvery))
	l.spend(now)
	l.holdAges(now)
	l.moved = true // a spout that has become slow no longer counts (flow.go)
	for _, t := range l.plan.tasks {
		if t.spout != nil && l.overdue(t.spout, now) {
			l.findHolders(now)
			l.timeOut(now)
			break
		}
	}
	for _, t := range l.plan.tasks {
		if t.bolt != nil {
			t.bolt.sweep(now)
		}
	}
	if l.peers != nil {
		l.peers.sweep(now)
	}
	l.endIfDrained()
}

// overdue says whether the spout's oldest tree has timed out.
func (l *loop) overdue(s *spoutTask, now int64) bool {
	_, oldest := l.acker.oldest(s.list)
	return oldest != nil && oldest.overdue(now)
}

// overdue says whether a spout's tree has timed out. An injected tuple times out when a bolt
// has held it, or a tuple that is anchored to it, for too long: see [boltTask.sweep]. A proxy times out
// with the tree of the other worker.
func (t *tree) overdue(now int64) bool {
	if t.spout == nil {
		return false
	}
	timeout := int64(t.spout.comp.set.messageTimeout)
	return timeout > 0 && now-t.emitted >= timeout
}

// findHolders finds the component that has held a tuple of each timed out tree longest.
// It looks at all tuples in flight, but only in a sweep in which a tree has timed out.
func (l *loop) findHolders(now int64) {
	note := func(by culprit, ref treeRef, sent int64) {
		if tree := l.acker.find(ref); tree != nil && tree.overdue(now) && (tree.holder.task == nil || sent < tree.heldSince) {
			tree.holder, tree.heldSince = by, sent
		}
	}
	for _, t := range l.plan.byID {
		if t == nil || t.bolt == nil {
			continue
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			s := &f.slots[i]
			note(culprit{task: t, slot: i}, s.tree, s.sent)
			for _, ref := range s.more {
				note(culprit{task: t, slot: i}, ref, s.sent)
			}
		}
	}
}

// timeOut fails the trees that have timed out.
func (l *loop) timeOut(now int64) {
	for _, t := range l.plan.tasks {
		if t.spout == nil {
			continue
		}
		for ref, tree := l.acker.oldest(t.spout.list); tree != nil && tree.overdue(now); ref, tree = l.acker.oldest(t.spout.list) {
			if l.late = l.askHolder(t, tree); l.late == nil {
				t.timedOut(t.show(tree.id), tree.holder)
			}
			l.culprit = tree.holder
			l.acker.fail(ref, timedOut)
			l.culprit, l.late = culprit{}, nil
		}
	}
}
