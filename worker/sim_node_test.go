package worker

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"gust/conf"
	"gust/shell"
	"gust/topology"
)

// simNode is a worker: its loop, and who keeps the processes of its tasks.
type simNode struct {
	world   *simWorld
	number  int
	born    int64
	kernel  *simKernel
	loop    *loop
	keepers []*simKeeper
	tasks   []*task // of the topology, those of other workers as well
	named   []int32 // scratch of checkCounts

	unsaid   map[uint64]verdict // trees that have failed, and are to be in the journal
	injected map[uint64]simInjected

	wakeAt      int64  // when the loop goes round next
	wake        uint64 // the number of the event for that; older ones are void
	busyUntil   int64  // its last round takes until then
	pausedUntil int64  // it is stopped by a signal
	cancelled   bool   // no process is restarted any more
	looped      *task  // its processes have died too often, and so the worker ends
	ended       bool   // no process is left and none will come
	dead        bool   // killed
	address     string
	placement   uint64   // the version that its worker had last
	port        *simPort // nil if it has no peers
}

func (n *simNode) String() string { return fmt.Sprintf("worker %d", n.number) }

// begin starts a worker of a topology. It takes the place of an earlier one with the same number.
func (w *simWorld) begin(top *topology.Topology, c conf.Conf, cast simCast, peers *Peers) *simNode {
	n := &simNode{world: w, born: w.now, wakeAt: -1, unsaid: map[uint64]verdict{}, injected: map[uint64]simInjected{}}
	if peers != nil {
		n.number = peers.Worker
		n.address = peers.Placement.Workers[n.number].Address
	}
	n.kernel = &simKernel{node: n}
	p, err := newPlan(top, c, peers)
	if err != nil {
		w.violate("the topology has no plan: %v", err)
	}
	r := getter{conf: c}
	n.loop = newLoop(Options{Topology: top, Conf: c, Log: w.log(n), Ready: func() {}, Peers: peers, Breakpoints: true}, p, n.kernel)
	n.loop.rand = rand.New(rand.NewPCG(w.rand.Uint64(), 42))
	if peers != nil {
		n.port = &simPort{net: w.net, node: n}
		n.loop.peers.network = n.port
		n.loop.peers.silence = 10
		w.net.nodes[n.address] = n
	}
	n.loop.startTimeout = r.seconds(conf.SupervisorWorkerStartTimeout)
	n.loop.drainTime, n.loop.exitWait = r.seconds(conf.GustDrainSecs), r.seconds(conf.SupervisorWorkerShutdown)
	n.loop.cancel = n.cancel
	n.observe()
	for _, t := range p.byID {
		if t != nil {
			n.tasks = append(n.tasks, t)
		}
	}
	for _, t := range p.tasks {
		k := &simKeeper{node: n, task: t, play: cast[t.comp.name()]}
		n.keepers = append(n.keepers, k)
		k.start(0)
	}
	if n.number == len(w.nodes) {
		w.nodes = append(w.nodes, n)
	}
	w.nodes[n.number] = n
	n.loop.begin()
	n.rearm()
	return n
}

// poke has the loop go round soon, if there is something for it to do.
func (n *simNode) poke() {
	if !n.ended && !n.dead && n.kernel.anyReady() {
		n.schedule(max(n.world.now, n.busyUntil) + int64(n.world.upTo(50*time.Microsecond)))
	}
}

// rearm has the loop go round for its timers, or sooner.
func (n *simNode) rearm() {
	n.wakeAt = -1
	n.schedule(max(n.world.now, n.busyUntil) + int64(n.loop.untilNextTimer()) + int64(n.world.upTo(time.Millisecond)))
	n.poke()
}

// schedule has the loop go round at a time, unless it does so sooner.
func (n *simNode) schedule(when int64) {
	when = max(when, n.pausedUntil)
	if n.wakeAt >= 0 && n.wakeAt <= when {
		return
	}
	n.wakeAt = when
	n.wake++
	mine := n.wake
	n.world.after(time.Duration(when-n.world.now), "round", n, func() {
		if mine == n.wake && !n.ended && !n.dead {
			n.round()
		}
	})
}

// round has the loop go round, and looks at it afterwards.
func (n *simNode) round() {
	if n.pausedUntil > n.world.now {
		n.wakeAt = -1
		n.schedule(n.pausedUntil)
		return
	}
	n.kernel.passed = 0
	if err := n.loop.round(); err != nil {
		n.world.violate("%v: %v", n, err)
	}
	n.busyUntil = n.world.now + int64(n.kernel.passed)
	if w := n.world; w.planted != nil && w.planted.plant != nil && w.planted.plant(n) {
		w.tracef("  the bug is planted")
		w.planted = nil
	}
	n.check()
	n.checkJournal()
	n.checkPeers()
	if w := n.world; w.thorough || w.chance(4+len(w.stream)>>10) { // it costs what is under way
		n.world.checkPairs()
	}
	if l := n.loop; l.services == 0 && (l.peers == nil || l.phase == ending) {
		n.ended = true
		n.checkEnd()
		return
	}
	n.rearm()
}

// pause stops the worker for a time, as SIGSTOP does.
func (n *simNode) pause(d time.Duration) {
	n.pausedUntil = max(n.pausedUntil, n.world.now+int64(d))
}

// kill ends the worker and its children at once, as SIGKILL does. A worker that vanishes, with its
// machine, does not even close its connections.
func (n *simNode) kill(vanishes bool) {
	n.world.tracef("  %v is killed; vanishes: %v", n, vanishes)
	n.dead = true
	for _, k := range n.keepers {
		if k.child != nil {
			k.child.Kill()
		}
	}
	for _, f := range n.kernel.files {
		if side, ok := f.stream.(*simSide); ok && !f.closed {
			if vanishes {
				side.gone = true
			} else {
				side.close()
			}
		}
	}
}

// machineDead says whether nobody at the worker's address answers.
func (n *simNode) machineDead() bool { return n.world.net.nodes[n.address].dead }

// cancel ends the restarts.
func (n *simNode) cancel() {
	n.cancelled = true
	for _, k := range n.keepers {
		if k.waiting {
			k.retire()
		}
	}
}

// simKeeper keeps one task's process, as service does.
type simKeeper struct {
	node     *simNode
	task     *task
	play     *simPlay
	child    *simChild // nil if none lives
	failures int       // deaths in a row
	deaths   []int64   // that count for a crash loop: the latest
	asked    bool      // a user has asked for the restart of the process that runs
	waiting  bool      // for the restart
	wait     uint64    // the number of that wait
	lives    int
}

func (k *simKeeper) String() string { return k.task.String() }

// start starts a process, after a delay.
func (k *simKeeper) start(delay time.Duration) {
	k.waiting = true
	k.wait++
	mine := k.wait
	k.node.world.after(delay, "start", k, func() {
		if k.waiting && k.wait == mine && !k.node.dead {
			k.launch()
		}
	})
}

func (k *simKeeper) launch() {
	w := k.node.world
	k.waiting = false
	select {
	case <-k.task.hurry:
	default:
	}
	w.after(w.upTo(20*time.Millisecond), "started", k, func() {
		if k.node.dead {
			return
		}
		k.lives++
		k.child = newSimChild(k)
		child := k.child
		k.node.loop.post(func() { k.task.attach(child) })
	})
}

// exited has the loop detach the process, and restarts it.
func (k *simKeeper) exited(exit shell.Exit) {
	k.child = nil
	k.node.loop.post(func() {
		err, asked := k.task.detach(exit), k.asked
		k.asked = false
		if errors.Is(err, errRestart) != asked {
			k.node.world.violate("the end of a process of %v, whose restart was requested: %v, is %v", k, asked, err)
		}
		switch {
		case k.node.cancelled:
			k.retire()
		case errors.Is(err, errRestart):
			k.failures = 0
			k.start(0)
		case k.loops():
			k.retire()
			k.node.loop.post(func() { k.giveUp(err) })
		default:
			k.failures = min(k.failures+1, 5)
			k.start(100 * time.Millisecond << (k.failures - 1))
		}
	})
}

// loops notes a death, and says whether there were too many.
func (k *simKeeper) loops() bool {
	now, set := k.node.world.now, k.task.comp.set
	k.deaths = slices.DeleteFunc(append(k.deaths, now), func(then int64) bool { return now-then > int64(set.crashWithin) })
	return set.crashCount > 0 && len(k.deaths) >= set.crashCount
}

// giveUp ends the run because of a crash loop, unless it ends anyway.
func (k *simKeeper) giveUp(last error) {
	if n := k.node; !n.cancelled {
		n.looped = k.task
		n.loop.fail(last)
	}
}

// restart is a user's request.
func (k *simKeeper) restart() {
	k.asked = k.asked || k.task.proc != nil && k.task.cause == nil
	k.task.restart()
}

// hurry ends the wait for the next process, if the loop wants it.
func (k *simKeeper) hurry() {
	select {
	case <-k.task.hurry:
		k.failures, k.deaths = 0, nil
		if k.waiting {
			k.start(0)
		}
	default:
	}
}

// retire ends the service.
func (k *simKeeper) retire() {
	k.waiting = false
	l := k.node.loop
	l.post(func() { l.services-- })
}
