package spool

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a writer that waits for permission before each write, and reports when a write
// has begun.
type gate struct {
	began chan struct{}
	leave chan error

	mu  sync.Mutex
	got bytes.Buffer
}

func newGate() *gate {
	return &gate{began: make(chan struct{}, 100), leave: make(chan error, 100)}
}

func (g *gate) Write(p []byte) (int, error) {
	g.began <- struct{}{}
	if err := <-g.leave; err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.Write(p)
}

func (g *gate) open() { close(g.leave) }

func (g *gate) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.String()
}

func missing(n uint64) []byte { return fmt.Appendf(nil, "(%d missing)\n", n) }

func put(t *testing.T, s *Spool, line string) {
	t.Helper()
	if n, err := s.Write([]byte(line)); n != len(line) || err != nil {
		t.Fatalf("Write(%q) = %d, %v", line, n, err)
	}
}

func shut(t *testing.T, s *Spool) {
	t.Helper()
	if err := s.Close(10 * time.Second); err != nil {
		t.Fatal(err)
	}
}

func TestLinesGatherWhileTheWriterIsBusy(t *testing.T) {
	g := newGate()
	s := New(g, Options{})
	put(t, s, "one\n")
	<-g.began // the goroutine is inside the write of "one"
	put(t, s, "two\n")
	put(t, s, "three\n")
	g.open()
	shut(t, s)
	if want := "one\ntwo\nthree\n"; g.text() != want {
		t.Errorf("written %q, want %q", g.text(), want)
	}
	if n := len(g.began); n != 1 {
		t.Errorf("two and three went out in %d writes, want 1", n)
	}
}

func TestFullSpoolMarksWhatItDrops(t *testing.T) {
	g := newGate()
	s := New(g, Options{Limit: 12, Missing: missing})
	put(t, s, "aaa\n")
	<-g.began
	put(t, s, "bbb\n")
	put(t, s, "too long\ntwo lines\n") // dropped
	put(t, s, "c\n")                   // would fit, but must not overtake
	g.leave <- nil                     // aaa
	<-g.began                          // bbb has been taken
	put(t, s, "ddd\n")
	g.open()
	shut(t, s)
	if want := "aaa\nbbb\n(3 missing)\nddd\n"; g.text() != want {
		t.Errorf("written %q, want %q", g.text(), want)
	}
}

func TestRefusedLinesAreCounted(t *testing.T) {
	g := newGate()
	full := errors.New("no space left")
	var failures []error
	s := New(g, Options{Missing: missing, Failed: func(err error) { failures = append(failures, err) }})
	put(t, s, "one\ntwo\n")
	<-g.began
	put(t, s, "three\n")
	g.leave <- full // one, two
	<-g.began
	g.leave <- full // the record of them
	g.open()
	shut2 := s.Close(10 * time.Second)
	if !errors.Is(shut2, full) {
		t.Errorf("Close() = %v, want %v", shut2, full)
	}
	if len(failures) != 2 {
		t.Errorf("Failed was called with %v, want two errors", failures)
	}
	if g.text() != "" {
		t.Errorf("written %q", g.text())
	}
}

func TestWriterRecovers(t *testing.T) {
	g := newGate()
	s := New(g, Options{Missing: missing})
	put(t, s, "one\n")
	<-g.began
	put(t, s, "two\n")
	g.leave <- errors.New("no space left")
	<-g.began
	g.open()
	s.Close(10 * time.Second)
	if want := "(1 missing)\ntwo\n"; g.text() != want {
		t.Errorf("written %q, want %q", g.text(), want)
	}
}

func TestCloseGivesUpOnABlockedWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		s := New(g, Options{Limit: 8})
		for range 5 {
			put(t, s, "abc\n") // never waits, although nothing is written
		}
		began := time.Now()
		err := s.Close(2 * time.Second)
		if err == nil || !strings.Contains(err.Error(), "8 bytes were not written within 2s") {
			t.Errorf("Close() = %v", err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("Close took %v, want 2s", took)
		}
		put(t, s, "late\n")
		g.open()
	})
}

func TestWritersAtOnceKeepTheirOrder(t *testing.T) {
	const writers, each = 8, 500
	g := newGate()
	g.open()
	s := New(g, Options{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				fmt.Fprintf(s, "%d %d\n", w, i)
			}
		})
	}
	// The gate reports each write; only this test needs that.
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-g.began:
			case <-stop:
				return
			}
		}
	}()
	wg.Wait()
	shut(t, s)
	close(stop)

	var next [writers]int
	for line := range strings.Lines(g.text()) {
		var w, i int
		if _, err := fmt.Sscanf(line, "%d %d\n", &w, &i); err != nil {
			t.Fatalf("torn line %q", line)
		}
		if i != next[w] {
			t.Fatalf("writer %d: line %d came where %d was due", w, i, next[w])
		}
		next[w]++
	}
	for w, n := range next {
		if n != each {
			t.Errorf("writer %d: %d lines of %d", w, n, each)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	s := New(discard{}, Options{})
	line := []byte(strings.Repeat("x", 120) + "\n")
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		s.Write(line)
	}
	s.Close(time.Second)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
