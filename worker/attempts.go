package worker

// attempts counts how often the tuples of a spout have failed, by their ids, where
// gust.max.attempts limits that. A tuple that fails for the last time is a dead letter:
// the spout gets an ack for it, so that it does not replay it, and the journal has it.
type attempts struct {
	most   int // 0: no limit
	failed map[string]int
}

// mostAttempted limits for how many tuples the failures are counted. If more are failing,
// all counts begin again.
const mostAttempted = 100_000

// fail counts a failure, and says whether it was the last one.
func (a *attempts) fail(id []byte) (last bool) {
	if a.most == 0 {
		return false
	}
	n := a.failed[string(id)] + 1
	if n >= a.most {
		return true
	}
	switch {
	case a.failed == nil:
		a.failed = map[string]int{}
	case len(a.failed) >= mostAttempted:
		clear(a.failed)
	}
	a.failed[string(id)] = n
	return false
}

// forget ends the counting for a tuple: it was acked, or is a dead letter.
func (a *attempts) forget(id []byte) {
	if len(a.failed) > 0 {
		delete(a.failed, string(id))
	}
}
