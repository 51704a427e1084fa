package worker

import (
	"testing"
	"time"

	"gust/multilang"
)

// simPlanted is a bug that a test plants, to show that the simulator finds it. It comes to
// life once, between two rounds of a loop, if there is an occasion for it.
type simPlanted struct {
	name  string
	plant func(n *simNode) (done bool)
}

var simPlantedInOneWorker = []simPlanted{
	{"a tuple is not counted", func(n *simNode) bool {
		ref := n.someTree()
		if ref.none() {
			return false
		}
		n.loop.acker.done(ref)
		return true
	}},
	{"a tuple is counted twice", func(n *simNode) bool {
		ref := n.someTree()
		n.loop.acker.grow(ref)
		return !ref.none()
	}},
	{"a dead process's tuple is forgotten", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.bolt != nil && t.proc != nil && t.bolt.flight.n > 0 {
				t.bolt.flight.close(t.bolt.flight.oldest(), slotExpired)
				return true
			}
		}
		return false
	}},
	{"a tuple comes from nowhere", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.bolt != nil && t.proc != nil && t.bolt.flight.n > 0 {
				s := &t.bolt.flight.slots[t.bolt.flight.oldest()]
				if s.in == nil {
					continue
				}
				t.endPack()
				id := multilang.TupleID(s.gen<<slotBits | uint64(t.bolt.flight.oldest()))
				t.out.Buf = t.comp.codec.AppendTuple(t.out.Buf, id, t.comp.codec.NewOrigin("x", "default", 1), []byte("[1,\"k1\",1,\"\"]"))
				t.touch()
				n.loop.settle()
				return t.comp.codec == multilang.JSON
			}
		}
		return false
	}},
	{"a task that may go on is not read", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.proc != nil && !t.eof && !t.paused() {
				return n.kernel.Change(t.proc.Stdout(), t.token(stdout), 0) == nil
			}
		}
		return false
	}},
	{"nobody waits for room in a pipe", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.proc != nil && t.stdin == stdinFull {
				return n.kernel.Remove(t.proc.Stdin()) == nil
			}
		}
		return false
	}},
	{"a spout is not asked", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if s := t.spout; s != nil && s.pumping {
				s.pumping, n.loop.pumps = false, nil
				return true
			}
		}
		return false
	}},
	{"a paused task is forgotten", func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if len(t.waiters) > 0 {
				t.waiters = nil
				return true
			}
		}
		return false
	}},
}

// someTree is a live tree, or none.
func (n *simNode) someTree() treeRef {
	for _, t := range n.loop.plan.tasks {
		if t.spout != nil {
			if ref, _ := n.loop.acker.oldest(t.spout.list); !ref.none() {
				return ref
			}
		}
	}
	return treeRef{}
}

// Each planted bug is found within a minute.
func TestSimFindsBugsInOneWorker(t *testing.T) {
	for _, bug := range simPlantedInOneWorker {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			findPlanted(t, bug, func(w *simWorld) { newSimScenario(w).run() })
		})
	}
}

func findPlanted(t *testing.T, bug simPlanted, run func(*simWorld)) {
	t.Helper()
	began := time.Now()
	for seed := uint64(1); time.Since(began) < time.Minute; seed++ {
		w := newSimWorld(seed, nil)
		w.planted = bug.plant
		if err := w.catch(func() { run(w) }); err != nil {
			t.Logf("found with seed %d after %v: %v", seed, time.Since(began).Round(time.Millisecond), err)
			return
		}
	}
	t.Error("not found within a minute")
}
