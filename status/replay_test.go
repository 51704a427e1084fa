package status

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gust/topology"
	"gust/worker"
)

// failing is the status of a topology of which so many tuples have failed.
func failing(t *testing.T, n int) *Status {
	t.Helper()
	s := New(&topology.Topology{Name: "wordcount"}, nil, time.Now())
	j := worker.Journal{}
	for range n {
		j.Failures = append(j.Failures, worker.FailedTree{Spout: "words", Dead: true, Reason: worker.FailedByBolt, Cause: &worker.FailedTuple{
			Bolt: "count", Task: 3, From: worker.InputName{Component: "words", Stream: "default"}, Values: worker.Values{Text: `["x"]`, Whole: true, Size: 5},
		}})
	}
	s.Update(&worker.Snapshot{Journal: j})
	return s
}

func TestReplay(t *testing.T) {
	s := failing(t, 3)
	before := s.Failure(2)
	of := DeadLetter{Topology: s.ID(), Failure: before}
	var injected worker.Injection
	r, err := s.StartReplay(of, func(i worker.Injection) error { injected = i; return nil })
	if err != nil || r.State != ReplayPending || r.Failure != 2 || !r.Dead || string(injected.Values) != `["x"]` || injected.Ticket != r.Ticket {
		t.Fatalf("replay %+v of %+v (%v)", r, injected, err)
	}
	if _, err := s.StartReplay(of, nil); err == nil || !strings.Contains(err.Error(), "is being replayed") {
		t.Errorf("the second time: %v", err)
	}
	if before.Replay != nil || s.Failure(2).Replay.State != ReplayPending {
		t.Errorf("the failure has %+v, as it was shown before %+v", s.Failure(2).Replay, before.Replay)
	}
	news := s.Update(&worker.Snapshot{Journal: worker.Journal{Injected: []worker.InjectedEnd{
		{Ticket: r.Ticket, Reason: worker.FailedByBolt, Bolt: "count", Task: 3, Error: "Traceback\nValueError: x"},
		{Ticket: 99, Acked: true},
	}}})
	if len(news.Replays) != 1 || news.Replays[0].State != ReplayFailed || s.Failure(2).Replay.Headline != "ValueError: x" || s.Replay(r.Ticket).Component != "count" {
		t.Errorf("news %+v, failure %+v", news.Replays, s.Failure(2).Replay)
	}

	// After it has failed, it can be replayed again.
	again, err := s.StartReplay(of, func(worker.Injection) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	s.Update(&worker.Snapshot{Journal: worker.Journal{Injected: []worker.InjectedEnd{{Ticket: again.Ticket, Acked: true, Took: time.Second}}}})
	if got := s.Failure(2).Replay; got.State != ReplayAcked || got.Took != 1000 || got.Error != "" {
		t.Errorf("the failure has %+v", got)
	}

	// What cannot be injected leaves nothing behind.
	if _, err := s.StartReplay(DeadLetter{s.ID(), s.Failure(1)}, func(worker.Injection) error { return errors.New("no") }); err == nil || s.Failure(1).Replay != nil {
		t.Errorf("%v, %+v", err, s.Failure(1).Replay)
	}

	// A failure of an earlier run with the same number is another one.
	if r, err = s.StartReplay(DeadLetter{"other-1-1", before}, func(worker.Injection) error { return nil }); err != nil || s.Failure(2).Replay.Ticket == r.Ticket {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestReplayable(t *testing.T) {
	for _, c := range []struct {
		cause *FailedTuple
		want  string
	}{
		{nil, "no bolt had a tuple"},
		{&FailedTuple{From: "__system", Values: "[1]", Whole: true}, "a tick"},
		{&FailedTuple{From: "s"}, "gust.failures.values"},
		{&FailedTuple{From: "s", Size: 7}, "7 bytes, are no longer kept"},
		{&FailedTuple{From: "s", Values: `["x…`, Size: 50 << 20}, "52428800 bytes, were too large"},
		{&FailedTuple{From: "s", Values: `[b"\xff"]`, Size: 4, Raw: []byte("\x91\xc4\x01\xff")}, ""},
		{&FailedTuple{From: "s", Values: `["x"]`, Whole: true}, ""},
	} {
		err := (&Failure{Cause: c.cause}).Replayable()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.cause, err, c.want)
		}
	}
}

func TestDiscard(t *testing.T) {
	s := failing(t, 4)
	shown := s.Failures(FailureFilter{})
	if f := s.Discard(2); f == nil || f.Number != 2 || s.Discard(2) != nil || s.Discard(9) != nil {
		t.Errorf("discarded %+v", f)
	}
	var left []uint64
	for _, f := range s.Failures(FailureFilter{}) {
		left = append(left, f.Number)
	}
	if len(left) != 3 || left[1] != 3 || s.Failure(2) != nil || s.Failure(4).Number != 4 || len(shown) != 4 || shown[2].Number != 2 {
		t.Errorf("what is left is %v", left)
	}
	for _, n := range left {
		s.Discard(n)
	}
	if s.failures.kept.bytes != 0 {
		t.Errorf("nothing takes %d bytes", s.failures.kept.bytes)
	}
}
