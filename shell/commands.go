package shell

import (
	"time"

	"gust/multilang"
)

// Commands keeps the books of a spout's conversation, as ShellSpout does with
// its one outstanding command: which commands are with the child, which of them
// a sync answers, and how many `next` may be asked ahead.
//
// # Asking ahead
//
// Storm sends a command and waits for its sync, so that a spout waits for the
// host between any two tuples. Here a few `next` are on their way while the
// spout works, and it finds the following one in its pipe: two to seven times
// the throughput. What is asked ahead cannot be taken back, though: acks and
// fails queue behind it, and a spout that sleeps in next_tuple would sleep once
// for each. So the window starts at 1, which is Storm's lock step, and grows by
// one with each `next` that is answered quickly and with a tuple, up to what the
// spout does within the horizon. It falls to half when one takes longer than
// slowNext — not to 1, since on a crowded machine any process sometimes waits
// that long for a CPU — and to 1 when one brings no tuple.
//
// A spout that asks for task ids stays in lock step for good: the list that it
// waits for would come after commands that it has not asked for, and simple
// clients read the next message for the list.
//
// Commands belongs to one goroutine. Times are nanoseconds of any one clock.
type Commands struct {
	ring  []multilang.SpoutCommand // a ring of what was sent and not synced
	head  int
	count int
	nexts int // how many of them are `next`
	// activating is set while `activate` is one of them. Nothing is asked
	// meanwhile: a client that never answers it would be taken to have answered
	// it with the sync of the command that follows.
	activating bool
	doubt      bool // one of them may never be answered: see Forgive

	window   int
	max      int
	lockStep bool

	pace      int64 // how long a `next` with a tuple takes: a moving average over some 64
	headSince int64 // when the oldest command became the one that the child works on
	emits     int   // tuples emitted since the last sync
	reliable  int   // of them, those with an id

	// perNext is the most trees that one `next` has opened lately: the larger
	// of two windows of perNextSpan commands each, so that one burst is
	// remembered for a while and not forever.
	perNext, perNextOld, perNextAge int
}

const (
	slowNext    = 5 * time.Millisecond
	horizon     = 10 * time.Millisecond // the longest that an ack should wait behind what was asked ahead
	perNextSpan = 1024
)

// NewCommands returns the books of a new process, with at most max `next`
// asked ahead; 1 is Storm's lock step.
func NewCommands(max int) *Commands {
	return &Commands{ring: make([]multilang.SpoutCommand, 16), window: 1, max: max, lockStep: max <= 1}
}

// Sent notes a command that goes to the child.
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

// Synced notes a sync: it answers the oldest command, and tells which that was
// and how many tuples came with it. ok is false for a sync that nobody asked for.
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
	if cmd == multilang.Activate {
		c.activating = false
	}
	if c.count == 0 {
		c.doubt = false
	}
	if cmd != multilang.Next {
		return cmd, emits, true
	}
	c.nexts--
	c.measure(reliable)
	if emits > 0 {
		c.pace += (took - c.pace) / 64
	}
	switch {
	case emits == 0:
		c.window = 1
	case took > int64(slowNext):
		c.window = max(1, c.window/2)
	case c.lockStep:
	case int64(c.window)*c.pace > int64(horizon):
		c.window = max(1, c.window-1)
	case c.window < c.max:
		c.window++
	}
	return cmd, emits, true
}

func (c *Commands) measure(reliable int) {
	if c.perNextAge++; c.perNextAge >= perNextSpan {
		c.perNextOld, c.perNext, c.perNextAge = c.perNext, 0, 0
	}
	c.perNext = max(c.perNext, reliable)
}

// TreesPerNext is how many trees one `next` is expected to open, at least 1.
func (c *Commands) TreesPerNext() int { return max(1, c.perNext, c.perNextOld) }

// MayAsk is how many more `next` may be sent, as far as the conversation goes.
func (c *Commands) MayAsk() int {
	switch {
	case c.lockStep && c.Idle():
		return 1
	case c.lockStep, c.activating && !c.doubt:
		return 0
	}
	return max(0, c.window-c.nexts)
}

// Idle says whether the child has nothing to do: it has answered all that it was
// sent, but for an `activate` or `deactivate` that it hardly will.
func (c *Commands) Idle() bool {
	return c.count == 0 || c.count == 1 && c.doubt && optional(c.ring[c.head])
}

// LockStep says whether each command has to wait for the sync of the one before.
func (c *Commands) LockStep() bool { return c.lockStep }

// Nexts is the number of `next` that are with the child.
func (c *Commands) Nexts() int { return c.nexts }

// Outstanding is the number of commands that are with the child.
func (c *Commands) Outstanding() int { return c.count }

// Oldest is the command that the child works on, and since when; ok is false
// where it has none.
func (c *Commands) Oldest() (cmd multilang.SpoutCommand, since int64, ok bool) {
	if c.count == 0 {
		return 0, 0, false
	}
	return c.ring[c.head], c.headSince, true
}

// optional says whether clients answer a command as they like. Storm's own
// storm.js syncs `activate` and `deactivate` only where the spout overrides them.
func optional(cmd multilang.SpoutCommand) bool {
	return cmd == multilang.Activate || cmd == multilang.Deactivate
}

// Unsure says whether the sync that comes next may never come: of a command that
// clients need not answer, or because such a one was not.
func (c *Commands) Unsure() bool {
	if c.doubt {
		return c.count == 1 && !optional(c.ring[c.head])
	}
	return c.count > 0 && optional(c.ring[c.head])
}

// Forgive is for a sync that has not come for a while, where the books are Unsure.
// It reports whether something else may be sent now.
//
// Whether a client is slow to answer `activate`, or never does, shows only in what
// follows. So the first time nothing is dropped, but one more command may be sent.
// The sync that comes then is taken for that of `activate`: if it was, another
// follows, and the books are right. If none does, one command was never answered,
// and the second time drops what is left. A client that is slow twice over, in both
// its first commands, is taken for one that does not answer.
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
