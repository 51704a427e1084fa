package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// writerLog is a buffer that several goroutines may use.
type writerLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *writerLog) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(p)
}

func (w *writerLog) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// fakeWorker starts within a time, and drains within a time.
type fakeWorker struct {
	start, drain time.Duration
	failure      error // ends the run by itself, when it has started
	aborted      chan struct{}
	ready        chan struct{}
}

func (f *fakeWorker) Run(ctx context.Context) error {
	select {
	case <-time.After(f.start):
		close(f.ready)
	case <-ctx.Done():
		return nil
	}
	if f.failure != nil {
		time.Sleep(time.Second)
		return f.failure
	}
	<-ctx.Done()
	select {
	case <-time.After(f.drain):
	case <-f.aborted:
	}
	return nil
}

func (f *fakeWorker) Abort() { close(f.aborted) }

// delivery is a signal at a time after the start.
type delivery struct {
	after  time.Duration
	signal os.Signal
}

func TestWatch(t *testing.T) {
	crashLoop := errors.New("bolt \"count\" keeps dying")
	tests := []struct {
		name     string
		worker   *fakeWorker
		limit    time.Duration
		signals  []delivery
		unread   time.Duration // when the log loses its reader
		want     error
		lasts    time.Duration
		released bool
		// interrupted says that a signal was what ended the run.
		interrupted bool
		log         []string // in this order
	}{
		{
			name:   "until the time is over",
			worker: &fakeWorker{start: 300 * time.Millisecond, drain: time.Second}, limit: 10 * time.Second,
			lasts: 11*time.Second + 300*time.Millisecond,
			log:   []string{"stopping (after 10s): waiting up to 10s for tuples in flight; press Ctrl-C again to stop at once"},
		},
		{
			name:   "until the time is over, with a start that does not end",
			worker: &fakeWorker{start: time.Hour}, limit: 10 * time.Second,
			lasts: 70 * time.Second,
			log:   []string{"stopping (after 10s)"},
		},
		{
			name:        "until Ctrl-C",
			worker:      &fakeWorker{drain: time.Second},
			signals:     []delivery{{5 * time.Second, os.Interrupt}},
			interrupted: true, lasts: 6 * time.Second,
			log: []string{"stopping (interrupt)"},
		},
		{
			name:        "Ctrl-C before all is up",
			worker:      &fakeWorker{start: time.Minute},
			signals:     []delivery{{time.Second, syscall.SIGTERM}},
			interrupted: true, lasts: time.Second,
			log: []string{"stopping (terminated)"},
		},
		{
			name:    "a second Ctrl-C",
			worker:  &fakeWorker{drain: 10 * time.Second},
			signals: []delivery{{5 * time.Second, os.Interrupt}, {7 * time.Second, os.Interrupt}},
			want:    errAborted, interrupted: true, lasts: 7 * time.Second, released: true,
			log: []string{"stopping (interrupt)", "stopping at once"},
		},
		{
			name:   "Ctrl-C when the time is over",
			worker: &fakeWorker{drain: 10 * time.Second}, limit: 5 * time.Second,
			signals: []delivery{{7 * time.Second, os.Interrupt}},
			want:    errAborted, lasts: 7 * time.Second, released: true,
			log: []string{"stopping (after 5s)", "stopping at once"},
		},
		{
			name:   "a failure",
			worker: &fakeWorker{failure: crashLoop}, limit: time.Hour,
			want: crashLoop, lasts: time.Second,
		},
		{
			name:   "a log that nobody reads",
			worker: &fakeWorker{drain: time.Second}, unread: 3 * time.Second,
			want: errLogUnread, lasts: 4 * time.Second,
			log: []string{"stopping (the reader of the log is gone)"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if tt.unread > 0 {
					time.AfterFunc(tt.unread, func() { cancel(errLogUnread) })
				}
				signals := make(chan os.Signal, len(tt.signals))
				for _, d := range tt.signals {
					time.AfterFunc(d.after, func() { signals <- d.signal })
				}
				var log writerLog
				released := false
				tt.worker.aborted, tt.worker.ready = make(chan struct{}), make(chan struct{})
				w := &watch{
					running: tt.worker, log: zerolog.New(&log),
					limit: tt.limit, ready: tt.worker.ready, drain: 10 * time.Second,
					signals: signals, release: func() { released = true },
				}

				began := time.Now()
				err := w.run(ctx)
				if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if lasted := time.Since(began); lasted != tt.lasts {
					t.Errorf("lasted %v, want %v", lasted, tt.lasts)
				}
				if released != tt.released {
					t.Errorf("signals released: %v, want %v", released, tt.released)
				}
				if w.interrupted != tt.interrupted {
					t.Errorf("interrupted: %v, want %v", w.interrupted, tt.interrupted)
				}
				rest := log.String()
				for _, words := range tt.log {
					_, after, found := strings.Cut(rest, words)
					if !found {
						t.Errorf("the log lacks %q here:\n%s", words, rest)
					}
					rest = after
				}
			})
		})
	}
}
