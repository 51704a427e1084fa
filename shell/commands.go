package shell

import (
	"time"

	"gust/multilang"
)

// Commands keeps count of a spout's commands, as ShellSpout does with its one outstanding
// command: which commands the child has, which of them a sync answers, and how many
// `next` may be sent ahead.
//
// # Asking ahead
//
// Storm sends a command and waits for its sync, so that a spout waits for the host
// between any two tuples. Here a few `next` are on their way while the spout works, and
// it finds the following one in its pipe: that is two to seven times the throughput.
//
// But a `next` cannot be taken back. Acks and fails queue behind it, and a spout that
// sleeps in next_tuple sleeps once for each. So the window begins at 1, which is Storm's
// lock step. It grows by one with each `next` that is answered quickly and with a tuple,
// up to what the spout does within horizon. It falls to half when a `next` takes longer
// than slowNext (not to 1, since on a busy machine any process sometimes waits that long
// for a CPU), and to 1 when a `next` brings no tuple.
//
// A spout that asks for task ids stays in lock step: the list that it waits for would
// come after commands, and simple clients take the next message for the list.
//
// Commands belongs to one goroutine. Times are nanoseconds of any one clock.
type Commands struct {
	ring  []multilang.SpoutCommand // a ring of what was sent and not synced
	head  int
	count int
	nexts int // how many of them are `next`
	// activating says that `activate` is one of them. Nothing is asked meanwhile: if a
	// client never answers it, the sync of the next command would count as its answer.
	activating bool
	doubt      bool // one of them may never be answered: see Forgive

	window   int
	max      int
	lockStep bool

	nextTime  int64 // how long a `next` with a tuple takes: a moving average over some 64
	headSince int64 // when the oldest command became the one that the child works on
	emits     int   // tuples emitted since the last sync
	reliable  int   // how many of them have an id

	trees treesPerNext
}

const (
	slowNext = 5 * time.Millisecond
	horizon  = 10 * time.Millisecond // the longest that an ack should wait behind what was asked ahead
)

// treesPerNext is the most trees that one `next` has opened recently: in this span of
// `next`, or the one before, so that a burst is remembered for a while and not forever.
type treesPerNext struct {
	most, before int
	age          int // of this span, in `next`
}

const treesSpan = 1024

func (t *treesPerNext) add(opened int) {
	if t.age++; t.age >= treesSpan {
		t.before, t.most, t.age = t.most, 0, 0
	}
	t.most = max(t.most, opened)
}

// NewCommands returns the commands of a new process, with at most max `next` sent ahead;
// 1 is Storm's lock step.
func NewCommands(max int) *Commands {
	return &Commands{ring: make([]multilang.SpoutCommand, 16), window: 1, max: max, lockStep: max <= 1}
}

// Sent notes a command that was sent to the child.
func (c *Commands) Sent(cmd multilang.SpoutCommand, now int64) {
	if c.count == len(c.ring) {
		grown := make([]multilang.SpoutCommand, 2*len(c.ring))
		n := copy(grown, c.ring[c.head:])
		copy(grown[n:], c.ring[:c.head])
		c.ring, c.head = grown, 0
	}
	if c.count == 0 {
		c.headSince = now
		c.emits, c.reliable = 0, 0
	}
	c.ring[(c.head+c.count)&(len(c.ring)-1)] = cmd
	c.count++
	switch cmd {
	case multilang.Next:
		c.nexts++
	case multilang.Activate:
		c.activating = true
	}
}

// Emitted notes a tuple from the child.
func (c *Commands) Emitted(reliable, needTaskIDs bool) {
	c.emits++
	if reliable {
		c.reliable++
	}
	if needTaskIDs && !c.lockStep {
		c.lockStep, c.window = true, 1
	}
}

// Synced notes a sync: it answers the oldest command. Synced returns the command and how
// many tuples came with it. ok is false for a sync that answers nothing.
func (c *Commands) Synced(now int64) (cmd multilang.SpoutCommand, emits int, ok bool) {
	if c.count == 0 {
		return 0, 0, false
	}
	cmd = c.ring[c.head]
	c.head = (c.head + 1) & (len(c.ring) - 1)
	c.count--
	took := now - c.headSince
	emits, reliable := c.emits, c.reliable
	c.headSince, c.emits, c.reliable = now, 0, 0
	if c.count == 0 {
		c.doubt = false
	}
	switch cmd {
	case multilang.Activate:
		c.activating = false
	case multilang.Next:
		c.nexts--
		c.trees.add(reliable)
		c.adapt(took, emits)
	}
	return cmd, emits, true
}

// adapt changes the window after a `next`.
func (c *Commands) adapt(took int64, emits int) {
	if emits > 0 {
		c.nextTime += (took - c.nextTime) / 64
	}
	switch {
	case emits == 0:
		c.window = 1
	case took > int64(slowNext):
		c.window = max(1, c.window/2)
	case c.lockStep:
	case int64(c.window)*c.nextTime > int64(horizon):
		c.window = max(1, c.window-1)
	case c.window < c.max:
		c.window++
	}
}

// TreesPerNext is how many trees one `next` is expected to open, at least 1.
func (c *Commands) TreesPerNext() int { return max(1, c.trees.most, c.trees.before) }

// MayAsk is how many more `next` may be sent now.
func (c *Commands) MayAsk() int {
	switch {
	case c.lockStep && c.Idle():
		return 1
	case c.lockStep, c.activating && !c.doubt:
		return 0
	}
	return max(0, c.window-c.nexts)
}

// Idle says whether the child has nothing to do: it has answered all commands, except
// perhaps an `activate` or `deactivate` that it probably never will.
func (c *Commands) Idle() bool {
	return c.count == 0 || c.count == 1 && c.doubt && optional(c.ring[c.head])
}

// LockStep says whether each command has to wait for the sync of the previous one.
func (c *Commands) LockStep() bool { return c.lockStep }

// Nexts is the number of `next` that the child has not answered.
func (c *Commands) Nexts() int { return c.nexts }

// Outstanding is the number of commands that the child has not answered.
func (c *Commands) Outstanding() int { return c.count }

// Oldest is the command that the child works on, and since when. ok is false if it has
// none.
func (c *Commands) Oldest() (cmd multilang.SpoutCommand, since int64, ok bool) {
	if c.count == 0 {
		return 0, 0, false
	}
	return c.ring[c.head], c.headSince, true
}

// optional says whether some clients never answer a command. Storm's own storm.js syncs
// `activate` and `deactivate` only if the spout overrides them.
func optional(cmd multilang.SpoutCommand) bool {
	return cmd == multilang.Activate || cmd == multilang.Deactivate
}

// Unsure says whether the next sync may never come: the command is one that some clients
// never answer, or such a command may have been left unanswered before.
func (c *Commands) Unsure() bool {
	if c.doubt {
		return c.count == 1 && !optional(c.ring[c.head])
	}
	return c.count > 0 && optional(c.ring[c.head])
}

// Forgive is for a sync that has not come for a while, when Commands is Unsure. It
// reports whether another command may be sent now.
//
// Whether a client is slow to answer `activate`, or never does, only shows later. So
// the first time Forgive drops nothing, but allows one more command. The sync that comes
// then counts as that of `activate`. If it was, another one follows, and the count is
// right. If not, one command was never answered, and the second time Forgive drops what
// is left. A client that is slow to answer both its first commands counts as one that
// does not answer.
func (c *Commands) Forgive(now int64) bool {
	switch {
	case !c.Unsure():
		return false
	case !c.doubt:
		c.doubt = true
	default:
		window := c.window
		c.Synced(now)
		c.window = window
	}
	return true
}
