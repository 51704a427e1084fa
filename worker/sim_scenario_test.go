package worker

import (
	"fmt"
	"slices"
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
	spouts map[string][]topology.TaskID

	workers     int
	placement   topology.Placement
	incarnation uint64 // of the worker that was started last

	pure    bool          // no harm is done, and no component misbehaves
	harm    time.Duration // the mean time between two faults
	injects bool          // tuples are injected
	journal bool          // the workers keep one
	abrupt  bool          // the run is ended before all is done
	ending  bool          // that end has begun
}

// newSimScenario draws a scenario from the world's seed, for so many workers; 0 is one that has no
// peers.
func newSimScenario(w *simWorld, workers int) *simScenario {
	s := &simScenario{simWorld: w, workers: workers, cast: simCast{}, pure: w.chance(3), injects: w.chance(2)}
	s.abrupt = !s.pure && w.chance(4)
	s.journal = w.chance(2)
	s.timeouts = !s.pure && w.chance(2)
	s.single = w.chance(2)
	s.gently = s.pure && workers > 1 && w.chance(3)
	s.harm = simPick(w, 20*time.Millisecond, 200*time.Millisecond, 2*time.Second)
	s.conf = conf.Merge(conf.Defaults(), conf.Conf{
		conf.TopologyAckerExecutors:       int64(1),
		conf.TopologyEnableTimeouts:       s.timeouts,
		conf.TopologyMessageTimeout:       int64(simPick(w, 5, 20)),
		conf.TopologySubprocessTimeout:    int64(10),
		conf.TopologyTickTupleFreq:        simPick[any](w, nil, nil, int64(1)),
		conf.TopologyMaxSpoutPending:      simPick[any](w, nil, int64(1), int64(5), int64(100)),
		conf.GustQueueBytes:               int64(simPick(w, 600, 8<<10, 1<<20)),
		conf.GustMaxNextAhead:             int64(simPick(w, 1, 16, 256)),
		conf.GustCrashLoopCount:           int64(0),
		conf.GustCrashLoopSecs:            int64(60),
		conf.GustDrainSecs:                int64(120),
		conf.GustMaxAttempts:              int64(simPick(w, 0, 3)),
		conf.GustTracePercent:             int64(simPick(w, 0, 0, 50)),
		conf.GustSpoutActivate:            !w.chance(3),
		conf.SupervisorWorkerShutdown:     int64(3),
		conf.TopologySpoutWaitMillis:      int64(simPick(w, 1, 100, 1000)),
		conf.TopologyErrorThrottle:        int64(1),
		conf.SupervisorWorkerStartTimeout: int64(30),
	})
	if !s.pure && w.chance(5) {
		s.conf[conf.GustCrashLoopCount] = int64(3)
	}
	thin := w.chance(3) // no tuple becomes many, so that they may go round a cycle many times
	b := build("sim")
	spouts, bolts := 1+w.rand.IntN(2), 1+w.rand.IntN(4)
	var names []string
	for i := range spouts {
		name := fmt.Sprintf("s%d", i)
		names = append(names, name)
		b.spout(name, 1+w.rand.IntN(2), stream("default", "number", "key", "ttl", "pad")).Serializer = s.serializer()
		s.cast[name] = s.spoutPlay()
		if thin {
			s.cast[name].ttl = 30
		}
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
			if thin && grouping == topology.All {
				grouping = topology.Shuffle
			}
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
		if thin {
			s.cast[name].fan = []int{0, 1}
		}
	}
	if w.chance(3) {
		s.cyclic = true
		if s.pure {
			// On a cycle, bolts that fill the queues wait for each other until one is killed.
			s.conf[conf.GustQueueBytes] = int64(1 << 20)
		}
		to := w.rand.IntN(bolts)
		back := from(fmt.Sprintf("b%d.back", to+w.rand.IntN(bolts-to)), simPick(w, topology.Shuffle, topology.Fields), "key")
		if back.Grouping.Type == topology.Shuffle {
			back.Grouping.Fields = nil
		}
		c := b.Component(fmt.Sprintf("b%d", to))
		c.Inputs = append(c.Inputs, back)
	}
	s.set(b)
	return s
}

// peaceful begins a topology in which nothing times out and no crash loop ends the run, of one stream.
func (s *simScenario) peaceful() (*builder, topology.Stream) {
	s.conf = conf.Merge(conf.Defaults(), conf.Conf{
		conf.TopologyAckerExecutors: int64(1), conf.TopologyEnableTimeouts: false,
		conf.GustCrashLoopCount: int64(0), conf.GustDrainSecs: int64(120),
	})
	return build("sim"), stream("default", "number", "key", "ttl", "pad")
}

// newSimCycle is a scenario of two workers and a few tuples, each of which goes a thousand times
// from one to the other and back.
func newSimCycle(w *simWorld) *simScenario {
	s := &simScenario{simWorld: w, workers: 2, cast: simCast{}, cyclic: true, pure: true}
	s.single, s.thorough = true, true
	b, tuple := s.peaceful()
	b.spout("s0", 1, tuple)
	b.bolt("b0", 1, inputs(from("s0", topology.Shuffle), from("b1", topology.Shuffle)), tuple)
	b.bolt("b1", 1, inputs(from("b0", topology.Shuffle)), tuple)
	s.cast["s0"] = &simPlay{messages: 3, perNext: 1, ttl: 2000}
	s.cast["b0"], s.cast["b1"] = &simPlay{fan: []int{1}}, &simPlay{fan: []int{1}}
	s.set(b)
	return s
}

// newSimPipe is a scenario of a spout, and a bolt with a task in each worker.
func newSimPipe(w *simWorld, workers int) *simScenario {
	s := &simScenario{simWorld: w, workers: workers, cast: simCast{}, pure: true}
	s.single = true
	b, tuple := s.peaceful()
	b.spout("s0", 1, tuple)
	b.bolt("b0", workers, inputs(from("s0", topology.Shuffle)), tuple)
	s.cast["s0"], s.cast["b0"] = &simPlay{messages: 1 << 20, perNext: 1}, &simPlay{think: time.Millisecond, fan: []int{1}}
	s.set(b)
	return s
}

// newSimReturn is a scenario of three workers whose tuples pass the second one twice, before and
// after the third.
func newSimReturn(w *simWorld) *simScenario {
	s := newSimPipe(w, 3)
	b := build("sim")
	tuple := stream("default", "number", "key", "ttl", "pad")
	b.spout("s0", 8, tuple)
	s.cast["s0"].ttl, s.cast["s0"].perNext = 3, 20
	for i, source := range []string{"s0", "b0", "b1"} {
		name := fmt.Sprintf("b%d", i)
		b.bolt(name, 1, inputs(from(source, topology.Fields, "key")), tuple)
		s.cast[name] = s.cast["b0"]
	}
	s.set(b)
	tasks, _ := s.top.AssignTasks(1, 0)
	for i := range s.placement.Workers {
		s.placement.Workers[i].Tasks = nil
	}
	for _, t := range tasks {
		if i, placed := map[string]int{"s0": 0, "b0": 1, "b1": 2, "b2": 1}[t.Component]; placed {
			s.placement.Workers[i].Tasks = append(s.placement.Workers[i].Tasks, t.ID)
		}
	}
	return s
}

// forsake tells all other workers that one is gone for good.
func (s *simScenario) forsake(gone int) {
	for _, n := range s.nodes {
		if !n.dead && !n.ended {
			n.loop.post(func() { n.loop.peers.forsake(gone) })
		}
	}
}

// set takes a topology, and places its tasks.
func (s *simScenario) set(b *builder) {
	if err := b.Validate(); err != nil {
		s.violate("the scenario is not valid: %v", err)
	}
	s.top = b.Topology
	s.spouts = map[string][]topology.TaskID{}
	tasks, _ := s.top.AssignTasks(1, 0)
	for _, t := range tasks {
		if t.Component[0] == 's' {
			s.spouts[t.Component] = append(s.spouts[t.Component], t.ID)
		}
	}
	if s.workers > 0 {
		var addresses []string
		for i := range s.workers {
			addresses = append(addresses, fmt.Sprintf("host%d:6700", i))
		}
		s.placement = topology.Place(tasks, addresses)
	}
}

func (s *simScenario) serializer() string { return simPick(s.simWorld, "json", "json", "msgpack") }

func (s *simScenario) spoutPlay() *simPlay {
	p := s.play()
	p.messages = simPick(s.simWorld, 10, 50, 200)
	if s.mayFilter || s.planted != nil {
		p.messages = min(p.messages, 50) // what a planted bug does soon shows
	}
	p.ttl = 4
	p.perNext = simPick(s.simWorld, 1, 1, 3, 20)
	p.emptyOneIn = simPick(s.simWorld, 0, 2, 10)
	p.unreliable = simPick(s.simWorld, 0, 0, 3)
	return p
}

func (s *simScenario) boltPlay() *simPlay {
	p := s.play()
	p.fan = simPick(s.simWorld, []int{1}, []int{0, 1}, []int{0, 1, 1, 2}, []int{0, 0, 0, 8})
	if !s.single {
		p.batch = simPick(s.simWorld, 0, 8)
	}
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
	p.breakOneIn = simPick(s.simWorld, 0, 0, 100)
	p.noiseOneIn = simPick(s.simWorld, 0, 10)
	return p
}

// run plays the scenario: harm, then peace until all is acked, then an orderly stop.
func (s *simScenario) run() {
	s.start()
	if s.injects {
		s.injectLater()
	}
	if s.gently {
		s.leaveLater()
		left := 0
		s.until("some workers have left", time.Hour, func() bool {
			left = int(s.incarnation) - s.workers
			return left >= 3
		})
	}
	if !s.pure {
		s.harmLater()
		busy := int64(0) // since when
		s.until("the time of harm ends", time.Hour, func() bool {
			if busy == 0 && (s.truth.last > 50 || s.now > int64(10*time.Second)) {
				busy = s.now
			}
			return busy > 0 && s.now > busy+20*int64(s.harm) || s.looped() != nil
		})
	}
	if s.looped() != nil {
		s.endLooped()
		return
	}
	if s.abrupt {
		s.endAbruptly()
		return
	}
	s.makePeace()
	made := s.net.made
	s.until("all messages are acked", 20*time.Minute, func() bool { return s.allAcked() || s.overloaded() })
	if s.overloaded() {
		return
	}
	if pairs := s.workers * (s.workers - 1) / 2; s.net.made-made > 8*pairs || s.pure && !s.gently && s.net.made != pairs {
		s.violate("%d connections were made, %d of them after the end of the harm, for %d workers", s.net.made, s.net.made-made, s.workers)
	}
	s.tracef("--- stop")
	s.ending = true
	end := (*loop).startDraining
	if s.chance(3) { // each is told to leave alone
		end = (*loop).leave
		for _, n := range s.nodes {
			s.after(s.upTo(100*time.Millisecond), "leave", n, func() { n.loop.post(n.loop.leave) })
		}
	} else {
		told := s.rand.IntN(len(s.nodes))
		s.nodes[told].loop.post(s.nodes[told].loop.startDraining)
	}
	// A worker that is told to stop tells the others. But it may be gone when one comes that has
	// just been started: who has started them repeats it.
	s.after(5*time.Second, "stop", s, func() {
		for _, n := range s.nodes {
			n.loop.post(func() { end(n.loop) })
		}
	})
	s.until("the run ends", time.Hour, s.allEnded)
	s.checkOutcome()
}

// overloaded says whether tuples on a cycle time out, and are replayed, faster than a slow bolt
// works: that has no end.
func (s *simScenario) overloaded() bool {
	timedOut := uint64(0)
	for _, n := range s.nodes {
		timedOut += n.loop.acker.stats.Failed.Timeout
	}
	return s.cyclic && timedOut > 5000
}

// leaveLater has a worker leave and come again, and then another one, until the world is calm.
func (s *simScenario) leaveLater() {
	s.after(s.upTo(2*s.harm), "leave", s, func() {
		busy := s.calm
		for i, n := range s.nodes {
			if n.ended && !s.calm {
				s.startWorker(i)
			}
			busy = busy || n.ended || n.loop.peers.end.alone || n.loop.phase != working
		}
		if n := s.nodes[s.rand.IntN(len(s.nodes))]; !busy {
			s.tracef("  %v is to leave", n)
			n.loop.post(n.loop.leave)
		}
		if !s.calm {
			s.leaveLater()
		}
	})
}

// injectLater injects a tuple, and then another one, until the end.
func (s *simScenario) injectLater() {
	s.after(s.upTo(time.Second), "inject", s, func() {
		if n := s.nodes[s.rand.IntN(len(s.nodes))]; !s.ending && !n.dead && !n.ended {
			n.loop.post(n.inject)
		}
		if !s.calm {
			s.injectLater()
		}
	})
}

// makePeace ends the harm: what was cut is healed, and who was killed is started.
func (s *simScenario) makePeace() {
	s.calm = true
	s.tracef("--- no more harm")
	for from := range s.nodes {
		for to := range s.nodes {
			s.net.setCut(from, to, false)
		}
	}
	for _, n := range s.nodes {
		n.loop.post(n.loop.activate)
	}
	s.revive()
}

// revive starts the workers that have been killed or have left, until the end of the run.
func (s *simScenario) revive() {
	for i, n := range s.nodes {
		if !s.ending && (n.dead || n.ended) {
			s.startWorker(i)
		}
	}
	if !s.ending {
		s.after(100*time.Millisecond, "revive", s, s.revive)
	}
}

// looped is a worker with a task whose processes have died too often, or nil.
func (s *simScenario) looped() *simNode {
	for _, n := range s.nodes {
		if n.looped != nil {
			return n
		}
	}
	return nil
}

// endLooped ends the run because of a crash loop, as its starter does: the worker ends by itself,
// and the others are told to.
func (s *simScenario) endLooped() {
	s.tracef("--- end, since %v keeps dying", s.looped().looped)
	s.ending = true
	for _, n := range s.nodes {
		if n.looped == nil && !n.ended && !n.dead {
			n.loop.post(n.loop.endRun)
		}
	}
	s.until("the run ends", time.Minute, s.allEnded)
}

// endAbruptly ends the run in the middle of it, while harm is done.
func (s *simScenario) endAbruptly() {
	s.tracef("--- end")
	for i, n := range s.nodes {
		if n.ended || n.dead {
			if s.workers > 1 && s.chance(2) {
				s.forsake(i)
			}
			continue
		}
		n.loop.drainTime = s.upTo(5 * time.Second)
		end := simPick(s.simWorld, n.loop.startDraining, n.loop.endRun, n.loop.abort)
		if n.loop.phase.stopping() {
			end = n.loop.endRun // it leaves already, and would take its own time
		}
		n.loop.post(end)
	}
	s.ending = true
	s.until("the run ends", time.Minute, s.allEnded)
}

// start starts the workers.
func (s *simScenario) start() {
	for i := range max(1, s.workers) {
		s.startWorker(i)
	}
}

func (s *simScenario) startWorker(i int) {
	var peers *Peers
	if s.workers > 0 {
		s.incarnation++
		peers = &Peers{Placement: s.placement, Worker: i, Incarnation: s.incarnation, Secret: []byte("secret")}
	}
	s.begin(s.top, s.conf, s.cast, peers).loop.journal.on = s.journal
}

func (s *simScenario) allAcked() bool {
	for _, c := range s.top.Components {
		for _, id := range s.spouts[c.Name] {
			if source := s.source[id]; source == nil || !source.done(s.cast[c.Name].messages) {
				return false
			}
		}
	}
	return true
}

func (s *simScenario) allEnded() bool {
	for _, n := range s.nodes {
		if !n.ended && !n.dead {
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
		if n.loop.frozen.tasks != 0 {
			s.violate("%v holds the time for %d tasks at breakpoints, and there is none", n, n.loop.frozen.tasks)
		}
		if !s.pure {
			continue
		}
		if failed.Sum() > 0 && !s.gently {
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
		if n := s.nodes[s.rand.IntN(len(s.nodes))]; s.workers > 1 && s.chance(2) {
			s.doHarmBetween(n)
		} else if !n.dead && !n.ended && len(n.keepers) > 0 {
			s.doHarm(n)
		}
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
		n.loop.post(k.restart)
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

// doHarmBetween has something go wrong between workers, or with a whole one.
func (s *simScenario) doHarmBetween(n *simNode) {
	other := s.nodes[s.rand.IntN(len(s.nodes))]
	d := s.upTo(simPick(s.simWorld, 100*time.Millisecond, 3*time.Second, 15*time.Second))
	if n.dead || n.ended {
		if !s.ending {
			s.startWorker(n.number)
		}
		return
	}
	switch s.rand.IntN(8) {
	case 0, 1:
		if other == n {
			return
		}
		both := s.chance(2)
		s.tracef("  the way from %v to %v is cut for %v, both ways: %v", n, other, d, both)
		s.net.setCut(n.number, other.number, true)
		if both {
			s.net.setCut(other.number, n.number, true)
		}
		s.after(d, "heals", s, func() {
			s.net.setCut(n.number, other.number, false)
			s.net.setCut(other.number, n.number, false)
		})
	case 2, 3:
		if len(s.net.conns) > 0 {
			c := simPick(s.simWorld, s.net.conns...)
			s.tracef("  reset of %v", c)
			c.breakDown()
		}
	case 4:
		if !s.ending && s.chance(3) {
			s.move(n)
		}
		n.kill(s.chance(3))
		s.after(d, "restart", n, func() {
			if s.nodes[n.number] == n && !s.ending {
				s.startWorker(n.number)
			}
		})
	case 5:
		if !s.ending {
			s.tracef("  SIGSTOP to %v for %v", n, d)
			n.pause(d)
		}
	case 6:
		s.tracef("  %v is to leave", n)
		n.loop.post(n.loop.leave)
	case 7:
		if !s.ending && s.chance(3) {
			s.replace()
		}
	}
}

// move gives a worker that is about to die another address, where it starts again. The others
// hear of it one after the other, from whoever places the tasks or from each other.
func (s *simScenario) move(n *simNode) {
	s.tracef("  %v moves", n)
	s.placement.Version++
	s.placement.Workers = slices.Clone(s.placement.Workers)
	s.placement.Workers[n.number].Address = fmt.Sprintf("%d/%d", n.number, s.placement.Version)
	placement := s.placement
	for _, other := range s.nodes {
		if other != n && !other.dead && !other.ended {
			s.after(s.upTo(3*time.Second), "placement", other, func() {
				if !other.dead && !other.ended {
					other.loop.post(func() { other.loop.peers.adopt(placement) })
				}
			})
		}
	}
}

// replace gives the tasks other workers. Since a task must not run twice, all workers end
// first; they start again one after the other.
func (s *simScenario) replace() {
	s.tracef("  a new placement")
	var of [][]topology.TaskID
	for _, w := range s.placement.Workers {
		of = append(of, w.Tasks)
	}
	s.placement.Version++
	s.placement.Workers = slices.Clone(s.placement.Workers)
	turn := 1 + s.rand.IntN(len(of))
	for i := range of {
		s.placement.Workers[i].Tasks = of[(i+turn)%len(of)]
	}
	for i, n := range s.nodes {
		if !n.dead && !n.ended {
			n.kill(s.chance(3))
		}
		n.dead = true
		s.after(s.upTo(3*time.Second), "restart", n, func() {
			if s.nodes[i] == n && !s.ending {
				s.startWorker(i)
			}
		})
	}
}
