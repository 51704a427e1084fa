package peer

import (
	"crypto/sha256"
	"encoding/binary"
)

// Version is that of the protocol. It rises with each change of a frame, or of what a
// frame means. Workers of two versions refuse each other.
const Version = 1

// Identity is what a worker says about itself at the start of a connection.
type Identity struct {
	Version uint64 // of the protocol; a handshake sets its own
	Program string // the version of gust, for people
	Worker  int    // its number

	Topology         string            // its name
	Digest           [sha256.Size]byte // of the topology and its conf
	PlacementVersion uint64
	Placement        [sha256.Size]byte // its digest

	// Incarnation is above 0, and rises with each start of the worker.
	Incarnation uint64
	// Connection is a number that rises with each connection that the worker dials. It is 0
	// in what a worker says that was dialed.
	Connection uint64
}

// Newer says whether a dialer's identity is from a later connection than the live one of
// the same worker. An acceptor refuses ([NotNewer]) what is not: the HELLO of an earlier
// connection may have waited in the network while the dialer made another.
func (i Identity) Newer(live Identity) bool {
	if i.Incarnation != live.Incarnation {
		return i.Incarnation > live.Incarnation
	}
	return i.Connection > live.Connection
}

// The most bytes of a name that are sent. The digests tell apart what is longer.
const (
	maxProgram  = 64
	maxTopology = 512
)

// append appends the identity. What tells the versions of two workers comes first: no
// version of the protocol changes that, so that each can name the other's.
func (i Identity) append(b []byte) []byte {
	b = binary.AppendUvarint(b, i.Version)
	b = appendString(b, i.Program, maxProgram)
	b = binary.AppendUvarint(b, uint64(i.Worker))
	b = appendString(b, i.Topology, maxTopology)
	b = append(b, i.Digest[:]...)
	b = binary.AppendUvarint(b, i.PlacementVersion)
	b = append(b, i.Placement[:]...)
	b = binary.AppendUvarint(b, i.Incarnation)
	return binary.AppendUvarint(b, i.Connection)
}

// appendString appends a string of at most max bytes, which cuts it.
func appendString(b []byte, s string, max int) []byte {
	s = s[:min(len(s), max)]
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// identity reads an identity, or only the versions and the worker of one of another
// version of the protocol.
func (r *reader) identity() Identity {
	i := Identity{Version: r.uint64(), Program: r.string(maxProgram), Worker: r.int()}
	if i.Version != Version {
		return i
	}
	i.Topology = r.string(maxTopology)
	copy(i.Digest[:], r.bytes(len(i.Digest)))
	i.PlacementVersion = r.uint64()
	copy(i.Placement[:], r.bytes(len(i.Placement)))
	i.Incarnation = r.uint64()
	i.Connection = r.uint64()
	r.bad = r.bad || i.Incarnation == 0
	return i
}
