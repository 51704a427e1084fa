package peer

import (
	"encoding/binary"
	"math"
	"slices"
)

// Claim is what a worker says at the end of a topology: that its own trees have ended and
// that it has nothing to do, and how many tuples it has sent to each other worker and
// received from it. The last claim holds; one with Idle false withdraws it.
type Claim struct {
	Idle           bool
	Done           bool     // all claims agree: the sender leaves, and so may all
	Epochs         []Epoch  // by worker: the connection on which the tuples were counted
	Sent, Received []uint64 // by worker
}

// Epoch names a standing connection of two workers, by what its dialer has said. The zero
// value is that of two workers that have no connection.
type Epoch struct{ Incarnation, Connection uint64 }

// Lost is the epoch of a worker that has not come back within the grace for it. It counts
// as drained, and will not be let in again.
var Lost = Epoch{math.MaxUint64, math.MaxUint64}

// NewClaim returns a claim of one of so many workers, which has nothing to do and has no
// connection.
func NewClaim(workers int) *Claim {
	return &Claim{Idle: true, Epochs: make([]Epoch, workers), Sent: make([]uint64, workers), Received: make([]uint64, workers)}
}

// Begin begins a connection to a worker, or ends the last one if epoch is zero or [Lost]:
// what was sent and received on another connection counts no more.
func (c *Claim) Begin(worker int, epoch Epoch) {
	c.Epochs[worker], c.Sent[worker], c.Received[worker] = epoch, 0, 0
}

// Equal says whether a claim says the same as another.
func (c *Claim) Equal(other *Claim) bool {
	return c.Idle == other.Idle && c.Done == other.Done && slices.Equal(c.Epochs, other.Epochs) &&
		slices.Equal(c.Sent, other.Sent) && slices.Equal(c.Received, other.Received)
}

// The bits of the first byte of a claim.
const (
	claimIdle = 1 << iota
	claimDone
)

// AppendClaim appends a [Drained] frame.
func AppendClaim(dst []byte, c Claim) []byte {
	b, body := begin(dst, Drained)
	state := byte(0)
	if c.Idle {
		state |= claimIdle
	}
	if c.Done {
		state |= claimDone
	}
	b = append(b, state)
	b = binary.AppendUvarint(b, uint64(len(c.Sent)))
	for i := range c.Sent {
		var epoch Epoch
		if i < len(c.Epochs) {
			epoch = c.Epochs[i]
		}
		b = binary.AppendUvarint(b, epoch.Incarnation)
		b = binary.AppendUvarint(b, epoch.Connection)
		b = binary.AppendUvarint(b, c.Sent[i])
		b = binary.AppendUvarint(b, c.Received[i])
	}
	return end(b, body)
}

// Agree says whether a topology has nothing left to do: whether the latest claims of all
// workers agree pairwise, what one has sent being what the other has received. A nil claim
// is that of a worker that is lost or absent, which counts as drained. A worker whose
// connection was lost a moment ago, and may come back, is not: its claim is one that is not
// idle until the grace for it is over.
//
// Claims that are idle by themselves do not suffice: a tuple may be in flight between two
// workers that are both idle. If the numbers agree, the claims are moments between which
// no tuple was in flight: a connection keeps the order, so the tuples that one had received
// at its moment are those that the other had sent at its own, and no others. And then
// nobody can begin anything.
//
// The numbers are those of one connection, which both claims name. What was sent on a lost
// connection and did not arrive would keep two workers from ever agreeing. And a number of
// an old connection may happen to be that of the new one, while tuples are in flight there.
// Nor may a worker that is lost for one be on its way to another, since its last tuples may
// still arrive there: it has to be [Lost] for all.
//
// Once claims agree they always will, since nothing is left that could change them. So who
// finds that says it ([Claim.Done]) before it leaves, and the others need not look again
// without it.
func Agree(claims []*Claim) bool {
	if slices.ContainsFunc(claims, func(c *Claim) bool { return c != nil && c.Done }) {
		return true
	}
	for a, c := range claims {
		if c == nil {
			continue
		}
		if !c.Idle || len(c.Sent) != len(claims) {
			return false // a worker that is not idle need not have counted
		}
		for b, other := range claims {
			if b != a && !c.agrees(a, other, b) {
				return false
			}
		}
	}
	return true
}

// agrees says whether what a worker says that it has sent to another is what that one says
// that it has received from it; or, if that one is lost, whether it is lost for this worker too.
func (c *Claim) agrees(own int, other *Claim, worker int) bool {
	if other == nil {
		return c.epoch(worker) == Lost
	}
	return len(other.Received) == len(c.Sent) && c.epoch(worker) == other.epoch(own) && c.Sent[worker] == other.Received[own]
}

func (c *Claim) epoch(worker int) Epoch {
	if worker >= len(c.Epochs) {
		return Epoch{}
	}
	return c.Epochs[worker]
}
