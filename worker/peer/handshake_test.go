package peer

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

var secret = []byte("correct horse battery staple")

// identity is that of a worker of wordcount.
func identity(worker int) Identity {
	return Identity{
		Version: Version, Program: "1.0.0", Worker: worker, Topology: "wordcount", Digest: [32]byte{1, 2, 3, 4, 5},
		PlacementVersion: 1, Placement: [32]byte{6, 7, 8, 9}, Incarnation: 10, Connection: uint64(1 - min(worker, 1)),
	}
}

func nonce(n byte) (nonce [NonceSize]byte) {
	nonce[0] = n
	return nonce
}

// side is one end of a connection: a handshake and what it reads with.
type side struct {
	*Handshake
	decoder *Decoder
	done    bool
	err     error
}

func newSide(h *Handshake) *side { return &side{Handshake: h, decoder: NewDecoder(0)} }

// read takes bytes, one frame after the other, and returns the replies.
func (s *side) read(b []byte) (reply []byte) {
	_, _ = s.decoder.Fill(make([]byte, len(b)+maxHello), func(chunk []byte) (int, error) { return copy(chunk, b), nil })
	defer s.decoder.Keep()
	var f Frame
	for s.err == nil && !s.done {
		var ok bool
		if ok, s.err = s.decoder.Next(&f); s.err != nil || !ok {
			return reply
		}
		reply, s.done, s.err = s.Step(&f, reply)
	}
	return reply
}

// shake lets a dialer and an acceptor talk until both are silent, and returns all that
// each has said.
func shake(dialer, acceptor *side) (dialed, accepted [][]byte) {
	for said := dialer.Begin(nil); len(said) > 0; {
		dialed = append(dialed, said)
		answer := acceptor.read(said)
		if len(answer) == 0 {
			break
		}
		accepted = append(accepted, answer)
		said = dialer.read(answer)
	}
	return dialed, accepted
}

func dialer(own Identity, expect int) *side {
	return newSide(NewDialer(own, expect, secret, nonce(1)))
}

func acceptor(own Identity) *side { return newSide(NewAcceptor(own, 3, secret, nonce(2))) }

func TestHandshake(t *testing.T) {
	d, a := dialer(identity(0), 2), acceptor(identity(2))
	shake(d, a)
	if !d.done || !a.done || d.err != nil || a.err != nil {
		t.Fatalf("the dialer is done: %v, %v; the acceptor: %v, %v", d.done, d.err, a.done, a.err)
	}
	if d.Peer() != identity(2) || a.Peer() != identity(0) {
		t.Errorf("the dialer met %+v, the acceptor %+v", d.Peer(), a.Peer())
	}
}

// What follows PROOF may come in the same read.
func TestFramesAfterProof(t *testing.T) {
	d, a := dialer(identity(0), 2), acceptor(identity(2))
	proof := d.read(a.read(d.Begin(nil)))
	a.read(AppendSignal(proof, Ready))
	if !a.done {
		t.Fatal(a.err)
	}
	// read has kept what follows
	a.decoder.Admit(1 << 20)
	_, _ = a.decoder.Fill(make([]byte, 100), func([]byte) (int, error) { return 0, nil })
	var f Frame
	if ok, err := a.decoder.Next(&f); !ok || f.Kind != Ready {
		t.Errorf("after PROOF came %v, %v", f.Kind, err)
	}
}

// Each refusal is the same error on both sides, names what both have, and has a remedy.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(dialer *Identity)
		dialed int // with 2 there
		reason Reason
		text   string
		hint   string
	}{
		{"another topology", func(i *Identity) { i.Topology = "other" }, 2, OtherTopology,
			`worker 0 runs topology "other", worker 2 runs topology "wordcount"`, "addresses of its own"},
		{"other files", func(i *Identity) { i.Digest[0] = 0xff }, 2, OtherFiles,
			`worker 0 runs another version of topology "wordcount" or of its conf (ff020304) than worker 2 (01020304)`, "stop all workers and start them with the same files"},
		{"another placement", func(i *Identity) { i.Placement[0] = 0xff }, 2, OtherPlacement,
			`worker 0 has another placement 1 (ff070809) than worker 2 (06070809)`, "the same addresses"},
		{"its own number", func(i *Identity) { i.Worker = 2 }, 2, OtherWorker,
			`two processes are worker 2 of topology "wordcount"`, "a number of its own"},
		{"another worker than the dialed one", func(*Identity) {}, 1, OtherWorker,
			`worker 0 has dialed worker 1, but worker 2 is at that address`, "the same addresses"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := identity(0)
			tt.change(&own)
			d, a := dialer(own, tt.dialed), acceptor(identity(2))
			shake(d, a)
			if d.done || a.done {
				t.Error("the connection stands")
			}
			for side, err := range map[string]error{"dialer": d.err, "acceptor": a.err} {
				var refusal *Refusal
				if !errors.As(err, &refusal) {
					t.Errorf("the %s has %v", side, err)
					continue
				}
				if refusal.Reason != tt.reason || refusal.Text != tt.text || !strings.Contains(refusal.Hint, tt.hint) {
					t.Errorf("the %s has reason %d: %v", side, refusal.Reason, refusal)
				}
			}
		})
	}
}

// The lower number dials, and there is no number without a worker.
func TestNumberOfDialer(t *testing.T) {
	d, a := dialer(identity(2), 1), acceptor(identity(1))
	shake(d, a)
	text := "worker 2 has dialed worker 1, but the lower number dials\nhint: start all workers with the same addresses, in the same order"
	wantRefusal(t, d.err, OtherWorker, false, text)
	wantRefusal(t, a.err, OtherWorker, false, text)
	a = acceptor(identity(1))
	shake(dialer(identity(3), 1), a)
	wantRefusal(t, a.err, OtherWorker, false,
		"there is a worker 3, but according to worker 1 there are 3 workers, numbered from 0\nhint: start all workers with the same number of workers")
}

func TestOtherSecret(t *testing.T) {
	d, a := dialer(identity(0), 2), newSide(NewAcceptor(identity(2), 3, []byte("guess"), nonce(2)))
	shake(d, a)
	wantRefusal(t, d.err, OtherSecret, false, "worker 2 has another secret than worker 0\nhint: start all workers with the same secret")
	wantRefusal(t, a.err, OtherSecret, true, "worker 2 has another secret than worker 0\nhint: start all workers with the same secret")

	// A stranger does not tell the acceptor, but sends a proof.
	a = acceptor(identity(2))
	s := newSide(NewDialer(identity(0), 2, []byte("guess"), nonce(1)))
	a.read(s.Begin(nil))
	refused := a.read(AppendBody(nil, Proof, s.proof("dialer")))
	wantRefusal(t, a.err, OtherSecret, false, "worker 0 has another secret than worker 2\nhint: start all workers with the same secret")
	s.read(refused)
	wantRefusal(t, s.err, OtherSecret, true, a.err.Error())
}

func wantRefusal(t *testing.T, err error, reason Reason, received bool, text string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Reason != reason || refusal.Received != received || refusal.Error() != text {
		t.Errorf("got %#v, want reason %d, received %v, %q", err, reason, received, text)
	}
}

// Another version of the protocol may have other fields, after those that never change.
func TestOtherVersion(t *testing.T) {
	old := identity(0)
	old.Version, old.Program = Version+1, "2.0.0"
	hello := old.append(nil)
	hello = AppendBody(nil, Hello, append(hello[:len(hello)-40], "other fields"...))
	a := acceptor(identity(2))
	refused := a.read(hello)
	text := "worker 0 speaks version 2 of the protocol between workers (gust 2.0.0), worker 2 speaks version 1 (gust 1.0.0)\n" +
		"hint: stop all workers and start them with the same version of gust"
	wantRefusal(t, a.err, OtherVersion, false, text)
	d := dialer(identity(0), 2)
	d.read(refused)
	wantRefusal(t, d.err, OtherVersion, true, text)
}

// What has been said in one handshake is worth nothing in another, whoever says it.
func TestReplay(t *testing.T) {
	d, a := dialer(identity(0), 2), acceptor(identity(2))
	dialed, accepted := shake(d, a)
	if !d.done || !a.done {
		t.Fatal(d.err, a.err)
	}

	again := newSide(NewAcceptor(identity(2), 3, secret, nonce(3)))
	for _, said := range dialed {
		again.read(said)
	}
	if again.done {
		t.Error("an acceptor admits what another dialer has said before")
	}
	wantReason(t, again.err, OtherSecret)

	d = newSide(NewDialer(identity(0), 2, secret, nonce(4)))
	d.read(accepted[0])
	if d.done {
		t.Error("a dialer believes what an acceptor has said to another")
	}
	wantReason(t, d.err, OtherSecret)
}

func wantReason(t *testing.T, err error, reason Reason) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Reason != reason {
		t.Errorf("got %v, want reason %d", err, reason)
	}
}

// A stranger cannot let a worker prove to itself what it wants to hear.
func TestReflection(t *testing.T) {
	d := dialer(identity(0), 2)
	d.read(d.Begin(nil))
	if !errors.Is(d.err, ErrMalformed) {
		t.Errorf("a dialer takes its own HELLO for an answer: %v", d.err)
	}

	// The acceptor's proof is not the dialer's.
	a := acceptor(identity(2))
	d = dialer(identity(0), 2)
	answer := a.read(d.Begin(nil))
	proof := answer[len(answer)-32:]
	a.read(AppendBody(nil, Proof, proof))
	wantReason(t, a.err, OtherSecret)

	// A worker that dials two others does not help one to pass for the other.
	d = dialer(identity(0), 2)
	other := newSide(NewAcceptor(identity(1), 3, secret, nonce(2)))
	d.read(other.read(d.Begin(nil)))
	wantReason(t, d.err, OtherWorker)
}

// A change of any bit of what is said keeps the connection from standing on at least the
// side that reads it.
func TestTampering(t *testing.T) {
	answer := func(d *side) []byte { return acceptor(identity(2)).read(d.Begin(nil)) }
	d := dialer(identity(0), 2)
	hello := d.Begin(nil)
	for i := range hello {
		changed := bytes.Clone(hello)
		changed[i] ^= 1
		d, a := dialer(identity(0), 2), acceptor(identity(2))
		d.read(a.read(changed))
		if d.done {
			t.Errorf("byte %d of the dialer's HELLO was changed, and the dialer is done", i)
		}
	}
	size := len(answer(d))
	for i := range size {
		d := dialer(identity(0), 2)
		changed := answer(d)
		changed[i] ^= 1
		if d.read(changed); d.done {
			t.Errorf("byte %d of the acceptor's HELLO was changed, and the dialer is done", i)
		}
	}
}

// Before it is admitted, a stranger can send nothing but a handshake, in turn and of
// bounded size, and what it has sent otherwise is known from the first bytes.
func TestStrangers(t *testing.T) {
	long := AppendBody(nil, Hello, make([]byte, maxHello+1))
	for _, tt := range []struct {
		name string
		said []byte
	}{
		{"a tuple", AppendTuple(nil, 1, 2, 0, nil, false, []byte("values"))[:3]},
		{"a piece", []byte{byte(Piece), 0xff, 0xff}},
		{"a signal", AppendSignal(nil, Stop)},
		{"PROOF before HELLO", AppendBody(nil, Proof, make([]byte, 32))},
		{"an empty HELLO", AppendBody(nil, Hello, nil)},
		{"a long HELLO", long[:6]},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n")},
		{"TLS", []byte{0x16, 3, 1, 2, 0}},
		{"HELLO with a proof", AppendBody(nil, Hello, append(dialer(identity(0), 2).hello, make([]byte, 32)...))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := acceptor(identity(2))
			if reply := a.read(tt.said); len(reply) > 0 {
				t.Errorf("the acceptor answers %q", reply)
			}
			if !errors.Is(a.err, ErrMalformed) {
				t.Errorf("the acceptor has %v", a.err)
			}
		})
	}
	t.Run("HELLO twice", func(t *testing.T) {
		a, hello := acceptor(identity(2)), dialer(identity(0), 2).Begin(nil)
		a.read(append(hello, hello...))
		if !errors.Is(a.err, ErrMalformed) {
			t.Errorf("the acceptor has %v", a.err)
		}
	})
}

// A stranger's text is one line, and no terminal obeys it.
func TestRefusalOfStranger(t *testing.T) {
	d := dialer(identity(0), 2)
	d.read(AppendRefusal(nil, &Refusal{Reason: 200, Text: "no\n\x1b[31mhint: rm -rf /\xff", Hint: "a\nb"}))
	wantRefusal(t, d.err, 200, true, "no  [31mhint: rm -rf /\uFFFD\nhint: a b")
	long := strings.Repeat("x", 5000)
	d = dialer(identity(0), 2)
	d.read(AppendRefusal(nil, &Refusal{Text: long, Hint: long}))
	wantRefusal(t, d.err, OtherReason, true, long[:maxText]+"\nhint: "+long[:maxText])
}

func TestNewer(t *testing.T) {
	at := func(incarnation, connection uint64) Identity {
		return Identity{Incarnation: incarnation, Connection: connection}
	}
	for _, tt := range []struct {
		i, live Identity
		want    bool
	}{
		{at(1, 2), at(1, 1), true},
		{at(1, 1), at(1, 1), false},
		{at(1, 1), at(1, 2), false},
		{at(2, 1), at(1, 9), true},
		{at(1, 9), at(2, 1), false},
	} {
		if got := tt.i.Newer(tt.live); got != tt.want {
			t.Errorf("%v is newer than %v: %v", tt.i, tt.live, got)
		}
	}
	refusal := RefuseNotNewer(identity(2), Identity{Worker: 0, Incarnation: 4, Connection: 9}, Identity{Incarnation: 5, Connection: 1})
	if want := "worker 2 has connection 1 of worker 0's incarnation 5, which is newer than connection 9 of incarnation 4\nhint: two processes are worker 0: stop the older one"; refusal.Error() != want {
		t.Errorf("got %q, want %q", refusal, want)
	}
}

// Workers with placements of two versions may meet: the newer one hands its placement over.
func TestOlderPlacement(t *testing.T) {
	older := identity(0)
	older.PlacementVersion, older.Placement[0] = 0, 0xff
	d, a := dialer(older, 2), acceptor(identity(2))
	shake(d, a)
	if !d.done || !a.done {
		t.Fatal(d.err, a.err)
	}
	if want := "worker 0 has placement 0 of topology \"wordcount\", worker 2 has placement 1\nhint: restart worker 0 with placement 1"; RefuseOlder(identity(2), a.Peer()).Error() != want {
		t.Errorf("got %q, want %q", RefuseOlder(identity(2), a.Peer()), want)
	}
}

// FuzzHandshake says anything to both sides: neither fails to judge it, and no connection
// stands with somebody who does not know the secret.
func FuzzHandshake(f *testing.F) {
	d := newSide(NewDialer(identity(0), 2, []byte("guess"), nonce(3)))
	hello := d.Begin(nil)
	f.Add(hello)
	f.Add(append(newSide(NewAcceptor(identity(2), 3, []byte("guess"), nonce(4))).read(hello), 1))
	f.Add(append(hello, AppendBody(nil, Proof, make([]byte, 32))...))
	f.Add(AppendRefusal(nil, &Refusal{Text: "no", Hint: "yes"}))
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, s := range []*side{dialer(identity(0), 2), acceptor(identity(2))} {
			s.read(said)
			if s.done {
				t.Error("a connection stands")
			}
			if s.err != nil && !errors.Is(s.err, ErrMalformed) {
				wantText(t, s.err)
			}
		}
	})
}

// wantText expects a refusal of one or two lines, the second being the hint.
func wantText(t *testing.T, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || strings.Count(refusal.Error(), "\n") > 1 {
		t.Errorf("the error is %q", err)
	}
}
