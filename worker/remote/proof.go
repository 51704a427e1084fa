package remote

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"time"
)

// protocol is the version of what follows after the proofs.
const protocol = 1

// greeting is the first line of each side, and the second one of the viewer.
type greeting struct {
	Gust     string `json:"gust"` // "control"
	Protocol int    `json:"protocol"`
	Nonce    []byte `json:"nonce,omitempty"`
	Proof    []byte `json:"proof,omitempty"`
	Error    string `json:"error,omitempty"`
}

// proofPatience is how long both sides may take to prove that they know the secret.
const proofPatience = 10 * time.Second

var errSecret = errors.New("it has another secret")

// proof is what only somebody can say who knows the secret, about two nonces that nobody
// has used before.
func proof(secret []byte, side string, viewer, worker []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "gust control %d %s %x %x", protocol, side, viewer, worker)
	return mac.Sum(nil)
}

func nonce() []byte {
	n := make([]byte, 16)
	rand.Read(n)
	return n
}

// Prove proves to a worker that the viewer knows the secret, and that the worker does. It
// closes the connection if not.
func Prove(c net.Conn, secret []byte) (*Conn, error) {
	conn := NewConn(c)
	err := conn.prove(secret)
	if err != nil {
		c.Close()
		return nil, err
	}
	return conn, nil
}

func (c *Conn) prove(secret []byte) error {
	c.limit = shyLimit
	c.SetDeadline(time.Now().Add(proofPatience))
	defer c.SetDeadline(time.Time{})
	mine := greeting{Gust: "control", Protocol: protocol, Nonce: nonce()}
	if err := c.Send(mine); err != nil {
		return err
	}
	var theirs greeting
	if err := c.Receive(&theirs); err != nil {
		return err
	}
	if err := theirs.check(); err != nil {
		return err
	}
	if !hmac.Equal(theirs.Proof, proof(secret, "worker", mine.Nonce, theirs.Nonce)) {
		return errSecret
	}
	c.limit = lineMost
	return c.Send(greeting{Gust: "control", Protocol: protocol, Proof: proof(secret, "viewer", mine.Nonce, theirs.Nonce)})
}

// Accept is [Prove] for the worker's side.
func Accept(c net.Conn, secret []byte) (*Conn, error) {
	conn := NewConn(c)
	err := conn.accept(secret)
	if err != nil {
		c.Close()
		return nil, err
	}
	return conn, nil
}

func (c *Conn) accept(secret []byte) error {
	c.limit = shyLimit
	c.SetDeadline(time.Now().Add(proofPatience))
	defer c.SetDeadline(time.Time{})
	var theirs greeting
	if err := c.Receive(&theirs); err != nil {
		return err
	}
	mine := greeting{Gust: "control", Protocol: protocol, Nonce: nonce()}
	if err := theirs.check(); err != nil {
		_ = c.Send(greeting{Gust: "control", Protocol: protocol, Error: err.Error()})
		return err
	}
	mine.Proof = proof(secret, "worker", theirs.Nonce, mine.Nonce)
	if err := c.Send(mine); err != nil {
		return err
	}
	var last greeting
	if err := c.Receive(&last); err != nil {
		return err
	}
	if !hmac.Equal(last.Proof, proof(secret, "viewer", theirs.Nonce, mine.Nonce)) {
		return errSecret
	}
	c.limit = lineMost
	return nil
}

// check refuses what does not speak this protocol.
func (g *greeting) check() error {
	switch {
	case g.Error != "":
		return fmt.Errorf("it refused: %s", g.Error)
	case g.Gust != "control":
		return errors.New("it does not speak gust's control protocol")
	case g.Protocol != protocol:
		return fmt.Errorf("it speaks version %d of the control protocol, not %d", g.Protocol, protocol)
	case len(g.Nonce) < 16:
		return errors.New("its greeting lacks the nonce")
	}
	return nil
}
