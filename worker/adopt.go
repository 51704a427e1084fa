package worker

import (
	"encoding/json"
	"errors"
	"slices"

	"gust/topology"
	"gust/worker/peer"
)

// errMoved is why a link to a worker ends that has another number, address or tasks in a
// newer placement.
var errMoved = errors.New("the tasks have a new placement")

// Adopt takes a newer placement of the topology, and tells the other workers. The tasks of
// this worker never change: if the placement gives it others, it leaves ([Worker.Leave]).
// Connections to workers of which nothing has changed go on; what waits for a task follows
// it to its next worker. A placement that is not newer is ignored. It may be called
// from any goroutine, and does not wait.
func (w *Worker) Adopt(p topology.Placement) {
	w.loop.post(func() {
		if w.loop.peers != nil {
			w.loop.peers.adopt(p)
		}
	})
}

func (ps *peers) adopt(p topology.Placement) {
	l := ps.loop
	if p.Version <= ps.latest || l.phase.stopping() && !ps.end.leaves() {
		return // where this worker leaves alone, others that have moved still owe it answers
	}
	ps.latest = p.Version
	if err := p.Check(l.plan.assigned); err != nil {
		l.log.Error().Msgf("placement %d of the topology is not usable: %v", p.Version, err)
		return
	}
	ps.tellPlacement(p)
	self := ps.find(p)
	if self < 0 {
		l.log.Info().Msgf("placement %d of the topology gives this worker other tasks: leaving", p.Version)
		l.leave()
		return
	}
	l.log.Info().Msgf("placement %d of the topology", p.Version)
	before, renumbered := ps.all, self != ps.self
	workerOf := p.WorkerOf(l.plan.assigned)
	after := make([]*peerWorker, len(p.Workers))
	for i, w := range p.Workers {
		if i == self {
			continue
		}
		if i < len(before) && before[i] != nil && !renumbered && before[i].address == w.Address && slices.Equal(before[i].tasks(), w.Tasks) {
			after[i] = before[i]
			continue
		}
		after[i] = newPeerWorker(ps, i, w.Address)
	}
	for i, old := range before {
		if old != nil && (i >= len(after) || after[i] != old) {
			old.retire()
		}
	}
	ps.self, ps.all = self, after
	ps.address = p.Workers[self].Address
	ps.own.Worker, ps.own.PlacementVersion, ps.own.Placement = self, p.Version, p.Digest()
	ps.marks.Grow(len(after))
	for _, t := range l.plan.stubs {
		if to := after[workerOf[t.id]]; t.stub.peer != to {
			t.worker = to.number
			t.stub.peer = to
			to.stubs = append(to.stubs, t)
		}
	}
	for _, t := range l.plan.tasks {
		t.worker = self
	}
	l.plan.findSenders(self)
	for _, t := range l.plan.stubs {
		t.stub.credit.Resize(t.comp.shareBytes)
		t.stub.refresh()
	}
	for _, t := range l.plan.byID { // new workers have heard of no mark
		if t != nil && t.bolt != nil && t.bolt.told {
			for _, number := range t.comp.askers {
				ps.all[number].telling.Set(t.id, true)
			}
		}
	}
	ps.others(func(p *peerWorker) { p.dial() })
	l.moved = true
}

// find returns the number of this worker in a placement, -1 if none has its tasks. Several may
// have none at all: then the number stays, or it is that at the same address.
func (ps *peers) find(p topology.Placement) int {
	var tasks []topology.TaskID
	for _, t := range ps.loop.plan.tasks {
		tasks = append(tasks, t.id)
	}
	its := func(w topology.PlacedWorker) bool { return slices.Equal(w.Tasks, tasks) }
	here := func(w topology.PlacedWorker) bool { return its(w) && w.Address == ps.address }
	if i := slices.IndexFunc(p.Workers, here); i >= 0 {
		return i
	}
	if ps.self < len(p.Workers) && its(p.Workers[ps.self]) {
		return ps.self
	}
	return slices.IndexFunc(p.Workers, its)
}

// tasks are the ids of the tasks that the worker runs.
func (p *peerWorker) tasks() (ids []topology.TaskID) {
	for _, t := range p.stubs {
		ids = append(ids, t.id)
	}
	return ids
}

// retire ends all that is with a worker which is not in a newer placement. What waits for its
// tasks keeps waiting.
func (p *peerWorker) retire() {
	p.retired = true
	p.peers.loop.timers.disarm(&p.retry)
	if p.link != nil {
		p.link.lose(errMoved)
	}
	for _, k := range p.peers.inOrder() { // one that was being made
		if k.peer == p {
			k.lose(errMoved)
		}
	}
	p.stubs = nil
}

// tellPlacement sends a placement over the connections that stand.
func (ps *peers) tellPlacement(p topology.Placement) {
	body, err := json.Marshal(p)
	if err != nil || len(body) > peer.PieceSize {
		return // they have to hear of it from who made it
	}
	ps.standing(func(k *link) {
		k.out.First = peer.AppendBody(k.out.First, peer.Placement, body)
		k.touch()
		k.flush() // the link may be about to end
	})
}

// hearPlacement takes a placement that another worker has told.
func (ps *peers) hearPlacement(f *peer.Frame) error {
	var p topology.Placement
	if err := json.Unmarshal(f.Body, &p); err != nil {
		return errors.Join(peer.ErrMalformed, err)
	}
	ps.adopt(p)
	return nil
}
