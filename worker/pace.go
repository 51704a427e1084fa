package worker

import "time"

// pace is how fast a bolt takes its tuples. Acks do not tell: some bolts keep their
// tuples for a batch, and others ack from another thread. Heartbeats do, for they
// stand in the same queue and are answered when their turn comes: between two
// answers the bolt has taken the tuples between the two heartbeats.
type pace struct {
	given    uint64 // tuples that have been put into the queue
	taken    uint64 // of these, those before the last heartbeat that was answered
	since    int64  // when that was
	perTuple int64  // nanoseconds: a moving average over some four heartbeats

	marks  []mark // the heartbeats on their way, oldest first
	marked int64  // when the last one was sent
	behind uint64 // tuples given since
	first  int64  // when the first of those was

	reached mark // the last heartbeat that this chunk of the bolt's output answers
	waits   bool // there is such a one
}

// mark is a heartbeat in the queue.
type mark struct {
	given uint64 // tuples before it
	first int64  // when the first of those behind the mark before it was given
}

const (
	maxMarks  = 256 // a bolt that does not answer so many is known to be behind
	markAfter = 128 // tuples
	markEvery = 10 * time.Millisecond
)

// give notes a tuple that was put into the queue.
func (p *pace) give(now int64) {
	if p.behind == 0 {
		p.first = now
	}
	p.given++
	p.behind++
}

// due says whether a heartbeat should follow the last tuple: the one that a bolt is
// sent each second comes too late for a queue that grows by a hundred thousand.
func (p *pace) due(now int64) bool {
	return p.behind >= markAfter && now-p.marked >= int64(markEvery) && len(p.marks) < maxMarks
}

// mark notes a heartbeat.
func (p *pace) mark(now int64) {
	p.marks = append(p.marks, mark{p.given, p.first})
	p.marked, p.behind = now, 0
}

// answered notes the answer to the oldest heartbeat. An answer that nobody has asked
// for is none.
func (p *pace) answered() {
	if len(p.marks) == 0 {
		return
	}
	first := p.marks[0].first
	if p.waits {
		first = p.reached.first
	}
	p.reached, p.waits = mark{p.marks[0].given, first}, true
	p.marks = p.marks[:copy(p.marks, p.marks[1:])]
}

// settle takes the answers of one chunk into account, together: they have come at
// the same time, and their work was not done in none.
func (p *pace) settle(now int64) {
	if !p.waits {
		return
	}
	p.waits = false
	if n := int64(p.reached.given - p.taken); n > 0 {
		per := (now - max(p.since, p.reached.first)) / n
		if p.perTuple == 0 {
			p.perTuple = per
		}
		p.perTuple += (per - p.perTuple) / 4
	}
	p.taken, p.since = p.reached.given, now
}

// queued is how many tuples the bolt has not taken yet, as far as is known.
func (p *pace) queued() uint64 { return p.given - p.taken }

// wait is how long the bolt will need for what is queued.
func (p *pace) wait() time.Duration { return time.Duration(p.queued()) * time.Duration(p.perTuple) }
