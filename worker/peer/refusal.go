package peer

import (
	"fmt"

	"gust/internal/hint"
)

// Refusal is the error that keeps two workers from a connection. Its text names
// both, so that it is true on either side.
type Refusal struct {
	Reason Reason
	Text   string
	Hint   string // the remedy
	// Received says that the other worker refused, and that the text is its own. Until a
	// handshake is done, that worker may be anybody.
	Received bool
}

func (r *Refusal) Error() string { return hint.Join(r.Text, r.Hint) }

// Reason says why a worker refuses another.
type Reason uint8

// The reasons. Their numbers are part of the protocol.
const (
	OtherReason    Reason = iota // one of a later version of the protocol
	OtherVersion                 // of the protocol
	OtherSecret                  // the proof is wrong
	OtherWorker                  // another number than the one that was dialed, or than may dial
	OtherTopology                // another name
	OtherFiles                   // the same name, and another digest
	OtherPlacement               // two placements of the same version
	OldPlacement                 // the other worker has not adopted the latest placement
	NotNewer                     // an older connection than the one that stands
	OtherTLS                     // only one of the two has TLS
)

// AppendRefusal appends a [Refused] frame, which is the last one of a connection. No version
// of the protocol changes its form.
func AppendRefusal(dst []byte, r *Refusal) []byte {
	b, body := begin(dst, Refused)
	b = append(b, byte(r.Reason))
	b = appendString(b, r.Text, maxText)
	return end(append(b, r.Hint[:min(len(r.Hint), maxText)]...), body)
}

// maxText is the most of a text or a hint that is sent.
const maxText = 1024

// ReadRefusal returns the refusal of a [Refused] frame.
func ReadRefusal(f *Frame) *Refusal {
	r := reader{rest: f.Body}
	refusal := &Refusal{Reason: Reason(r.byte()), Text: r.string(maxText), Received: true}
	if r.bad {
		refusal.Text = "the other worker refuses the connection"
		return refusal
	}
	refusal.Text, refusal.Hint = hint.Plain(refusal.Text), hint.Plain(string(r.rest))
	return refusal
}

// RefusePlain refuses a connection without TLS, whoever makes it.
func RefusePlain(hint string) *Refusal {
	return &Refusal{Reason: OtherTLS, Text: "the dialed worker has TLS, the other one does not", Hint: hint}
}

// RefuseOlder refuses a worker that has not adopted the latest placement.
func RefuseOlder(own, other Identity) *Refusal {
	return &Refusal{
		Reason: OldPlacement,
		Text: fmt.Sprintf("worker %d has placement %d of topology %q, worker %d has placement %d",
			other.Worker, other.PlacementVersion, own.Topology, own.Worker, own.PlacementVersion),
		Hint: fmt.Sprintf("restart worker %d with placement %d", other.Worker, own.PlacementVersion),
	}
}

// RefuseNotNewer refuses a connection that is not [Identity.Newer] than the live one.
func RefuseNotNewer(own, dialer, live Identity) *Refusal {
	r := &Refusal{
		Reason: NotNewer,
		Text: fmt.Sprintf("worker %d has connection %d of worker %d's incarnation %d, which is newer than connection %d of incarnation %d",
			own.Worker, live.Connection, dialer.Worker, live.Incarnation, dialer.Connection, dialer.Incarnation),
	}
	if dialer.Incarnation < live.Incarnation {
		r.Hint = fmt.Sprintf("two processes are worker %d: stop the older one", dialer.Worker)
	}
	return r
}

// compare returns why two workers that speak the same version of the protocol cannot work
// together, or nil. The acceptor is one of so many workers. Both sides find the same.
func compare(dialer, acceptor Identity, workers int) *Refusal {
	d, a := dialer.Worker, acceptor.Worker
	refuse := func(reason Reason, hint, format string, args ...any) *Refusal {
		return &Refusal{Reason: reason, Text: fmt.Sprintf(format, args...), Hint: hint}
	}
	switch {
	case dialer.Topology != acceptor.Topology:
		return refuse(OtherTopology, "give each topology addresses of its own",
			"worker %d runs topology %q, worker %d runs topology %q", d, dialer.Topology, a, acceptor.Topology)
	case dialer.Digest != acceptor.Digest:
		return refuse(OtherFiles, "stop all workers and start them with the same files",
			"worker %d runs another version of topology %q or of its conf (%x) than worker %d (%x)", d, dialer.Topology, dialer.Digest[:4], a, acceptor.Digest[:4])
	case d == a:
		return refuse(OtherWorker, "give each worker a number of its own",
			"two processes are worker %d of topology %q", d, dialer.Topology)
	case d >= workers:
		return refuse(OtherWorker, "start all workers with the same number of workers",
			"there is a worker %d, but according to worker %d there are %d workers, numbered from 0", d, a, workers)
	case d > a:
		return refuse(OtherWorker, "start all workers with the same addresses, in the same order",
			"worker %d has dialed worker %d, but the lower number dials", d, a)
	case dialer.PlacementVersion == acceptor.PlacementVersion && dialer.Placement != acceptor.Placement:
		return refuse(OtherPlacement, "start all workers with the same number of workers and the same addresses, in the same order",
			"worker %d has another placement %d (%x) than worker %d (%x)", d, dialer.PlacementVersion, dialer.Placement[:4], a, acceptor.Placement[:4])
	}
	return nil
}
