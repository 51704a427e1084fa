package peer

import (
	"slices"
	"testing"
)

// claimBug is a planted bug of the model of the end of a topology.
type claimBug int

const (
	noClaimBug    claimBug = iota
	onlyIdle               // the numbers are not compared
	noEpochs               // the numbers of any two connections are compared
	lossIsDrained          // a worker counts as drained as soon as the connection is lost
	lostByOne              // a lost worker need not be lost for all
	countsGoOn             // a new connection does not begin at 0
)

// claimModel is a topology that ends: its spouts are silent, and the last tuples, which
// belong to no tree, go from worker to worker.
type claimModel struct {
	dice
	bug     claimBug
	workers []*claimWorker
	wires   []*claimWire
	left    int // hops that the tuples may still make
}

type claimWorker struct {
	number    int
	held      []*claimTuple
	gone      bool // dead, or it has left
	claim     Claim
	announced Claim
	said      []*Claim // by worker
	wires     []*claimWire
	dialed    uint64
}

// claimWire is one direction or the other of a connection.
type claimWire struct {
	epoch  Epoch
	ends   [2]*claimWorker // dialer, acceptor
	closed [2]bool
	flight [2][]claimItem // to the dialer, to the acceptor
}

// claimItem is one of what follows in flight.
type claimItem struct {
	hello, end bool
	tuple      *claimTuple
	claim      *Claim
}

// claimTuple may be lost if a connection was lost on which it went.
type claimTuple struct{ doomed bool }

func playClaims(bug claimBug) func(dice) {
	return func(d dice) {
		m := &claimModel{dice: d, bug: bug, left: 15}
		n := 2 + d(3)
		for i := range n {
			w := &claimWorker{number: i, claim: *NewClaim(n), said: make([]*Claim, n), wires: make([]*claimWire, n)}
			for j := range w.said {
				w.said[j] = &Claim{}
			}
			for range d(3) {
				w.held = append(w.held, &claimTuple{})
			}
			m.workers = append(m.workers, w)
		}
		m.heal()
		for range 30 + d(150) {
			m.step(true)
		}
		m.rest()
	}
}

// heal dials wherever there is no connection.
func (m *claimModel) heal() {
	for _, a := range m.workers {
		for _, b := range m.workers[a.number+1:] {
			m.dial(a, b)
		}
	}
}

func (m *claimModel) dial(a, b *claimWorker) {
	if a.gone || b.gone || a.wires[b.number] != nil {
		return
	}
	a.dialed++
	c := &claimWire{epoch: Epoch{uint64(1 + a.number), a.dialed}, ends: [2]*claimWorker{a, b}}
	m.wires = append(m.wires, c)
	c.flight[1] = append(c.flight[1], claimItem{hello: true})
	m.begin(a, b, c)
}

// begin is when the connection stands for w.
func (m *claimModel) begin(w, other *claimWorker, c *claimWire) {
	w.wires[other.number] = c
	m.epoch(w, other, c.epoch)
	claim := w.announced
	m.send(w, other, claimItem{claim: &claim})
}

func (m *claimModel) epoch(w, other *claimWorker, epoch Epoch) {
	if m.bug != countsGoOn {
		w.claim.Begin(other.number, epoch)
	}
	w.claim.Epochs[other.number] = epoch
	if (m.bug == noEpochs || m.bug == countsGoOn) && epoch != Lost {
		w.claim.Epochs[other.number] = Epoch{}
	}
}

// end returns which end of a wire is the worker's.
func (c *claimWire) end(w *claimWorker) int { return slices.Index(c.ends[:], w) }

func (m *claimModel) send(w, other *claimWorker, item claimItem) {
	if c := w.wires[other.number]; c != nil {
		c.flight[c.end(other)] = append(c.flight[c.end(other)], item)
	}
}

// lose ends a connection for w. What is in flight to the other end still arrives, or not.
func (m *claimModel) lose(w *claimWorker, c *claimWire) {
	own := c.end(w)
	if c.closed[own] {
		return
	}
	c.closed[own] = true
	c.flight[own] = nil
	for _, item := range c.flight[1-own] {
		if item.tuple != nil {
			item.tuple.doomed = true
		}
	}
	if m.chance(30) {
		c.flight[1-own] = nil
	}
	c.flight[1-own] = append(c.flight[1-own], claimItem{end: true})
	other := c.ends[1-own]
	if w.wires[other.number] != c {
		return
	}
	w.wires[other.number] = nil
	m.epoch(w, other, Epoch{})
	w.said[other.number] = &Claim{}
	if m.bug == lossIsDrained {
		m.giveUp(w, other)
	}
}

// giveUp is the end of the grace for a worker that is gone.
func (m *claimModel) giveUp(w, other *claimWorker) {
	w.said[other.number] = nil
	m.epoch(w, other, Lost)
}

func (m *claimModel) step(faults bool) {
	w := m.workers[m.dice(len(m.workers))]
	other := m.workers[m.dice(len(m.workers))]
	switch m.dice(8) {
	case 0, 1:
		m.work(w)
	case 2:
		if w.number < other.number {
			m.dial(w, other)
		}
	case 3:
		switch {
		case !faults:
		case m.chance(20) && !w.gone:
			m.leave(w)
			w.held = nil
		case w.wires[other.number] != nil:
			m.lose(w, w.wires[other.number])
		case other.gone:
			m.giveUp(w, other)
		}
	default:
		m.deliver(m.wires[m.dice(len(m.wires))], m.dice(2))
	}
	for _, w := range m.workers {
		m.announce(w)
	}
}

// work lets a bolt emit, or not, and end with its tuple.
func (m *claimModel) work(w *claimWorker) {
	if w.gone || len(w.held) == 0 {
		return
	}
	t := w.held[0]
	other := m.workers[m.dice(len(m.workers))]
	if m.left > 0 && other != w && w.wires[other.number] != nil {
		m.left--
		w.claim.Sent[other.number]++
		m.send(w, other, claimItem{tuple: &claimTuple{doomed: t.doomed}})
		if m.chance(60) {
			return
		}
	}
	w.held = w.held[1:]
}

func (m *claimModel) deliver(c *claimWire, end int) {
	if len(c.flight[end]) == 0 {
		return
	}
	item, w, other := c.flight[end][0], c.ends[end], c.ends[1-end]
	c.flight[end] = c.flight[end][1:]
	if w.gone || c.closed[end] {
		return
	}
	switch {
	case item.hello && w.said[other.number] == nil:
		m.lose(w, c)
	case item.hello:
		if old := w.wires[other.number]; old != nil {
			m.lose(w, old)
		}
		m.begin(w, other, c)
	case item.end:
		m.lose(w, c)
	case item.claim != nil:
		claim := m.carried(item.claim)
		w.said[other.number] = &claim
	default:
		w.claim.Received[other.number]++
		w.held = append(w.held, item.tuple)
	}
}

// carried is a claim as it arrives.
func (m *claimModel) carried(c *Claim) Claim {
	frames, err := reading(NewDecoder(1), make([]byte, 1024), AppendClaim(nil, *c))
	if err != nil || len(frames) != 1 {
		violated("a claim arrives as %v, %v", frames, err)
	}
	return frames[0].Claim
}

// announce says what has changed, and leaves if all claims agree.
func (m *claimModel) announce(w *claimWorker) {
	if w.gone {
		return
	}
	w.claim.Idle = len(w.held) == 0
	if !w.claim.Equal(&w.announced) {
		w.announced = Claim{
			Idle: w.claim.Idle, Epochs: slices.Clone(w.claim.Epochs), Sent: slices.Clone(w.claim.Sent), Received: slices.Clone(w.claim.Received),
		}
		w.said[w.number] = &w.announced
		for _, other := range m.workers {
			claim := w.announced
			m.send(w, other, claimItem{claim: &claim})
		}
	}
	said := w.said
	if m.bug == lostByOne {
		said = m.withoutLost(said)
	}
	agree := Agree(said)
	if m.bug == onlyIdle {
		agree = !slices.ContainsFunc(w.said, func(c *Claim) bool { return c != nil && !c.Idle })
	}
	if agree {
		m.check(w)
		for _, other := range m.workers {
			m.send(w, other, claimItem{claim: &Claim{Idle: true, Done: true}})
		}
		m.leave(w)
	}
}

// withoutLost are claims that say nothing about lost workers.
func (m *claimModel) withoutLost(said []*Claim) (without []*Claim) {
	for _, c := range said {
		if c != nil && len(c.Epochs) > 0 {
			changed := *c
			changed.Epochs = slices.Clone(c.Epochs)
			for i, other := range said {
				if other == nil {
					changed.Epochs[i] = Lost
				}
			}
			c = &changed
		}
		without = append(without, c)
	}
	return without
}

// leave ends a worker.
func (m *claimModel) leave(w *claimWorker) {
	w.gone = true
	for _, c := range m.wires {
		if c.end(w) >= 0 {
			m.lose(w, c)
		}
	}
}

// check looks for tuples when a worker leaves.
func (m *claimModel) check(leaver *claimWorker) {
	for _, w := range m.workers {
		for _, t := range w.held {
			if !w.gone && !t.doomed {
				violated("worker %d leaves while worker %d holds a tuple", leaver.number, w.number)
			}
		}
	}
	for _, c := range m.wires {
		for end, items := range c.flight {
			for _, item := range items {
				if item.tuple != nil && !item.tuple.doomed && !c.closed[end] && !c.ends[end].gone {
					violated("worker %d leaves while a tuple is in flight to worker %d", leaver.number, c.ends[end].number)
				}
			}
		}
	}
}

// rest lets all that can happen happen: then all workers have left.
func (m *claimModel) rest() {
	for range 200 {
		m.heal()
		for _, w := range m.workers {
			m.work(w)
			for _, other := range m.workers {
				if other.gone && w.wires[other.number] == nil {
					m.giveUp(w, other)
				}
			}
		}
		for _, c := range m.wires {
			m.deliver(c, 0)
			m.deliver(c, 1)
		}
		for _, w := range m.workers {
			m.announce(w)
		}
		m.wires = slices.DeleteFunc(m.wires, func(c *claimWire) bool { return len(c.flight[0])+len(c.flight[1]) == 0 && c.closed[0] && c.closed[1] })
		if !slices.ContainsFunc(m.workers, func(w *claimWorker) bool { return !w.gone }) {
			return
		}
	}
	violated("the topology does not end")
}

// Nobody leaves while there is a tuple, except for those that a lost connection had, and
// in the end all leave.
func TestClaimsLoseNothing(t *testing.T) { hold(t, playClaims(noClaimBug)) }

func TestModelOfClaimsFindsBugs(t *testing.T) {
	for bug, name := range map[claimBug]string{
		onlyIdle: "the numbers are not compared", noEpochs: "the numbers of two connections are compared",
		lossIsDrained: "a loss counts as drained at once", lostByOne: "a lost worker need not be lost for all", countsGoOn: "a new connection does not begin at 0",
	} {
		t.Run(name, func(t *testing.T) { breaks(t, playClaims(bug)) })
	}
}
