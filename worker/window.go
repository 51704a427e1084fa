package worker

import "time"

// window bounds how many tuples a bolt's process may have been given and not
// taken, as a transport's congestion window bounds the bytes on their way. It
// counts those in the outbox, in the pipe and in the process's own buffers alike:
// 64 KiB of pipe hold a thousand small tuples, which is fifty seconds of work for
// a bolt that needs 50 ms for each.
//
// # What is taken
//
// A process reads its tuples in the order in which they were given. So an ack or
// a fail says that it has taken that tuple and all before it, and the answer to a
// heartbeat says so of all that stood before the heartbeat. Acks alone would not
// do: some bolts keep their tuples for a batch.
//
// # How large it is
//
// It begins at windowMin and doubles when the bolt has run dry while spouts waited
// for it (flow.go). So it becomes what keeps the bolt busy from its ack to the spout's next
// tuple; the kernel's dynamic queue limits size the queue of a network card in the
// same way. It shrinks by an eighth in each second in which it did not grow. Two
// bounds hold it, both times at the bolt's pace:
//
//   - at most what the bolt takes in windowMost: no tuple waits longer than that.
//   - at least what the bolt takes in windowLeast: so short a wait harms nobody, and
//     a fast bolt gets large batches.
//
// A bolt that needs longer than windowMost for one tuple still has windowMin: one
// to work on, and one that is there when it is done.
type window struct {
	given uint64 // tuples that have been put into the queue
	older uint64 // those that were given to processes before this one
	taken uint64 // of these, those that the bolt is known to have taken
	size  uint64 // what keeps the bolt busy, as far as is known
	most  int64  // windowMost, or less where the message timeout is short
	fixed uint64 // taken, when size last grew
	grew  bool   // size has grown since it was last shrunk

	limited uint64 // the last limit

	perTuple int64 // nanoseconds: a moving average over some four samples; 0 is unknown
	since    int64 // when the bolt began to work on what it has not taken yet
	busy     int64 // the open sample: how long the bolt has worked,
	sampled  int64 // and how many tuples it has taken meanwhile

	heartbeats  []uint64 // the heartbeats on their way: what had been given before each
	heartbeatAt int64    // when the last one was sent
	givenBefore uint64   // what had been given before that one

	reached uint64 // as taken, with what this chunk of the bolt's output says
}

const (
	windowMin   = 2 // tuples
	windowMost  = 250 * time.Millisecond
	windowLeast = 20 * time.Millisecond

	// stallAfter is how long a bolt may be silent before it counts as having
	// become slow: fast ones answer many tuples at a time.
	stallAfter = 50 * time.Millisecond

	sampleTuples = 16 // a sample ends after so many tuples,
	sampleTime   = 10 * time.Millisecond

	maxHeartbeats  = 256 // a bolt that does not answer so many is known to be behind
	heartbeatAfter = 128 // tuples
	heartbeatEvery = 10 * time.Millisecond
)

// newWindow is the window of a bolt whose tuples time out after timeout, 0 for never.
func newWindow(timeout time.Duration) window {
	w := window{size: windowMin, limited: windowMin, most: int64(windowMost)}
	if timeout > 0 {
		w.most = min(w.most, int64(timeout/4))
	}
	return w
}

// restart forgets what the last process was given, not how fast it was.
func (w *window) restart() {
	*w = window{older: w.older + w.given, size: w.size, limited: w.limited, most: w.most, perTuple: w.perTuple}
}

// give notes a tuple that was put into the queue, and returns its number.
func (w *window) give(now int64) uint64 {
	if w.queued() == 0 {
		w.since = now
	}
	w.given++
	return w.given
}

// queued is how many tuples the bolt is not known to have taken.
func (w *window) queued() uint64 { return w.given - w.taken }

// due says whether a heartbeat should follow the last tuple: the one that a bolt is
// sent each second comes too late for a queue that grows by a hundred thousand.
func (w *window) due(now int64) bool {
	return w.given-w.givenBefore >= heartbeatAfter && now-w.heartbeatAt >= int64(heartbeatEvery) && len(w.heartbeats) < maxHeartbeats
}

// mark notes a heartbeat.
func (w *window) noteHeartbeat(now int64) {
	w.heartbeats = append(w.heartbeats, w.given)
	w.heartbeatAt, w.givenBefore = now, w.given
}

// answered notes the answer to the oldest heartbeat, and returns the number of the
// last tuple before it. Of an answer that nobody asked for that is 0.
func (w *window) heartbeatSynced() uint64 {
	if len(w.heartbeats) == 0 {
		return 0
	}
	n := w.heartbeats[0]
	w.heartbeats = w.heartbeats[:copy(w.heartbeats, w.heartbeats[1:])]
	return n
}

// reach notes that the tuple n and all before it have been taken.
func (w *window) reach(n uint64) { w.reached = max(w.reached, n) }

// settle takes what one chunk of output says into account, all of it together: it
// has come at one time, and the work was not done in none. It returns how many
// tuples more are known to be taken.
func (w *window) endChunk(now int64) (n uint64) {
	if w.reached <= w.taken {
		return 0
	}
	n = w.reached - w.taken
	w.busy += now - w.since
	w.sampled += int64(n)
	w.taken, w.since = w.reached, now
	if w.sampled >= sampleTuples || w.busy >= int64(sampleTime) {
		per := max(1, w.busy/w.sampled)
		if w.perTuple == 0 {
			w.perTuple = per
		}
		w.perTuple += (per - w.perTuple) / 4
		w.busy, w.sampled = 0, 0
	}
	return n
}

// limit is the window: how many tuples may be queued. It stays in limited.
func (w *window) limit(now int64) uint64 {
	size, per := w.size, w.perTuple
	if per > 0 {
		size = max(size, uint64(int64(windowLeast)/per))
	}
	if at := now - w.since; w.queued() > 0 && at > int64(stallAfter) {
		per = max(per, at) // it was faster, but has been at this one for so long already
	}
	if per > 0 {
		size = min(size, uint64(w.most/per))
	}
	w.limited = max(size, windowMin)
	return w.limited
}

// emptier says whether less of the window is used than of another: windows are as
// large as the bolts are fast, and a bolt without tuples comes before all others,
// however slow it was.
func (w *window) emptier(than *window) bool {
	return w.queued()*than.limited < than.queued()*w.limited
}

// widen lets the window grow, and says whether it has: it grows once for each time
// that it was used up, and within its bounds.
func (w *window) widen(now int64) bool {
	was := w.limit(now)
	if w.taken-w.fixed < was {
		return false
	}
	w.size = 2 * was
	w.fixed, w.grew = w.taken, true
	if w.limit(now) > was {
		return true
	}
	w.size = was
	return false
}

// shrink is called once a second.
func (w *window) shrink() {
	if !w.grew {
		w.size = max(windowMin, w.size-w.size/8)
	}
	w.grew = false
}
