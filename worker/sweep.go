package worker

import (
	"fmt"

	"github.com/rs/zerolog"

	"gust/topology"
)

// sweep times out trees and tuples, ten times a second: a time-out is exact to
// that. Trees are in the order of their emits, so that only those that have
// timed out are looked at.
func (w *loop) sweep(now int64) {
	w.timers.arm(&w.sweeper, now+int64(sweepEvery))
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
	blame := func(t *task, ref treeRef, sent int64) {
		if tree := w.acker.find(ref); tree != nil && tree.overdue(now) && (tree.holder == nil || sent < tree.heldSince) {
			tree.holder, tree.heldSince = t.comp, sent
		}
	}
	for _, t := range w.plan.tasks {
		if t.bolt == nil {
			continue
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			s := &f.slots[i]
			blame(t, s.tree, s.sent)
			for _, ref := range s.more {
				blame(t, ref, s.sent)
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
			if tree.holder != nil {
				w.acker.held(tree.holder.name())
			}
			t.complain("timed out trees", zerolog.WarnLevel,
				"tuple %v timed out: not acked within %v, held by %v (topology.message.timeout.secs)",
				t.show(tree.id), t.comp.set.messageTimeout, holder{tree.holder})
			w.acker.fail(ref, timedOut)
		}
	}
}

// holder is who holds a tuple of a tree, as people read it.
type holder struct{ *component }

// String is "nobody" where it is not known.
func (h holder) String() string {
	if h.component == nil {
		return "nobody"
	}
	return fmt.Sprintf("%s %q", topology.Bolt, h.name())
}
