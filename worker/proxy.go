package worker

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"gust/multilang"
	"gust/topology"
	"gust/worker/peer"
)

// A proxy is a tree of the acker that stands for a slot in another worker's flight: for a
// tuple that this worker was sent. All that is anchored to the tuple here is anchored to
// the proxy; when the proxy ends, the other worker gets the answer. It is no spout's
// tree: the figures, the timeouts and the pending trees do not know it.

// plantProxy begins the proxy for a slot of the worker at the other end of a link, which
// waits for the answer of a task.
func (a *acker) plantProxy(k *link, task topology.TaskID, id multilang.TupleID, now int64) treeRef {
	ref, t := a.begin(k.list, now)
	t.link = k
	t.id = binary.AppendUvarint(t.id[:0], uint64(task))
	t.id = binary.AppendUvarint(t.id, uint64(id))
	k.live++
	return ref
}

// proxied is the slot that a proxy stands for.
func (t *tree) proxied() (topology.TaskID, multilang.TupleID) {
	task, n := binary.Uvarint(t.id)
	id, _ := binary.Uvarint(t.id[n:])
	return topology.TaskID(task), multilang.TupleID(id)
}

// answer tells the worker how a proxy has ended.
func (k *link) answer(t *tree, ref treeRef, v verdict) {
	k.live--
	k.peers.entries.leave(ref)
	if t.trace != nil {
		k.sendHops(t, v)
	}
	if !k.stands || v == timedOut { // the other's own clock decides when its trees time out
		return
	}
	task, id := t.proxied()
	if v == acked {
		k.out.First = peer.AppendAck(k.out.First, task, id)
	} else {
		by, about := k.peers.loop.culprit, []byte(nil)
		if k.abouts.take(k.peers.loop.now) {
			about = by.about(v)
		}
		k.out.First = peer.AppendFail(k.out.First, task, id, uint8(v), by.id(), about)
	}
	k.touch()
}

// forgetProxies ends the proxies of a link that is lost. Nobody waits for them; what hangs on
// them here goes on without a tree.
func (k *link) forgetProxies() {
	k.peers.loop.acker.failAll(k.list, forgotten)
	k.peers.loop.acker.release(k.list)
}

// take handles a tuple for a task of this worker.
func (k *link) take(f *peer.Frame) error {
	ps, l := k.peers, k.peers.loop
	to, err := k.ownBolt(f)
	if err != nil {
		return err
	}
	from := l.plan.known(f.From)
	if f.Input >= len(to.comp.inputs) {
		return fmt.Errorf("%w: TUPLE for input %d of %v", peer.ErrMalformed, f.Input, to)
	}
	in := to.comp.inputs[f.Input]
	if from == nil || from.comp != in.from { // the worker need not run it: an injected tuple names the source
		return fmt.Errorf("%w: TUPLE of task %d for %v", peer.ErrMalformed, f.From, to)
	}
	k.received++
	l.stop.progress = l.now
	ps.refs, ps.guards = ps.refs[:0], ps.guards[:0]
	engaged := 0 // the first so many of f.Slots are to be acked at once
	for i := range f.Slots {
		s := f.Slots[i]
		known, ref, err := ps.entered(s.Entry)
		if err != nil {
			return err
		}
		if known {
			f.Slots[engaged] = s
			engaged++
		} else {
			ref = l.acker.plantProxy(k, to.id, s.ID, l.now)
			ps.entries.enter(s.Entry, ref)
			ps.guards = append(ps.guards, ref)
		}
		if !ref.none() {
			ps.refs = append(ps.refs, ref)
		}
	}
	place := kept{}
	if len(ps.refs) > 0 {
		place = l.kept.keep(f.Body)
	}
	to.bolt.give(f.Input, from.outs[in.out].origins[to.comp.codecNo], f.Body, place, ps.refs)
	if f.Traced {
		l.traceProxies(ps.guards)
		l.traceHop(from, to.bolt, place, ps.refs)
	}
	k.owe(to).receive(tupleCost(len(f.Body), len(f.Slots)))
	// Only now: the tuple has been counted.
	for _, s := range f.Slots[:engaged] {
		k.out.First = peer.AppendAck(k.out.First, to.id, s.ID)
		k.touch()
	}
	for _, ref := range ps.guards {
		l.acker.done(ref)
	}
	return nil
}

// entries are the engaged entries of cycles, either way round.
type entries struct {
	peer.Entries[treeRef]
	of map[treeRef]peer.Entry
}

func newEntries() entries { return entries{of: map[treeRef]peer.Entry{}} }

// enter notes that a proxy stands for an entry, if there is one.
func (e *entries) enter(entry peer.Entry, ref treeRef) {
	if !entry.None() {
		e.Map(entry, ref)
		e.of[ref] = entry
	}
}

// leave forgets a proxy that has ended.
func (e *entries) leave(ref treeRef) {
	if entry, ok := e.of[ref]; ok {
		delete(e.of, ref)
		e.Forget(entry, ref)
	}
}

// entryOf is the entry that a tuple on a cycle names for one of its trees: the one by which
// it came here, or this worker's own tree.
func (ps *peers) entryOf(ref treeRef) peer.Entry {
	if entry, ok := ps.entries.of[ref]; ok {
		return entry
	}
	return peer.Entry{Incarnation: ps.own.Incarnation, Worker: ps.self, Index: ref.index, Gen: ref.gen}
}

// entered says whether this worker has a tree for an entry, so that the tuple hangs on that
// one, and is acked at once. The tree is none if the entry is this worker's own and has
// ended: nobody waits for the tuple, but it is delivered.
func (ps *peers) entered(e peer.Entry) (known bool, ref treeRef, err error) {
	if e.None() {
		return false, treeRef{}, nil
	}
	a := ps.loop.acker
	if e.Worker != ps.self || e.Incarnation != ps.own.Incarnation {
		ref, known = ps.entries.Find(e)
		return known && a.find(ref) != nil, ref, nil
	}
	if int(e.Index) >= len(a.trees) {
		return false, treeRef{}, fmt.Errorf("%w: TUPLE with an entry that this worker never had", peer.ErrMalformed)
	}
	ref = treeRef{e.Index, e.Gen}
	if a.find(ref) == nil {
		ref = treeRef{}
	}
	return true, ref, nil
}

// about is what another worker has told of a tuple that failed there.
type about struct {
	Tuple *FailedTuple `json:"tuple,omitempty"`
	Error string       `json:"error,omitempty"`
	// Bystander is that of [culprit].
	Bystander bool `json:"bystander,omitempty"`
}

const (
	maxAboutError = 1 << 10
	maxAbout      = 64 << 10
)

// about describes the culprit for another worker. It is nil if there is nothing to say.
func (c culprit) about(v verdict) []byte {
	a := c.told
	if a == nil {
		if c.task == nil {
			return nil
		}
		a = &about{Error: c.said(v), Bystander: c.bystander}
		if c.slot != 0 && c.task.loop.journal.on {
			a.Tuple = c.task.bolt.failedTuple(c.slot)
		}
	}
	if len(a.Error) > maxAboutError {
		short := *a
		short.Error = short.Error[:maxAboutError]
		a = &short
	}
	b, err := json.Marshal(a)
	if err != nil || len(b) > maxAbout {
		return nil
	}
	return b
}

// id is the task's id, 0 if there is none.
func (c culprit) id() topology.TaskID {
	if c.task == nil {
		return 0
	}
	return c.task.id
}

// parseAbout reads what another worker has told. It is never nil: who has told nothing has
// no tuple to show.
func parseAbout(b []byte) *about {
	a := new(about)
	if len(b) > 0 && json.Unmarshal(b, a) != nil {
		return new(about)
	}
	return a
}
