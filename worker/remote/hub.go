package remote

import (
	"sync"

	"gust/worker"
)

// Hub lets several viewers look at one worker, each as if it were the only one: each gets all
// of the journal from its start on, and the ends of the tuples that it has injected.
type Hub struct {
	worker *worker.Worker

	mu      sync.Mutex
	viewers map[*Viewer]bool
	tickets map[uint64]ticket // that the worker knows
	last    uint64            // ticket
}

// ticket is whose an injected tuple is, and how the viewer calls it.
type ticket struct {
	viewer *Viewer
	number uint64
}

// NewHub shares a worker. Nobody else may take its snapshots.
func NewHub(w *worker.Worker) *Hub {
	return &Hub{worker: w, viewers: map[*Viewer]bool{}, tickets: map[uint64]ticket{}}
}

// Viewer is one who looks at a worker and controls it.
type Viewer struct {
	*worker.Worker
	hub     *Hub
	journal worker.Journal // that it has not got yet
}

// Viewer adds a viewer, until [Viewer.Close].
func (h *Hub) Viewer() *Viewer {
	v := &Viewer{Worker: h.worker, hub: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewers[v] = true
	return v
}

// Close removes the viewer.
func (v *Viewer) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	delete(v.hub.viewers, v)
}

// Look is a snapshot without the journal, which the viewers get.
func (h *Hub) Look() *worker.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.take()
}

// Snapshot is [worker.Worker.Snapshot] for this viewer.
func (v *Viewer) Snapshot() *worker.Snapshot {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	s := v.hub.take()
	s.Journal, v.journal = v.journal, worker.Journal{}
	return s
}

// take takes a snapshot, and gives its journal to the viewers. mu is locked.
func (h *Hub) take() *worker.Snapshot {
	s := h.worker.Snapshot()
	ends := s.Journal.Injected
	s.Journal.Injected = nil
	for to := range h.viewers {
		to.journal.Append(&s.Journal, mostKept)
	}
	for _, end := range ends {
		if t, known := h.tickets[end.Ticket]; known {
			delete(h.tickets, end.Ticket)
			end.Ticket = t.number
			t.viewer.journal.Injected = append(t.viewer.journal.Injected, end)
		}
	}
	s.Journal = worker.Journal{}
	return s
}

// Inject is [worker.Worker.Inject].
func (v *Viewer) Inject(i worker.Injection) error {
	h := v.hub
	h.mu.Lock()
	h.last++
	number := i.Ticket
	i.Ticket = h.last
	h.tickets[i.Ticket] = ticket{v, number}
	h.mu.Unlock()
	err := v.Worker.Inject(i)
	if err != nil {
		h.mu.Lock()
		delete(h.tickets, i.Ticket)
		h.mu.Unlock()
	}
	return err
}

// mostKept bounds each list of the journal of a viewer who does not look.
const mostKept = 2000
