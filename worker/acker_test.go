package worker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// modelTree is a tree as a naive acker keeps it.
type modelTree struct {
	ref  treeRef
	id   string
	list int
	open int
}

// ackerModel does what an acker does, with a slice in the order of the emits
// and no reuse of anything.
type ackerModel struct {
	live     []*modelTree
	verdicts []string
}

func (m *ackerModel) end(tree *modelTree, v verdict) {
	m.live = slices.DeleteFunc(m.live, func(t *modelTree) bool { return t == tree })
	m.verdicts = append(m.verdicts, fmt.Sprint(tree.id, " ", v))
}

// of lists the ids of a list's live trees, the oldest first.
func (m *ackerModel) of(list int) (ids []string) {
	for _, t := range m.live {
		if t.list == list {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// Random trees grow, end and are followed by others in the same slots; an acker
// and its model must see the same verdicts in the same order throughout.
func TestAckerAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			a, model := newAcker(), &ackerModel{}
			var verdicts []string
			a.onEnd = func(t *tree, _ treeRef, v verdict) { verdicts = append(verdicts, fmt.Sprint(string(t.id), " ", v)) }
			lists := []uint32{a.list(), a.list(), a.list()}
			var stale []treeRef
			planted := uint64(0)

			for step := range 4000 {
				switch live := len(model.live); {
				case live == 0 || live < 60 && rnd.IntN(4) == 0:
					list := rnd.IntN(len(lists))
					id := fmt.Sprint("id ", planted)
					planted++
					ref := a.plant(lists[list], nil, nil, []byte(id), kept{}, int64(step))
					model.live = append(model.live, &modelTree{ref, id, list, 1})
				case len(stale) > 0 && rnd.IntN(5) == 0:
					// Late answers: they must not touch who has the slot now.
					ref := stale[rnd.IntN(len(stale))]
					a.grow(ref)
					a.done(ref)
					a.fail(ref, failedByBolt)
				default:
					tree := model.live[rnd.IntN(live)]
					switch rnd.IntN(8) {
					case 0, 1, 2:
						a.grow(tree.ref)
						tree.open++
					case 3, 4, 5, 6:
						a.done(tree.ref)
						if tree.open--; tree.open == 0 {
							model.end(tree, acked)
							stale = append(stale, tree.ref)
						}
					default:
						v := []verdict{failedByBolt, timedOut, childDied, shutDown}[rnd.IntN(4)]
						a.fail(tree.ref, v)
						model.end(tree, v)
						stale = append(stale, tree.ref)
					}
				}
				if len(verdicts) != len(model.verdicts) {
					t.Fatalf("step %d: %d verdicts, want %d", step, len(verdicts), len(model.verdicts))
				}
			}
			if !slices.Equal(verdicts, model.verdicts) {
				t.Fatal("the verdicts are not those of the model")
			}
			for i, list := range lists {
				if got, want := idsOf(a, list), model.of(i); !slices.Equal(got, want) {
					t.Errorf("list %d holds %q, want %q", i, got, want)
				}
			}
			s := a.stats
			failed := s.Failed.Bolt + s.Failed.Timeout + s.Failed.Died + s.Failed.Shutdown
			if s.Emitted != planted || s.Pending != uint64(len(model.live)) || s.Emitted != s.Acked+failed+s.Pending {
				t.Errorf("stats %+v, after %d trees of which %d live", s, planted, len(model.live))
			}
			if len(a.trees) > 1+len(lists)+64 {
				t.Errorf("a table of %d slots for never more than 60 trees at a time", len(a.trees))
			}
		})
	}
}

// idsOf lists the ids of a list's trees, the oldest first, read backwards too.
func idsOf(a *acker, list uint32) (ids []string) {
	for i := a.trees[list].next; i != list; i = a.trees[i].next {
		ids = append(ids, string(a.trees[i].id))
		if prev := a.trees[i].prev; a.trees[prev].next != i {
			ids = append(ids, "a broken link")
		}
	}
	return ids
}

func TestAckerCountsByReason(t *testing.T) {
	for _, c := range []struct {
		verdict verdict
		count   func(*TreeStats) uint64
	}{
		{acked, func(s *TreeStats) uint64 { return s.Acked }},
		{failedByBolt, func(s *TreeStats) uint64 { return s.Failed.Bolt }},
		{timedOut, func(s *TreeStats) uint64 { return s.Failed.Timeout }},
		{childDied, func(s *TreeStats) uint64 { return s.Failed.Died }},
		{shutDown, func(s *TreeStats) uint64 { return s.Failed.Shutdown }},
	} {
		t.Run(fmt.Sprint("verdict ", c.verdict), func(t *testing.T) {
			a := newAcker()
			var told []verdict
			a.onEnd = func(_ *tree, _ treeRef, v verdict) { told = append(told, v) }
			ref := a.plant(a.list(), nil, nil, nil, kept{}, 0)
			a.grow(ref)
			if c.verdict == acked {
				a.done(ref)
				if len(told) > 0 {
					t.Fatal("a tree with a tuple in flight has ended")
				}
				a.done(ref)
			} else {
				a.fail(ref, c.verdict)
			}
			a.done(ref) // what comes late changes nothing
			a.fail(ref, failedByBolt)
			if !slices.Equal(told, []verdict{c.verdict}) {
				t.Errorf("verdicts %v, want one: %v", told, c.verdict)
			}
			if c.count(&a.stats) != 1 || a.stats.Pending != 0 {
				t.Errorf("stats %+v", a.stats)
			}
		})
	}
}

func TestAckerIgnoresTheZeroRef(t *testing.T) {
	a := newAcker()
	a.onEnd = func(*tree, treeRef, verdict) { t.Error("a verdict on no tree") }
	a.list()
	a.grow(treeRef{})
	a.done(treeRef{})
	a.fail(treeRef{}, failedByBolt)
	if _, oldest := a.oldest(1); oldest != nil {
		t.Error("an empty list has an oldest tree")
	}
}

func TestAckerLetsGoOfLargeIDs(t *testing.T) {
	a := newAcker()
	a.onEnd = func(*tree, treeRef, verdict) {}
	list := a.list()
	a.fail(a.plant(list, nil, nil, make([]byte, 1<<20), kept{}, 0), timedOut)
	for i := range a.trees {
		if cap(a.trees[i].id) > maxKeptID {
			t.Errorf("slot %d keeps %d bytes for an id", i, cap(a.trees[i].id))
		}
	}
	if got := a.plant(list, nil, nil, []byte("next"), kept{}, 0); string(a.find(got).id) != "next" {
		t.Errorf("the id after a large one is %q", a.find(got).id)
	}
}
