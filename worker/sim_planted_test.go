package worker

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"gust/conf"
	"gust/multilang"
	"gust/worker/peer"
)

// simPlanted is a bug that a test plants, to show that the simulator finds it. It comes to
// life once, when there is an occasion for it: between two rounds of a loop, or in a frame
// that is sent to another worker.
type simPlanted struct {
	name   string
	pure   bool                      // it has to show in a world in which nothing else goes wrong
	cycle  bool                      // likewise on a cycle: see newSimCycle
	fits   func(s *simScenario) bool // worlds in which it cannot show are passed over; nil: none
	plant  func(n *simNode) (done bool)
	filter func(frame []byte) (sent []byte, done bool)
	// from is the seed with which the search begins, if not with 1: that of a world in which the bug
	// has been found. The race detector makes the search five times as long.
	from uint64
}

var simBugsInOneWorker = []simPlanted{
	{name: "a tuple is not counted", plant: func(n *simNode) bool {
		ref := n.someTree()
		if ref.none() {
			return false
		}
		n.loop.acker.done(ref)
		return true
	}},
	{name: "a tuple is counted twice", plant: func(n *simNode) bool {
		ref := n.someTree()
		n.loop.acker.grow(ref)
		return !ref.none()
	}},
	{name: "a dead process's tuple is forgotten", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.bolt != nil && t.proc != nil && t.bolt.flight.n > 0 {
				t.bolt.flight.close(t.bolt.flight.oldest(), slotExpired)
				return true
			}
		}
		return false
	}},
	{name: "a tuple comes from nowhere", plant: func(n *simNode) bool {
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
	{name: "a task that may go on is not read", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.proc != nil && !t.eof && !t.paused() {
				return n.kernel.Change(t.proc.Stdout(), t.token(stdout), 0) == nil
			}
		}
		return false
	}},
	{name: "nobody waits for room in a pipe", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.proc != nil && t.stdin == stdinFull {
				return n.kernel.Remove(t.proc.Stdin()) == nil
			}
		}
		return false
	}},
	{name: "a spout is not asked", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if s := t.spout; s != nil && s.pumping {
				s.pumping, n.loop.pumps = false, nil
				return true
			}
		}
		return false
	}},
	{name: "a requested restart counts as a death", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.cause == errRestart {
				t.cause = errNoStdout
				return true
			}
		}
		return false
	}},
	{name: "a paused task is forgotten", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if len(t.waiters) > 0 {
				t.waiters = nil
				return true
			}
		}
		return false
	}},
}

// simBugsBetweenWorkers are those that the protocol of peers was made to exclude. A bug of a whole
// kind is planted by what it does: a worker that counts OVER twice, for example, is one for
// which an UNDER is not enough.
var simBugsBetweenWorkers = []simPlanted{
	{name: "a dropped ACK", filter: simDrop(peer.Ack)},
	{name: "a dropped FAIL", filter: simDrop(peer.Fail)},
	{name: "a doubled proxy", filter: func(frame []byte) ([]byte, bool) {
		if f := simFrame(frame); f.Kind == peer.Tuple && len(f.Slots) > 0 {
			return append(frame, frame...), true
		}
		return frame, false
	}},
	{name: "a CREDIT that is not returned", filter: func(frame []byte) ([]byte, bool) {
		if f := simFrame(frame); f.Kind == peer.Credit && f.Bytes > 0 {
			return nil, true
		}
		return frame, false
	}},
	{name: "a credit that is not returned at the death of a process", plant: func(n *simNode) bool {
		for _, t := range n.loop.plan.tasks {
			if t.bolt != nil && t.proc != nil && t.proc.(*simChild).dying && len(t.bolt.foreign.runs) > t.bolt.foreign.head {
				t.bolt.foreign = foreign{}
				return true
			}
		}
		return false
	}},
	{name: "OVER counted twice", filter: simDrop(peer.Under)},
	{name: "ACK before count in a cycle", cycle: true, plant: func(n *simNode) bool {
		if n.loop.peers == nil {
			return false
		}
		for _, t := range n.loop.plan.tasks {
			if t.bolt == nil {
				continue
			}
			for i := t.bolt.flight.oldest(); i != 0; i = t.bolt.flight.slots[i].next {
				s := &t.bolt.flight.slots[i]
				if tree := n.loop.acker.find(s.tree); tree != nil && s.from != nil && (tree.spout != nil || tree.open > 1) {
					ref := s.tree
					s.tree = treeRef{}
					n.loop.acker.done(ref)
					return true
				}
			}
		}
		return false
	}},
	{name: "a mapped dead proxy", plant: func(n *simNode) bool {
		if n.loop.peers == nil {
			return false
		}
		for i := range n.loop.acker.trees {
			if t := &n.loop.acker.trees[i]; t.gen > 0 && !t.live {
				n.loop.peers.entries.enter(peer.Entry{Incarnation: 1, Worker: 9, Index: 1, Gen: 1}, treeRef{uint32(i), t.gen})
				return true
			}
		}
		return false
	}},
	{name: "a proxy for each round of a cycle", cycle: true, plant: func(n *simNode) bool {
		if n.loop.peers != nil {
			n.loop.peers.entries = newEntries()
		}
		return false // again and again
	}},
	{name: "HELLO after data", pure: true, filter: func(frame []byte) ([]byte, bool) {
		if f := simFrame(frame); f.Kind == peer.Hello {
			return append(peer.AppendSignal(nil, peer.Ready), frame...), true
		}
		return frame, false
	}},
	{name: "ids of a restarted worker accepted", from: 11, plant: func(n *simNode) bool {
		if n.loop.peers == nil {
			return false
		}
		for _, t := range n.loop.plan.stubs {
			if t.bolt == nil || t.stub.peer.link == nil || t.bolt.flight.n == 0 {
				continue
			}
			if other := n.world.nodes[t.stub.peer.number]; other.dead && t.bolt.flight.slots[t.bolt.flight.oldest()].seq <= t.stub.sent {
				t.stub.sent = 0 // the loss will not fail what was sent
				return true
			}
		}
		return false
	}},
}

// simBugsInVerdicts are those of workers that end because of a crash loop.
var simBugsInVerdicts = []simPlanted{
	{name: "a worker whose task keeps dying ends as if in order", fits: simLoops, plant: func(n *simNode) bool {
		found := n.loop.failure != nil
		n.loop.failure = nil
		return found
	}},
	{name: "a worker fails when another one does", from: 1549, fits: simLoops, plant: func(n *simNode) bool {
		for _, other := range n.world.nodes {
			if other != n && other.loop.failure != nil && n.loop.phase != ending {
				n.loop.post(func() { n.loop.fail(other.loop.failure) })
				return true
			}
		}
		return false
	}},
}

// simLoops says whether a crash loop ends the run.
func simLoops(s *simScenario) bool { return s.conf[conf.GustCrashLoopCount] != int64(0) }

// simBugsInJournals are those of what the workers say: they harm no tuple.
var simBugsInJournals = []simPlanted{
	{name: "another task is blamed for a tuple that timed out on another worker", fits: simTimesOut, filter: simTell(peer.Held, func(f *peer.Frame, about *about) []byte {
		if about.Tuple == nil {
			return nil
		}
		about.Tuple.Task++
		return peer.AppendHeld(nil, f.Query, f.From, f.Age, simJSON(about))
	})},
	{name: "a question about a tuple that timed out is forgotten", fits: simTimesOut, plant: func(n *simNode) bool {
		if n.loop.peers != nil {
			for i, q := range n.loop.peers.questions {
				if q.late != nil && q.late.tree != nil {
					n.loop.peers.questions = slices.Delete(n.loop.peers.questions, i, i+1)
					return true
				}
			}
		}
		return false
	}},
	{name: "another task is blamed for a tuple that failed on another worker", fits: simFails, filter: simTell(peer.Fail, func(f *peer.Frame, about *about) []byte {
		if about.Tuple == nil {
			return nil
		}
		about.Tuple.Task++
		return peer.AppendFail(nil, f.Task, f.ID, f.Reason, f.From, simJSON(about))
	})},
	{name: "the end of an injected tuple is not said", from: 11, plant: func(n *simNode) bool {
		j := &n.loop.journal
		found := len(j.Injected) > 0
		j.Injected = nil
		return found
	}},
	{name: "an injected tuple that failed is said to be acked", from: 11, plant: func(n *simNode) bool {
		for i := range n.loop.journal.Injected {
			if end := &n.loop.journal.Injected[i]; end.Reason == FailedByDeath {
				end.Acked, end.Reason = true, ""
				return true
			}
		}
		return false
	}},
	{name: "the hops on another worker are dropped", from: 523, fits: simTraces, filter: simDrop(peer.Hops)},
	{name: "a hop on another worker has lost its parent", fits: simTraces, filter: simTell(peer.Hops, func(f *peer.Frame, e *tracedElsewhere) []byte {
		last := &e.Hops[len(e.Hops)-1]
		if last.Parent == 0 {
			return nil
		}
		last.Parent = 0
		return peer.AppendHops(nil, f.Task, f.ID, simJSON(e))
	})},
}

// simTimesOut says whether trees time out because of bolts, and the journals say so.
func simTimesOut(s *simScenario) bool {
	for _, p := range s.cast {
		if p.forgetOneIn > 0 || p.hangOneIn > 0 {
			return s.journal && s.timeouts
		}
	}
	return false
}

// simFails says whether bolts fail tuples, and the journals say so.
func simFails(s *simScenario) bool {
	for _, p := range s.cast {
		if p.failOneIn > 0 {
			return s.journal
		}
	}
	return false
}

// simTraces says whether traces have to be whole.
func simTraces(s *simScenario) bool {
	return s.journal && s.single && !s.cyclic && s.conf[conf.GustTracePercent] != int64(0)
}

// simTell changes what a frame tells. change returns nil if that frame is not to be changed.
func simTell[T any](kind peer.Kind, change func(*peer.Frame, *T) []byte) func([]byte) ([]byte, bool) {
	return func(frame []byte) ([]byte, bool) {
		f, told := simFrame(frame), new(T)
		if f.Kind != kind || json.Unmarshal(f.Body, told) != nil {
			return frame, false
		}
		if changed := change(&f, told); changed != nil {
			return changed, true
		}
		return frame, false
	}
}

func simJSON(v any) []byte {
	b, _ := json.Marshal(v) // what was read can be written
	return b
}

// simDrop drops a frame.
func simDrop(kind peer.Kind) func([]byte) ([]byte, bool) {
	return func(frame []byte) ([]byte, bool) {
		if simFrame(frame).Kind == kind {
			return nil, true
		}
		return frame, false
	}
}

// simFrame reads one frame.
func simFrame(b []byte) (f peer.Frame) {
	d := peer.NewDecoder(0)
	d.Admit(1 << 30)
	_, _ = d.Fill(make([]byte, len(b)), func(p []byte) (int, error) { return copy(p, b), nil })
	_, _ = d.Next(&f) // a piece is no frame
	return f
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

// Each planted bug is found within a minute. The seeds are counted, since a machine may be slow.
func TestSimFindsBugsInOneWorker(t *testing.T) { findAllPlanted(t, simBugsInOneWorker, 0) }

func TestSimFindsBugsBetweenWorkers(t *testing.T) { findAllPlanted(t, simBugsBetweenWorkers, 3) }

func TestSimFindsBugsInVerdicts(t *testing.T) { findAllPlanted(t, simBugsInVerdicts, 3) }

func TestSimFindsBugsInJournals(t *testing.T) { findAllPlanted(t, simBugsInJournals, 3) }

func findAllPlanted(t *testing.T, bugs []simPlanted, workers int) {
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) { findPlanted(t, bug, workers) })
	}
}

func findPlanted(t *testing.T, bug simPlanted, workers int) {
	t.Helper()
	began := time.Now()
	const most = 300
	for seed, runs := max(1, bug.from), 0; runs < most; seed++ {
		w := newSimWorld(seed, nil)
		w.planted, w.mayFilter = &bug, bug.filter != nil
		err := w.catch(func() {
			if bug.cycle {
				runs++
				newSimCycle(w).run()
			} else if s := newSimScenario(w, workers); s.pure == bug.pure && (bug.fits == nil || bug.fits(s)) {
				runs++
				s.run()
			}
		})
		if err != nil {
			t.Logf("found with seed %d after %v: %v", seed, time.Since(began).Round(time.Millisecond), err)
			return
		}
	}
	t.Errorf("not found in %d worlds", most)
}
