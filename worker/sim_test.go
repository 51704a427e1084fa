package worker

import (
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

var (
	simSeed  = flag.Uint64("sim.seed", 0, "the only seed that the simulator runs; 0: new ones")
	simTrace = flag.Bool("sim.trace", false, "print each step of the simulation")
	simTime  = flag.Duration("sim.for", 0, "how long each simulation runs; 0: as long as a test may take")
)

// Simulated workers run on new seeds all the time. A seed that failed fails again:
//
//	go test ./worker -run TestSimOneWorker -sim.seed 17 -sim.trace
func TestSimOneWorker(t *testing.T) {
	simulate(t, 20*time.Second, func(w *simWorld) { newSimScenario(w, 0).run() })
}

// Several workers, over a network that is cut, slow and broken.
func TestSimSeveralWorkers(t *testing.T) {
	simulate(t, 40*time.Second, func(w *simWorld) { newSimScenario(w, 1+w.rand.IntN(4)).run() })
}

// A tuple that goes round a cycle leaves nothing behind on the way: checkPairs counts the proxies.
func TestSimCycleOverTwoWorkers(t *testing.T) {
	if w := simulateSeed(t, 1, nil, func(w *simWorld) { newSimCycle(w).run() }); w.truth.last != 3*2001 {
		t.Errorf("%d tuples were emitted, want 3 of 2001 hops", w.truth.last)
	}
}

// An orderly stop does not wait for a worker that has died, once its starter has said that it will
// not come back. Without that word, it waits for the grace.
func TestSimStopAfterTheDeathOfAWorker(t *testing.T) {
	for _, told := range []bool{true, false} {
		simulateSeed(t, 1, nil, func(w *simWorld) {
			s := newSimPipe(w, 3)
			s.start()
			s.until("tuples are acked", time.Minute, func() bool { return s.nodes[0].loop.acker.stats.Acked > 10 })
			s.nodes[1].kill(false)
			if told {
				s.forsake(1)
			}
			began := s.now
			s.nodes[2].loop.post(s.nodes[2].loop.startDraining)
			s.until("the run ends", time.Minute, s.allEnded)
			if took := s.now - began; (took < int64(startGrace)) != told {
				s.violate("the starter said that the worker is gone: %v, and the end took %v", told, time.Duration(took))
			}
		})
	}
}

// A worker that leaves alone ends what it has, also where that has to pass it once more.
func TestSimLeaveWithTuplesThatComeBack(t *testing.T) {
	for seed := range uint64(30) {
		simulateSeed(t, seed+1, nil, func(w *simWorld) {
			s := newSimReturn(w)
			s.start()
			for range 3 {
				enough := s.nodes[0].loop.acker.stats.Acked + 20
				s.until("tuples are acked", time.Minute, func() bool { return s.nodes[0].loop.acker.stats.Acked > enough })
				leaves := s.nodes[1]
				leaves.loop.post(leaves.loop.leave)
				s.until("the worker has left", 10*time.Second, func() bool { return leaves.ended })
				s.startWorker(1)
			}
			if failed := s.nodes[0].loop.acker.stats.Failed; failed.Sum() > 0 {
				s.violate("trees have failed: %+v", failed)
			}
		})
	}
}

// While a worker ends what it has, shuffle passes over its tasks, and no spout is asked for what
// needs them.
func TestSimLeavingWorkerIsPassedOver(t *testing.T) {
	simulateSeed(t, 1, nil, func(w *simWorld) {
		s := newSimReturn(w)
		s.start()
		s.until("tuples are acked", time.Minute, func() bool { return s.nodes[0].loop.acker.stats.Acked > 20 })
		leaves := s.nodes[1]
		for _, k := range leaves.keepers {
			k.child.stop(5 * time.Second)
		}
		leaves.loop.post(leaves.loop.leave)
		s.until("the others have heard of it", time.Second, func() bool {
			for _, n := range []*simNode{s.nodes[0], s.nodes[2]} {
				for _, t := range n.loop.peers.all[1].stubs {
					if t.state != down || n == s.nodes[0] && !t.bolt.over {
						return false
					}
				}
			}
			return true
		})
		if leaves.loop.peers.end.said {
			s.violate("the worker has said that it takes no more tuples, and has some")
		}
		s.until("the worker has left", 10*time.Second, func() bool { return leaves.ended })
	})
}

// simulate runs simulations for a time, or for what the flag says.
func simulate(t *testing.T, span time.Duration, run func(*simWorld)) {
	t.Helper()
	var trace io.Writer
	if *simTrace {
		trace = os.Stdout
	}
	if *simSeed != 0 {
		simulateSeed(t, *simSeed, trace, run)
		return
	}
	t.Parallel()
	if *simTime > 0 {
		span = *simTime
	}
	runs := 0
	events := uint64(0)
	for seed, began := uint64(rand.Uint32()), time.Now(); time.Since(began) < span && !t.Failed(); seed++ {
		events += simulateSeed(t, seed, trace, run).count
		runs++
	}
	t.Logf("%d simulations, %d events", runs, events)
}

func simulateSeed(t *testing.T, seed uint64, trace io.Writer, run func(*simWorld)) *simWorld {
	t.Helper()
	w := newSimWorld(seed, trace)
	if err := w.catch(func() { run(w) }); err != nil {
		t.Errorf("seed %d: %v\nhint: go test ./worker -run '^%s$' -sim.seed %d -sim.trace", seed, err, t.Name(), seed)
	}
	return w
}

// The same seed is the same world, whether it is traced or not.
func TestSimIsRepeatable(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3, 5, 6, 8} { // of short runs
		for _, workers := range []int{0, 3} {
			run := func(w *simWorld) { newSimScenario(w, workers).run() }
			first, again := simulateSeed(t, seed, nil, run), simulateSeed(t, seed, io.Discard, run)
			if first.digest != again.digest || first.count != again.count {
				t.Errorf("seed %d with %d workers had %d events and then %d, or others", seed, workers, first.count, again.count)
			}
		}
	}
}
