package worker

import (
	"runtime"
	"testing"

	"gust/conf"
)

const (
	saidSync     = `{"command":"sync"}`
	toldActivate = `{"command":"activate","id":""}`
	toldNext     = `{"command":"next","id":""}`
)

// later lets so much time pass that a sync which may never come is waited for no longer.
func (s *stage) later() {
	s.now += int64(syncGrace)
	s.timers.run(s.now)
	s.askSpouts()
}

// awake is a spout that was just activated.
func (s *stage) awake() *task {
	spout := s.task("s", 0)
	s.loop.ready = func() {}
	spout.spout.active = false
	spout.spout.activate()
	s.askSpouts()
	s.wantTold(spout, toldActivate)
	return spout
}

// A spout that is slow to answer `activate` is asked on without, and is not one
// command ahead from there on: in lock step it may wait for a list of task ids.
func TestSlowActivate(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustMaxNextAhead: int64(1)})
	s.open()
	spout := s.awake()
	s.later()
	s.wantTold(spout, toldNext)
	s.say(spout, saidSync) // of `activate`
	s.askSpouts()
	s.wantTold(spout)
	for n := range 3 {
		s.say(spout, `{"command":"emit","tuple":["v"]}`)
		s.wantTold(spout, `[2]`)
		s.say(spout, saidSync)
		s.askSpouts()
		s.wantTold(spout, toldNext)
		if n == 1 {
			s.later() // and nothing is forgiven any more
			s.wantTold(spout)
		}
	}
}

// One that never answers `activate` is asked on, too, and gets acks in their turn.
func TestSilentActivate(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.GustMaxNextAhead: int64(1)})
	spout := s.awake()
	s.later()
	s.wantTold(spout, toldNext)
	s.emit(spout, 1)
	s.ack(s.task("b", 0), s.tuples(s.task("b", 0))...)
	s.say(spout, saidSync) // of `next`
	s.askSpouts()
	s.wantTold(spout)
	s.later()
	s.wantTold(spout, `{"command":"ack","id":1}`)
	s.say(spout, saidSync)
	s.askSpouts()
	s.wantTold(spout, toldNext)
}

// One that has not read `activate` yet is not slow to answer: it initialises.
func TestSlowInitialize(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell whether a pipe has been read")
	}
	s := newStage(t, chain())
	spout := s.task("s", 0)
	s.loop.ready = func() {}
	s.starts(spout)
	spout.spout.active = false
	spout.spout.activate()
	for range 20 {
		s.writeOutboxes()
		s.later()
	}
	if c := spout.spout.commands; c.Outstanding() != 1 || c.Nexts() != 0 {
		t.Errorf("%d commands are out, of which %d next; want `activate` alone", c.Outstanding(), c.Nexts())
	}
}
