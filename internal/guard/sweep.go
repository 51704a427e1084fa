package guard

import (
	"sync"
	"time"
)

// A sweep looks again until it finds no process: one may have forked between being seen
// and being killed. It ends after rounds, because a process that waits for a broken disk
// does not die.
const (
	rounds = 200
	pause  = 5 * time.Millisecond
)

// sweeper lets concurrent sweeps share their scans: if hundreds of children end at once,
// a scan for each would read the environment of every process of the machine hundreds of
// times.
type sweeper struct {
	scanning sync.Mutex // locked during a sweep

	mu   sync.Mutex
	next *sweep // collects marks until its scan begins; nil if no caller waits
}

// sweep is one scan's marks, and its results.
type sweep struct {
	marks  []string
	done   chan struct{}
	killed []int // for each mark, when done is closed
}

// sweep kills the processes with mark and returns their number.
func (s *sweeper) sweep(mark string) int {
	s.mu.Lock()
	w := s.next
	first := w == nil
	if first {
		w = &sweep{done: make(chan struct{})}
		s.next = w
	}
	index := len(w.marks)
	w.marks = append(w.marks, mark)
	s.mu.Unlock()

	if first {
		s.scan(w)
	}
	<-w.done
	return w.killed[index]
}

// scan runs a sweep. Callers that come while it waits for the previous one join it; those
// that come after its start wait for the next.
func (s *sweeper) scan(w *sweep) {
	s.scanning.Lock()
	defer s.scanning.Unlock()
	s.mu.Lock()
	s.next = nil
	s.mu.Unlock()
	w.killed = killMarked(w.marks)
	close(w.done)
}

// killMarked kills the processes with one of marks until none is left, and returns the
// number for each mark; a process with two marks counts under the first.
func killMarked(marks []string) []int {
	counts := make([]int, len(marks))
	killed := map[int]bool{}
	for range rounds {
		found := false
		for pid, mark := range marked(marks) {
			found = true
			kill(pid, marks)
			if !killed[pid] {
				killed[pid] = true
				counts[mark]++
			}
		}
		if !found {
			break
		}
		time.Sleep(pause)
	}
	return counts
}
