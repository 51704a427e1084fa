package worker

import (
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/topology"
)

// journaled has a stage keep a journal.
func journaled(t *testing.T, b *builder, layers ...conf.Conf) *stage {
	t.Helper()
	s := newStage(t, b, layers...)
	s.journal.on = true
	if err := s.kept.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kept.close)
	return s
}

func TestJournalOfAFailedTuple(t *testing.T) {
	s := journaled(t, chain())
	spout, b, c := s.task("s", 0), s.task("b", 0), s.task("c", 0)
	s.say(spout, `{"command":"emit","id":"m1","tuple":["root"]}`)
	ids := s.tuples(b)
	s.anchored(b, ids...)
	child := s.tuples(c)
	s.ack(b, ids...)
	s.say(c, `{"command":"error","msg":"Traceback\nValueError: x"}`)
	s.say(c, `{"command":"fail","id":"`+child[0]+`"}`)
	j := s.snapshot().Journal
	if len(j.Failures) != 1 || len(j.Errors) != 1 {
		t.Fatalf("journal: %+v", j)
	}
	f := j.Failures[0]
	if f.Spout != "s" || f.Stream != "default" || f.MessageID != `"m1"` || f.Values != `["root"]` || f.Reason != FailedByBolt || !strings.HasSuffix(f.Error, "ValueError: x") {
		t.Errorf("failure: %+v", f)
	}
	if by := f.Cause; by == nil || by.Bolt != "c" || by.From != (InputName{"b", "default"}) || by.Values.Text != `["x"]` {
		t.Errorf("cause: %+v", by)
	}
	if again := s.snapshot().Journal; len(again.Failures) != 0 || len(again.Errors) != 0 {
		t.Errorf("the second time: %+v", again)
	}
}

// The log shows a repeated traceback once and few errors of a kind; the journal has all of
// them, whole.
func TestJournalHasWholeErrors(t *testing.T) {
	s := journaled(t, chain())
	b := s.task("b", 0)
	const msg = `ValueError raised\nTraceback (most recent call last):\n  File \"b.py\", line 1\nValueError: x`
	for range 20 {
		s.say(b, `{"command":"error","msg":"`+msg+`"}`)
	}
	j := s.snapshot().Journal
	if len(j.Errors) != 20 {
		t.Fatalf("%d errors, want 20", len(j.Errors))
	}
	for _, e := range j.Errors {
		if !strings.HasSuffix(e.Text, "line 1\nValueError: x") {
			t.Fatalf("error: %q", e.Text)
		}
	}
}

func TestJournalOfATimeout(t *testing.T) {
	s := journaled(t, chain(), conf.Conf{conf.TopologyMessageTimeout: int64(5)})
	s.emit(s.task("s", 0), 1)
	s.tuples(s.task("b", 0))
	s.now += int64(6 * time.Second)
	s.sweep(s.now)
	j := s.snapshot().Journal
	if len(j.Failures) != 1 || j.Failures[0].Reason != FailedByTimeout || j.Failures[0].Took != 6*time.Second {
		t.Fatalf("failures: %+v", j.Failures)
	}
	if by := j.Failures[0].Cause; by == nil || by.Bolt != "b" || by.Age != 6*time.Second {
		t.Errorf("cause: %+v", by)
	}
}

// A flood of failures is counted, and costs no more memory than a journal has.
func TestJournalIsBounded(t *testing.T) {
	s := journaled(t, chain())
	b := s.task("b", 0)
	for range journalMost + 50 {
		s.emit(s.task("s", 0), 1)
		s.say(b, `{"command":"fail","id":"`+s.tuples(b)[0]+`"}`)
	}
	j := s.snapshot().Journal
	if len(j.Failures) != journalMost || j.MoreFailures < 50 {
		t.Errorf("%d failures, and %d more", len(j.Failures), j.MoreFailures)
	}
	if now := s.snapshot().Journal; now.MoreFailures != 0 {
		t.Errorf("%d more failures the second time", now.MoreFailures)
	}
}

// The journal tells the life of a process, and what its death failed.
func TestJournalOfAProcess(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.journal = true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 20, Replay: true}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 5, Do: "exit", Once: true}}})
	r := b.run(t)
	var all Journal
	r.until("the acks", func(s Stats) bool {
		j := r.worker.Snapshot().Journal
		all.Events, all.Failures, all.Errors = append(all.Events, j.Events...), append(all.Failures, j.Failures...), append(all.Errors, j.Errors...)
		return s.Trees.Acked == 20
	})
	r.end()
	all.Events = append(all.Events, r.worker.Snapshot().Journal.Events...)
	var life []string
	for _, e := range all.Events {
		if e.Component == "b" {
			life = append(life, string(e.Kind))
		}
	}
	if got, want := strings.Join(life, " "), "started ready died started ready"; got != want {
		t.Errorf("the life of b: %s, want %s", got, want)
	}
	if len(all.Errors) != 1 || !strings.Contains(all.Errors[0].Text, "died") {
		t.Errorf("errors: %+v", all.Errors)
	}
	if len(all.Failures) == 0 || all.Failures[0].Reason != FailedByDeath || all.Failures[0].Cause == nil || !strings.Contains(all.Failures[0].Error, "died") {
		t.Errorf("failures: %+v", all.Failures)
	}
}

func TestDeactivatedSpoutsAreNotAsked(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.spout("s", 2, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: -1}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t)
	r.until("work", func(s Stats) bool {
		for _, task := range r.worker.Snapshot().Components[0].Tasks {
			if task.Spout.Spent[SpoutEmitting]+task.Spout.Spent[SpoutBackpressure] == 0 {
				return false
			}
		}
		return s.Trees.Acked > 100
	})
	r.worker.Deactivate()
	r.until("rest", func(s Stats) bool { return r.worker.Snapshot().Phase == Inactive && s.Trees.Pending == 0 })
	rest := r.worker.Snapshot()
	for _, task := range rest.Components[0].Tasks {
		if task.Spout.Doing != SpoutInactive {
			t.Errorf("spout: %+v", task.Spout)
		}
	}
	r.worker.RestartTask(2) // one that is started meanwhile is not asked either
	r.until("the restart", func(s Stats) bool { return s.component("b").Restarts+s.component("s").Restarts == 1 })
	if again := r.worker.Stats(); again.Trees.Emitted != rest.Trees.Emitted {
		t.Errorf("%d trees, %d before", again.Trees.Emitted, rest.Trees.Emitted)
	}
	r.worker.Activate()
	r.until("acks", func(s Stats) bool { return s.Trees.Acked > rest.Trees.Acked+100 })
	r.end()
}

// After its last attempt a tuple is a dead letter, and the spout gets an ack for it.
func TestMaxAttempts(t *testing.T) {
	s := journaled(t, chain(), conf.Conf{conf.GustMaxAttempts: int64(3)})
	spout, b := s.task("s", 0), s.task("b", 0)
	attempt := func(id string) string {
		s.say(spout, `{"command":"emit","id":"`+id+`","tuple":["x"]}`)
		s.say(b, `{"command":"fail","id":"`+s.tuples(b)[0]+`"}`)
		verdicts := strings.ReplaceAll(strings.Join(s.verdicts(spout), " "), `"`, "")
		s.say(spout, `{"command":"sync"}`)
		return verdicts
	}
	var got []string
	for _, id := range []string{"m", "m", "other", "m", "m"} {
		got = append(got, attempt(id))
	}
	if all, want := strings.Join(got, ", "), "fail m, fail m, fail other, ack m, fail m"; all != want {
		t.Errorf("the verdicts are %s, want %s", all, want)
	}
	j := s.snapshot()
	if len(j.Journal.Failures) != 5 || !j.Journal.Failures[3].Dead || j.Journal.Failures[4].Dead || j.Trees.DeadLetters != 1 || j.Trees.Failed.Bolt != 5 {
		t.Errorf("trees %+v, failures %+v", j.Trees, j.Journal.Failures)
	}
	// An ack ends the counting.
	attempt("m")
	s.say(spout, `{"command":"emit","id":"m","tuple":["x"]}`)
	s.ack(b, s.tuples(b)...)
	s.ack(s.task("c", 0), s.tuples(s.task("c", 0))...)
	s.verdicts(spout)
	s.say(spout, `{"command":"sync"}`)
	if one := attempt("m"); one != "fail m" {
		t.Errorf("after an ack: %s", one)
	}
}

// When a process dies, only the tuple that it was working on counts an attempt.
func TestAttemptsOfADeadProcess(t *testing.T) {
	s := journaled(t, chain(), conf.Conf{conf.GustMaxAttempts: int64(1)})
	spout, b := s.task("s", 0), s.task("b", 0)
	emit := func(ids ...string) {
		for _, id := range ids {
			s.say(spout, `{"command":"emit","id":"`+id+`","tuple":["x"]}`)
		}
	}
	dead := func() (ids string) {
		for _, f := range s.snapshot().Journal.Failures {
			if f.Dead {
				ids += f.MessageID
			}
		}
		return ids
	}
	emit("a", "b", "c")
	b.bolt.took(b.bolt.window.given) // it has read them all
	b.bolt.died()
	if got := dead(); got != `"a"` {
		t.Errorf("dead letters: %s, want the oldest", got)
	}
	emit("d", "e")
	b.bolt.died() // it has read none
	if got := dead(); got != "" {
		t.Errorf("dead letters: %s, want none of a process that had read none", got)
	}
	emit("f", "g")
	ids := s.tuples(b)
	s.say(b, `{"command":"fail","id":"`+ids[len(ids)-2]+`"}`)
	b.bolt.died()
	if got := dead(); got != `"f"` {
		t.Errorf("dead letters: %s, want the one that it has failed", got)
	}
}
