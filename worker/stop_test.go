package worker

import (
	"slices"
	"testing"

	"gust/conf"
)

// At the end of a run, too, a spout in lock step is given one command at a time,
// and its input ends when it has answered the last.
func TestEndInLockStep(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustMaxNextAhead: int64(1)})
	spout := s.task("s", 0)
	p := s.starts(spout)
	s.asks(spout)
	for n := range 2 {
		s.emit(spout, n)
	}
	s.wantTold(spout, `{"command":"next","id":""}`)
	s.startDraining()
	s.wantTold(spout)
	s.endRun()
	s.wantTold(spout)
	for _, step := range []struct{ said, told string }{
		{`{"command":"sync"}`, `{"command":"deactivate","id":""}`},
		{`{"command":"sync"}`, `{"command":"fail","id":0}`},
		{`{"command":"emit","id":0,"tuple":["v"]}`, `[]`},
		{`{"command":"sync"}`, `{"command":"fail","id":1}`},
	} {
		s.say(spout, step.said)
		s.wantTold(spout, step.told)
		s.writeOutboxes()
		if p.Stdin() < 0 {
			t.Fatalf("the input has ended after %s", step.told)
		}
	}
	s.say(spout, `{"command":"sync"}`)
	s.wantTold(spout)
	s.writeOutboxes()
	if p.Stdin() >= 0 {
		t.Error("the input goes on after the last command")
	}
}

// A spout may still be in the midst of a `next` when its trees are failed, also one
// that is asked ahead: what it emits there has its verdict as well. What it replays
// in `fail` has none: that would never end.
func TestEveryIDHasAVerdictAtTheEnd(t *testing.T) {
	s := newStage(t, chain())
	spout := s.task("s", 0)
	p := s.starts(spout)
	s.asks(spout)
	s.emit(spout, 0)
	s.endRun()
	s.wantTold(spout, toldNext, `{"command":"deactivate","id":""}`, `{"command":"fail","id":0}`)
	s.emit(spout, 1)
	s.wantTold(spout, `{"command":"fail","id":1}`)
	s.say(spout, saidSync) // of `next`
	s.writeOutboxes()
	s.say(spout, saidSync) // of `deactivate`
	for n := range 2 {
		s.writeOutboxes()
		if p.Stdin() < 0 {
			t.Fatalf("the input has ended before fail %d is answered", n)
		}
		s.emit(spout, n)
		s.say(spout, saidSync)
		s.wantTold(spout)
	}
	s.writeOutboxes()
	if p.Stdin() >= 0 {
		t.Error("the input goes on after the last command")
	}
	if got := s.stats().component("s"); got.Emitted != 2 || got.Transferred != 1 {
		t.Errorf("the spout's counts are %+v, want 2 emitted, 1 transferred", got)
	}
	if got := s.acker.stats; got.Emitted != 2 || got.Failed.Shutdown != 2 || got.Pending != 0 {
		t.Errorf("trees: %+v", got)
	}
	if n := s.task("b", 0).bolt.flight.n; n != 1 {
		t.Errorf("a bolt was given %d tuples, want the one from before the end", n)
	}
}

// A spout that does not answer is given all that waits at the end of its time.
func TestEndOfLockStep(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustMaxNextAhead: int64(1)})
	spout := s.task("s", 0)
	s.starts(spout)
	s.asks(spout)
	s.emit(spout, 0)
	s.endRun()
	s.wantTold(spout, `{"command":"next","id":""}`)
	s.terminate(s.now)
	s.wantTold(spout, `{"command":"deactivate","id":""}`, `{"command":"fail","id":0}`)
	s.writeOutboxes()
	if spout.stdin != stdinClosed { // by gust, or by the process if it has died by now
		t.Error("the input goes on")
	}
}

// A run is not over while a spout still takes its verdicts.
func TestEndWaitsForVerdictsToBeTaken(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustDrainSecs: int64(100)})
	spout := s.task("s", 0)
	s.starts(spout)
	for n := range 5 {
		s.emit(spout, n)
	}
	s.ack(s.task("b", 0), s.tuples(s.task("b", 0))...)
	s.startDraining()
	for range 5 {
		s.now += int64(quiet) - 1
		s.endIfDrained()
		if s.phase != draining {
			t.Fatal("the spout was not waited for")
		}
		s.say(spout, saidSync)
	}
	s.now += int64(quiet)
	s.endIfDrained()
	if s.phase != ending {
		t.Error("there is no end to it")
	}
}

// A spout that is paused for a bolt which is down is read again at the end, since
// gust waits for its last syncs.
func TestEndResumesPausedSpouts(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustQueueBytes: int64(10)})
	spout, b := s.task("s", 0), s.task("b", 0)
	spout.state, b.state = down, down
	spout.attach(sleeper(t))
	spout.enter(running)
	s.emit(spout, 1)
	if !spout.paused() {
		t.Fatal("the spout is read, although the queue is full")
	}
	s.endRun()
	s.writeOutboxes()
	if spout.paused() {
		t.Error("the spout is not read at the end")
	}
}

func (s *stage) wantTold(to *task, want ...string) {
	s.t.Helper()
	if got := s.told(to); !slices.Equal(got, want) {
		s.t.Fatalf("%s is told %q, want %q", to.comp.name(), got, want)
	}
}
