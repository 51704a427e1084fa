package worker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gust/shell"
	"gust/topology"
)

// simCast has the plays of a topology's components.
type simCast map[string]*simPlay

// simPlay is how the children of a component behave. Numbers of the form oneIn are chances;
// 0 is never.
type simPlay struct {
	start      time.Duration // how long the start takes, at most
	think      time.Duration // how long it works on a message, at most
	needIDs    bool          // it asks where its tuples went
	pad        int           // bytes of a value, at most
	crashOneIn int           // messages after which it dies
	hangOneIn  int
	noiseOneIn int // it logs and prints
	breakOneIn int // it stops at a breakpoint
	wrongOneIn int // it breaks the protocol
	packs      bool
	stubborn   bool // it ignores the end of its input, and SIGTERM

	// Of spouts.
	messages   int // that a task has to get through the topology
	perNext    int // it emits for each `next`, at most
	emptyOneIn int // it has nothing although it has messages
	unreliable int // one in so many tuples has no id
	ttl        int // how many hops what follows from a tuple may make

	// Of bolts.
	fan             []int // how many tuples it emits for one: one of these
	batch           int   // tuples that it answers together, at most
	failOneIn       int
	unanchoredOneIn int
	forgetOneIn     int // tuples that it neither acks nor fails
	backOneIn       int // tuples that it sends back on a cycle
}

// simSource is where a spout's task gets its messages from. It outlives the processes, and
// has each message emitted until it is acked.
type simSource struct {
	next    int
	replay  []int
	pending map[uint64]int // what the current process has emitted: message numbers, by tuple
	acked   int
}

// done says whether all messages are acked.
func (s *simSource) done(messages int) bool { return s.acked == messages }

// abandon takes back what a dead process had emitted.
func (s *simSource) abandon(*simSpout) {
	for _, number := range slices.Sorted(maps.Keys(s.pending)) {
		s.replay = append(s.replay, s.pending[number])
	}
	clear(s.pending)
}

// simSpout is a child of a spout.
type simSpout struct {
	*simChild
	source   *simSource
	verdicts map[uint64]bool // told, by tuple
	emitted  int             // with an id
}

func newSimSpout(c *simChild) *simSpout {
	id := c.keeper.task.id
	if c.world.source[id] == nil {
		c.world.source[id] = &simSource{pending: map[uint64]int{}}
	}
	return &simSpout{simChild: c, source: c.world.source[id], verdicts: map[uint64]bool{}}
}

func (s *simSpout) hear(m *simMessage) {
	if s.misbehaves() {
		return
	}
	switch m.Command {
	case "next":
		s.think(s.world.upTo(s.play.think))
		if s.play.emptyOneIn == 0 || !s.world.chance(s.play.emptyOneIn) {
			for range 1 + s.world.rand.IntN(s.play.perNext) {
				s.rest = append(s.rest, s.emitNext)
			}
		}
		if s.isWrong() {
			s.rest = append(s.rest, func() {
				if s.world.calm { // it has waited at a breakpoint, and the run may be over
					return
				}
				s.emitWrong(nil, true)
				s.emitted++
			})
		}
	case "ack", "fail":
		number, err := strconv.ParseUint(string(m.ID), 10, 64)
		r := s.world.truth.roots[number]
		if err != nil || r == nil || r.spout != s.simChild {
			s.world.violate("%v was told %q of %s, which it did not emit", s, m.Command, m.ID)
		}
		if s.verdicts[number] {
			s.world.violate("%v was told two verdicts on %d", s, number)
		}
		s.verdicts[number] = true
		if message, ok := s.source.pending[number]; ok {
			if m.Command == "ack" {
				s.source.acked++
			} else {
				s.source.replay = append(s.source.replay, message)
			}
		}
		delete(s.source.pending, number)
	case "activate", "deactivate":
	default:
		s.world.violate("%v got the command %q", s, m.Command)
	}
	s.rest = append(s.rest, func() { s.say(`{"command":"sync"}`) })
}

// emitNext emits a message of its source, if there is one.
func (s *simSpout) emitNext() {
	message := s.source.next
	switch {
	case len(s.source.replay) > 0:
		message = s.source.replay[0]
		s.source.replay = s.source.replay[1:]
	case s.source.next < s.play.messages:
		s.source.next++
	default:
		return
	}
	reliable := s.play.unreliable == 0 || !s.world.chance(s.play.unreliable)
	e := s.emitTuple("default", 0, nil, reliable, s.play.ttl)
	if reliable {
		s.source.pending[e.number] = message
		s.emitted++
	} else {
		s.source.acked++ // nobody will say more of it
	}
}

func (s *simSpout) eof() {
	if !s.terminated && len(s.verdicts) != s.emitted {
		s.world.violate("%v was told %d verdicts on %d tuples", s, len(s.verdicts), s.emitted)
	}
}

// emitTuple emits a tuple.
func (c *simChild) emitTuple(stream string, direct topology.TaskID, anchors []*simDelivery, reliable bool, ttl int) *simEmit {
	w := c.world
	key := "k" + strconv.Itoa(w.rand.IntN(8))
	e := w.truth.emit(c, stream, key, direct, anchors, reliable)
	pad := 0
	if c.play.pad > 0 {
		pad = w.rand.IntN(c.play.pad)
		if w.chance(10) {
			pad = c.play.pad
		}
	}
	members := c.idAnd(e, anchors, reliable)
	if direct != 0 {
		members += fmt.Sprintf(`,"task":%d`, direct)
	}
	c.awaitsIDs = c.play.needIDs && direct == 0
	c.say(`{"command":"emit","tuple":[%d,"%s",%d,"%s"],"stream":"%s"%s,"need_task_ids":%v}`,
		e.number, key, ttl, strings.Repeat("x", pad), stream, members, c.awaitsIDs)
	return e
}

// isWrong says whether the child breaks the protocol now.
func (c *simChild) isWrong() bool {
	return !c.world.calm && c.play.wrongOneIn > 0 && c.world.chance(c.play.wrongOneIn)
}

// emitWrong emits a tuple that cannot go anywhere, so that its trees have to fail.
func (c *simChild) emitWrong(anchors []*simDelivery, reliable bool) {
	e := c.world.truth.emit(c, "nowhere", "", 0, anchors, reliable)
	stream := simPick(c.world, "default", "nowhere")
	if len(c.keeper.task.comp.output([]byte("default")).edges) == 0 {
		stream = "nowhere" // a stream that nobody reads may have any tuples
	}
	c.say(`{"command":"emit","tuple":["too","short"],"stream":"%s"%s,"need_task_ids":false}`, stream, c.idAnd(e, anchors, reliable))
}

// idAnd are the members "id" and "anchors" of an emit.
func (c *simChild) idAnd(e *simEmit, anchors []*simDelivery, reliable bool) (members string) {
	if reliable {
		members = fmt.Sprintf(`,"id":%d`, e.number)
	}
	if c.keeper.task.bolt != nil {
		ids := make([]string, len(anchors))
		for i, a := range anchors {
			ids[i] = a.id
		}
		members += fmt.Sprintf(`,"anchors":[%s]`, strings.Join(ids, ","))
	}
	return members
}

// misbehaves says whether the child dies or hangs instead of handling a message. It may also
// just be noisy.
func (c *simChild) misbehaves() bool {
	w, p := c.world, c.play
	if w.calm {
		return false
	}
	if p.breakOneIn > 0 && w.chance(p.breakOneIn) {
		c.say(`{"command":"gust.breakpoint","params":{"file":"x.py","line":%d,"function":"f"}}`, w.rand.IntN(100))
		c.rest = append(c.rest, func() { c.think(w.upTo(30 * time.Second)) }, func() { c.say(`{"command":"gust.resumed"}`) })
	}
	switch {
	case p.crashOneIn > 0 && w.chance(p.crashOneIn):
		c.die(shell.Exit{Code: 1})
		return true
	case p.hangOneIn > 0 && w.chance(p.hangOneIn):
		w.tracef("  %v hangs", c)
		c.hung = true
		return true
	case p.noiseOneIn > 0 && w.chance(p.noiseOneIn):
		switch w.rand.IntN(4) {
		case 0:
			c.say(`{"command":"log","msg":"about tuple %d"}`, w.truth.last)
		case 1:
			c.say(`{"command":"metrics","name":"m","params":%d}`, w.truth.last)
		case 2:
			_, _ = c.stderr.put([]byte("a line on stderr\n"))
		case 3:
			if !c.msgs {
				c.out = append(c.out, "printed\n"...)
			}
		}
	}
	return false
}

// simBolt is a child of a bolt.
type simBolt struct {
	*simChild
	held   []*simDelivery
	heldAt int64
}

func (b *simBolt) eof() {}

func (b *simBolt) hear(m *simMessage) {
	switch m.Stream {
	case "__heartbeat":
		b.say(`{"command":"sync"}`)
		if len(b.held) > 0 && b.world.now-b.heldAt > int64(time.Second/2) {
			b.answer()
		}
		return
	case "__tick":
		b.say(`{"command":"ack","id":%s}`, m.ID)
		return
	}
	var number uint64
	if len(m.Tuple) != 4 || json.Unmarshal(m.Tuple[0], &number) != nil {
		b.world.violate("%v got the tuple %s", b, m.Tuple)
	}
	d := b.world.truth.deliver(b.simChild, number, m)
	if b.misbehaves() {
		return
	}
	b.think(b.world.upTo(b.play.think))
	if len(b.held) == 0 {
		b.heldAt = b.world.now
	}
	b.held = append(b.held, d)
	ttl, _ := strconv.Atoi(string(m.Tuple[2]))
	if len(b.held) > b.world.rand.IntN(max(1, b.play.batch)) {
		b.work(ttl)
	}
}

// work emits what follows from the tuples that the bolt holds, and answers them.
func (b *simBolt) work(ttl int) {
	w := b.world
	anchors := slices.Clone(b.held)
	if b.play.unanchoredOneIn > 0 && w.chance(b.play.unanchoredOneIn) {
		anchors = nil
	}
	for _, out := range b.keeper.task.comp.outputs {
		n := simPick(w, b.play.fan...)
		switch {
		case ttl <= 0 || len(out.edges) == 0:
			n = 0
		case out.Name == "back":
			n = 0
			if w.chance(b.play.backOneIn) {
				n = 1
			}
		}
		for range n {
			var direct topology.TaskID
			if out.Direct {
				direct = simPick(w, out.edges[0].to.tasks...).id
			}
			b.rest = append(b.rest, func() { b.emitTuple(out.Name, direct, anchors, false, ttl-1) })
		}
	}
	if b.isWrong() {
		b.rest = append(b.rest, func() { b.emitWrong(anchors, false) })
	}
	b.rest = append(b.rest, b.answer)
}

// answer acks what the bolt holds, or fails it.
func (b *simBolt) answer() {
	held := b.held
	b.held = nil
	if b.world.chance(4) {
		slices.Reverse(held)
	}
	for _, d := range held {
		switch {
		case !b.world.calm && b.play.forgetOneIn > 0 && b.world.chance(b.play.forgetOneIn):
			b.world.tracef("  %v forgets %d", b, d.number)
			continue
		case !b.world.calm && b.play.failOneIn > 0 && b.world.chance(b.play.failOneIn):
			d.fail()
			b.say(`{"command":"fail","id":%s}`, d.id)
		default:
			d.ack()
			b.say(`{"command":"ack","id":%s}`, d.id)
		}
		if b.isWrong() {
			b.say("%s", simPick(b.world,
				fmt.Sprintf(`{"command":"ack","id":%s}`, d.id), `{"command":"fail","id":"4711"}`, `{"command":"ack"}`,
				`{"command":"error","msg":"something is wrong"}`, `{"command":"nothing"}`))
		}
	}
}
