package storm

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"gust/internal/hint"
)

// Digest is a user's name and password for a Nimbus that requires SASL's DIGEST-MD5 (RFC
// 2831). It proves that both sides know the password, and encrypts nothing.
type Digest struct {
	User, Password string
}

// The states of a SASL negotiation, as Thrift's TSaslTransport sends them.
const (
	saslStart    = 1
	saslOK       = 2
	saslBad      = 3
	saslError    = 4
	saslComplete = 5
)

// saslURI is the name of Storm's servers, on any machine (DigestSaslTransportPlugin).
const saslURI = "storm_thrift_server/localhost"

// maxSaslMessage limits a message of the negotiation: a challenge has 200 bytes.
const maxSaslMessage = 64 << 10

// login authenticates the user. After it, messages are in frames, as without SASL: the
// quality of protection is "auth", which changes no bytes.
func (w *wire) login(ctx context.Context, d *Digest) error {
	w.startClock(ctx)
	start := saslMessage(saslStart, []byte("DIGEST-MD5"))
	if _, err := w.conn.Write(append(start, saslMessage(saslOK, nil)...)); err != nil {
		return lostReason(err)
	}
	challenge, err := w.readSasl(saslOK)
	if endOfSasl(err) {
		return &WrongPeerError{"it does not answer SASL", "its storm.thrift.transport may not be DigestSaslTransportPlugin"}
	}
	if err != nil {
		return err
	}
	answer, err := newDigestAnswer(d, parseDirectives(challenge), rand.Text())
	if err != nil {
		return err
	}
	if _, err := w.conn.Write(saslMessage(saslOK, answer.text())); err != nil {
		return lostReason(err)
	}
	proof, err := w.readSasl(saslComplete)
	if endOfSasl(err) {
		return refusedLogin("it closes the connection") // without Storm's own word for it
	}
	if err != nil {
		return err
	}
	if want := answer.response(""); subtle.ConstantTimeCompare([]byte(parseDirectives(proof)["rspauth"]), []byte(want)) != 1 {
		return errors.New("it does not know the user's password, so it is not the Nimbus that it claims to be")
	}
	return nil
}

// saslMessage is a state, and a string after its length.
func saslMessage(state byte, text []byte) []byte {
	message := binary.BigEndian.AppendUint32([]byte{state}, uint32(len(text)))
	return append(message, text...)
}

// readSasl reads a message that should have the given state.
func (w *wire) readSasl(want byte) ([]byte, error) {
	var head [1 + frameHead]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return nil, err
	}
	state, size := head[0], binary.BigEndian.Uint32(head[1:])
	if state < saslStart || state > saslComplete || size > maxSaslMessage {
		return nil, &WrongPeerError{fmt.Sprintf("its answer begins with % x, which is not SASL", head),
			"its storm.thrift.transport may not be DigestSaslTransportPlugin"}
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(w.in, text); err != nil {
		return nil, err
	}
	switch {
	case state == saslBad || state == saslError:
		return nil, refusedLogin(string(text))
	case state != want:
		return nil, fmt.Errorf("its SASL negotiation moved from the wrong state %d to %q", state, text)
	}
	return text, nil
}

// endOfSasl recognizes a peer that closes the connection, or does not answer.
func endOfSasl(err error) bool {
	return err != nil && (timedOut(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET))
}

func refusedLogin(reason string) error {
	return hint.With(fmt.Errorf("it refuses the user: %s", reason),
		"check the user and password in the file that java.security.auth.login.config names")
}

// digestAnswer is the answer to a challenge of DIGEST-MD5.
type digestAnswer struct {
	digest               *Digest
	realm, nonce, cnonce string
	utf8                 bool
}

func newDigestAnswer(d *Digest, challenge map[string]string, cnonce string) (*digestAnswer, error) {
	if qop := challenge["qop"]; qop != "" && !contains(strings.Split(qop, ","), "auth") {
		return nil, fmt.Errorf("unsupported quality of protection %s", qop)
	}
	if challenge["nonce"] == "" {
		return nil, errors.New("its SASL challenge has no nonce")
	}
	return &digestAnswer{
		digest: d, realm: challenge["realm"], nonce: challenge["nonce"], cnonce: cnonce,
		utf8: challenge["charset"] == "utf-8",
	}, nil
}

// text is the encoded answer.
func (a *digestAnswer) text() []byte {
	var b bytes.Buffer
	if a.utf8 {
		b.WriteString("charset=utf-8,")
	}
	fmt.Fprintf(&b, "username=%s,realm=%s,nonce=%s,nc=00000001,cnonce=%s,digest-uri=%s,maxbuf=65536,response=%s,qop=auth",
		quote(a.digest.User), quote(a.realm), quote(a.nonce), quote(a.cnonce), quote(saslURI), a.response("AUTHENTICATE"))
	return b.Bytes()
}

// response is the proof of a side: the client's has the method AUTHENTICATE, the
// server's an empty one (RFC 2831, 2.1.2.1 and 2.1.3).
func (a *digestAnswer) response(method string) string {
	secret := md5.Sum([]byte(a.digest.User + ":" + a.realm + ":" + a.digest.Password))
	a1 := append(secret[:], ":"+a.nonce+":"+a.cnonce...)
	a2 := method + ":" + saslURI
	return hexMD5([]byte(strings.Join([]string{hexMD5(a1), a.nonce, "00000001", a.cnonce, "auth", hexMD5([]byte(a2))}, ":")))
}

func hexMD5(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

// quote quotes a directive's value.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// parseDirectives reads key=value,key="value". It skips what it cannot read.
func parseDirectives(text []byte) map[string]string {
	directives := map[string]string{}
	for rest := string(text); rest != ""; {
		var key, value string
		var ok bool
		if key, rest, ok = strings.Cut(rest, "="); !ok {
			break
		}
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, `"`) {
			value, rest = unquote(rest[1:])
			rest = strings.TrimPrefix(strings.TrimSpace(rest), ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		if key = strings.ToLower(strings.TrimSpace(key)); directives[key] == "" {
			directives[key] = strings.TrimSpace(value)
		}
	}
	return directives
}

// unquote reads up to the closing quote, and returns the rest.
func unquote(text string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(strings.TrimSpace(w), word) {
			return true
		}
	}
	return false
}
