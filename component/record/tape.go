package record

import (
	"encoding/json"
	"strconv"
	"time"

	"gust/shell"
)

// Tape records the pipes of one process. It implements worker.Tap.
type Tape struct {
	recorder *Recorder
	header   Header
	begun    time.Time // with the monotonic clock, which the header does not have

	// The recorder's lock guards the rest.

	waiting batch
	lost    int  // bytes that did not fit after waiting
	dirty   bool // it is on the recorder's list
	ended   bool

	part *part // the goroutine's
}

// batch is chunks in adjacent bytes.
type batch struct {
	heads []head
	bytes []byte
}

type head struct {
	pipe Pipe
	at   time.Duration
	size int
}

// Stdin records gust's output to the process.
func (t *Tape) Stdin(p []byte) { t.add(Stdin, p) }

// Stdout records the process's stdout.
func (t *Tape) Stdout(p []byte) { t.add(Stdout, p) }

// Stderr records the process's stderr.
func (t *Tape) Stderr(p []byte) { t.add(Stderr, p) }

// End records the process's end; nothing follows. asked is true if gust had closed its
// stdin.
func (t *Tape) End(died *shell.ExitError, asked bool) {
	end := End{Exit: died.Exit.String(), Asked: asked}
	if died.Cause != nil {
		end.Cause = died.Cause.Error()
	}
	text, err := json.Marshal(end)
	if err != nil {
		panic(err) // an End has only strings
	}
	t.add(Exit, text)
}

// add copies a chunk, or counts its bytes as lost if too much waits already.
func (t *Tape) add(pipe Pipe, p []byte) {
	if len(p) == 0 {
		return
	}
	at := time.Since(t.begun)
	r := t.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || t.ended {
		return
	}
	switch {
	case pipe == Exit:
		t.noteLoss(at)
		t.ended = true
	case t.lost > 0 || r.waiting+len(p) > maxWaiting:
		// After lost bytes, the next ones are lost, too, until the goroutine has taken
		// what waits: otherwise the gap would be in the wrong place.
		t.lost += len(p)
		r.wake(t)
		return
	}
	t.put(pipe, at, p)
	r.wake(t)
}

// put adds to what waits; the caller has the lock.
func (t *Tape) put(pipe Pipe, at time.Duration, p []byte) {
	t.waiting.add(pipe, at, p)
	t.recorder.waiting += len(p)
}

// noteLoss records the number of bytes that are missing here.
func (t *Tape) noteLoss(at time.Duration) {
	if t.lost > 0 {
		t.put(Lost, at, strconv.AppendInt(nil, int64(t.lost), 10))
		t.lost = 0
	}
}

func (b *batch) add(pipe Pipe, at time.Duration, p []byte) {
	b.heads = append(b.heads, head{pipe, at, len(p)})
	b.bytes = append(b.bytes, p...)
}

// each calls do with each chunk, whose bytes are borrowed.
func (b *batch) each(do func(Chunk) error) error {
	bytes := b.bytes
	for _, h := range b.heads {
		if err := do(Chunk{h.pipe, h.at, bytes[:h.size]}); err != nil {
			return err
		}
		bytes = bytes[h.size:]
	}
	return nil
}

// reset empties the batch, and keeps its memory unless a burst has enlarged it.
func (b *batch) reset() {
	const keep = 1 << 20
	b.heads = b.heads[:0]
	b.bytes = b.bytes[:0]
	if cap(b.bytes) > keep {
		b.heads, b.bytes = nil, nil
	}
}
