package shell

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gust/multilang"
)

const ms = int64(time.Millisecond)

// answer has the child answer its oldest command, with tuples that have ids.
func answer(c *Commands, now int64, reliable int) {
	for range reliable {
		c.Emitted(true, false)
	}
	c.Synced(now)
}

// askAll sends `next` while the books allow it, and returns how many.
func askAll(c *Commands, now int64) (n int) {
	for c.MayAsk() > 0 {
		c.Sent(multilang.Next, now)
		n++
	}
	return n
}

func TestWindowGrowsByOneAndCollapses(t *testing.T) {
	c := NewCommands(4)
	now := int64(0)
	if n := askAll(c, now); n != 1 {
		t.Fatalf("a new spout is asked %d times ahead, want once", n)
	}
	for _, want := range []int{2, 3, 4, 4, 4} {
		for c.Nexts() > 0 {
			now += ms
			answer(c, now, 1)
			if c.Nexts() < want {
				break
			}
		}
		askAll(c, now)
		if got := c.Nexts(); got != want {
			t.Fatalf("%d asked ahead, want %d", got, want)
		}
	}

	t.Run("a next without a tuple", func(t *testing.T) {
		answer(c, now, 0)
		if c.MayAsk() > 0 {
			t.Error("asked ahead, although the spout has nothing")
		}
		for c.Outstanding() > 0 {
			answer(c, now, 0)
		}
		if n := askAll(c, now); n != 1 {
			t.Errorf("%d asked ahead of a spout that has nothing, want 1", n)
		}
	})
	t.Run("a slow next", func(t *testing.T) {
		for range 5 {
			answer(c, now, 1)
			askAll(c, now)
		}
		now += int64(slowNext) + 1
		answer(c, now, 1)
		if c.MayAsk() > 0 {
			t.Error("asked ahead, although the spout is slow")
		}
	})
	t.Run("one that waited behind a slow one is not slow itself", func(t *testing.T) {
		for c.Outstanding() > 0 {
			answer(c, now, 1)
		}
		if n := askAll(c, now); n < 2 {
			t.Errorf("%d asked ahead of a quick spout", n)
		}
	})
}

func TestLockStep(t *testing.T) {
	t.Run("declared", func(t *testing.T) {
		c := NewCommands(1)
		if !c.LockStep() {
			t.Fatal("at most one `next` ahead is lock step")
		}
		c.Sent(multilang.Activate, 0)
		if c.MayAsk() > 0 {
			t.Error("asked before the sync of `activate`")
		}
		answer(c, 0, 0)
		for range 10 {
			if n := askAll(c, 0); n != 1 {
				t.Fatalf("%d asked ahead", n)
			}
			answer(c, 0, 1)
		}
	})
	t.Run("once the spout has asked for task ids", func(t *testing.T) {
		c := NewCommands(8)
		for range 6 {
			askAll(c, 0)
			answer(c, 0, 1)
		}
		askAll(c, 0)
		if c.Nexts() < 2 {
			t.Fatal("a quick spout is not asked ahead")
		}
		c.Emitted(true, true)
		if !c.LockStep() {
			t.Fatal("a spout that waits for a list of task ids is asked ahead")
		}
		for c.Outstanding() > 0 {
			if c.MayAsk() > 0 {
				t.Error("asked while a command is out")
			}
			answer(c, 0, 1)
		}
		for range 10 {
			if n := askAll(c, 0); n != 1 {
				t.Fatalf("%d asked ahead, in lock step", n)
			}
			answer(c, 0, 1)
		}
	})
}

// A client may answer `activate` late or never: what it is asked meanwhile must
// not be taken for its answer.
func TestNothingIsAskedBeforeTheSpoutIsActive(t *testing.T) {
	c := NewCommands(8)
	c.Sent(multilang.Activate, 0)
	if c.MayAsk() > 0 {
		t.Error("asked before the sync of `activate`")
	}
	c.Forgive(1)
	if n := askAll(c, 1); n != 1 {
		t.Errorf("%d asked after `activate` was forgiven", n)
	}
}

// The ring doubles, with the commands in order across its seam.
func TestCommandsAreSyncedInTheirOrder(t *testing.T) {
	c := NewCommands(8)
	all := []multilang.SpoutCommand{multilang.Activate, multilang.Next, multilang.AckTuple, multilang.FailTuple, multilang.Deactivate}
	var sent, synced []multilang.SpoutCommand
	for i := range 500 {
		for range 1 + i%3 {
			cmd := all[len(sent)%len(all)]
			c.Sent(cmd, 0)
			sent = append(sent, cmd)
		}
		if i%5 > 0 {
			cmd, _, ok := c.Synced(0)
			if !ok {
				t.Fatal("a sync of a command that was sent counts as unasked")
			}
			synced = append(synced, cmd)
		}
		if c.Outstanding() != len(sent)-len(synced) {
			t.Fatalf("%d outstanding, want %d", c.Outstanding(), len(sent)-len(synced))
		}
	}
	for c.Outstanding() > 0 {
		oldest, _, _ := c.Oldest()
		cmd, _, _ := c.Synced(0)
		if oldest != cmd {
			t.Fatalf("the oldest is %v, but %v was synced", oldest, cmd)
		}
		synced = append(synced, cmd)
	}
	if !slices.Equal(sent, synced) {
		t.Error("commands were synced in another order than they were sent in")
	}
	if c.Nexts() != 0 {
		t.Errorf("%d `next` left", c.Nexts())
	}
}

func TestEmitsBelongToTheOldestCommand(t *testing.T) {
	c := NewCommands(8)
	c.Emitted(true, false) // before any command: it is nobody's
	c.Sent(multilang.AckTuple, 0)
	c.Sent(multilang.Next, 0)
	for _, want := range []struct {
		cmd   multilang.SpoutCommand
		emits int
	}{{multilang.AckTuple, 2}, {multilang.Next, 3}} {
		for range want.emits {
			c.Emitted(false, false)
		}
		if cmd, emits, ok := c.Synced(0); !ok || cmd != want.cmd || emits != want.emits {
			t.Errorf("synced %v with %d tuples (%v), want %v with %d", cmd, emits, ok, want.cmd, want.emits)
		}
	}
}

func TestUnaskedSyncIsIgnored(t *testing.T) {
	c := NewCommands(8)
	for range 3 {
		if _, _, ok := c.Synced(0); ok {
			t.Fatal("a sync without a command counts as an answer")
		}
	}
	if c.Outstanding() != 0 || c.Nexts() != 0 || askAll(c, 0) != 1 {
		t.Error("a sync without a command has changed the books")
	}
}

func TestTreesPerNextForgetsABurst(t *testing.T) {
	c := NewCommands(8)
	next := func(reliable int) {
		c.Sent(multilang.Next, 0)
		c.Emitted(false, false) // a tuple without an id opens no tree
		answer(c, 0, reliable)
	}
	if got := c.TreesPerNext(); got != 1 {
		t.Errorf("%d trees expected of a new spout, want 1", got)
	}
	next(0)
	if got := c.TreesPerNext(); got != 1 {
		t.Errorf("%d trees expected after none, want 1", got)
	}
	next(7)
	for i := range treesSpan {
		if got := c.TreesPerNext(); got != 7 {
			t.Fatalf("a burst of 7 is forgotten after %d commands: %d", i, got)
		}
		next(2)
	}
	for range treesSpan {
		next(2)
	}
	if got := c.TreesPerNext(); got != 2 {
		t.Errorf("%d trees expected after a long time of 2, want 2", got)
	}
}

func TestOldestSaysSinceWhenTheChildWorksOnIt(t *testing.T) {
	c := NewCommands(8)
	if _, _, ok := c.Oldest(); ok {
		t.Fatal("a spout that was asked nothing works on something")
	}
	c.Sent(multilang.AckTuple, 10)
	c.Sent(multilang.Next, 20)
	if cmd, since, _ := c.Oldest(); cmd != multilang.AckTuple || since != 10 {
		t.Errorf("%v since %d, want ack since 10", cmd, since)
	}
	c.Synced(30)
	if cmd, since, _ := c.Oldest(); cmd != multilang.Next || since != 30 {
		t.Errorf("%v since %d, want next since 30, when the one before was done", cmd, since)
	}
}

// A client may answer `activate` late, or never: in the end the books know, and the
// number of commands ahead is that of every other client.
func TestForgive(t *testing.T) {
	for _, max := range []int{1, 8} {
		for _, answers := range []bool{true, false} {
			t.Run(fmt.Sprintf("at most %d ahead, activate is answered: %v", max, answers), func(t *testing.T) {
				c := NewCommands(max)
				owed := 0 // commands that the client has yet to answer
				ask := func() {
					t.Helper()
					n := askAll(c, 0)
					if owed += n; n != 1 {
						t.Fatalf("%d asked", n)
					}
				}
				sync := func() { owed--; answer(c, 0, 0) }
				if c.Forgive(0) || c.Unsure() {
					t.Fatal("there is nothing to forgive")
				}
				c.Sent(multilang.Activate, 0)
				if c.MayAsk() > 0 || c.Idle() || !c.Unsure() || !c.Forgive(0) || !c.Idle() || c.Unsure() || c.Forgive(0) {
					t.Fatal("`activate` is not forgiven once")
				}
				ask()
				if c.MayAsk() > 0 || c.Idle() {
					t.Fatal("more than one is asked in spite of it")
				}
				if answers {
					owed++
					sync()
				}
				sync()
				if !answers {
					if c.MayAsk() > 0 || !c.Unsure() || !c.Forgive(0) {
						t.Fatal("the sync that never came is not forgiven")
					}
				}
				if c.Outstanding() != owed || !c.Idle() || c.Unsure() {
					t.Fatalf("%d outstanding, want %d", c.Outstanding(), owed)
				}
				for range 10 {
					ask()
					sync()
				}
				if c.Outstanding() != owed || owed != 0 {
					t.Errorf("%d outstanding, want %d of none", c.Outstanding(), owed)
				}
			})
		}
	}
}

// A client that does not answer `deactivate` either is given what follows it.
func TestForgiveDeactivate(t *testing.T) {
	c := NewCommands(1)
	c.Sent(multilang.Deactivate, 0)
	if !c.Forgive(0) || !c.Idle() {
		t.Fatal("`deactivate` is not forgiven")
	}
	c.Sent(multilang.AckTuple, 0)
	if c.Idle() {
		t.Fatal("idle, with an ack to answer")
	}
	c.Synced(0)
	if !c.Forgive(0) || c.Outstanding() != 0 {
		t.Errorf("%d outstanding", c.Outstanding())
	}
}
