package worker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gust/multilang"
	"gust/shell"
)

// simChild is a child of a simulated worker. It speaks the real protocol over simulated
// pipes, in its own words: it shares no code with the loop but the transcoding of msgpack.
type simChild struct {
	world  *simWorld
	keeper *simKeeper
	life   int
	pid    int
	play   *simPlay
	actor  simActor
	msgs   bool // it speaks msgpack

	stdin, stdout, stderr          *simPipe
	stdinFD, stdoutFD, stderrFD    int
	ended, dying, hung, terminated bool
	scheduled                      bool
	stoppedUntil, busyUntil        int64
	in, out                        []byte
	backlog                        []simMessage // read while it waited for task ids
	greeted                        bool
	awaitsIDs                      bool
	rest                           []func() // of what it does for a message: each step may wait for task ids
}

// simActor is what a child does with a message.
type simActor interface {
	hear(m *simMessage)
	eof()
}

// simMessage is a message from the worker.
type simMessage struct {
	Command string
	ID      json.RawMessage
	Comp    *string
	Stream  string
	Task    int
	Tuple   []json.RawMessage
	PIDDir  string
	Conf    map[string]any
	Tuples  []json.RawMessage // of a pack
	IDs     []json.RawMessage
	Times   int
	TaskIDs []int `json:"-"`
	isIDs   bool
}

func newSimChild(k *simKeeper) *simChild {
	w := k.node.world
	w.pids++
	c := &simChild{world: w, keeper: k, life: k.lives, pid: w.pids, play: k.play, msgs: k.task.comp.codec == multilang.Msgpack}
	pipe := func(reader, writer func()) *simPipe {
		return &simPipe{world: w, room: simPick(w, 600, 4096, 64<<10, 1<<20), reader: reader, writer: writer}
	}
	c.stdin = pipe(c.poke, k.node.poke)
	c.stdout = pipe(k.node.poke, c.poke)
	c.stderr = pipe(k.node.poke, c.poke)
	c.stdinFD = k.node.kernel.open(simWriteEnd{c.stdin})
	c.stdoutFD = k.node.kernel.open(simReadEnd{c.stdout})
	c.stderrFD = k.node.kernel.open(simReadEnd{c.stderr})
	if k.task.spout != nil {
		c.actor = newSimSpout(c)
	} else {
		c.actor = &simBolt{simChild: c}
	}
	c.busyUntil = w.now + int64(w.upTo(c.play.start))
	return c
}

func (c *simChild) String() string {
	return fmt.Sprintf("%v.%d", c.keeper, c.life)
}

// These are the worker's: process.
func (c *simChild) PID() int     { return c.pid }
func (c *simChild) Stdin() int   { return c.stdinFD }
func (c *simChild) Stdout() int  { return c.stdoutFD }
func (c *simChild) Stderr() int  { return c.stderrFD }
func (c *simChild) Unread() bool { return !c.stdin.writerGone && len(c.stdin.buf) > 0 }
func (c *simChild) CloseStdin() {
	if c.stdinFD >= 0 {
		_ = c.keeper.node.kernel.Close(c.stdinFD)
		c.stdinFD = -1
	}
}
func (c *simChild) CloseOutputs() {
	if c.stdoutFD >= 0 {
		_ = c.keeper.node.kernel.Close(c.stdoutFD)
		_ = c.keeper.node.kernel.Close(c.stderrFD)
		c.stdoutFD, c.stderrFD = -1, -1
	}
}
func (c *simChild) Terminate() {
	c.terminated = true
	if !c.play.stubborn {
		c.die(shell.Exit{Code: -1, Signal: syscall.SIGTERM})
	}
}
func (c *simChild) Kill() {
	if c.world.trace != nil {
		c.world.tracef("  SIGKILL to %v\n%s", c, c.keeper.node.describe())
	}
	c.die(shell.Exit{Code: -1, Signal: unix.SIGKILL})
}

// die ends the process soon. What it has not written by then is lost.
func (c *simChild) die(exit shell.Exit) {
	if c.dying {
		return
	}
	c.dying = true
	c.world.after(c.world.upTo(time.Millisecond), "dies", c, func() {
		c.ended = true
		c.world.tracef("  %v: %v", c, exit)
		if s, ok := c.actor.(*simSpout); ok {
			s.source.abandon(s)
		}
		c.stdin.closeReader()
		c.stdout.closeWriter()
		c.stderr.closeWriter()
		c.world.after(c.world.upTo(2*time.Millisecond), "reaped", c, func() {
			if !c.keeper.node.dead {
				c.keeper.exited(exit)
			}
		})
	})
}

// stop is SIGSTOP, and SIGCONT after a time.
func (c *simChild) stop(d time.Duration) {
	c.stoppedUntil = max(c.stoppedUntil, c.world.now+int64(d))
	c.world.after(d, "continues", c, c.poke)
}

// poke has the child do its next step soon.
func (c *simChild) poke() {
	if c.scheduled || c.ended || c.hung {
		return
	}
	c.scheduled = true
	at := max(c.world.now, c.busyUntil, c.stoppedUntil) + int64(c.world.upTo(20*time.Microsecond))
	c.world.after(time.Duration(at-c.world.now), "step", c, func() {
		c.scheduled = false
		switch {
		case c.ended || c.dying || c.hung:
		case c.stoppedUntil > c.world.now:
			c.poke()
		default:
			c.step()
		}
	})
}

// step writes, goes on with what it does, handles a message or reads.
func (c *simChild) step() {
	for len(c.out) > 0 {
		n, err := c.stdout.put(c.out)
		if err == unix.EAGAIN {
			return // it blocks; the pipe pokes it
		}
		if err != nil {
			c.die(shell.Exit{Code: 1})
			return
		}
		c.out = c.out[:copy(c.out, c.out[n:])]
	}
	switch {
	case c.awaitsIDs:
		if m, ok := c.parse(); !ok {
			c.read()
		} else if m.isIDs {
			c.awaitsIDs = false
			c.poke()
		} else {
			c.backlog = append(c.backlog, m)
			c.poke()
		}
	case len(c.rest) > 0:
		next := c.rest[0]
		c.rest = c.rest[1:]
		next()
		c.poke()
	case len(c.backlog) > 0:
		m := c.backlog[0]
		c.backlog = c.backlog[1:]
		c.hear(&m)
	default:
		if m, ok := c.parse(); ok {
			c.hear(&m)
		} else {
			c.read()
		}
	}
}

func (c *simChild) hear(m *simMessage) {
	if m.isIDs {
		c.world.violate("%v got a list of task ids that it had not asked for", c)
	}
	if !c.greeted {
		c.greeted = true
		if packs, _ := m.Conf["gust.packs"].(float64); packs == 1 && c.play.packs {
			c.say(`{"pid":%d,"packs":1}`, c.pid)
		} else {
			c.say(`{"pid":%d}`, c.pid)
		}
	} else {
		messages := m.unpack()
		c.backlog = slices.Insert(c.backlog, 0, messages[1:]...)
		c.actor.hear(&messages[0])
	}
	c.poke()
}

// unpack splits a pack.
func (m *simMessage) unpack() (messages []simMessage) {
	one := *m
	one.Tuples, one.IDs, one.Times = nil, nil, 0
	for i := 0; i < len(m.Tuples); i += 2 {
		one.ID, one.Tuple = m.Tuples[i], nil
		if json.Unmarshal(m.Tuples[i+1], &one.Tuple) != nil {
			one.Tuple = nil
		}
		messages = append(messages, one)
	}
	for _, one.ID = range m.IDs {
		messages = append(messages, one)
	}
	for range m.Times {
		messages = append(messages, one)
	}
	if messages == nil {
		messages = append(messages, one)
	}
	return messages
}

// read reads once.
func (c *simChild) read() {
	chunk := c.world.scratch[:simPick(c.world, 100, 4096, 64<<10)]
	n, err := c.stdin.take(chunk)
	switch {
	case err != nil: // nothing is there; the pipe pokes it
	case n == 0:
		if !c.play.stubborn || c.world.calm {
			c.actor.eof()
			c.die(shell.Exit{})
		}
	default:
		c.in = append(c.in, chunk[:n]...)
		c.poke()
	}
}

// say writes a message.
func (c *simChild) say(format string, args ...any) {
	text := fmt.Appendf(nil, format, args...)
	if c.msgs {
		out, err := multilang.Transcode(c.out, text, multilang.JSON, multilang.Msgpack)
		if err != nil {
			panic(err)
		}
		c.out = out
		return
	}
	c.out = append(append(c.out, text...), "\nend\n"...)
}

// think makes the child busy.
func (c *simChild) think(d time.Duration) { c.busyUntil = c.world.now + int64(d) }

// parse takes a message from what was read.
func (c *simChild) parse() (m simMessage, ok bool) {
	var text []byte
	if c.msgs {
		n := simMsgpackEnd(c.in)
		if n == 0 {
			return m, false
		}
		list, err := multilang.Transcode(nil, append([]byte{0x91}, c.in[:n]...), multilang.Msgpack, multilang.JSON)
		if err != nil {
			c.world.violate("%v got broken msgpack: %v", c, err)
		}
		text, c.in = list[1:len(list)-1], c.in[n:]
	} else {
		n := bytes.Index(c.in, []byte("\nend\n"))
		if n < 0 {
			return m, false
		}
		text, c.in = c.in[:n], c.in[n+5:]
	}
	var err error
	if len(text) > 0 && text[0] == '[' {
		m.isIDs = true
		err = json.Unmarshal(text, &m.TaskIDs)
	} else {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		c.world.violate("%v got a broken message: %v: %.200s", c, err, text)
	}
	return m, true
}

// simMsgpackEnd is where the first value ends; 0 if it is not complete.
func simMsgpackEnd(b []byte) int {
	at := 0
	for left := 1; left > 0; left-- {
		if at >= len(b) {
			return 0
		}
		size := func(bytes int) int { // of a length field, after which that many bytes follow
			if at+1+bytes > len(b) {
				return len(b)
			}
			var n uint64
			for _, x := range b[at+1 : at+1+bytes] {
				n = n<<8 | uint64(x)
			}
			return int(n)
		}
		switch x := b[at]; {
		case x <= 0x7f, x >= 0xe0, x == 0xc0, x == 0xc2, x == 0xc3:
			at++
		case x&0xf0 == 0x80:
			left += 2 * int(x&0x0f)
			at++
		case x&0xf0 == 0x90:
			left += int(x & 0x0f)
			at++
		case x&0xe0 == 0xa0:
			at += 1 + int(x&0x1f)
		case x >= 0xcc && x <= 0xcf:
			at += 1 + 1<<(x-0xcc)
		case x >= 0xd0 && x <= 0xd3:
			at += 1 + 1<<(x-0xd0)
		case x == 0xca:
			at += 5
		case x == 0xcb:
			at += 9
		case x >= 0xd9 && x <= 0xdb:
			bytes := 1 << (x - 0xd9)
			at += 1 + bytes + size(bytes)
		case x >= 0xc4 && x <= 0xc6:
			bytes := 1 << (x - 0xc4)
			at += 1 + bytes + size(bytes)
		case x == 0xdc || x == 0xdd:
			bytes := 2 << (x - 0xdc)
			left += size(bytes)
			at += 1 + bytes
		case x == 0xde || x == 0xdf:
			bytes := 2 << (x - 0xde)
			left += 2 * size(bytes)
			at += 1 + bytes
		default:
			panic(fmt.Sprintf("msgpack's %#x", x))
		}
		if at > len(b) {
			return 0
		}
	}
	return at
}
