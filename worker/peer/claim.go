package peer

import "encoding/binary"

// Claim is what a worker says at the end of a topology: that its own trees have ended and
// that it has nothing to do, and how many tuples it has sent to each other worker and
// received from it. The last claim holds; one with Idle false withdraws it.
type Claim struct {
	Idle           bool
	Sent, Received []uint64 // by worker
}

// AppendClaim appends a [Drained] frame.
func AppendClaim(dst []byte, c Claim) []byte {
	b, body := begin(dst, Drained)
	idle := byte(0)
	if c.Idle {
		idle = 1
	}
	b = append(b, idle)
	b = binary.AppendUvarint(b, uint64(len(c.Sent)))
	for i := range c.Sent {
		b = binary.AppendUvarint(b, c.Sent[i])
		b = binary.AppendUvarint(b, c.Received[i])
	}
	return end(b, body)
}

// Agree says whether a topology has nothing left to do: whether the latest claims of all
// workers agree pairwise, what one has sent being what the other has received. A nil claim
// is that of a worker that is lost or absent, which counts as drained.
//
// Claims that are idle alone do not suffice: a tuple may be on its way between two workers
// that are both idle (models/drain.py loses tuples with that rule). That the numbers agree
// says that nothing is under way, since no number of an idle worker rises before a tuple
// arrives, and the claims were made after the last one had.
func Agree(claims []*Claim) bool {
	for _, c := range claims {
		if c != nil && !c.Idle {
			return false // its counts need not be there
		}
	}
	for a, c := range claims {
		if c == nil {
			continue
		}
		for b, other := range claims {
			if other != nil && b != a && c.Sent[b] != other.Received[a] {
				return false
			}
		}
	}
	return true
}
