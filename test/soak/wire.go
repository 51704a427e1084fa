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
	waiting []*hostMessage // from a pack, or read while waiting for a task id list

	// mu is locked while a message is written, so that the output of a fault comes
	// between two messages, unless it must cut one.
	mu    sync.Mutex
	out   io.Writer
	muted bool // nothing is written any more: the component only seems to work
	packs bool // the host knows that packs will come
	pack  []any
}

func newWire(in io.Reader, out io.Writer) *wire {
	return &wire{in: bufio.NewReaderSize(in, 64<<10), out: out}
}

// hello is the host's handshake.
type hello struct {
	PIDDir  string         `json:"pidDir"`
	Conf    map[string]any `json:"conf"`
	Context struct {
		TaskID      int            `json:"taskid"`
		ComponentID string         `json:"componentid"`
		Tasks       map[int]string `json:"task->component"`
	} `json:"context"`
}

// hostMessage is a command to a spout, or a tuple for a bolt.
type hostMessage struct {
	// Of a spout's command.
	Command string          `json:"command"`
	ID      json.RawMessage `json:"id"` // a bolt's tuple has one, too
	// Of a bolt's tuple.
	Comp   string            `json:"comp"`
	Stream string            `json:"stream"`
	Task   int               `json:"task"`
	Tuple  []json.RawMessage `json:"tuple"`
	// Of a pack.
	Tuples []json.RawMessage `json:"tuples"`
	IDs    []json.RawMessage `json:"ids"`
	Times  int               `json:"times"`
}

// emission is an emit of a component.
type emission struct {
	Command     string   `json:"command"`
	ID          any      `json:"id,omitempty"` // a spout's
	Stream      string   `json:"stream,omitempty"`
	Anchors     []string `json:"anchors,omitempty"`
	Task        int      `json:"task,omitempty"`
	Tuple       []any    `json:"tuple"`
	NeedTaskIDs bool     `json:"need_task_ids"`
}

// read returns the next message of any kind; io.EOF if the host has closed the pipe.
func (w *wire) read() (json.RawMessage, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
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

// next returns the next message that is not a task id list.
func (w *wire) next() (*hostMessage, error) {
	if len(w.waiting) == 0 {
		raw, err := w.read()
		if err != nil {
			return nil, err
		}
		if err := w.keep(raw); err != nil {
			return nil, err
		}
	}
	m := w.waiting[0]
	w.waiting = w.waiting[1:]
	return m, nil
}

// keep queues a message that is not a task id list.
func (w *wire) keep(raw json.RawMessage) error {
	m := &hostMessage{}
	if err := json.Unmarshal(raw, m); err != nil {
		return fmt.Errorf("malformed message of the host: %q: %w", raw, err)
	}
	w.waiting = append(w.waiting, m.alone()...)
	return nil
}

// taskIDs returns the next task id list. It queues other messages before it.
func (w *wire) taskIDs() ([]int, error) {
	for {
		raw, err := w.read()
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(raw, []byte("[")) {
			if err := w.keep(raw); err != nil {
				return nil, err
			}
			continue
		}
		var ids []int
		if err := json.Unmarshal(raw, &ids); err != nil {
			return nil, fmt.Errorf("malformed task id list of the host: %q: %w", raw, err)
		}
		return ids, nil
	}
}

// send writes one message; or adds it to the pack that is written before the next read.
func (w *wire) send(message any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.packs {
		w.pack = append(w.pack, short(message))
		return nil
	}
	return w.write(message)
}

func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pack) == 0 {
		return nil
	}
	pack := map[string][]any{"pack": w.pack}
	w.pack = nil
	return w.write(pack)
}

func (w *wire) write(message any) error {
	text, err := json.Marshal(message)
	if err != nil || w.muted {
		return err
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

// mute lets the component continue, without output.
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
