package worker

import (
	"fmt"
	"time"

	"gust/conf"
	"gust/topology"
)

// simScenario is what a seed makes of the world: a topology, its conf, how its children
// behave, and what harm is done to them.
type simScenario struct {
	*simWorld
	top    *topology.Topology
	conf   conf.Conf
	cast   simCast
	cyclic bool
	pure   bool          // no harm is done, and no component misbehaves
	harm   time.Duration // the mean time between two faults
	abrupt bool          // the run is ended before all is done
	ending bool          // that end has begun
}

// newSimScenario draws a scenario from the world's seed.
func newSimScenario(w *simWorld) *simScenario {
	s := &simScenario{simWorld: w, cast: simCast{}, pure: w.chance(3)}
	s.abrupt = !s.pure && w.chance(4)
	timeouts := !s.pure && w.chance(2)
	s.harm = simPick(w, 20*time.Millisecond, 200*time.Millisecond, 2*time.Second)
	s.conf = conf.Merge(conf.Defaults(), conf.Conf{
		conf.TopologyAckerExecutors:       int64(1),
		conf.TopologyEnableTimeouts:       timeouts,
		conf.TopologyMessageTimeout:       int64(simPick(w, 5, 20)),
		conf.TopologySubprocessTimeout:    int64(10),
		conf.TopologyTickTupleFreq:        simPick[any](w, nil, nil, int64(1)),
		conf.TopologyMaxSpoutPending:      simPick[any](w, nil, int64(1), int64(5), int64(100)),
		conf.GustQueueBytes:               int64(simPick(w, 600, 8<<10, 1<<20)),
		conf.GustMaxNextAhead:             int64(simPick(w, 1, 16, 256)),
		conf.GustCrashLoopCount:           int64(0),
		conf.GustDrainSecs:                int64(120),
		conf.GustMaxAttempts:              int64(simPick(w, 0, 3)),
		conf.GustTracePercent:             int64(simPick(w, 0, 0, 50)),
		conf.GustSpoutActivate:            !w.chance(3),
		conf.SupervisorWorkerShutdown:     int64(3),
		conf.TopologySpoutWaitMillis:      int64(simPick(w, 1, 100, 1000)),
		conf.TopologyErrorThrottle:        int64(1),
		conf.SupervisorWorkerStartTimeout: int64(30),
	})
	b := build("sim")
	spouts, bolts := 1+w.rand.IntN(2), 1+w.rand.IntN(4)
	var names []string
	for i := range spouts {
		name := fmt.Sprintf("s%d", i)
		names = append(names, name)
		b.spout(name, 1+w.rand.IntN(2), stream("default", "number", "key", "ttl", "pad")).Serializer = s.serializer()
		s.cast[name] = s.spoutPlay()
	}
	for i := range bolts {
		name := fmt.Sprintf("b%d", i)
		streams := []topology.Stream{stream("default", "number", "key", "ttl", "pad"), stream("back", "number", "key", "ttl", "pad")}
		direct := stream("direct", "number", "key", "ttl", "pad")
		direct.Direct = true
		c := b.bolt(name, 1+w.rand.IntN(3), nil, append(streams, direct)...)
		c.Serializer = s.serializer()
		sources := names
		if i == 0 {
			sources = names[:spouts]
		}
		for j, source := range sources {
			// The first bolt reads all spouts, so that nothing is lost on the way.
			if i > 0 && j != len(sources)-1 && !w.chance(3) {
				continue
			}
			grouping := simPick(w, topology.Shuffle, topology.Shuffle, topology.Fields, topology.All, topology.Global, topology.LocalOrShuffle)
			in := from(source, grouping)
			if grouping == topology.Fields {
				in = from(source, grouping, "key")
			}
			c.Inputs = append(c.Inputs, in)
			if source[0] == 'b' && w.chance(4) {
				c.Inputs = append(c.Inputs, from(source+".direct", topology.Direct))
			}
		}
		names = append(names, name)
		s.cast[name] = s.boltPlay()
	}
	if w.chance(3) {
		s.cyclic = true
		to := w.rand.IntN(bolts)
		back := from(fmt.Sprintf("b%d.back", to+w.rand.IntN(bolts-to)), simPick(w, topology.Shuffle, topology.Fields), "key")
		if back.Grouping.Type == topology.Shuffle {
			back.Grouping.Fields = nil
		}
		c := b.Component(fmt.Sprintf("b%d", to))
		c.Inputs = append(c.Inputs, back)
	}
	if err := b.Validate(); err != nil {
		w.violate("the scenario is not valid: %v", err)
	}
	s.top = b.Topology
	return s
}

func (s *simScenario) serializer() string { return simPick(s.simWorld, "json", "json", "msgpack") }

func (s *simScenario) spoutPlay() *simPlay {
	p := s.play()
	p.messages = simPick(s.simWorld, 10, 50, 200)
	p.perNext = simPick(s.simWorld, 1, 1, 3, 20)
	p.emptyOneIn = simPick(s.simWorld, 0, 2, 10)
	p.unreliable = simPick(s.simWorld, 0, 0, 3)
	return p
}

func (s *simScenario) boltPlay() *simPlay {
	p := s.play()
	p.fan = simPick(s.simWorld, []int{1}, []int{0, 1}, []int{0, 1, 1, 2}, []int{0, 0, 0, 8})
	p.batch = simPick(s.simWorld, 0, 0, 8)
	p.unanchoredOneIn = simPick(s.simWorld, 0, 5)
	p.backOneIn = 2
	if !s.pure {
		p.failOneIn = simPick(s.simWorld, 0, 10, 100)
		if s.conf[conf.TopologyEnableTimeouts] == true {
			p.forgetOneIn = simPick(s.simWorld, 0, 10, 100)
		}
	}
	return p
}

// play is what all components have.
func (s *simScenario) play() *simPlay {
	p := &simPlay{
		start:   simPick(s.simWorld, 0, 100*time.Millisecond, 8*time.Second),
		think:   simPick(s.simWorld, 30*time.Microsecond, 2*time.Millisecond, 2*time.Millisecond, 60*time.Millisecond),
		needIDs: s.chance(4),
		pad:     simPick(s.simWorld, 0, 10, 300, 5000),
	}
	if !s.pure {
		p.crashOneIn = simPick(s.simWorld, 0, 50, 500)
		p.hangOneIn = simPick(s.simWorld, 0, 0, 500)
		p.wrongOneIn = simPick(s.simWorld, 0, 20)
		p.stubborn = s.chance(10)
	}
	p.packs = s.chance(2)
	p.noiseOneIn = simPick(s.simWorld, 0, 10)
	return p
}

// run plays the scenario: harm, then peace until all is acked, then an orderly stop.
func (s *simScenario) run() {
	s.truth = simTruth{world: s.simWorld, emits: map[uint64]*simEmit{}, roots: map[uint64]*simRoot{}, seen: map[[2]topology.TaskID]uint64{}, keys: map[string]topology.TaskID{}}
	s.start()
	if !s.pure {
		s.harmLater()
		for _, n := range s.nodes {
			n.loop.journal.on = s.chance(2)
		}
		s.until("the time of harm ends", time.Hour, func() bool { return s.now > int64(s.harm)*20 })
	}
	if s.abrupt {
		s.endAbruptly()
		return
	}
	s.calm = true
	s.tracef("--- no more harm")
	for _, n := range s.nodes {
		n.loop.post(n.loop.activate)
	}
	s.until("all messages are acked", time.Hour, s.allAcked)
	s.tracef("--- stop")
	for _, n := range s.nodes {
		n.loop.post(n.loop.startDraining)
	}
	s.until("the run ends", time.Hour, s.allEnded)
	s.checkOutcome()
}

// endAbruptly ends the run in the middle of it, while harm is done.
func (s *simScenario) endAbruptly() {
	s.tracef("--- end")
	for _, n := range s.nodes {
		n.loop.drainTime = s.upTo(5 * time.Second)
		n.loop.post(simPick(s.simWorld, n.loop.startDraining, n.loop.endRun, n.loop.abort))
	}
	s.ending = true
	s.until("the run ends", time.Minute, s.allEnded)
}

func (s *simScenario) start() { s.begin(s.top, s.conf, s.cast) }

func (s *simScenario) allAcked() bool {
	for _, n := range s.nodes {
		for _, k := range n.keepers {
			if k.task.spout != nil && (k.source == nil || !k.source.done(k.play.messages)) {
				return false
			}
		}
	}
	return true
}

func (s *simScenario) allEnded() bool {
	for _, n := range s.nodes {
		if !n.ended {
			return false
		}
	}
	return true
}

// checkOutcome checks what must be true in the end.
func (s *simScenario) checkOutcome() {
	for _, n := range s.nodes {
		failed := n.loop.acker.stats.Failed
		if n.loop.failure != nil {
			s.violate("%v: %v", n, n.loop.failure)
		}
		if failed.Shutdown > 0 {
			s.violate("the end of the run has failed %d trees", failed.Shutdown)
		}
		if !s.pure {
			continue
		}
		if failed.Sum() > 0 {
			s.violate("nothing was harmed, and trees have failed: %+v", failed)
		}
		for _, t := range n.loop.plan.tasks {
			if t.launches != 1 {
				s.violate("nothing was harmed, and %v has had %d processes (%s)", t, t.launches, t.death)
			}
		}
	}
	if s.pure {
		s.truth.checkDelivered()
	}
}

// harmLater has something go wrong after a while, and again, until the world is calm.
func (s *simScenario) harmLater() {
	s.after(s.upTo(2*s.harm), "harm", s, func() {
		if s.calm {
			return
		}
		s.doHarm(s.nodes[s.rand.IntN(len(s.nodes))])
		s.harmLater()
	})
}

func (s *simScenario) String() string { return "the world" }

// doHarm has something go wrong in a worker.
func (s *simScenario) doHarm(n *simNode) {
	k := n.keepers[s.rand.IntN(len(n.keepers))]
	switch c := k.child; s.rand.IntN(8) {
	case 0, 1:
		if c != nil {
			s.tracef("  SIGKILL to %v", c)
			c.Kill()
		}
	case 2:
		if c != nil {
			d := s.upTo(simPick(s.simWorld, 100*time.Millisecond, 15*time.Second))
			s.tracef("  SIGSTOP to %v for %v", c, d)
			c.stop(d)
		}
	case 3:
		s.tracef("  restart of %v", k)
		n.loop.post(k.task.restart)
		s.after(time.Millisecond, "hurry", k, k.hurry)
	case 4:
		d := s.upTo(simPick(s.simWorld, 100*time.Millisecond, 15*time.Second))
		s.tracef("  SIGSTOP to %v for %v", n, d)
		if !s.ending { // the end has its time
			n.pause(d)
		}
	case 5:
		n.loop.post(n.loop.deactivate)
		s.after(s.upTo(time.Second), "activate", n, func() { n.loop.post(n.loop.activate) })
	case 6:
		if c != nil {
			s.tracef("  %v prints half a message", c)
			_, _ = c.stderr.put([]byte("Traceback (most recent call last):\n  File \"x\"\n"))
		}
	}
}
