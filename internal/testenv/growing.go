package testenv

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Growing is a writer whose text can be waited for.
type Growing struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

// NewGrowing makes an empty one.
func NewGrowing() *Growing { return &Growing{changed: make(chan struct{}, 1)} }

// Write never fails.
func (w *Growing) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	select {
	case w.changed <- struct{}{}:
	default:
	}
	return len(p), nil
}

// String is what has been written.
func (w *Growing) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// WaitFor waits until exactly this has been written.
func (w *Growing) WaitFor(t *testing.T, want string) {
	t.Helper()
	for end := time.After(time.Minute); w.String() != want; {
		select {
		case <-w.changed:
		case <-end:
			t.Fatalf("got %q, want %q", w.String(), want)
		}
	}
}

// WaitForAll waits until all of this has been written, in whatever order.
func (w *Growing) WaitForAll(t *testing.T, wants ...string) {
	t.Helper()
	missing := func(want string) bool { return !strings.Contains(w.String(), want) }
	for end := time.After(time.Minute); slices.ContainsFunc(wants, missing); {
		select {
		case <-w.changed:
		case <-end:
			t.Fatalf("got %q, want %q", w.String(), wants)
		}
	}
}
