package peer

import "gust/topology"

// A window is what a sender may have in the queue of a task, in bytes: its credit. The windows
// of all senders of a task sum to the most that the queue of a single worker may hold
// before gust holds an emitter, but no window is smaller than minWindow.
const (
	// QueueMarks is how many times gust.queue.bytes the second mark is.
	QueueMarks = 4
	minWindow  = 64 << 10

	// CyclicWindows is how many windows an emitter on a cycle may fill before it is held: a
	// bolt that is held by itself holds its own queue up for good.
	CyclicWindows = 16
)

// Window is the window of each of so many senders of a task, its own worker included.
func Window(queueBytes, senders int) uint64 {
	return uint64(max(QueueMarks*queueBytes/max(senders, 1), minWindow))
}

// Account is a sender's account of one task of another worker: how many of the bytes that
// it has sent are still in that task's queue, or on their way. It ends with the connection.
type Account struct{ window, spent uint64 }

// NewAccount returns an account of which nothing has been spent.
func NewAccount(window uint64) Account { return Account{window: window} }

// MaySend says whether the next tuple may go, of any size: it may overdraw the account.
// Otherwise a tuple that is larger than the window would wait forever.
func (a *Account) MaySend() bool { return a.spent < a.window }

// Sent spends the bytes of a tuple.
func (a *Account) Sent(n uint64) { a.spent += n }

// Spent is what has been sent and has not returned.
func (a *Account) Spent() uint64 { return a.spent }

// Returned takes bytes back. An error means that the receiver counts wrongly, and that the
// connection is of no use.
func (a *Account) Returned(n uint64) error {
	if n > a.spent {
		return malformed("CREDIT returns %d bytes of %d", n, a.spent)
	}
	a.spent -= n
	return nil
}

// Resize changes the window. What is spent stays so.
func (a *Account) Resize(window uint64) { a.window = window }

// Reset forgets what was spent on a connection that is lost.
func (a *Account) Reset() { a.spent = 0 }

// Debt is a receiver's account of what one sender has sent to one of its tasks: what it
// has to return, in bytes and in tuples. It ends with the connection.
//
// Each byte returns once: when it has been written to the task's process, when it was
// dropped because the process died, or when the tuple was refused. What the task's queue
// holds of a lost connection returns to nobody.
type Debt struct {
	bytes, taken uint64
	told         uint64 // the share of the task's window in tuples that was told last
}

// Drained adds bytes that have left the queue.
func (d *Debt) Drained(n uint64) { d.bytes += n }

// Took adds tuples that the task has taken, or that were dropped with it.
func (d *Debt) Took(n uint64) { d.taken += n }

// Owes says whether anything is to be returned.
func (d *Debt) Owes() bool { return d.bytes > 0 || d.taken > 0 }

// Due says whether a CREDIT has to be sent at the end of the round: if a quarter of either
// window is owed, if the share has changed by more than an eighth, or if anything is owed and
// the queue is empty.
// Without the last rule, what is less than a quarter would stay away, and a sender that
// waits for it could wait forever.
func (d *Debt) Due(window, share uint64, empty bool) bool {
	return d.bytes >= max(window/4, 1) || d.taken >= max(share/4, 1) ||
		share > d.told+d.told/8 || share < d.told-d.told/8 || d.Owes() && empty
}

// Append appends the CREDIT, and clears the debt. The share is how many tuples the sender
// may have that the task has not taken ([Share]).
func (d *Debt) Append(dst []byte, task topology.TaskID, share uint64) []byte {
	dst = AppendCredit(dst, task, d.bytes, d.taken, share)
	*d = Debt{told: share}
	return dst
}

// Reset forgets what is owed to a connection that is lost.
func (d *Debt) Reset() { *d = Debt{} }

// Share is how many tuples each of so many senders of a task, its own worker included, may
// have there that the task has not taken: its part of the task's window, and at least one.
//
// Where the window is smaller than the number of senders, they may so have more than the
// window: one tuple each. They do not add to that, since the queue is then over its mark
// ([Marks]), and no spout is asked until it is below the window again.
//
// Turns would keep to the window: a share of one for as many senders as it has tuples, and of
// none for the others until it is theirs. That is wrong for two reasons. A spout that feeds
// several slow tasks is asked when all have room. It would hold its turn at one while it
// waits for its turn at another, whose holder waits for the first. And most senders may have
// nothing to send: during their turns the task is idle, and a spout that is alone can never
// keep all tasks at work. With one tuple each, no sender waits for another one.
//
// The price is time in the queue. A task that takes five seconds per tuple may have eight
// tuples of eight workers, which is forty seconds, where a single worker gives it two.
func Share(window uint64, senders int) uint64 {
	return max(1, window/uint64(max(senders, 1)))
}
