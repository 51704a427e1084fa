package worker

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"gust/internal/mtls"
	"gust/internal/poll"
	"gust/shell"
	"gust/worker/peer"
)

// link is a connection to another worker. All that was agreed over it ends with it: what
// was sent and not answered, what is owed, what the other has said of itself.
type link struct {
	peers  *peers
	peer   *peerWorker // nil until the handshake says who it is
	fd     int
	number uint64 // in the tokens of the kernel
	shake  *peer.Handshake
	who    peer.Identity // of the other side; valid once the link stands
	epoch  peer.Epoch    // its name in claims; likewise
	stands bool

	in     *peer.Decoder
	out    shell.Outbox // Buf has the tuples, First the control frames that overtake them
	reader func([]byte) (int, error)
	writer func([]byte) (int, error)
	dirty  bool // it is on the list of those to write
	full   bool // the kernel takes no more for now

	silent int  // beats since anything was read
	spoke  bool // something was written since the last beat

	list   uint32 // of its proxies, in the acker
	live   int    // how many these are
	debts  []*debt
	abouts allowance // of descriptions of failed tuples

	sent, received uint64 // tuples
}

// linkToken marks the tokens of connections: the number of the link is below it.
const linkToken = 1 << 62

// open watches a connection that is to become a link to a worker, or that a stranger has
// made. It returns nil if that fails.
func (ps *peers) open(fd int, to *peerWorker) *link {
	ps.number++
	k := &link{
		peers: ps, peer: to, fd: fd, number: ps.number, in: peer.NewDecoder(0),
		debts: make([]*debt, len(ps.loop.plan.byID)), abouts: allowance{most: mostAbouts, left: mostAbouts},
	}
	kernel := ps.loop.kernel
	k.reader = func(p []byte) (int, error) { return kernel.Read(k.fd, p) }
	k.writer = func(p []byte) (int, error) { return kernel.Write(k.fd, p) }
	k.out.End = peer.FrameEnd
	ps.links[k.number] = k
	if err := kernel.Add(fd, linkToken|k.number, poll.Read); err != nil {
		k.lose(err)
		return nil
	}
	return k
}

// mostAbouts is how many failed tuples a second are described to another worker.
const mostAbouts = 200

// touch puts the link on the list of those that are written at the end of the round.
func (k *link) touch() {
	if !k.dirty {
		k.dirty = true
		k.peers.dirty = append(k.peers.dirty, k)
	}
}

func (k *link) open() bool { return k.fd >= 0 }

// flush writes as much as the kernel takes.
func (k *link) flush() {
	if !k.open() || k.full || k.out.Len() == 0 {
		return
	}
	k.spoke = true
	left, err := k.out.WriteTo(k.writer)
	switch {
	case err != nil:
		k.lose(k.broken(fmt.Errorf("cannot write to it: %w", err)))
	case left:
		k.full = true
		k.watch(poll.Read | poll.Write)
	}
}

// broken is why the connection has broken, which the network may know better than a system call
// says.
func (k *link) broken(err error) error {
	if why := k.peers.network.why(k.fd); why != nil {
		return why
	}
	return err
}

func (k *link) watch(want poll.Interest) {
	if err := k.peers.loop.kernel.Change(k.fd, linkToken|k.number, want); err != nil {
		k.lose(err)
	}
}

// serve handles an event.
func (k *link) serve(ev poll.Event) {
	if ev.Write && k.full {
		k.full = false
		k.watch(poll.Read)
		k.touch()
	}
	if ev.Read || ev.Hup {
		k.receive()
	}
}

// receive reads once, and handles the frames that came.
func (k *link) receive() {
	if !k.open() {
		return
	}
	l := k.peers.loop
	n, err := k.in.Fill(l.chunk, k.reader)
	switch {
	case n > 0:
		k.silent = 0
		l.now = l.clock.now()
		err = k.handleRead()
	case err == unix.EAGAIN || err == unix.EINTR:
		err = nil
	case err == nil:
		err = k.broken(io.EOF)
	}
	if err != nil {
		k.lose(err)
		return
	}
	k.in.Keep()
}

// handleRead handles the frames that have been read.
func (k *link) handleRead() error {
	f := &k.peers.frame
	for k.open() {
		ok, err := k.in.Next(f)
		if err != nil || !ok {
			return err
		}
		if !k.stands {
			err = k.greet(f)
		} else {
			err = k.handle(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// greet handles a frame of the handshake.
func (k *link) greet(f *peer.Frame) error {
	reply, done, err := k.shake.Step(f, k.out.First)
	k.out.First = reply
	k.touch()
	if err == nil && done {
		err = k.stand(k.shake.Peer())
	}
	return err
}

// stand makes the link the one that stands with its worker.
func (k *link) stand(who peer.Identity) error {
	ps := k.peers
	p := ps.all[who.Worker]
	if ps.end.lost(p) {
		return errLate
	}
	if k.peer == nil { // the other has dialed
		k.epoch = peer.Epoch{Incarnation: who.Incarnation, Connection: who.Connection}
		if p.link != nil && !who.Newer(p.link.who) {
			refusal := peer.RefuseNotNewer(ps.own, who, p.link.who)
			k.out.First = peer.AppendRefusal(k.out.First, refusal)
			return refusal
		}
	}
	if newer, older := ps.own, who; newer.PlacementVersion != older.PlacementVersion {
		if newer.PlacementVersion < older.PlacementVersion {
			newer, older = older, newer
		}
		refusal := peer.RefuseOlder(newer, older)
		k.out.First = peer.AppendRefusal(k.out.First, refusal)
		return refusal
	}
	if p.link != nil {
		p.link.lose(errReplaced)
	}
	k.who, k.peer, k.shake, k.stands = who, p, nil, true
	k.in.Admit(ps.loop.plan.maxTuple)
	k.list = ps.loop.acker.list()
	p.link, p.seen, p.since, p.dialing, p.refused = k, true, ps.loop.now, false, ""
	ps.loop.timers.disarm(&p.retry)
	level := zerolog.InfoLevel
	if strings.HasPrefix(p.address, "/") { // on this machine that is what everybody expects
		level = zerolog.DebugLevel
	}
	ps.loop.log.WithLevel(level).Msgf("connected to %v", p)
	ps.loop.noted(EventConnected, p.String())
	ps.introduce(k)
	for _, t := range p.stubs {
		t.stub.reconnected()
	}
	return nil
}

var (
	errReplaced = errors.New("it has connected again")
	errSilent   = errors.New("it is silent")
	errLate     = errors.New("it comes back too late: the topology ends without it")
)

// discard reads what the other side has sent, before the link is closed: what is unread then makes a
// reset of the close, and with it the last words may be lost.
func (k *link) discard() {
	var b [4096]byte
	for range maxDiscarded / len(b) {
		if n, err := k.reader(b[:]); n <= 0 && err != unix.EINTR {
			return
		}
	}
}

// maxDiscarded bounds that: the other side may be writing.
const maxDiscarded = 4 << 20

// lose ends a link, and all that belongs to it.
func (k *link) lose(why error) {
	if !k.open() {
		return
	}
	ps := k.peers
	l := ps.loop
	refusal, refused := errors.AsType[*peer.Refusal](why)
	fault, faulty := errors.AsType[*mtls.Fault](why)
	if (refused || ps.end.closed) && !k.full { // the last words
		_, _ = k.out.WriteTo(k.writer) // it is being closed whether they arrive or not
		k.discard()
	}
	_ = l.kernel.Remove(k.fd)
	_ = l.kernel.Close(k.fd)
	k.fd = -1
	delete(ps.links, k.number)
	p := k.peer
	switch {
	case p == nil && refused:
		l.log.Warn().Msgf("refused a connection: %v", refusal)
	case p == nil:
		l.log.Debug().Msgf("a connection ended in its handshake: %v", why)
	case refused:
		p.refuse(refusal.Text, refusal)
	case faulty && !k.stands:
		p.refuse(fault.Text, fault)
	}
	if p == nil {
		return
	}
	if !k.stands {
		if !refused && !faulty {
			p.lost = why.Error()
		}
		p.redial()
		return
	}
	p.lost = why.Error()
	p.since = l.now
	k.stands = false
	if p.link == k {
		p.link = nil
	}
	switch {
	case ps.end.closed:
	case p.leaving || l.phase.stopping(): // it goes first
		l.log.Debug().Msgf("%v has left", p)
		l.noted(EventDisconnected, p.String())
	default:
		l.log.Warn().Msgf("lost the connection to %v: %v", p, why)
		l.noted(EventDisconnected, p.String()+": "+why.Error())
	}
	k.forgetProxies()
	p.forget()
	for _, t := range p.stubs {
		t.stub.lost()
	}
	l.moved = true
	if why != errReplaced {
		p.redial()
	}
}

// forget forgets what the worker has said over the link that is lost.
func (p *peerWorker) forget() {
	l := p.peers.loop
	p.ready, p.withdrawing, p.leaving, p.farewell, p.claim = false, false, false, false, nil
	if !p.peers.end.closed {
		p.peers.reconsider(func(*parting) {})
	}
	if p.peers.marks.Clear(p.number) {
		for _, t := range l.plan.byID {
			p.peers.heed(t)
		}
	}
	p.setFrozen(0)
}

func (p *peerWorker) setFrozen(n int) {
	l := p.peers.loop
	for ; p.frozen < n; p.frozen++ {
		l.freeze()
	}
	for ; p.frozen > n; p.frozen-- {
		l.thaw()
	}
}

// beat is called once a second. A worker that says nothing for too long is lost. Its silence
// is counted in beats of this worker's own loop, which come after reading: a stall of this
// worker must not cost it the others.
func (k *link) beat() {
	if k.silent++; k.silent > k.peers.silence {
		k.lose(fmt.Errorf("%w for %v", errSilent, time.Duration(k.silent)*checkEvery))
		return
	}
	if k.stands {
		k.peer.backoff = redialFirst // only now: one that is refused at once must not be dialed in a circle
	}
	if k.stands && !k.spoke {
		k.out.First = peer.AppendSignal(k.out.First, peer.Ping)
		k.touch()
	}
	k.spoke = false
}

// handle handles a frame on a link that stands. An error ends the link.
func (k *link) handle(f *peer.Frame) error {
	p, l := k.peer, k.peers.loop
	switch f.Kind {
	case peer.Tuple:
		return k.take(f)
	case peer.Ack, peer.Fail:
		t, err := k.stubOf(f)
		if err != nil {
			return err
		}
		return t.stub.answered(f)
	case peer.Hops:
		t, err := k.stubOf(f)
		if err != nil {
			return err
		}
		return t.stub.traced(f)
	case peer.Credit:
		t, err := k.stubOf(f)
		if err != nil {
			return err
		}
		return t.stub.credited(f)
	case peer.TaskUp, peer.TaskDown:
		t, err := k.stubOf(f)
		if err != nil {
			return err
		}
		t.stub.setUp(f.Kind == peer.TaskUp)
	case peer.Over, peer.Under:
		t := l.plan.known(f.Task)
		if t == nil || t.bolt == nil {
			return k.wrong(f)
		}
		if ps := k.peers; ps.marks.Set(p.number, t.id, f.Kind == peer.Over) {
			ps.heed(t)
		}
	case peer.Want:
		t, err := k.ownBolt(f)
		if err != nil {
			return err
		}
		t.bolt.wanted()
	case peer.Ready:
		p.ready = true
		for _, t := range p.stubs {
			t.stub.refresh()
		}
		l.startSpouts()
	case peer.Frozen:
		if f.Count > uint64(len(p.stubs)) {
			return k.wrong(f)
		}
		p.setFrozen(int(f.Count))
	case peer.Placement:
		return k.peers.hearPlacement(f)
	case peer.Refused:
		return peer.ReadRefusal(f)
	case peer.Stop:
		k.peers.hearStop()
		l.endIfDrained()
	case peer.Withdrawing:
		k.peers.reconsider(func(*parting) { p.withdrawing = true })
		l.endIfDrained()
	case peer.Drained:
		claim := f.Claim
		if p.claim = &claim; len(claim.Sent) != len(k.peers.all) {
			p.claim = nil // of another placement
		}
		k.peers.end.done = k.peers.end.done || claim.Done
		l.endIfDrained()
	case peer.Leaving:
		p.leave()
	case peer.Staying:
		p.stay()
	case peer.Farewell:
		p.farewell = true
		l.endIfDrained()
	case peer.Who:
		k.answerWho(f)
	case peer.Held:
		k.peers.answerHeld(k, f)
	case peer.Ping:
	default:
		return k.wrong(f)
	}
	return nil
}

// wrong is the error of a frame that does not fit.
func (k *link) wrong(f *peer.Frame) error {
	return fmt.Errorf("%w: %v about task %d", peer.ErrMalformed, f.Kind, f.Task)
}

// stubOf is the stub of the bolt's task that a frame of its worker is about.
func (k *link) stubOf(f *peer.Frame) (*task, error) {
	t := k.peers.loop.plan.known(f.Task)
	if t == nil || t.stub == nil || t.bolt == nil || t.stub.peer != k.peer {
		return nil, k.wrong(f)
	}
	return t, nil
}

// ownBolt is the bolt's task of this worker that a frame is about.
func (k *link) ownBolt(f *peer.Frame) (*task, error) {
	t := k.peers.loop.plan.known(f.Task)
	if t == nil || t.stub != nil || t.bolt == nil {
		return nil, k.wrong(f)
	}
	return t, nil
}

// stay notes that the worker takes tuples again.
func (p *peerWorker) stay() {
	p.leaving = false
	for _, t := range p.stubs {
		t.stub.refresh()
		t.stub.reconnected()
	}
}

// leave notes that the worker takes no more tuples, and says when the last is on its way.
func (p *peerWorker) leave() {
	p.leaving = true
	for _, t := range p.stubs {
		t.stub.refresh()
	}
	// Behind the tuples that have been sent, not among the frames that overtake them.
	p.link.out.Buf = peer.AppendSignal(p.link.out.Buf, peer.Farewell)
	p.link.touch()
}
