package peer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"gust/internal/hint"
)

// Handshake is the beginning of a connection, on either side. Three frames make it:
//
//	dialer   -> acceptor   HELLO: identity, the worker that it dials, nonce
//	acceptor -> dialer     HELLO: identity, the dialer's number, nonce, and a proof
//	dialer   -> acceptor   PROOF
//
// A proof shows that its sender knows the secret of the topology. It covers who sends it
// and both HELLOs, that is both nonces, so it is of no use on another connection or in the
// other direction. The acceptor has decided nothing before PROOF: no HELLO of a stranger,
// and none that somebody has recorded, costs a connection that stands.
//
// Both sides judge the two identities by the same rules, each when it has seen the other's
// proof. Only what the other side cannot know is sent as REFUSED.
//
// The proofs do not protect what follows: on a network that others can write to, the
// connection needs TLS.
type Handshake struct {
	own     Identity
	secret  []byte
	dialer  bool
	workers int // the acceptor's: how many there are

	dialed int // the worker that the dialer expects
	nonce  [NonceSize]byte
	hello  []byte // the body that this side has sent, without the proof
	theirs []byte // the body that the other side has sent, likewise
	peer   Identity
	state  handshakeState
}

type handshakeState uint8

const (
	awaitsHello handshakeState = iota
	awaitsProof
	standing
	refused
)

// NonceSize is the length of the random bytes with which a handshake is unlike any other.
const NonceSize = 16

// maxHello is the most bytes of a frame of a handshake, which is all that a stranger can
// make a worker keep.
const maxHello = 4096

// ofHandshake says whether a frame of the kind is a part of handshakes.
func ofHandshake(k Kind) bool { return k == Hello || k == Proof || k == Refused }

// NewDialer begins the handshake of a connection to a worker. The nonce is random.
func NewDialer(own Identity, expect int, secret []byte, nonce [NonceSize]byte) *Handshake {
	own.Version = Version
	h := &Handshake{own: own, secret: secret, dialer: true, dialed: expect, nonce: nonce}
	h.hello = h.ownHello(expect)
	return h
}

// NewAcceptor begins the handshake of a connection that another worker has made to this
// one of a number of workers. The nonce is random.
func NewAcceptor(own Identity, workers int, secret []byte, nonce [NonceSize]byte) *Handshake {
	own.Version = Version
	return &Handshake{own: own, secret: secret, workers: workers, nonce: nonce}
}

// Begin appends what the dialer says first.
func (h *Handshake) Begin(dst []byte) []byte { return AppendBody(dst, Hello, h.hello) }

// Peer is what the other worker has said about itself. It is proved when Step is done.
func (h *Handshake) Peer() Identity { return h.peer }

// Step takes a frame, and appends the reply to dst. When it is done, the connection stands:
// the decoder may admit other frames ([Decoder.Admit]). With an error, the connection ends
// once the reply has been sent. The error is a [Refusal], or [ErrMalformed].
func (h *Handshake) Step(f *Frame, dst []byte) (reply []byte, done bool, err error) {
	before := len(dst)
	if reply, err = h.step(f, dst); err != nil {
		h.state = refused
		if refusal, ok := err.(*Refusal); ok && !refusal.Received && len(reply) == before {
			reply = AppendRefusal(reply, refusal)
		}
	}
	return reply, h.state == standing, err
}

func (h *Handshake) step(f *Frame, dst []byte) (reply []byte, err error) {
	switch {
	case f.Kind == Refused && h.state < standing:
		return dst, ReadRefusal(f)
	case f.Kind == Hello && h.state == awaitsHello && h.dialer:
		return h.onAnswer(f.Body, dst)
	case f.Kind == Hello && h.state == awaitsHello:
		return h.onHello(f.Body, dst)
	case f.Kind == Proof && h.state == awaitsProof:
		return dst, h.onProof(f.Body)
	}
	return dst, malformed("%v in the handshake, out of turn", f.Kind)
}

// onHello answers the dialer's HELLO.
func (h *Handshake) onHello(body, dst []byte) ([]byte, error) {
	_, _, err := h.readHello(body)
	if err != nil {
		return dst, err
	}
	h.hello = h.ownHello(h.peer.Worker)
	h.state = awaitsProof
	return AppendBody(dst, Hello, append(h.hello, h.proof("acceptor")...)), nil
}

// onAnswer judges the acceptor's HELLO. The PROOF is sent even if the identities do not
// fit, so that the acceptor finds out the same.
func (h *Handshake) onAnswer(body, dst []byte) ([]byte, error) {
	to, proof, err := h.readHello(body)
	if err != nil {
		return dst, err
	}
	if to != h.own.Worker {
		return dst, malformed("HELLO to worker %d", to)
	}
	if !hmac.Equal(proof, h.proof("acceptor")) {
		return dst, h.otherSecret()
	}
	dst = AppendBody(dst, Proof, h.proof("dialer"))
	if h.peer.Worker != h.dialed {
		return dst, h.otherWorker(h.own.Worker, h.dialed, h.peer.Worker)
	}
	// The dialer does not know how many workers the acceptor knows.
	if refusal := compare(h.own, h.peer, h.own.Worker+1); refusal != nil {
		return dst, refusal
	}
	h.state = standing
	return dst, nil
}

// onProof judges the dialer.
func (h *Handshake) onProof(proof []byte) error {
	if !hmac.Equal(proof, h.proof("dialer")) {
		return h.otherSecret()
	}
	if h.dialed != h.own.Worker {
		return h.otherWorker(h.peer.Worker, h.dialed, h.own.Worker)
	}
	if refusal := compare(h.peer, h.own, h.workers); refusal != nil {
		return refusal
	}
	h.state = standing
	return nil
}

// ownHello is the body of this side's HELLO to a worker, without the proof.
func (h *Handshake) ownHello(to int) []byte {
	b := h.own.append(nil)
	b = binary.AppendUvarint(b, uint64(to))
	return append(b, h.nonce[:]...)
}

// readHello takes the other side's HELLO, and returns to whom it is and its proof.
func (h *Handshake) readHello(body []byte) (to int, proof []byte, err error) {
	r := reader{rest: body}
	h.peer = r.identity()
	if !r.bad && h.peer.Version != h.own.Version {
		return 0, nil, h.otherVersion()
	}
	to = r.int()
	r.bytes(NonceSize)
	proof = r.rest
	want := 0
	if h.dialer {
		want = sha256.Size
	} else {
		h.dialed = to
	}
	if r.bad || len(proof) != want {
		return 0, nil, malformed("HELLO of %d bytes", len(body))
	}
	h.theirs = append(h.theirs, body[:len(body)-len(proof)]...)
	return to, proof, nil
}

// proof is what a side in a role sends to prove that it knows the secret.
func (h *Handshake) proof(role string) []byte {
	dialer, acceptor := h.hello, h.theirs
	if !h.dialer {
		dialer, acceptor = acceptor, dialer
	}
	mac := hmac.New(sha256.New, h.secret)
	for _, part := range [][]byte{[]byte("gust worker " + role), dialer, acceptor} {
		_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = mac.Write(part)
	}
	return mac.Sum(nil)
}

func (h *Handshake) otherVersion() *Refusal {
	return &Refusal{
		Reason: OtherVersion,
		Text: fmt.Sprintf("worker %d speaks version %d of the protocol between workers (gust %s), worker %d speaks version %d (gust %s)",
			h.peer.Worker, h.peer.Version, hint.Plain(h.peer.Program), h.own.Worker, h.own.Version, h.own.Program),
		Hint: "stop all workers and start them with the same version of gust",
	}
}

func (h *Handshake) otherSecret() *Refusal {
	return &Refusal{
		Reason: OtherSecret,
		Text:   fmt.Sprintf("worker %d has another secret than worker %d", h.peer.Worker, h.own.Worker),
		Hint:   "start all workers with the same secret",
	}
}

func (h *Handshake) otherWorker(dialer, dialed, there int) *Refusal {
	return &Refusal{
		Reason: OtherWorker,
		Text:   fmt.Sprintf("worker %d has dialed worker %d, but worker %d is at that address", dialer, dialed, there),
		Hint:   "start all workers with the same addresses, in the same order",
	}
}
