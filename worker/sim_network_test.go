package worker

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// simNetwork is what the workers of a simulation are connected by. Its connections behave as
// TCP does: bytes arrive in order, late, and in pieces; what is written while the way is cut
// arrives when it is healed; a side that is closed answers data with a reset.
type simNetwork struct {
	world   *simWorld
	nodes   map[string]*simNode // who listens, by address
	cut     map[[2]int]bool     // ways from one worker to another on which nothing gets through
	conns   []*simConn          // of which some side is open
	made    int
	latency time.Duration
}

func newSimNetwork(w *simWorld) *simNetwork {
	return &simNetwork{
		world: w, nodes: map[string]*simNode{}, cut: map[[2]int]bool{},
		latency: simPick(w, 50*time.Microsecond, time.Millisecond, 20*time.Millisecond),
	}
}

// simPort is one worker's access to the network: the loop's network.
type simPort struct {
	net    *simNetwork
	node   *simNode
	take   func(fd int)
	closed bool
}

func (p *simPort) accept(take func(fd int)) { p.take = take }

func (p *simPort) why(int) error { return nil }
func (p *simPort) close()        { p.closed = true }
func (p *simPort) flush()        {}

var errSimUnreachable = errors.New("connection refused or timed out")

func (p *simPort) dial(address string, done func(fd int, err error)) {
	net, w := p.net, p.net.world
	w.after(w.upTo(2*net.latency), "connect", p.node, func() {
		to := net.nodes[address]
		if p.node.dead {
			return
		}
		if p.closed || to == nil || to.dead || to.port.closed || net.isCut(p.node, to) || net.isCut(to, p.node) {
			w.after(w.upTo(5*time.Second), "unreachable", p.node, func() {
				if !p.node.dead {
					done(-1, errSimUnreachable)
				}
			})
			return
		}
		c := net.connect(p.node, to)
		w.tracef("  %v is made", c)
		done(p.node.kernel.open(c.sides[0]), nil)
		to.port.take(to.kernel.open(c.sides[1]))
	})
}

func (net *simNetwork) isCut(from, to *simNode) bool { return net.cut[[2]int{from.number, to.number}] }

// simConn is a connection.
type simConn struct {
	net    *simNetwork
	number int
	sides  [2]*simSide // that of who has dialed first
}

func (c *simConn) String() string {
	return fmt.Sprintf("connection %d of %v and %v", c.number, c.sides[0].node, c.sides[1].node)
}

// simSide is one side of a connection, and the way to it from the other side.
type simSide struct {
	conn  *simConn
	node  *simNode
	other *simSide
	room  int // of what is on the way to this side, and of what has arrived

	way     []simSegment // to this side
	arrived []byte
	fin     bool // the other side is closed, and all that it has sent has arrived
	reset   bool
	closed  bool
	held    []byte // part of a frame that was written, where frames are filtered
	partial []byte // of a frame, that has been read
	pieces  []byte // of a large frame, likewise
	gone    bool   // the worker has vanished without a word
}

// simSegment is on the way from one side to the other: bytes, the end, or a reset.
type simSegment struct {
	at         int64
	bytes      []byte
	fin, reset bool
}

func (net *simNetwork) connect(from, to *simNode) *simConn {
	net.made++
	c := &simConn{net: net, number: net.made}
	room := simPick(net.world, 300, 5000, 100<<10, 1<<20)
	for i, n := range []*simNode{from, to} {
		c.sides[i] = &simSide{conn: c, node: n, room: room}
	}
	c.sides[0].other, c.sides[1].other = c.sides[1], c.sides[0]
	net.conns = slices.DeleteFunc(net.conns, func(c *simConn) bool { return c.sides[0].closed && c.sides[1].closed })
	net.conns = append(net.conns, c)
	return c
}

func (s *simSide) String() string { return fmt.Sprintf("%v of %v", s.node, s.conn) }

// send puts something on the way to the other side.
func (s *simSide) send(seg simSegment) {
	to, net := s.other, s.conn.net
	w := net.world
	seg.at = w.now + int64(net.latency/2+w.upTo(net.latency))
	if w.chance(200) {
		seg.at += int64(w.upTo(300 * time.Millisecond))
	}
	if n := len(to.way); n > 0 {
		seg.at = max(seg.at, to.way[n-1].at)
	}
	to.way = append(to.way, seg)
	if len(to.way) == 1 {
		to.expect()
	}
}

// expect has what is on the way arrive.
func (s *simSide) expect() {
	w := s.conn.net.world
	if len(s.way) > 0 && !s.conn.net.isCut(s.other.node, s.node) {
		w.after(time.Duration(max(0, s.way[0].at-w.now)), "arrives", s, s.arrive)
	}
}

// arrive takes what has come this far.
func (s *simSide) arrive() {
	w := s.conn.net.world
	if s.conn.net.isCut(s.other.node, s.node) {
		return // until it is healed
	}
	for len(s.way) > 0 && s.way[0].at <= w.now {
		seg := s.way[0]
		s.way = s.way[1:]
		switch {
		case s.closed || s.gone:
			if !seg.reset && (s.closed || !s.node.machineDead()) {
				s.send(simSegment{reset: true})
			}
		case seg.reset:
			s.reset = true // what has arrived can still be read, as on Linux
		case seg.fin:
			s.fin = true
		default:
			s.arrived = append(s.arrived, seg.bytes...)
		}
	}
	s.expect()
	s.node.poke()
}

func (s *simSide) read(p []byte) (int, error) {
	switch {
	case len(s.arrived) > 0:
		n := s.conn.net.world.part(min(len(p), len(s.arrived)))
		copy(p, s.arrived[:n])
		s.cutFrames(p[:n])
		s.arrived = s.arrived[:copy(s.arrived, s.arrived[n:])]
		s.other.node.poke() // it may have waited for room
		return n, nil
	case s.reset:
		return 0, unix.ECONNRESET
	case s.fin:
		return 0, nil
	}
	return 0, unix.EAGAIN
}

// waiting is how many bytes are on the way to this side, or have arrived.
func (s *simSide) waiting() int {
	n := len(s.arrived)
	for _, seg := range s.way {
		n += len(seg.bytes)
	}
	return n
}

func (s *simSide) write(p []byte) (int, error) {
	if s.reset {
		return 0, unix.EPIPE
	}
	n := min(len(p), s.other.room-s.other.waiting())
	if n <= 0 {
		return 0, unix.EAGAIN
	}
	n = s.conn.net.world.part(n)
	if s.conn.net.world.mayFilter {
		s.filter(p[:n])
	} else {
		s.send(simSegment{bytes: slices.Clone(p[:n])})
	}
	return n, nil
}

// filter sends what the planted bug makes of whole frames.
func (s *simSide) filter(b []byte) {
	w := s.conn.net.world
	s.held = append(s.held, b...)
	for {
		end := simFrameEnd(s.held)
		if end == 0 {
			return
		}
		frame := slices.Clone(s.held[:end])
		s.held = s.held[end:]
		if w.planted != nil && w.planted.filter != nil {
			var done bool
			if frame, done = w.planted.filter(frame); done {
				w.tracef("  the bug is planted")
				w.planted = nil
			}
		}
		if len(frame) > 0 {
			s.send(simSegment{bytes: frame})
		}
	}
}

func (s *simSide) ready() (read, write, hup bool) {
	return len(s.arrived) > 0 || s.fin || s.reset, s.reset || s.other.waiting() < s.other.room, s.reset
}

// close closes this side. Unread bytes make it a reset, as the kernel's does.
func (s *simSide) close() {
	if s.closed {
		return
	}
	s.closed = true
	if len(s.arrived) > 0 && s.conn.net.world.chance(2) {
		s.other.way = nil // it was not sent yet
	}
	if !s.reset {
		s.send(simSegment{fin: len(s.arrived) == 0, reset: len(s.arrived) > 0})
	}
}

// breakDown resets a connection, as a firewall does.
func (c *simConn) breakDown() {
	for _, s := range c.sides {
		s.reset, s.way = true, nil
		s.node.poke()
	}
}

// setCut cuts the way from one worker to another, or heals it.
func (net *simNetwork) setCut(from, to int, cut bool) {
	net.cut[[2]int{from, to}] = cut
	if cut {
		return
	}
	for _, c := range net.conns {
		for _, s := range c.sides {
			if s.other.node.number == from && s.node.number == to {
				s.expect()
			}
		}
	}
}
