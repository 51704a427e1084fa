package worker

import "gust/worker/peer"

// debt is what this worker owes another for the tuples that it has sent to a task here, over
// one link: the bytes that have left the task's queue, and how many tuples the task has
// taken. Each byte and each tuple is returned once, however it leaves the queue.
type debt struct {
	peer.Debt
	link   *link
	bolt   *boltTask
	listed bool // it is on the list of those that may be due
}

// foreign is what a bolt's task knows of tuples of other workers in its queue.
type foreign struct {
	runs []run // in the order of the queue
	head int
}

// run is a part of the queue that one worker has sent.
type run struct {
	end   uint64 // where it ends, as the outbox counts
	bytes uint64 // the credit that returns with it
	of    *debt
}

// debt is the account of a task with the worker at the other end. It is nil if that worker has
// no task that emits to it, and has not injected a tuple for it either.
func (k *link) debt(t *task) *debt {
	if d := k.debts[t.id]; d != nil || !t.comp.sentBy(k.peer.number) {
		return d
	}
	return k.owe(t)
}

// owe opens an account of a task, or finds the one that is open. Any worker may send the task a tuple: one
// that was injected there.
func (k *link) owe(t *task) *debt {
	if d := k.debts[t.id]; d != nil {
		return d
	}
	d := &debt{link: k, bolt: t.bolt}
	k.debts[t.id] = d
	return d
}

// receive notes that the tuple that the task was just given came from the other worker.
func (d *debt) receive(cost int) {
	b := d.bolt
	b.flight.slots[b.flight.newest()].from = d
	q := &b.foreign
	end := b.task.out.Put()
	// Runs are joined, but to less than a quarter of the window, so that credit returns
	// while the rest of the queue still waits.
	if n := len(q.runs); n > q.head && q.runs[n-1].of == d && q.runs[n-1].bytes+uint64(cost) <= b.comp.shareBytes/8 {
		q.runs[n-1].end = end
		q.runs[n-1].bytes += uint64(cost)
		return
	}
	q.runs = append(q.runs, run{end, uint64(cost), d})
}

// left returns the credit for what has left the queue up to a place: written to the process,
// or dropped.
func (q *foreign) left(upTo uint64) {
	for q.head < len(q.runs) && q.runs[q.head].end <= upTo {
		r := &q.runs[q.head]
		r.of.Drained(r.bytes)
		r.of.list()
		r.of = nil
		q.head++
	}
	if q.head == len(q.runs) {
		q.runs, q.head = q.runs[:0], 0
	} else if q.head > len(q.runs)/2 && q.head > 64 {
		q.runs, q.head = q.runs[:copy(q.runs, q.runs[q.head:])], 0
	}
}

// take notes that the task has taken a tuple of the other worker, or that it never will.
func (d *debt) take() {
	d.Took(1)
	d.list()
}

// list has the debt looked at at the end of the round.
func (d *debt) list() {
	if !d.listed && d.link.stands {
		d.listed = true
		d.link.peers.debts = append(d.link.peers.debts, d)
	}
}

// share is how many tuples the other worker may have at the task.
func (d *debt) share() uint64 {
	return peer.Share(d.bolt.window.limit(d.bolt.loop.now), len(d.bolt.comp.senders))
}

// settleDebts tells the others what is due.
func (ps *peers) settleDebts() {
	still := ps.debts[:0]
	for _, d := range ps.debts {
		k, b := d.link, d.bolt
		share := d.share()
		switch {
		case !k.stands:
			d.listed = false
		case d.Due(b.comp.shareBytes, share, b.task.out.Len() == 0):
			k.out.First = d.Append(k.out.First, b.task.id, share)
			k.touch()
			d.listed = false
		case d.Owes():
			still = append(still, d)
		default:
			d.listed = false
		}
	}
	clear(ps.debts[len(still):])
	ps.debts = still
}
