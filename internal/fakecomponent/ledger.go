package fakecomponent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Entry is one thing that a component lived to see.
type Entry struct {
	Component string
	Task      int
	PID       int
	// What is "start" (the handshake was read), a command of the host's such as "ack",
	// "emit" (just before it is sent), "tuple", "tick", "ids" (a list of task ids was
	// read), "count" (of a key, at the end), "eof" (the end of the input).
	What string
	// ID is the id of the emit, the tuple or the command, as JSON.
	ID string `json:",omitempty"`
	// From is a tuple's source component.
	From string `json:",omitempty"`
	// Value is more of the entry, as JSON: a tuple's values, a list, [key, count].
	Value string `json:",omitempty"`
}

// ReadLedger reads the entries so far. Those of one process are in their order; a file
// that does not exist yet has none. A last line without its line feed is still being
// written, and is left out.
func ReadLedger(path string) ([]Entry, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s: the line %q: %w", path, line, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// ledger is the file that a component writes. Each entry is one write, so that lines of
// several processes do not mix, and entries are not lost in a crash.
type ledger struct {
	file *os.File // nil without a ledger
	own  Entry    // the writing process
}

func (l *ledger) open(path string) error {
	if path == "" {
		return nil
	}
	var err error
	l.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	return err
}

func (l *ledger) note(e Entry) {
	if l.file == nil {
		return
	}
	e.Component, e.Task, e.PID = l.own.Component, l.own.Task, os.Getpid()
	line, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if err != nil {
		panic(err)
	}
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
