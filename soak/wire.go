package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// wire speaks Storm's multilang protocol, from the component's side, in JSON.
type wire struct {
	in      *bufio.Reader
	waiting []json.RawMessage // what came while a task id list was awaited

	// mu is held while a message is written, so that whatever a fault writes
	// falls between two messages, unless it is meant to cut one.
	mu    sync.Mutex
	out   io.Writer
	muted bool // nothing is written any more: the component only seems to work
}

func newWire(in io.Reader, out io.Writer) *wire {
	return &wire{in: bufio.NewReaderSize(in, 64<<10), out: out}
}

// hello is the host's handshake.
type hello struct {
	PIDDir  string `json:"pidDir"`
	Context struct {
		TaskID      int            `json:"taskid"`
		ComponentID string         `json:"componentid"`
		Tasks       map[int]string `json:"task->component"`
	} `json:"context"`
}

// hostMessage is what a host tells a spout, or gives a bolt.
type hostMessage struct {
	// Of a spout's command.
	Command string          `json:"command"`
	ID      json.RawMessage `json:"id"` // a bolt's tuple has one, too
	// Of a bolt's tuple.
	Comp   string            `json:"comp"`
	Stream string            `json:"stream"`
	Task   int               `json:"task"`
	Tuple  []json.RawMessage `json:"tuple"`
}

// emission is what a component emits.
type emission struct {
	Command     string   `json:"command"`
	ID          any      `json:"id,omitempty"` // a spout's
	Stream      string   `json:"stream,omitempty"`
	Anchors     []string `json:"anchors,omitempty"`
	Task        int      `json:"task,omitempty"`
	Tuple       []any    `json:"tuple"`
	NeedTaskIDs bool     `json:"need_task_ids"`
}

// read returns the next message, whatever it is; io.EOF where the host has
// closed the pipe.
func (w *wire) read() (json.RawMessage, error) {
	var message []byte
	for {
		line, err := w.in.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if string(line) == "end\n" {
			return message, nil
		}
		message = append(message, line...)
	}
}

// next returns the next message that is no task id list.
func (w *wire) next() (*hostMessage, error) {
	var raw json.RawMessage
	if len(w.waiting) > 0 {
		raw, w.waiting = w.waiting[0], w.waiting[1:]
	} else {
		var err error
		if raw, err = w.read(); err != nil {
			return nil, err
		}
	}
	m := &hostMessage{}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("the host sent what is no message: %q: %w", raw, err)
	}
	return m, nil
}

// taskIDs returns the next task id list. Other messages may come before it:
// they keep.
func (w *wire) taskIDs() ([]int, error) {
	for {
		raw, err := w.read()
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(raw, []byte("[")) {
			w.waiting = append(w.waiting, raw)
			continue
		}
		var ids []int
		if err := json.Unmarshal(raw, &ids); err != nil {
			return nil, fmt.Errorf("the host sent a wrong task id list: %q: %w", raw, err)
		}
		return ids, nil
	}
}

// send writes one message.
func (w *wire) send(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.muted {
		return nil
	}
	_, err = w.out.Write(append(text, "\nend\n"...))
	return err
}

// raw writes bytes between two messages.
func (w *wire) raw(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.muted {
		io.WriteString(w.out, text)
	}
}

// mute lets the component work on, and nobody hear of it.
func (w *wire) mute() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.muted = true
}

func (w *wire) isMuted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.muted
}
