package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// DefaultLimit is the most bytes to keep of each task, unless [Options] have another
	// limit.
	DefaultLimit = 64 << 20
	// MinLimit is the smallest limit, which has room for a handshake.
	MinLimit = 64 << 10
	// partsInLimit is the number of parts in the limit: when it is reached, the oldest
	// part is removed.
	partsInLimit = 4
	// maxFiles limits the files of a task that dies again and again.
	maxFiles = 64
	// maxWaiting is how many bytes of all tapes wait in memory at most.
	maxWaiting = 32 << 20
)

// Options are where and how much to record.
type Options struct {
	// Dir is created if it does not exist. It must not contain recordings, unless it is shared.
	Dir string
	// Shared says that the recorders of other processes write there, too: of other tasks, or
	// of earlier lives of the same.
	Shared bool
	// Limit is the most bytes to keep of each task, at least [MinLimit]; 0 is
	// [DefaultLimit].
	Limit int64
	// Failed, which may be nil, is called with the first error of a file, from
	// the recorder's goroutine. Nothing more is written then.
	Failed func(error)
}

// Recorder records the processes of a run.
type Recorder struct {
	dir    string
	limit  int64
	failed func(error)

	mu      sync.Mutex
	waiting int     // bytes in the tapes' batches, and in those being written
	dirty   []*Tape // whose batch is not empty, or which have lost something
	closed  bool
	lives   map[taskKey]int
	err     error

	bell chan struct{} // has a token while there is work
	done chan struct{} // closed when the goroutine has ended

	// The goroutine's.
	kept map[taskKey]*shelf
	open map[*part]bool // parts whose file is open
}

// taskKey is a task. It includes the component, since a topology that is reloaded in the
// same run may number its tasks differently.
type taskKey struct {
	component string
	task      int
}

// ErrNotEmpty is a directory that has recordings in it already.
var ErrNotEmpty = errors.New("it already contains recordings")

// New makes the directory and starts the recorder. [Recorder.Close] ends it.
func New(o Options) (*Recorder, error) {
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.Limit < MinLimit {
		return nil, fmt.Errorf("a recording limit of %d bytes is too small (want at least %d)", o.Limit, MinLimit)
	}
	if err := os.MkdirAll(o.Dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot record: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(escapeGlob(o.Dir), "*"+Extension))
	if err != nil {
		return nil, fmt.Errorf("cannot record: %w", err)
	}
	if len(old) > 0 && !o.Shared {
		return nil, fmt.Errorf("cannot record into %s: %w", o.Dir, ErrNotEmpty)
	}
	r := &Recorder{
		dir: o.Dir, limit: o.Limit, failed: o.Failed,
		lives: map[taskKey]int{}, kept: map[taskKey]*shelf{}, open: map[*part]bool{},
		bell: make(chan struct{}, 1), done: make(chan struct{}),
	}
	for _, path := range old {
		if key, life, ok := parseName(filepath.Base(path)); ok {
			r.lives[key] = max(r.lives[key], life)
		}
	}
	go r.run()
	return r, nil
}

// escapeGlob escapes a path for a pattern.
func escapeGlob(path string) string {
	var escaped []byte
	for _, b := range []byte(path) {
		switch b {
		case '*', '?', '[', '\\':
			escaped = append(escaped, '\\')
		}
		escaped = append(escaped, b)
	}
	return string(escaped)
}

// Tape starts the recording of a process. The recorder sets the header's Begun, Life and
// Part. It does not block.
func (r *Recorder) Tape(h Header) *Tape {
	begun := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	key := taskKey{h.Component, h.Task}
	r.lives[key]++
	h.Begun, h.Life, h.Part = begun.Round(0), r.lives[key], 1
	return &Tape{recorder: r, header: h, begun: begun}
}

// wake adds a tape to the list; the caller has the lock.
func (r *Recorder) wake(t *Tape) {
	if !t.dirty {
		t.dirty = true
		r.dirty = append(r.dirty, t)
	}
	r.ring()
}

func (r *Recorder) ring() {
	select {
	case r.bell <- struct{}{}:
	default: // it has been rung
	}
}

// Close writes what waits, and returns the first error of a file.
func (r *Recorder) Close() error {
	r.mu.Lock()
	r.closed = true
	r.ring()
	r.mu.Unlock()
	<-r.done
	return r.err
}

// run is the recorder's goroutine.
func (r *Recorder) run() {
	defer close(r.done)
	var written batch
	for range r.bell {
		for {
			t, last := r.take(&written)
			if t == nil {
				if last {
					r.closeAll()
					return
				}
				break
			}
			if r.err == nil {
				if err := r.write(t, &written); err != nil {
					r.fail(err)
				}
			}
		}
	}
}

// take swaps the batch of a tape with the written one, which is reused. t is nil if
// nothing waits; last is true if nothing will come any more.
func (r *Recorder) take(written *batch) (t *Tape, last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting -= len(written.bytes)
	written.reset()
	if len(r.dirty) == 0 {
		r.dirty = nil
		return nil, r.closed
	}
	t = r.dirty[0]
	r.dirty = r.dirty[1:]
	t.dirty = false
	t.noteLoss(time.Since(t.begun))
	t.waiting, *written = *written, t.waiting
	return t, false
}

// closeAll closes the files of processes whose ends were not recorded.
func (r *Recorder) closeAll() {
	for p := range r.open {
		if err := p.file.Close(); err != nil && r.err == nil {
			r.fail(err)
		}
	}
}

func (r *Recorder) fail(err error) {
	r.err = fmt.Errorf("cannot record: %w", err)
	if r.failed != nil {
		r.failed(r.err)
	}
}
