package worker

import (
	"math"
	"time"

	"gust/worker/peer"
)

// parting is the end of a topology with several workers, or of this worker alone.
//
// All together: STOP is the word of who has started the workers. Each then says when it
// has nothing left to do, and takes that back if a tuple comes; when the latest claims
// of all agree, nothing is under way, and all leave ([peer.Agree]).
//
// One alone: it tells the others that its tasks are down and over their marks, so that little
// more comes; works until the trees of its own spouts, and its proxies, have ended; says
// that it takes no more tuples (LEAVING); hears from each other worker that the last one has
// come (FAREWELL, which follows the tuples); and answers for what it has. The others have its
// tasks wait for the next worker that runs them.
//
// It has to work until its proxies have ended, since what these have become elsewhere may come
// back. After LEAVING, that would wait elsewhere for the successor of this worker, and this
// worker for the answer. A tuple that comes between LEAVING and FAREWELL may still be one of
// these, and looks like one whose answer just takes its time. So when nothing has happened for
// a while, the worker takes LEAVING back (STAYING), and begins anew.
//
// Two cases are left in which it stays until gust.drain.secs: a bolt here holds a tuple until
// another one comes, as where all workers stop; or a proxy waits for a task of another
// worker that is down.
//
// If each of all workers is told to leave alone (WITHDRAWING), as when a machine stops them all, they
// end together instead: alone, each would wait for what the others no longer take. So LEAVING
// waits a moment for the others to be told, too. All that is not the starter's word: a worker
// that comes back finds nothing that stops it.
type parting struct {
	stop  bool        // STOP was said
	alone bool        // this worker was told to leave alone
	since int64       // when it was told
	all   bool        // all workers were
	said  bool        // this one has said LEAVING
	claim *peer.Claim // that was told last
	done  bool        // some worker has found that all claims agree
	given []bool      // which workers the end does not wait for; by number

	closed bool // the links are closed, and there will be no others
}

// introduce appends what a worker has to know of the end over a new connection.
func (e *parting) introduce(b []byte) []byte {
	if e.stop {
		b = peer.AppendSignal(b, peer.Stop)
	}
	if e.alone {
		b = peer.AppendSignal(b, peer.Withdrawing)
	}
	if e.said {
		b = peer.AppendSignal(b, peer.Leaving)
	}
	if e.claim != nil {
		b = peer.AppendClaim(b, *e.claim)
	}
	return b
}

// sayStop tells the others that the topology is to end.
func (ps *peers) sayStop() {
	ps.end.stop = true
	ps.signal(peer.Stop)
}

// mayEnd says whether this worker may end, where it is drained itself if idle is set.
func (ps *peers) mayEnd(idle bool) bool {
	if ps.end.leaves() {
		return ps.mayLeave(idle)
	}
	ps.makeClaim(idle)
	claims := make([]*peer.Claim, len(ps.all))
	claims[ps.self] = ps.end.claim
	ps.others(func(p *peerWorker) {
		if claims[p.number] = p.claim; p.claim == nil && !ps.end.lost(p) {
			claims[p.number] = &peer.Claim{} // it has not said yet
		}
	})
	if !ps.end.done && !peer.Agree(claims) {
		return false
	}
	done := *ps.end.claim
	done.Done = true
	ps.end.done, ps.end.claim = true, &done
	ps.tellClaim()
	return true
}

// giveUp gives the workers up that have not come back within the grace for them, or that
// will not come back. That is for good, and has to be so in all workers before they agree: until
// then, what a lost worker has sent may still arrive at one of them. So the starter's word
// that a worker is gone shortens the grace, and no more: its connection has to be lost as well.
func (ps *peers) giveUp() {
	e := &ps.end
	if e.given == nil {
		e.given = make([]bool, len(ps.all))
	}
	ps.others(func(p *peerWorker) {
		if p.link == nil && (p.gone || ps.loop.now-p.since >= int64(startGrace)) {
			e.given[p.number] = true
		}
	})
}

// forsake takes the starter's word that another worker is gone and will not come back.
func (ps *peers) forsake(worker int) {
	if worker < 0 || worker >= len(ps.all) || ps.all[worker] == nil {
		return
	}
	ps.all[worker].gone = true
	ps.loop.log.Debug().Msgf("%v will not come back", ps.all[worker])
}

// lost says whether a worker was given up.
func (e *parting) lost(p *peerWorker) bool { return e.given != nil && e.given[p.number] }

// makeClaim tells the others whether this worker has something to do, if that has changed.
func (ps *peers) makeClaim(idle bool) {
	ps.giveUp()
	c := peer.NewClaim(len(ps.all))
	c.Idle = idle
	ps.others(func(p *peerWorker) {
		switch k := p.link; {
		case ps.end.lost(p):
			c.Begin(p.number, peer.Lost)
		case k != nil && idle: // what is not idle need not say more, and would say it often
			c.Epochs[p.number], c.Sent[p.number], c.Received[p.number] = k.epoch, k.sent, k.received
		}
	})
	if last := ps.end.claim; last != nil && last.Equal(c) {
		return
	}
	ps.end.claim = c
	ps.tellClaim()
}

// tellClaim tells the others the claim.
func (ps *peers) tellClaim() {
	ps.standing(func(k *link) {
		k.out.First = peer.AppendClaim(k.out.First, *ps.end.claim)
		k.touch()
	})
}

// leaves says whether this worker ends, and others go on.
func (e *parting) leaves() bool { return e.alone && !e.all && !e.stop && !e.done }

// sameMoment is how long it may take until all workers are told to leave.
const sameMoment = 500 * time.Millisecond

// withdraw begins the end of this worker alone.
func (ps *peers) withdraw() {
	ps.reconsider(func(e *parting) { e.alone, e.since = true, ps.loop.now })
	ps.signal(peer.Withdrawing)
}

// hearStop takes the starter's word that the topology is to end.
func (ps *peers) hearStop() {
	ps.loop.startDraining()
	ps.reconsider(func(e *parting) { e.stop = true })
}

// reconsider has the end take another turn. While this worker leaves and others go on, its tasks are
// down and over their marks for the others, so that shuffle passes over them, and no spout is
// asked for what needs them.
func (ps *peers) reconsider(turn func(*parting)) {
	e := &ps.end
	before := e.leaves()
	turn(e)
	e.all = e.alone
	ps.others(func(p *peerWorker) { e.all = e.all && p.withdrawing })
	if e.leaves() == before {
		return
	}
	if e.said {
		ps.stay()
	}
	for _, t := range ps.loop.plan.tasks {
		if t.bolt != nil {
			ps.taskChanged(t)
			ps.mark(t)
		}
	}
}

// stay takes LEAVING back.
func (ps *peers) stay() {
	ps.end.said = false
	ps.others(func(p *peerWorker) { p.farewell = false })
	ps.signal(peer.Staying)
}

// mayLeave says whether this worker may leave alone.
func (ps *peers) mayLeave(idle bool) bool {
	e, l := &ps.end, ps.loop
	proxies := false
	ps.standing(func(k *link) { proxies = proxies || k.live > 0 })
	if !e.said {
		if proxies || l.acker.stats.Pending > 0 || l.injections.n > 0 || l.asked() {
			return false // what these become may come back here, over others
		}
		if time.Duration(l.now-e.since) < sameMoment {
			return false
		}
		e.said = true
		ps.signal(peer.Leaving)
	}
	heard, written := true, true
	ps.standing(func(k *link) {
		heard = heard && k.peer.farewell
		written = written && k.out.Len() == 0
	})
	if heard && idle && proxies && time.Duration(l.now-l.stop.progress) >= quiet {
		ps.stay()
		return false
	}
	return heard && idle && !proxies && written
}

// close closes all connections, after what is still to be said.
func (ps *peers) close() {
	ps.end.closed = true
	ps.network.close()
	ps.settleDebts()
	for _, k := range ps.inOrder() {
		k.lose(errEnding)
	}
	ps.forgetQuestions(math.MaxInt64)
	ps.others(func(p *peerWorker) { ps.loop.timers.disarm(&p.retry) })
	for _, t := range ps.loop.plan.stubs {
		if t.bolt != nil {
			t.stub.clear()
		}
	}
}
