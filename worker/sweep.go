package worker

import "github.com/rs/zerolog"

// sweep times out trees and tuples, ten times a second: a time-out is exact to
// that. Trees are in the order of their emits, so that only those that have
// timed out are looked at.
func (w *loop) sweep(now int64) {
	w.timers.arm(&w.sweeper, now+int64(sweepEvery))
	w.spend(now)
	w.moved = true // a spout that takes its time does not count any more
	for _, t := range w.plan.tasks {
		if t.spout != nil && w.overdue(t.spout, now) {
			w.findHolders(now)
			w.timeOut(now)
			break
		}
	}
	for _, t := range w.plan.tasks {
		if t.bolt != nil {
			t.bolt.sweep(now)
		}
	}
	w.drained()
}

// overdue says whether the spout's oldest tree has timed out.
func (w *loop) overdue(s *spoutTask, now int64) bool {
	_, oldest := w.acker.oldest(s.list)
	return oldest != nil && oldest.overdue(now)
}

func (t *tree) overdue(now int64) bool {
	timeout := int64(t.spout.comp.set.messageTimeout)
	return timeout > 0 && now-t.emitted >= timeout
}

// findHolders finds out which component holds a tuple of each tree that has
// timed out: the one that has held one longest. It looks at all tuples in
// flight, which is no matter, since it happens only in a sweep in which
// something has timed out.
func (w *loop) findHolders(now int64) {
	blame := func(by culprit, ref treeRef, sent int64) {
		if tree := w.acker.find(ref); tree != nil && tree.overdue(now) && (tree.holder.task == nil || sent < tree.heldSince) {
			tree.holder, tree.heldSince = by, sent
		}
	}
	for _, t := range w.plan.tasks {
		if t.bolt == nil {
			continue
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			s := &f.slots[i]
			blame(culprit{t, i}, s.tree, s.sent)
			for _, ref := range s.more {
				blame(culprit{t, i}, ref, s.sent)
			}
		}
	}
}

// timeOut fails the trees that have timed out.
func (w *loop) timeOut(now int64) {
	for _, t := range w.plan.tasks {
		if t.spout == nil {
			continue
		}
		for ref, tree := w.acker.oldest(t.spout.list); tree != nil && tree.overdue(now); ref, tree = w.acker.oldest(t.spout.list) {
			if tree.holder.task != nil {
				w.acker.held(tree.holder.task.comp.name())
			}
			t.complain("timed out trees", zerolog.WarnLevel,
				"tuple %v timed out: not acked within %v, held by %v (topology.message.timeout.secs)",
				t.show(tree.id), t.comp.set.messageTimeout, tree.holder)
			w.culprit = tree.holder
			w.acker.fail(ref, timedOut)
			w.culprit = culprit{}
		}
	}
}
