package guard

import (
	"sync"
	"time"
)

// A sweep looks again until it finds nobody: a process may have forked between
// being seen and being killed. It ends after rounds, because a process that
// waits for a broken disk dies of no signal.
const (
	rounds = 200
	pause  = 5 * time.Millisecond
)

// sweeper lets sweeps that are asked for at the same time share their scans:
// where hundreds of children end at once, a scan for each would read the
// environment of every process of the machine hundreds of times.
type sweeper struct {
	scanning sync.Mutex // held through a sweep

	mu   sync.Mutex
	next *sweep // gathers marks until its scan begins; nil where nobody waits
}

// sweep is one scan's marks, and what came of it.
type sweep struct {
	marks  []string
	done   chan struct{}
	killed []int // for each mark, when done is closed
}

// sweep kills the processes that bear mark and returns how many they were.
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

// scan carries a sweep out. Those who come while it waits for the one before
// join it; from the moment that it begins they gather for the next.
func (s *sweeper) scan(w *sweep) {
	s.scanning.Lock()
	defer s.scanning.Unlock()
	s.mu.Lock()
	s.next = nil
	s.mu.Unlock()
	w.killed = killMarked(w.marks)
	close(w.done)
}

// killMarked kills the processes that bear one of marks until none is left, and
// returns for each mark how many there were; who bears two counts for the first.
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
