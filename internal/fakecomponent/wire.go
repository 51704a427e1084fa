package fakecomponent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
)

// wire reads and writes values in one of the protocol's serializations. Integers are
// int64, or json.Number from JSON.
type wire interface {
	read(r *bufio.Reader) (any, error)
	encode(v any) []byte
}

// link is the conversation with the host.
type link struct {
	wire
	shape  string
	in     *bufio.Reader
	queued []any  // what was read while waiting for a list of task ids
	batch  []byte // of the shape "batch": what is written before the next read
	packs  bool   // the host knows that packs will come
	pack   []any  // to be written as a pack before the next read
}

func newLink(wireName, shape string) *link {
	l := &link{wire: jsonWire{}, shape: shape, in: bufio.NewReader(os.Stdin)}
	switch {
	case wireName == "msgpack":
		l.wire = msgpackWire{}
	case shape == "crlf":
		l.wire = jsonWire{newline: "\r\n"}
	case shape == "pretty":
		l.wire = jsonWire{indent: "  "}
	}
	return l
}

func (l *link) send(v any) {
	if l.packs {
		l.pack = append(l.pack, short(v))
		return
	}
	bytes := l.encode(v)
	switch l.shape {
	case "batch":
		l.batch = append(l.batch, bytes...)
	case "bytes":
		for i := range bytes {
			l.write(bytes[i : i+1])
		}
	default:
		l.write(bytes)
	}
}

// write ends the process if the pipe is closed, as Python would.
func (l *link) write(b []byte) {
	if _, err := os.Stdout.Write(b); err != nil {
		os.Exit(1)
	}
}

func (l *link) flush() {
	if len(l.pack) > 0 {
		l.write(l.encode(map[string]any{"pack": l.pack}))
		l.pack = l.pack[:0]
	}
	if len(l.batch) > 0 {
		l.write(l.batch)
		l.batch = l.batch[:0]
	}
}

// next is the next message that is not a list of task ids.
func (l *link) next() (map[string]any, error) {
	if len(l.queued) == 0 {
		l.flush()
		v, err := l.read(l.in)
		if err != nil {
			return nil, err
		}
		l.queued = unpack(v.(map[string]any)) // an unexpected list is an error of the host
	}
	m := l.queued[0].(map[string]any)
	l.queued = l.queued[1:]
	return m, nil
}

// taskIDs waits for a list of task ids.
func (l *link) taskIDs() ([]any, error) {
	l.flush()
	for {
		v, err := l.read(l.in)
		if err != nil {
			return nil, err
		}
		if list, ok := v.([]any); ok {
			return list, nil
		}
		l.queued = append(l.queued, unpack(v.(map[string]any))...)
	}
}

// jsonWire is a message on a line, or several, and a line "end".
type jsonWire struct{ newline, indent string }

func (w jsonWire) read(r *bufio.Reader) (any, error) {
	// A host's message is one line, and some clients read no more.
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, io.EOF
	}
	if end, err := r.ReadBytes('\n'); err != nil || string(end) != "end\n" {
		return nil, io.EOF
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var v any
	err = d.Decode(&v)
	return v, err
}

func (w jsonWire) encode(v any) []byte {
	text, err := json.Marshal(v)
	if w.indent != "" {
		text, err = json.MarshalIndent(v, "", w.indent)
	}
	if err != nil {
		panic(err)
	}
	newline := "\n"
	if w.newline != "" {
		newline = w.newline
	}
	return append(text, newline+"end"+newline...)
}
