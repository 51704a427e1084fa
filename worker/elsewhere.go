package worker

import (
	"encoding/json"
	"time"

	"gust/worker/peer"
)

// A traced tree goes on being traced on other workers. A tuple that is sent there says that
// a tree of it is traced; the proxy then has a trace of its own, and its hops come back
// before its answer.

// tracedElsewhere is what became of a tuple on another worker. Its first hop is the tuple
// itself. Times count from when that worker has got it.
type tracedElsewhere struct {
	Hops   []Hop
	Missed int           `json:",omitempty"`
	Took   time.Duration // until the answer
	// answered is how long this worker has waited for the answer.
	answered time.Duration
}

// anyTraced says whether one of the trees is traced.
func (l *loop) anyTraced(trees []treeRef) bool {
	if l.tracing.live == 0 {
		return false
	}
	for _, ref := range trees {
		if t := l.acker.find(ref); t != nil && t.trace != nil {
			return true
		}
	}
	return false
}

// traceProxies has new proxies traced.
func (l *loop) traceProxies(refs []treeRef) {
	for _, ref := range refs {
		if l.tracing.live < mostLive {
			l.tracing.live++
			l.acker.find(ref).trace = &trace{planted: l.now}
		}
	}
}

// sendHops sends the hops of a proxy that ends to the worker that waits for it.
func (k *link) sendHops(t *tree, v verdict) {
	l := k.peers.loop
	l.tracing.live--
	l.tracing.hops -= len(t.trace.hops)
	if !k.stands {
		return
	}
	var cause *hop
	if v != acked {
		cause = l.culprit.hopOf(t.trace)
	}
	e := tracedElsewhere{Took: time.Duration(l.now - t.trace.planted)}
	e.Hops, e.Missed = t.trace.show(cause)
	body, err := json.Marshal(e)
	if err != nil || len(body) > peer.PieceSize {
		return // the trace then ends at the tuple that was sent
	}
	task, id := t.proxied()
	k.out.First = peer.AppendHops(k.out.First, task, id, body)
}

// traced takes the hops of a tuple that was sent to the task.
func (s *stub) traced(f *peer.Frame) error {
	var e tracedElsewhere
	if err := json.Unmarshal(f.Body, &e); err != nil || len(e.Hops) == 0 {
		return peer.ErrMalformed
	}
	b := s.task.bolt
	i, held, _ := b.flight.find(f.ID)
	if !held {
		return nil
	}
	e.answered = time.Duration(b.loop.now - b.flight.slots[i].sent)
	for h := b.flight.slots[i].hop; h != nil; h = h.also {
		h.elsewhere = &e
	}
	return nil
}

// graft adds the hops of the other worker to a list whose last one is the tuple that was sent
// there. The way there, and the wait before it, is what the answer took longer than it did
// for the other worker. For that one it may have taken longer, if this one was stopped
// meanwhile: then nothing is later than the answer.
func (e *tracedElsewhere) graft(hops []Hop) []Hop {
	base, sent := len(hops), hops[len(hops)-1]
	after := func(t time.Duration) time.Duration { return sent.Given + min(t+max(0, e.answered-e.Took), e.answered) }
	for i, h := range e.Hops {
		h.Given = after(h.Given)
		if h.State != HopQueued {
			h.Taken = after(h.Taken)
		}
		if h.State == HopAcked || h.State == HopFailed {
			h.Answered = after(h.Answered)
		}
		if i == 0 { // the same tuple
			h.Parent, h.Given = sent.Parent, sent.Given
			hops[base-1] = h
			continue
		}
		if h.Parent > 0 {
			h.Parent += base - 1
		}
		hops = append(hops, h)
	}
	return hops
}
