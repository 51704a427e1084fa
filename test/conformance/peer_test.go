package conformance_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A peer is a component of the tests: the test binary itself, in one of the roles. It
// writes the bytes of its script and records the bytes that it reads. It shares no code
// with gust, so that an error in gust's codecs cannot cancel itself out.
//
//	source    a spout: emits one of its steps for each next, records the verdicts
//	sink      a bolt: records its tuples, and fails those that say "fail me"
//	scripted  a bolt: answers each tuple with the bytes of its steps
//	deaf      a bolt: answers nothing at all after its pid
const (
	peerVariable    = "GUST_CONFORMANCE_PEER"
	resultsVariable = "GUST_CONFORMANCE_RESULTS" // the folder to record in
	scriptVariable  = "GUST_CONFORMANCE_SCRIPT"  // the file with the script
)

// script is the behaviour of a peer, written by its test.
type script struct {
	// Hello is written at the start; without it the peer sends its pid.
	Hello []string
	// Early is set if Hello is written before the handshake has been read.
	Early bool
	// Steps are written by a scripted bolt for each tuple, one write for each step. A
	// source writes one for each next, before the sync.
	Steps []string
	// Inert is set if a source does not answer activate.
	Inert bool
	// Piece is how many bytes are written at once; 0 is all of a step.
	Piece int
}

// In a script, $PID and $ID are replaced by the peer's pid and the id of the tuple that
// is answered, $TUPLE by its values, and $HUGE by [hugeText]. The step awaitTaskIDs waits
// for a list of task ids, and records it; it belongs to the step before it.
const awaitTaskIDs = "await task ids"

// hugeText is the content of a JSON string of more than 64 MiB.
func hugeText() string { return strings.Repeat(strings.Repeat("0123456789abcdef", 64)+`é\n`, 64<<10) }

// emission is an emit in a script, with the given members.
func emission(tuple string, members ...string) string {
	members = append([]string{`"command":"emit"`, `"need_task_ids":false`, `"tuple":` + tuple}, members...)
	return "{" + strings.Join(members, ",") + "}\nend\n"
}

// peer is a running peer.
type peer struct {
	script
	role   string
	in     *bufio.Reader
	record *os.File
	queued [][]byte // what was read while waiting for task ids
	id     string   // of the tuple that is answered
	tuple  string   // its values
}

func peerMain(role string) int {
	err := runPeer(role)
	if err == nil || errors.Is(err, io.EOF) {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func runPeer(role string) error {
	p := &peer{role: role, in: bufio.NewReader(os.Stdin)}
	text, err := os.ReadFile(os.Getenv(scriptVariable))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &p.script); err != nil {
		return err
	}
	if p.Hello == nil {
		p.Hello = []string{`{"pid":$PID}` + "\nend\n"}
	}
	if p.Early {
		p.write(p.Hello[0])
		p.Hello = p.Hello[1:]
	}
	if err := p.greet(); err != nil {
		return err
	}
	for _, step := range p.Hello {
		if err := p.do(step); err != nil {
			return err
		}
	}
	if role == "deaf" {
		_, err := io.Copy(io.Discard, p.in)
		return err
	}
	for {
		message, err := p.next()
		if err != nil {
			return err
		}
		if role == "source" {
			err = p.command(message)
		} else {
			err = p.execute(message)
		}
		if err != nil {
			return err
		}
	}
}

// greet reads the handshake.
func (p *peer) greet() error {
	handshake, err := p.read()
	if err != nil {
		return err
	}
	members := membersOf(handshake)
	context := membersOf(members["context"])
	name := fmt.Sprintf("%s-%s", textOf(context["componentid"]), context["taskid"])
	if p.record, err = os.Create(filepath.Join(os.Getenv(resultsVariable), name)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(textOf(members["pidDir"]), fmt.Sprint(os.Getpid())), nil, 0o644)
}

// command executes a command to a source.
func (p *peer) command(message []byte) error {
	members := membersOf(message)
	switch word := textOf(members["command"]); word {
	case "next":
		for first := true; len(p.Steps) > 0 && (first || p.Steps[0] == awaitTaskIDs); first = false {
			if err := p.do(p.Steps[0]); err != nil {
				return err
			}
			p.Steps = p.Steps[1:]
		}
	case "activate":
		if p.Inert {
			return nil
		}
	case "ack", "fail":
		fmt.Fprintf(p.record, "%s %s\n", word, members["id"])
	}
	p.write(`{"command":"sync"}` + "\nend\n")
	return nil
}

// execute processes a tuple of a bolt.
func (p *peer) execute(message []byte) error {
	members := membersOf(message)
	stream := textOf(members["stream"])
	if stream == "__heartbeat" {
		p.write(`{"command":"sync"}` + "\nend\n")
		return nil
	}
	if p.role == "scripted" {
		p.id, p.tuple = textOf(members["id"]), string(members["tuple"])
		for _, step := range p.Steps {
			if err := p.do(step); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(p.record, "%s/%s %s\n", textOf(members["comp"]), stream, members["tuple"])
	verdict := "ack"
	if bytes.Contains(members["tuple"], []byte("fail me")) {
		verdict = "fail"
	}
	p.write(`{"command":"` + verdict + `","id":` + string(members["id"]) + "}\nend\n")
	return nil
}

// do does a step of the script.
func (p *peer) do(step string) error {
	if step != awaitTaskIDs {
		p.write(step)
		return nil
	}
	for {
		message, err := p.read()
		if err != nil {
			return err
		}
		if message[0] == '[' {
			_, err := fmt.Fprintf(p.record, "tasks %s\n", message)
			return err
		}
		p.queued = append(p.queued, message)
	}
}

// write writes a string in pieces.
func (p *peer) write(text string) {
	text = strings.ReplaceAll(text, "$PID", fmt.Sprint(os.Getpid()))
	text = strings.ReplaceAll(text, "$ID", p.id)
	text = strings.ReplaceAll(text, "$TUPLE", p.tuple)
	if strings.Contains(text, "$HUGE") {
		text = strings.ReplaceAll(text, "$HUGE", hugeText())
	}
	piece := p.Piece
	if piece == 0 {
		piece = len(text)
	}
	for len(text) > 0 {
		n := min(piece, len(text))
		if _, err := os.Stdout.WriteString(text[:n]); err != nil {
			return // gust has ended: the end of stdin will show that
		}
		text = text[n:]
	}
}

// next returns the next message.
func (p *peer) next() ([]byte, error) {
	if len(p.queued) > 0 {
		message := p.queued[0]
		p.queued = p.queued[1:]
		return message, nil
	}
	return p.read()
}

// read reads a message as the simplest clients do: one line, and then `end`.
func (p *peer) read() ([]byte, error) {
	line, err := p.in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	end, err := p.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if end != "end\n" {
		return nil, fmt.Errorf("behind the message %q comes %q, not end", line, end)
	}
	return bytes.TrimSuffix(line, []byte("\n")), nil
}

// membersOf splits a JSON object into its members, raw, including NaN and the like, which
// encoding/json rejects. Other values have none.
func membersOf(object []byte) map[string][]byte {
	members := map[string][]byte{}
	if len(object) == 0 || object[0] != '{' {
		return members
	}
	for rest := object[1:]; len(rest) > 0 && rest[0] == '"'; {
		key := value(rest)
		rest = rest[len(key)+1:] // and the colon
		raw := value(rest)
		members[textOf(key)] = raw
		if rest = rest[len(raw):]; len(rest) > 0 {
			rest = rest[1:] // the comma, or the brace
		}
	}
	return members
}

// value is the JSON value at the beginning of text. gust writes no spaces between tokens.
func value(text []byte) []byte {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if i = endOfText(text, i); depth == 0 {
				return text[:i+1]
			}
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth == 0 {
				return text[:i]
			}
			if depth--; depth == 0 {
				return text[:i+1]
			}
		case (c == ',' || c == ':') && depth == 0:
			return text[:i]
		}
	}
	return text
}

// endOfText is the end of the string that begins at text[i]: the next quote after an even
// number of backslashes.
func endOfText(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i+1:], '"')
		if n < 0 {
			return len(text) - 1
		}
		i += n + 1
		if before := text[:i]; (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return i
		}
	}
}

// textOf is the content of a JSON string.
func textOf(raw []byte) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
