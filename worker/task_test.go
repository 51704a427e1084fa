package worker

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gust/conf"
	"gust/shell"
	"gust/topology"
)

// sleeper starts a process that says nothing and does not end by itself. The
// test must wait for it.
func sleeper(t *testing.T) *shell.Process {
	t.Helper()
	l := shell.NewLauncher(nil)
	p, err := l.Start(shell.Spec{Component: "sleeper", Args: []string{"sleep", "600"}, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		p.Wait()
		p.CloseStdin()
		p.CloseOutputs()
		l.Close()
	})
	return p
}

// A process that was just being started at an abort must not outlive it.
func TestProcessThatComesAfterTheAbortIsKilled(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	b.state = down
	s.abort()
	p := sleeper(t)
	b.attach(p)
	ended := make(chan shell.Exit, 1)
	go func() { ended <- p.Wait() }()
	select {
	case exit := <-ended:
		if exit.Signal != unix.SIGKILL {
			t.Errorf("it ended with %v", exit)
		}
		b.detach(exit)
	case <-time.After(patience):
		t.Fatal("it was not killed")
	}
}

// A process that ends slowly has not gone on without its stdout: its own end is told.
func TestSlowEndsAreTheirOwn(t *testing.T) {
	for name, c := range map[string]struct {
		exit shell.Exit
		want string
	}{
		"it was ending":      {shell.Exit{Code: 3}, "died: exit status 3"},
		"it had to be ended": {shell.Exit{Signal: unix.SIGKILL}, "was killed: it closed stdout but kept running"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, chain())
			b := s.task("b", 0)
			b.attach(sleeper(t))
			b.endOfOutput()
			b.check(b.eofAt + int64(2*eofGrace))
			if err := b.detach(c.exit); !strings.HasSuffix(strings.SplitN(err.Error(), "\n", 2)[0], c.want) {
				t.Errorf("it is told as: %v", err)
			}
		})
	}
}

// Who waits for a bolt's queue must not wait for the bolt's next life: its
// queue is empty when it is dead.
func TestSpoutsDoNotWaitForTheDead(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	p := s.starts(b)
	for n := range 200 {
		s.emit(s.task("s", 0), n)
	}
	if got := s.asked(); got != 0 {
		t.Fatalf("the spout is asked %d times although the bolt has 200 tuples", got)
	}
	p.Kill()
	b.detach(p.Wait())
	if got := s.asked(); got == 0 {
		t.Error("the spout waits for a bolt that is dead and has nothing to do")
	}
	if got := s.acker.stats; got.Failed.Died != 200 {
		t.Errorf("trees: %+v", got)
	}
}

// The answer to a heartbeat is about a second old when the next one is due,
// and may be older than topology.subprocess.timeout.secs then: nobody was asked.
func TestOnlyWhoWasAskedIsSilent(t *testing.T) {
	s := newStage(t, chain(), conf.Conf{conf.TopologySubprocessTimeout: int64(1)})
	b := s.task("b", 0)
	p := s.starts(b)
	b.greeted = true
	const second = int64(time.Second)
	b.check(s.now + second + second/1000) // a heartbeat leaves
	if b.cause != nil {
		t.Fatalf("it is ended at its first heartbeat: %v", b.cause)
	}
	s.rounds++
	b.check(s.now + 2*second + 2*second/1000)
	if b.cause != nil {
		t.Fatalf("it is ended although its output has not been looked at since: %v", b.cause)
	}
	s.rounds++
	b.check(s.now + 2*second + 3*second/1000)
	if b.cause == nil {
		t.Error("it is not ended, although it does not answer")
	}
	b.detach(p.Wait())
}

// A topology may have no bolts to wait for.
func TestSpoutsAloneStartAtOnce(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "key"))
	s := newStage(t, b)
	spout := s.task("s", 0)
	s.phase, spout.state, spout.spout.active = starting, greeting, false
	s.loop.ready = func() {}
	s.say(spout, `{"pid":1}`)
	if !spout.spout.active {
		t.Error("the spout is not activated after its pid")
	}
}

// A bolt may log while it still loads: only an answer shows that it works.
func TestSpoutsWaitForTheBolts(t *testing.T) {
	s := newStage(t, chain())
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.loop.ready = func() {}
	s.phase, b.greeted, c.greeted, spout.spout.active = starting, false, false, false
	for _, step := range []struct {
		from    *task
		message string
		active  bool
	}{
		{b, `{"command":"log","msg":"loads"}`, false},
		{b, `{"command":"error","msg":"a cache is cold"}`, false},
		{b, `{"command":"metrics","name":"m","params":1}`, false},
		{b, `{"command":"sync"}`, false}, // c has not answered
		{c, `{"command":"log","msg":"loads"}`, false},
		{c, `{"command":"sync"}`, true},
	} {
		s.say(step.from, step.message)
		if spout.spout.active != step.active {
			t.Fatalf("after %s of %v the spout is active: %v", step.message, step.from, spout.spout.active)
		}
	}
}

// A bolt that does not answer is not waited for longer than the grace.
func TestSpoutsDoNotWaitForEver(t *testing.T) {
	s := newStage(t, chain())
	s.loop.ready = func() {}
	spout, b := s.task("s", 0), s.task("b", 0)
	s.phase, b.greeted, spout.spout.active = starting, false, false
	s.now += int64(startGrace) - 1
	s.startSpouts()
	if spout.spout.active {
		t.Error("the spout was activated within the grace")
	}
	s.now++
	s.startSpouts()
	if !spout.spout.active {
		t.Error("the spout was not activated after the grace")
	}
}

// An error is told as the reason of what the same process does next, and of
// nothing else: not of a sibling's fail, nor of a fail that comes after an ack.
func TestErrorIsBlamedOnItsOwnTask(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "v"))
	b.bolt("b", 2, inputs(from("s", topology.Shuffle)))
	s := newStage(t, b, conf.Conf{conf.TopologyMaxErrorReport: int64(100)})
	for n := range 8 {
		s.emit(s.task("s", 0), n)
	}
	guilty, sibling := s.task("b", 0), s.task("b", 1)
	ids, others := s.tuples(guilty), s.tuples(sibling)
	const reason = "; last error: ValueError: x"
	fails := func(from *task, id string, blamed bool) {
		t.Helper()
		s.log.Reset()
		s.fail(from, id)
		if strings.Contains(s.log.String(), reason) != blamed {
			t.Errorf("blamed should be %v: %s", blamed, s.log.String())
		}
	}
	s.say(guilty, `{"command":"error","msg":"Traceback\nValueError: x\n"}`)
	fails(sibling, others[0], false)
	fails(guilty, ids[0], true)
	fails(guilty, ids[1], true) // of a batch, say
	s.ack(guilty, ids[2])
	fails(guilty, ids[3], false)
	if got := s.stats().component("b").LastError; got != "Traceback\nValueError: x" {
		t.Errorf("the component's last error is %q", got)
	}
}

// What a process died of is not what its predecessor, or its sibling, reported.
func TestLastWordsAreTheProcessesOwn(t *testing.T) {
	s := newStage(t, chain())
	b := s.task("b", 0)
	lastWords := func(message string) []string {
		p := sleeper(t)
		b.state = down
		b.attach(p)
		b.enter(running)
		if message != "" {
			s.say(b, message)
		}
		p.Kill()
		var died *shell.ExitError
		if !errors.As(b.detach(p.Wait()), &died) {
			t.Fatal("it did not die")
		}
		return died.LastWords
	}
	if got := lastWords(`{"command":"error","msg":"ValueError: x"}`); !slices.Equal(got, []string{"ValueError: x"}) {
		t.Errorf("its last words are %q", got)
	}
	if got := lastWords(""); len(got) != 0 {
		t.Errorf("the last words of the next one are %q", got)
	}
}
