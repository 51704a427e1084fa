package worker

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/rs/zerolog"

	"gust/multilang"
	"gust/topology"
	"gust/worker/peer"
)

// A tree that times out because of a tuple on another worker fails at once, as all others do:
// the verdict waits for nobody. But who has held the tuple is only known there, or
// on the worker after that one. So this worker asks (WHO), and says in the log and in the
// journal that the tree has failed when the answer comes (HELD), or after answerTime.

// question is what another worker has been asked, and whoever waits for the answer.
type question struct {
	number uint64
	link   *link // of the worker that was asked
	until  int64

	late  *lateReport // what this worker has to say
	from  *link       // or a worker that has asked this one
	query uint64      // its number for that
}

// lateReport is what there is to say of a tree that has timed out.
type lateReport struct {
	spout *task
	id    string      // as the log shows it
	by    culprit     // as far as is known
	tree  *FailedTree // for the journal; nil if it does not want it
}

const (
	answerTime = time.Second
	linger     = 2 * answerTime // for so long after its timeout a tuple can still be asked about
	mostAsked  = 200            // questions a second
)

// askHolder asks who holds the tuple of a timed out tree, if that is on another worker. It
// returns what is to be said later, or nil if nobody can be asked.
func (l *loop) askHolder(spout *task, t *tree) *lateReport {
	by := t.holder
	if by.task == nil || by.task.stub == nil || by.slot == 0 {
		return nil
	}
	late := &lateReport{spout: spout, id: spout.show(t.id).String(), by: by}
	if !l.peers.pass(by.task, by.slot, &question{late: late}) {
		return nil
	}
	return late
}

// pass sends a question about a tuple that a stub has sent.
func (ps *peers) pass(t *task, slot int32, q *question) bool {
	s := &t.bolt.flight.slots[slot]
	k := t.stub.peer.link
	if k == nil || s.seq > t.stub.sent || !ps.asks.take(ps.loop.now) {
		return false
	}
	ps.question++
	q.number, q.link, q.until = ps.question, k, ps.loop.now+int64(answerTime)
	ps.questions = append(ps.questions, q)
	k.out.First = peer.AppendWho(k.out.First, q.number, t.id, multilang.TupleID(s.gen<<slotBits|uint64(slot)))
	k.touch()
	return true
}

// answerWho answers WHO, or passes it on.
func (k *link) answerWho(f *peer.Frame) {
	ps := k.peers
	by, age := ps.holder(k.proxyOf(f.Task, f.ID))
	if by.task != nil && by.task.stub != nil && ps.pass(by.task, by.slot, &question{from: k, query: f.Query}) {
		return
	}
	k.sayHeld(f.Query, by.id(), age, by.about(timedOut))
}

func (k *link) sayHeld(query uint64, by topology.TaskID, age int64, about []byte) {
	k.out.First = peer.AppendHeld(k.out.First, query, by, age, about)
	k.touch()
}

// proxyOf is the proxy that stands for a slot of the worker at the other end.
func (k *link) proxyOf(task topology.TaskID, id multilang.TupleID) treeRef {
	a := k.peers.loop.acker
	name := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(task)), uint64(id))
	for i := a.trees[k.list].next; i != k.list; i = a.trees[i].next {
		if t := &a.trees[i]; bytes.Equal(t.id, name) {
			return treeRef{i, t.gen}
		}
	}
	return treeRef{}
}

// holder is who has held a tuple of a tree longest here, and for how long.
func (ps *peers) holder(ref treeRef) (by culprit, age int64) {
	if ref.none() {
		return culprit{}, 0
	}
	l := ps.loop
	since := l.now
	for _, t := range l.plan.byID {
		if t == nil || t.bolt == nil {
			continue
		}
		f := t.bolt.flight
		for i := f.oldest(); i != 0; i = f.slots[i].next {
			if s := &f.slots[i]; s.of(ref) && (by.task == nil || s.sent < since) {
				by, since = culprit{task: t, slot: i}, s.sent
				break // it is the oldest of this task
			}
		}
	}
	return by, l.now - since
}

// of says whether the tuple belongs to a tree.
func (s *slot) of(ref treeRef) bool {
	if s.tree == ref {
		return true
	}
	for _, more := range s.more {
		if more == ref {
			return true
		}
	}
	return false
}

// answerHeld takes the answer to a question.
func (ps *peers) answerHeld(k *link, f *peer.Frame) {
	for i, q := range ps.questions {
		if q.number == f.Query && q.link == k {
			ps.questions = append(ps.questions[:i], ps.questions[i+1:]...)
			ps.conclude(q, f.From, f.Age, f.Body)
			return
		}
	}
}

// conclude passes an answer on to whoever waits for it. by is 0 if nobody is known to hold the
// tuple.
func (ps *peers) conclude(q *question, by topology.TaskID, age int64, told []byte) {
	switch {
	case q.late != nil:
		if t := ps.loop.plan.known(by); t != nil {
			q.late.by = culprit{task: t, told: parseAbout(told)}
		}
		q.late.say()
	case q.from.stands:
		q.from.sayHeld(q.query, by, age, told)
	}
}

// forgetQuestions ends the waiting for answers that have not come in time, or that cannot come
// any more.
func (ps *peers) forgetQuestions(now int64) {
	waiting := ps.questions
	ps.questions = nil
	for _, q := range waiting {
		if q.link.stands && now < q.until {
			ps.questions = append(ps.questions, q)
		} else {
			ps.conclude(q, 0, 0, nil)
		}
	}
}

// say says that the tree has timed out, and because of whom.
func (r *lateReport) say() {
	r.spout.timedOut(r.id, r.by)
	if r.tree == nil {
		return
	}
	if r.by.told != nil {
		r.tree.Cause, r.tree.Error = r.by.told.Tuple, r.by.told.Error
	}
	r.spout.loop.journal.Append(&Journal{Failures: []FailedTree{*r.tree}}, journalMost)
}

// timedOut reports that a tree of the spout has timed out.
func (t *task) timedOut(id any, by culprit) {
	if by.task != nil {
		t.loop.acker.held(by.task.comp.name())
	}
	t.complain("timed out trees", zerolog.WarnLevel,
		"tuple %v timed out: not acked within %v, held by %v (topology.message.timeout.secs)",
		id, t.comp.set.messageTimeout, by)
}
