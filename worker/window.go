package worker

import "time"

// window bounds how many tuples a bolt's process may have been given and not taken, as a
// transport's congestion window bounds the bytes on their way. It counts tuples in the
// outbox, in the pipe and in the process's own buffers alike: 64 KiB of pipe hold a
// thousand small tuples, which is fifty seconds of work for a bolt that needs 50 ms each.
// Before there was a window, such a bolt with 8 tasks had 901,000 of 906,000 trees time
// out (docs/performance.md).
//
// # What is taken
//
// A process reads its tuples in the order in which they were given, and a tuple is taken
// when the process has read it. So an ack or a fail says that the process has taken that
// tuple and all before it, and the answer to a heartbeat says so of all that were given
// before the heartbeat. Acks are not enough: some bolts keep their tuples for a batch.
//
// # How large it is
//
// It begins at windowMin, and doubles when the bolt runs dry while spouts wait for it
// (flow.go). So it becomes large enough to keep the bolt busy from its ack to the spout's
// next tuple; the kernel's dynamic queue limits size the queue of a network card in the
// same way. It shrinks by an eighth in each second in which it did not grow. It has two
// bounds, as the time that the bolt needs for a window of tuples:
//
//   - at most windowMost, so that no tuple waits for longer.
//   - at least windowLeast: so short a wait does no harm, and a fast bolt gets large
//     batches.
//
// A bolt that needs more than windowMost for one tuple still has windowMin: one tuple to
// work on, and one that is there when it is done.
type window struct {
	given uint64 // tuples that have been put into the queue
	older uint64 // those that were given to earlier processes
	taken uint64 // how many of given the bolt is known to have taken
	size  uint64 // what keeps the bolt busy, as far as is known
	most  int64  // windowMost, or less if the message timeout is short
	fixed uint64 // the value of taken when size last grew
	grew  bool   // size has grown since the last call of shrink

	limited uint64 // what limit last returned
	told    uint64 // of a task on another worker: the limit that this worker was given; 0 otherwise

	perTuple int64 // nanoseconds: a moving average over some four samples; 0 if unknown
	since    int64 // when the bolt began to work on what it has not taken yet
	busy     int64 // the open sample: how long the bolt has worked,
	sampled  int64 // and how many tuples it has taken meanwhile

	heartbeats  []uint64 // the heartbeats on their way: the value of given before each
	heartbeatAt int64    // when the last one was sent
	givenBefore uint64   // what had been given before that one

	reached uint64 // taken, including what the current chunk of output says
}

const (
	windowMin   = 2 // tuples
	windowMost  = 250 * time.Millisecond
	windowLeast = 20 * time.Millisecond

	// stallAfter is how long a bolt may be silent before it counts as slow: fast bolts
	// answer many tuples at a time.
	stallAfter = 50 * time.Millisecond

	sampleTuples = 16 // a sample ends after so many tuples,
	sampleTime   = 10 * time.Millisecond

	maxHeartbeats  = 256 // if so many are unanswered, another one tells nothing
	heartbeatAfter = 128 // tuples
	heartbeatEvery = 10 * time.Millisecond
)

// newWindow returns the window of a bolt whose tuples time out after timeout, 0 for never.
func newWindow(timeout time.Duration) window {
	w := window{size: windowMin, limited: windowMin, most: int64(windowMost)}
	if timeout > 0 {
		w.most = min(w.most, int64(timeout/4))
	}
	return w
}

// restart forgets what the last process was given, but not how fast it was.
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

// due says whether a heartbeat should follow the last tuple: one heartbeat each second is
// not enough for a queue that grows by a hundred thousand tuples meanwhile.
func (w *window) due(now int64) bool {
	return w.given-w.givenBefore >= heartbeatAfter && now-w.heartbeatAt >= int64(heartbeatEvery) && len(w.heartbeats) < maxHeartbeats
}

// noteHeartbeat notes that a heartbeat was sent.
func (w *window) noteHeartbeat(now int64) {
	w.heartbeats = append(w.heartbeats, w.given)
	w.heartbeatAt, w.givenBefore = now, w.given
}

// heartbeatSynced notes the answer to the oldest heartbeat, and returns the number of the
// last tuple before that heartbeat, or 0 if none was sent.
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

// endChunk takes what one chunk of output says into account, all at once: it came at one
// moment, but the bolt did not do the work in no time. It returns how many more tuples
// are known to be taken.
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

// limit is the size of the window: how many tuples may be queued. It sets limited.
func (w *window) limit(now int64) uint64 {
	if w.told > 0 {
		w.limited = w.told
		return w.told
	}
	size, per := w.size, w.perTuple
	if per > 0 {
		size = max(size, uint64(int64(windowLeast)/per))
	}
	if at := now - w.since; w.queued() > 0 && at > int64(stallAfter) {
		per = max(per, at) // it was faster, but has already needed so long for this one
	}
	if per > 0 {
		size = min(size, uint64(w.most/per))
	}
	w.limited = max(size, windowMin)
	return w.limited
}

// emptier says whether a smaller share of the window is used than of another one. The size
// of a window says how fast the bolt is; but a bolt without tuples is emptier than all
// others, however slow it is.
func (w *window) emptier(than *window) bool {
	return w.queued()*than.limited < than.queued()*w.limited
}

// widen doubles the window within its bounds, and says whether it grew: it grows once for
// each time that it was used up.
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
