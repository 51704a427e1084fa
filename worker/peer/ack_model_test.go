package peer

import (
	"encoding/binary"
	"slices"
	"testing"

	"gust/multilang"
)

// ackBug is a planted bug of the model of acks.
type ackBug int

const (
	noAckBug        ackBug = iota
	otherConnection        // an answer goes out on the connection that stands now
	queueIsDropped         // what was not written is lost with the connection
	slotsStay              // what was written waits for an answer that cannot come
	notCounted             // an engaged worker acknowledges without counting
	deadProxies            // entries are not forgotten with their proxies
	olderWins              // an older connection takes the place of a newer one
)

// ackModel is a topology over some workers, of which any may crash and restart, and whose
// connections may break. The frames, the handshake and the entries are the real ones; the
// acker, the flights and the bolts are as small as can be.
type ackModel struct {
	dice
	bug     ackBug
	workers []*ackWorker
	conns   []*ackConn
	roots   []*ackRoot
	tuples  []*ackTuple
}

// ackRoot is a spout's tuple.
type ackRoot struct {
	tuples   []*ackTuple
	verdicts int
	crashed  bool // with its spout
}

// ackTuple is a tuple that a bolt has to ack or fail.
type ackTuple struct {
	number int
	roots  []*ackRoot
	acked  bool
	hops   int
}

type ackRef struct{ index, gen uint32 }

// ackTree is a tree of a root, or a proxy.
type ackTree struct {
	gen   uint32
	live  bool
	open  int
	root  *ackRoot // nil for a proxy
	entry Entry
	conn  *ackConn // a proxy's
	id    multilang.TupleID
}

type ackWorker struct {
	number      int
	incarnation uint64
	dialed      uint64
	trees       []ackTree
	flights     []ackFlight // by worker
	held        []ackHeld
	entries     Entries[ackRef]
}

// ackHeld is a tuple that a bolt holds, with the trees in which it counts.
type ackHeld struct {
	tuple *ackTuple
	refs  []ackRef
}

// ackFlight has the tuples for another worker.
type ackFlight struct {
	slots   []ackSlot
	waiting []ackWaiting
	conn    *ackConn
	who     Identity // the other worker
}

type ackSlot struct {
	gen  uint32
	held bool
	refs []ackRef
	conn *ackConn // nil as long as the tuple has not been written
}

type ackWaiting struct {
	slots []Slot
	tuple *ackTuple
}

// ackConn is a connection. The ends are the dialer and the acceptor.
type ackConn struct {
	ends          [2]*ackWorker
	shake         [2]*Handshake
	decoder       [2]*Decoder
	stands        [2]bool
	closed        [2]bool
	control, data [2][]byte // written by an end
	wire          [2][]byte // in flight to an end
	fin           [2]bool   // follows the bytes
}

func playAcks(bug ackBug) func(dice) {
	return func(d dice) {
		m := &ackModel{dice: d, bug: bug}
		n := 2 + d(3)
		for i := range n {
			m.workers = append(m.workers, nil)
			m.start(i, 1, n)
		}
		for range 50 + d(200) {
			m.step()
			m.check()
		}
		m.rest()
	}
}

func (m *ackModel) start(number int, incarnation uint64, n int) {
	m.workers[number] = &ackWorker{number: number, incarnation: incarnation, trees: make([]ackTree, 1), flights: make([]ackFlight, n)}
}

// The acker.

func (m *ackModel) plant(w *ackWorker, t ackTree) ackRef {
	i := slices.IndexFunc(w.trees[1:], func(t ackTree) bool { return !t.live }) + 1
	if i == 0 {
		i = len(w.trees)
		w.trees = append(w.trees, ackTree{})
	}
	t.gen, t.live, t.open = w.trees[i].gen+1, true, 1
	w.trees[i] = t
	return ackRef{uint32(i), t.gen}
}

func (w *ackWorker) find(r ackRef) *ackTree {
	if t := &w.trees[r.index]; t.live && t.gen == r.gen {
		return t
	}
	return nil
}

func (w *ackWorker) grow(r ackRef) {
	if t := w.find(r); t != nil {
		t.open++
	}
}

func (m *ackModel) done(w *ackWorker, r ackRef) {
	if t := w.find(r); t != nil {
		if t.open--; t.open == 0 {
			m.endTree(w, r, Ack)
		}
	}
}

// endTree ends a tree that lives: with Ack, Fail, or 0 if nobody waits for it.
func (m *ackModel) endTree(w *ackWorker, r ackRef, verdict Kind) {
	t := w.find(r)
	if t == nil {
		return
	}
	t.live = false
	if !t.entry.None() && m.bug != deadProxies {
		w.entries.Forget(t.entry, r)
	}
	if t.root != nil {
		t.root.end(verdict)
		return
	}
	c := t.conn
	if m.bug == otherConnection {
		c = w.flights[c.other(w).number].conn
	}
	if verdict == 0 || c == nil || c.closed[c.end(w)] {
		return
	}
	out := &c.control[c.end(w)]
	if verdict == Ack {
		*out = AppendAck(*out, 1, t.id)
	} else {
		*out = AppendFail(*out, 1, t.id, 1, 0, nil)
	}
}

func (r *ackRoot) end(verdict Kind) {
	if r.verdicts++; r.verdicts > 1 {
		violated("a tree has two verdicts")
	}
	for _, t := range r.tuples {
		if verdict == Ack && !t.acked {
			violated("a tree is acked before its tuple %d", t.number)
		}
	}
}

// The flight.

// give sends a tuple to another worker, over an edge on a cycle or not.
func (m *ackModel) give(w *ackWorker, t *ackTuple, refs []ackRef, to int, cyclic bool) {
	var slots []Slot
	f := &w.flights[to]
	if !cyclic && len(refs) > 0 {
		slots = append(slots, Slot{ID: f.take(w, refs)})
	}
	if cyclic {
		by := map[Entry][]ackRef{}
		var order []Entry
		for _, r := range refs {
			entry := Entry{Incarnation: w.incarnation, Worker: w.number, Index: r.index, Gen: r.gen}
			if t := w.find(r); t != nil && !t.entry.None() {
				entry = t.entry
			}
			if by[entry] == nil {
				order = append(order, entry)
			}
			by[entry] = append(by[entry], r)
		}
		for _, entry := range order {
			slots = append(slots, Slot{ID: f.take(w, by[entry]), Entry: entry})
		}
	}
	f.waiting = append(f.waiting, ackWaiting{slots, t})
	m.write(w, f)
}

// take takes a slot, which counts in the trees.
func (f *ackFlight) take(w *ackWorker, refs []ackRef) multilang.TupleID {
	i := slices.IndexFunc(f.slots, func(s ackSlot) bool { return !s.held })
	if i < 0 {
		i = len(f.slots)
		f.slots = append(f.slots, ackSlot{})
	}
	for _, r := range refs {
		w.grow(r)
	}
	f.slots[i] = ackSlot{gen: f.slots[i].gen + 1, held: true, refs: slices.Clone(refs)}
	return multilang.TupleID(uint64(f.slots[i].gen)<<32 | uint64(i))
}

// write writes what waits, if there is a connection.
func (m *ackModel) write(w *ackWorker, f *ackFlight) {
	c := f.conn
	if c == nil {
		return
	}
	for _, waiting := range f.waiting {
		for _, s := range waiting.slots {
			f.slots[uint32(s.ID)].conn = c
		}
		out := &c.data[c.end(w)]
		*out = AppendTuple(*out, 1, 2, 0, waiting.slots, false, binary.AppendUvarint(nil, uint64(waiting.tuple.number)))
	}
	f.waiting = nil
}

func (m *ackModel) answer(w *ackWorker, f *ackFlight, slot int, verdict Kind) {
	s := &f.slots[slot]
	s.held = false
	for _, r := range s.refs {
		if verdict == Ack {
			m.done(w, r)
		} else {
			m.endTree(w, r, Fail)
		}
	}
}

// Connections.

func (c *ackConn) end(w *ackWorker) int          { return slices.Index(c.ends[:], w) }
func (c *ackConn) other(w *ackWorker) *ackWorker { return c.ends[1-c.end(w)] }

func (m *ackModel) dial(w, to *ackWorker) {
	if w.number >= to.number || w.flights[to.number].conn != nil {
		return
	}
	if slices.ContainsFunc(m.conns, func(c *ackConn) bool { return c.ends == [2]*ackWorker{w, to} && !c.closed[0] }) {
		return
	}
	w.dialed++
	own, other := identity(w.number), identity(to.number)
	own.Incarnation, own.Connection, other.Incarnation = w.incarnation, w.dialed, to.incarnation
	c := &ackConn{
		ends:    [2]*ackWorker{w, to},
		shake:   [2]*Handshake{NewDialer(own, to.number, secret, nonce(1)), NewAcceptor(other, len(m.workers), secret, nonce(2))},
		decoder: [2]*Decoder{NewDecoder(0), NewDecoder(0)},
	}
	c.control[0] = c.shake[0].Begin(nil)
	m.conns = append(m.conns, c)
}

// stand is when a connection stands for an end.
func (m *ackModel) stand(c *ackConn, end int) {
	w, other := c.ends[end], c.ends[1-end]
	f := &w.flights[other.number]
	who := c.shake[end].Peer()
	if old := f.conn; old != nil {
		if end == 1 && !who.Newer(f.who) && m.bug != olderWins {
			m.lose(w, c)
			return
		}
		if end == 1 && !who.Newer(f.who) {
			violated("an older connection has taken the place of a newer one")
		}
		m.lose(w, old)
	}
	f.conn, f.who = c, who
	c.stands[end] = true
	c.decoder[end].Admit(1 << 20)
	if m.bug == queueIsDropped {
		f.waiting = nil
	}
	m.write(w, f)
}

// lose ends a connection for a worker. Of what it has written, a part may still arrive.
func (m *ackModel) lose(w *ackWorker, c *ackConn) {
	end := c.end(w)
	if c.closed[end] {
		return
	}
	c.closed[end], c.wire[end], c.fin[1-end] = true, nil, true
	c.control[end], c.data[end] = nil, nil
	f := &w.flights[c.other(w).number]
	if f.conn == c {
		f.conn = nil
	}
	for i := range w.trees {
		if t := &w.trees[i]; t.live && t.conn == c && m.bug != otherConnection {
			m.endTree(w, ackRef{uint32(i), t.gen}, 0)
		}
	}
	for i := range f.slots {
		if s := &f.slots[i]; s.held && s.conn == c && m.bug != slotsStay {
			m.answer(w, f, i, Fail)
		}
	}
}

// flush lets an end's outboxes go: what goes first, and so many whole tuples.
func (c *ackConn) flush(end, tuples int) {
	to := &c.wire[1-end]
	*to = append(*to, c.control[end]...)
	c.control[end] = nil
	for ; tuples > 0 && len(c.data[end]) > 0; tuples-- {
		n := FrameEnd(c.data[end])
		*to = append(*to, c.data[end][:n]...)
		c.data[end] = c.data[end][n:]
	}
}

// deliver lets some bytes arrive at an end, or the end of the connection after the last one.
func (m *ackModel) deliver(c *ackConn, end, n int) {
	if c.closed[end] {
		return
	}
	w := c.ends[end]
	if len(c.wire[end]) == 0 && c.fin[end] {
		m.lose(w, c)
		return
	}
	d := c.decoder[end]
	part := c.wire[end][:min(n, len(c.wire[end]))]
	c.wire[end] = c.wire[end][len(part):]
	_, _ = d.Fill(make([]byte, len(part)+maxHello+100), func(b []byte) (int, error) { return copy(b, part), nil })
	var f Frame
	for !c.closed[end] {
		ok, err := d.Next(&f)
		if err != nil {
			violated("%v", err)
		}
		if !ok {
			break
		}
		if c.stands[end] {
			m.take(c, w, &f)
			continue
		}
		reply, done, err := c.shake[end].Step(&f, c.control[end])
		c.control[end] = reply
		if err != nil {
			violated("%v", err)
		}
		if done {
			m.stand(c, end)
		}
	}
	d.Keep()
}

// take handles a frame.
func (m *ackModel) take(c *ackConn, w *ackWorker, f *Frame) {
	if f.Kind == Tuple {
		m.takeTuple(c, w, f)
		return
	}
	flight := &w.flights[c.other(w).number]
	i, gen := int(uint32(f.ID)), uint32(f.ID>>32)
	if i >= len(flight.slots) || !flight.slots[i].held || flight.slots[i].gen != gen || flight.slots[i].conn != c {
		violated("an answer to a slot that does not wait for it")
	}
	m.answer(w, flight, i, f.Kind)
}

func (m *ackModel) takeTuple(c *ackConn, w *ackWorker, f *Frame) {
	number, _ := binary.Uvarint(f.Body)
	var refs, guards []ackRef
	var engaged []multilang.TupleID
	for _, s := range f.Slots {
		ref, known := m.engaged(w, s.Entry)
		if known {
			engaged = append(engaged, s.ID)
		} else {
			ref = m.plant(w, ackTree{conn: c, id: s.ID, entry: s.Entry})
			guards = append(guards, ref)
			if !s.Entry.None() {
				w.entries.Map(s.Entry, ref)
			}
		}
		if ref.index != 0 {
			refs = append(refs, ref)
			if !known || m.bug != notCounted {
				w.grow(ref)
			}
		}
	}
	w.held = append(w.held, ackHeld{m.tuples[number], refs})
	for _, id := range engaged {
		c.control[c.end(w)] = AppendAck(c.control[c.end(w)], 1, id)
	}
	for _, r := range guards {
		m.done(w, r)
	}
}

// engaged is the tree that a worker has for an entry, if it has one or is its owner.
func (m *ackModel) engaged(w *ackWorker, e Entry) (ackRef, bool) {
	if e.None() {
		return ackRef{}, false
	}
	if e.Worker != w.number || e.Incarnation != w.incarnation {
		ref, ok := w.entries.Find(e)
		return ref, ok
	}
	ref := ackRef{e.Index, e.Gen}
	if w.find(ref) == nil {
		return ackRef{}, true
	}
	return ref, true
}

// What happens.

func (m *ackModel) step() {
	w := m.workers[m.dice(len(m.workers))]
	other := m.workers[m.dice(len(m.workers))]
	switch m.dice(10) {
	case 0:
		if len(m.roots) < 12 {
			m.spout(w)
		}
	case 1, 2, 3:
		m.bolt(w)
	case 4:
		m.dial(w, other)
	case 5:
		switch {
		case m.chance(60):
		case m.chance(20):
			m.crash(w)
		case m.chance(20):
			m.die(w)
		case w.flights[other.number].conn != nil:
			c := w.flights[other.number].conn
			end := 1 - c.end(w)
			if m.chance(50) {
				c.wire[end] = c.wire[end][:m.dice(len(c.wire[end])+1)]
			}
			m.lose(w, c)
		}
	default:
		if len(m.conns) == 0 {
			return
		}
		c := m.conns[m.dice(len(m.conns))]
		end := m.dice(2)
		c.flush(1-end, m.dice(3))
		m.deliver(c, end, 1+m.dice(400))
	}
}

func (m *ackModel) spout(w *ackWorker) {
	root := &ackRoot{}
	m.roots = append(m.roots, root)
	r := m.plant(w, ackTree{root: root})
	for range 1 + m.dice(3) {
		m.emit(w, []ackRef{r}, []*ackRoot{root}, m.dice(6))
	}
	m.done(w, r)
}

func (m *ackModel) emit(w *ackWorker, refs []ackRef, roots []*ackRoot, hops int) {
	t := &ackTuple{number: len(m.tuples), roots: roots, hops: hops}
	m.tuples = append(m.tuples, t)
	for _, root := range roots {
		root.tuples = append(root.tuples, t)
	}
	if to := m.dice(len(m.workers)); to != w.number {
		m.give(w, t, refs, to, m.chance(60))
		return
	}
	for _, r := range refs {
		w.grow(r)
	}
	w.held = append(w.held, ackHeld{t, slices.Clone(refs)})
}

// bolt emits, acks or fails.
func (m *ackModel) bolt(w *ackWorker) {
	if len(w.held) == 0 {
		return
	}
	i := m.dice(len(w.held))
	h := w.held[i]
	if h.tuple.hops > 0 && m.chance(60) {
		h.tuple.hops--
		anchors := []ackHeld{h}
		if j := m.dice(len(w.held)); j != i && m.chance(30) {
			anchors = append(anchors, w.held[j])
		}
		var refs []ackRef
		var roots []*ackRoot
		for _, a := range anchors {
			for _, r := range a.refs {
				if !slices.Contains(refs, r) {
					refs = append(refs, r)
				}
			}
			for _, root := range a.tuple.roots {
				if !slices.Contains(roots, root) {
					roots = append(roots, root)
				}
			}
		}
		m.emit(w, refs, roots, h.tuple.hops)
		return
	}
	w.held = slices.Delete(w.held, i, i+1)
	m.end(w, h, m.chance(97))
}

func (m *ackModel) end(w *ackWorker, h ackHeld, ack bool) {
	h.tuple.acked = ack
	for _, r := range h.refs {
		if ack {
			m.done(w, r)
		} else {
			m.endTree(w, r, Fail)
		}
	}
}

// die is the death of a bolt's process.
func (m *ackModel) die(w *ackWorker) {
	held := w.held
	w.held = nil
	for _, h := range held {
		m.end(w, h, false)
	}
}

// crash ends a worker, and starts it again.
func (m *ackModel) crash(w *ackWorker) {
	for _, t := range w.trees {
		if t.live && t.root != nil {
			t.root.crashed = true
		}
	}
	for _, c := range m.conns {
		if end := c.end(w); end >= 0 && !c.closed[end] {
			c.closed[end], c.wire[end], c.fin[1-end] = true, nil, true
			c.control[end], c.data[end] = nil, nil
			c.wire[1-end] = c.wire[1-end][:m.dice(len(c.wire[1-end])+1)]
		}
	}
	m.start(w.number, w.incarnation+1, len(m.workers))
}

// check compares each count with what it counts.
func (m *ackModel) check() {
	for _, w := range m.workers {
		open := map[ackRef]int{}
		for _, f := range w.flights {
			for _, s := range f.slots {
				for _, r := range s.refs {
					if s.held {
						open[r]++
					}
				}
			}
		}
		for _, h := range w.held {
			for _, r := range h.refs {
				open[r]++
			}
		}
		for i, t := range w.trees {
			if r := (ackRef{uint32(i), t.gen}); t.live && t.open != open[r] {
				violated("a tree of worker %d counts %d tuples, and has %d", w.number, t.open, open[r])
			}
		}
	}
}

// rest lets all that can happen happen, without faults: then each tree has ended, and
// nothing is left of it.
func (m *ackModel) rest() {
	for range 300 {
		for _, w := range m.workers {
			for _, other := range m.workers {
				m.dial(w, other)
			}
			for _, h := range w.held {
				m.end(w, h, true)
			}
			w.held = nil
		}
		for _, c := range slices.Clone(m.conns) {
			for end := range 2 {
				c.flush(1-end, 100)
				m.deliver(c, end, 1<<20)
			}
		}
		m.conns = slices.DeleteFunc(m.conns, func(c *ackConn) bool { return c.closed[0] && c.closed[1] })
		m.check()
		if m.quiet() {
			break
		}
	}
	for _, r := range m.roots {
		if r.verdicts == 0 && !r.crashed {
			violated("a tree has no verdict")
		}
	}
	for _, w := range m.workers {
		if slices.ContainsFunc(w.trees, func(t ackTree) bool { return t.live }) {
			violated("worker %d has a tree that does not end", w.number)
		}
		if w.entries.Len() > 0 {
			violated("worker %d has entries that have ended", w.number)
		}
		for _, f := range w.flights {
			if len(f.waiting) > 0 || slices.ContainsFunc(f.slots, func(s ackSlot) bool { return s.held }) {
				violated("worker %d has slots that wait for good", w.number)
			}
		}
	}
}

// quiet says whether nothing is in flight between workers that all have each other.
func (m *ackModel) quiet() bool {
	for _, c := range m.conns {
		for end := range 2 {
			if len(c.wire[end])+len(c.control[end])+len(c.data[end]) > 0 || !c.stands[end] || c.closed[end] {
				return false
			}
		}
	}
	n := len(m.workers)
	return len(m.conns) == n*(n-1)/2 && !slices.ContainsFunc(m.workers, func(w *ackWorker) bool { return len(w.held) > 0 })
}

// No tree is acked before its last tuple, each has one verdict, and nothing is left over,
// whatever crashes, breaks and comes back.
func TestTreesOverWorkers(t *testing.T) { hold(t, playAcks(noAckBug)) }

func TestModelOfAcksFindsBugs(t *testing.T) {
	for bug, name := range map[ackBug]string{
		otherConnection: "an answer goes out on another connection",
		queueIsDropped:  "what waits is dropped with the connection", slotsStay: "a lost connection's slots wait on",
		notCounted: "an engaged worker does not count", deadProxies: "the entries of dead proxies stay",
		olderWins: "an older connection wins",
	} {
		t.Run(name, func(t *testing.T) { breaks(t, playAcks(bug)) })
	}
}
