package worker

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"gust/conf"
	"gust/internal/mtls"
	"gust/internal/poll"
	"gust/internal/program"
	"gust/topology"
	"gust/worker/peer"
)

// Peers makes a worker one of several of its topology. Without them, it runs all tasks.
type Peers struct {
	// Placement has all workers of the topology, and each task once.
	Placement topology.Placement
	// Worker is which of them this one is.
	Worker int
	// Incarnation is above 0, and rises with each start of this worker.
	Incarnation uint64
	// Secret is what all workers of the topology know, and nobody else.
	Secret []byte
	// Listener takes the connections of the others. [Worker.Run] closes it.
	Listener net.Listener
	// TLS, if it is not nil, protects the connections that this worker makes. Those that others
	// make are protected by the listener: its connections are [tls.Conn] then.
	TLS *mtls.Credentials
}

// check returns an error for what cannot work.
func (p *Peers) check(tasks topology.Tasks) error {
	n := len(p.Placement.Workers)
	switch {
	case p.Worker < 0 || p.Worker >= n:
		return fmt.Errorf("there is no worker %d: the placement has %d, from 0 on", p.Worker, n)
	case p.Incarnation == 0:
		return errors.New("the incarnation of a worker is above 0")
	case n > 1 && len(p.Secret) == 0:
		return errors.New("several workers need a secret")
	}
	return p.Placement.Check(tasks)
}

// peers are the other workers of the topology, as this one sees them.
//
// They belong to the loop, which reads and writes the connections as it does the pipes
// of processes. What one worker says to another is package peer's; why it works is in that
// package's comment.
type peers struct {
	loop    *loop
	self    int
	address string // where the others reach this one
	secret  []byte
	network network
	own     peer.Identity
	latest  uint64 // the version of the last placement that it has heard of
	silence int    // in beats: see link.beat

	all    []*peerWorker    // by number; nil is this one
	links  map[uint64]*link // by number: those that stand, and those that are not that far
	number uint64           // of the last link
	dialed uint64           // the number of the last connection that this worker has dialed

	dirty   []*link // their outboxes have something to write
	debts   []*debt // that may be due
	entries entries
	marks   *peer.Marks // whose queues are over, as the others see it

	slots  []peer.Slot // scratch of stub.give
	refs   []treeRef   // scratch of link.take
	guards []treeRef   // likewise
	frame  peer.Frame  // that is being handled

	questions []*question // that other workers have not answered yet
	question  uint64      // the number of the last one
	asks      allowance   // of questions

	ready bool // this worker's bolts have come up
	end   parting
}

// peerWorker is another worker.
type peerWorker struct {
	peers   *peers
	number  int
	address string
	stubs   []*task // the tasks that it runs

	link    *link // the connection that stands, or nil
	seen    bool  // one has stood
	since   int64 // when it was made, or lost
	lost    string
	refused string // why a connection was last refused; the log has said so
	dialing bool
	retry   timer
	backoff time.Duration
	retired bool // it is not in the placement any more
	gone    bool // it will not come back: its starter says so

	// What it has said over the connection that stands.
	ready       bool
	withdrawing bool // it was told to leave alone
	leaving     bool
	farewell    bool // its last tuple has come; to a worker that leaves
	claim       *peer.Claim
	frozen      int

	telling *peer.Telling // what it is told of marks
}

const (
	redialFirst = 100 * time.Millisecond
	redialMost  = 3 * time.Second
)

func newPeers(l *loop, o Options, n network) *peers {
	p := o.Peers
	version, _, _ := program.Build()
	ps := &peers{
		loop: l, self: p.Worker, latest: p.Placement.Version, asks: allowance{most: mostAsked, left: mostAsked}, secret: p.Secret, network: n,
		links: map[uint64]*link{}, entries: newEntries(),
		own: peer.Identity{
			Program: version, Worker: p.Worker, Topology: o.Topology.Name, Digest: digest(o.Topology, o.Conf, l.plan.assigned),
			PlacementVersion: p.Placement.Version, Placement: p.Placement.Digest(), Incarnation: p.Incarnation,
		},
	}
	ps.marks = peer.NewMarks(len(p.Placement.Workers), topology.TaskID(len(l.plan.assigned)))
	for i, w := range p.Placement.Workers {
		if i == p.Worker {
			ps.address = w.Address
			ps.all = append(ps.all, nil)
			continue
		}
		ps.all = append(ps.all, newPeerWorker(ps, i, w.Address))
	}
	for _, t := range l.plan.stubs {
		t.stub = newStub(t, ps.all[t.worker])
		t.stub.peer.stubs = append(t.stub.peer.stubs, t)
	}
	return ps
}

func newPeerWorker(ps *peers, number int, address string) *peerWorker {
	last := topology.TaskID(len(ps.loop.plan.assigned))
	p := &peerWorker{peers: ps, number: number, address: address, backoff: redialFirst, telling: peer.NewTelling(last)}
	p.retry.fire = func(int64) { p.dial() }
	return p
}

// digest is the same for two workers if they mean the same topology: its components and
// streams, its tasks, and Storm's keys of its conf. Paths and commands may differ from
// machine to machine.
func digest(t *topology.Topology, c conf.Conf, tasks topology.Tasks) [sha256.Size]byte {
	h := sha256.New()
	e := json.NewEncoder(h)
	note := func(v any) { _ = e.Encode(v) } // a hash takes everything, and these have JSON
	note(tasks)
	for _, c := range t.Components {
		note(c.Name)
		note(c.Kind)
		note(c.Serializer)
		note(c.Outputs)
		note(c.Inputs)
		note(stormKeys(c.Config))
	}
	note(stormKeys(c))
	return [sha256.Size]byte(h.Sum(nil))
}

// stormKeys are the pairs of a conf that mean the same on every machine.
func stormKeys(c map[string]any) (pairs []any) {
	for _, k := range slices.Sorted(maps.Keys(c)) {
		if strings.HasPrefix(k, "topology.") && k != conf.TopologyEnvironment {
			pairs = append(pairs, k, c[k])
		}
	}
	return pairs
}

// others calls visit with each other worker.
func (ps *peers) others(visit func(*peerWorker)) {
	for _, p := range ps.all {
		if p != nil {
			visit(p)
		}
	}
}

// standing calls visit with each connection that stands.
func (ps *peers) standing(visit func(*link)) {
	for _, p := range ps.all {
		if p != nil && p.link != nil {
			visit(p.link)
		}
	}
}

// signal sends the others a frame that has no body.
func (ps *peers) signal(kind peer.Kind) {
	ps.standing(func(k *link) {
		k.out.First = peer.AppendSignal(k.out.First, kind)
		k.touch()
	})
}

// begin has the connections made.
func (ps *peers) begin() {
	ps.network.accept(func(fd int) {
		ps.loop.post(func() { ps.accepted(fd) })
	})
	ps.others(func(p *peerWorker) { p.dial() })
}

// String names the worker.
func (p *peerWorker) String() string { return fmt.Sprintf("worker %d (%s)", p.number, p.address) }

// dial makes a connection, if it is for this worker to do: of two, the one with the lower
// number dials.
func (p *peerWorker) dial() {
	ps := p.peers
	if ps.self > p.number || p.link != nil || p.dialing || p.retired || ps.end.closed || ps.end.lost(p) {
		return
	}
	p.dialing = true
	ps.network.dial(p.address, func(fd int, err error) {
		ps.loop.post(func() { p.reached(fd, err) })
	})
}

// reached is called when a connection has been made, or could not be.
func (p *peerWorker) reached(fd int, err error) {
	ps := p.peers
	switch fault, broken := errors.AsType[*mtls.Fault](err); {
	case broken:
		p.refuse(fault.Text, fault)
		p.redial()
	case err != nil:
		p.lost, p.refused = err.Error(), "" // another one may come up there
		p.redial()
	case ps.end.closed, p.retired:
		_ = ps.loop.kernel.Close(fd)
	default:
		ps.dialed++
		own := ps.own
		own.Connection = ps.dialed
		if k := ps.open(fd, p); k != nil {
			k.epoch = peer.Epoch{Incarnation: own.Incarnation, Connection: own.Connection}
			k.shake = peer.NewDialer(own, p.number, ps.secret, nonce())
			k.out.First = k.shake.Begin(k.out.First)
			k.touch()
		}
	}
}

// refuse notes that the two workers do not fit, which the log says once: the next attempt comes
// soon, and is likely to fail for the same reason.
func (p *peerWorker) refuse(text string, why error) {
	p.lost = text
	if p.refused != text {
		p.refused = text
		p.peers.loop.log.Error().Msgf("no connection to %v: %v", p, why)
	}
}

// redial makes another attempt, soon.
func (p *peerWorker) redial() {
	p.dialing = false
	if p.peers.self > p.number || p.retired || p.peers.end.closed {
		return
	}
	p.peers.loop.timers.arm(&p.retry, p.peers.loop.now+int64(p.backoff))
	p.backoff = min(2*p.backoff, redialMost)
}

// accepted begins the handshake on a connection that somebody has made.
func (ps *peers) accepted(fd int) {
	strangers := 0
	for _, k := range ps.links {
		if k.peer == nil {
			strangers++
		}
	}
	if ps.end.closed || strangers >= mostStrangers {
		_ = ps.loop.kernel.Close(fd)
		return
	}
	if k := ps.open(fd, nil); k != nil {
		k.shake = peer.NewAcceptor(ps.own, len(ps.all), ps.secret, nonce())
	}
}

// mostStrangers is how many connections may be in their handshake at once. Each worker
// makes one.
const mostStrangers = 256

func nonce() (n [peer.NonceSize]byte) {
	_, _ = rand.Read(n[:]) // never fails
	return n
}

// awaited says for which workers the spouts have to wait before they begin, if any: for one
// that was never seen as long as a process may take to start, for one that was lost as
// long as for a bolt that does not answer.
func (ps *peers) awaited(now int64) (who []*peerWorker) {
	ps.others(func(p *peerWorker) {
		switch {
		case p.link != nil && p.ready:
		case p.link == nil && p.seen && now-p.since >= int64(startGrace):
		case !p.seen && ps.loop.startTimeout > 0 && now >= int64(ps.loop.startTimeout):
		default:
			who = append(who, p)
		}
	})
	return who
}

// reportWaits logs which workers the spouts wait for.
func (ps *peers) reportWaits(now int64) {
	if ps.loop.phase != starting || !ps.ready {
		return
	}
	for _, p := range ps.awaited(now) {
		since, what := ps.loop.entered, "connect"
		if p.link != nil {
			since, what = p.since, "come up"
		}
		if waitDue(now-since, ps.loop.lookedAt-since) {
			why := ""
			if p.link == nil && p.lost != "" {
				why = ": " + p.lost
			}
			ps.loop.log.Info().Msgf("waiting for %v to %s, %ds so far%s", p, what, (now-since)/int64(time.Second), why)
		}
	}
}

// comeUp tells the others that this worker's bolts have come up.
func (ps *peers) comeUp() {
	if ps.ready {
		return
	}
	ps.ready = true
	ps.signal(peer.Ready)
}

// taskChanged tells the others whether a task of this worker has a process that works.
func (ps *peers) taskChanged(t *task) {
	up := t.state == running && !ps.end.leaves()
	if t.bolt == nil || t.announced == up {
		return
	}
	t.announced = up
	ps.standing(func(k *link) {
		k.out.First = peer.AppendTask(k.out.First, t.id, t.announced)
		k.touch()
	})
}

// frozenChanged tells the others how many tasks of this worker wait at breakpoints.
func (ps *peers) frozenChanged() {
	ps.standing(func(k *link) {
		k.out.First = peer.AppendFrozen(k.out.First, ps.loop.frozen.own)
		k.touch()
	})
}

// introduce tells a worker, over a new connection, all that it has to know of this one.
func (ps *peers) introduce(k *link) {
	l := ps.loop
	b := k.out.First
	for _, t := range l.plan.tasks {
		if t.bolt == nil {
			continue
		}
		if t.announced = t.state == running && !ps.end.leaves(); t.announced {
			b = peer.AppendTask(b, t.id, true)
		}
		if d := k.debt(t); d != nil {
			b = d.Append(b, t.id, d.share())
		}
	}
	k.peer.telling.Again()
	if l.frozen.own > 0 {
		b = peer.AppendFrozen(b, l.frozen.own)
	}
	if ps.ready {
		b = peer.AppendSignal(b, peer.Ready)
	}
	k.out.First = ps.end.introduce(b)
	k.touch()
}

// endRound does what is due at the end of a round of the loop: the others get what they
// are owed, and all that was said to them in the round goes out with one system call. It says
// whether more has to be settled, since a connection was lost.
func (ps *peers) endRound() (again bool) {
	ps.settleDebts()
	ps.standing(func(k *link) {
		before := len(k.out.First)
		k.out.First = k.peer.telling.Append(k.out.First)
		if len(k.out.First) > before {
			k.touch()
		}
	})
	for i := 0; i < len(ps.dirty); i++ {
		k := ps.dirty[i]
		k.dirty = false
		k.flush()
	}
	ps.dirty = ps.dirty[:0]
	return ps.loop.unsettled()
}

// beat is called once a second.
func (ps *peers) beat() {
	for _, k := range ps.inOrder() {
		k.beat()
	}
	ps.others(func(p *peerWorker) {
		if p.link == nil && !p.dialing && !p.retry.armed() {
			p.dial()
		}
	})
}

// inOrder is all connections by their numbers: what happens must not depend on the order of
// a map.
func (ps *peers) inOrder() (links []*link) {
	for _, n := range slices.Sorted(maps.Keys(ps.links)) {
		links = append(links, ps.links[n])
	}
	return links
}

// sweep looks at what changes by time alone.
func (ps *peers) sweep(now int64) {
	ps.forgetQuestions(now)
	ps.standing(func(k *link) {
		for _, d := range k.debts {
			if d != nil {
				d.list() // its task may have become slow
			}
		}
	})
	for _, t := range ps.loop.plan.stubs {
		if t.bolt != nil {
			t.bolt.sweep(now)
			t.stub.purge()
		}
	}
}

// serveLink handles an event of a connection.
func (ps *peers) serveLink(ev poll.Event) {
	if k := ps.links[ev.Token&^linkToken]; k != nil {
		k.serve(ev)
	}
}
