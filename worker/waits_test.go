package worker

import (
	"strings"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/topology"
)

// lull lets a stage's clock run for so many seconds with a look at the waits in
// each, and returns what was logged of them.
func (s *stage) lull(seconds int) []string {
	s.log.Reset()
	for range seconds {
		s.now += int64(time.Second)
		s.reportWaits(s.now)
	}
	var lines []string
	for line := range strings.Lines(s.log.String()) {
		if _, wait, ok := strings.Cut(line, "waiting for "); ok {
			wait, _, _ = strings.Cut(wait, `"}`)
			lines = append(lines, strings.ReplaceAll(wait, `\"`, `"`))
		}
	}
	return lines
}

func TestWaitsAreLogged(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	b.bolt("b", 2, inputs(from("s", topology.Shuffle)))
	b.bolt("c", 1, inputs(from("s", topology.Shuffle)))
	s := newStage(t, b)
	check := func(got []string, want ...string) {
		t.Helper()
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	check(s.lull(30)) // nobody is waited for

	for i := range 2 {
		s.task("b", i).enter(greeting)
	}
	check(s.lull(2))
	check(s.lull(21),
		`bolt "b" (tasks 2, 3) to answer the handshake, 3s so far`,
		`bolt "b" (tasks 2, 3) to answer the handshake, 13s so far`,
		`bolt "b" (tasks 2, 3) to answer the handshake, 23s so far`)

	// One has answered, and loads its models.
	s.task("b", 0).enter(running)
	s.task("b", 0).greeted = false
	s.task("b", 1).enter(running)
	check(s.lull(5), `bolt "b" (task 2) to answer the first heartbeat, 3s so far`)
	s.task("b", 0).greeted = true
	check(s.lull(30))

	// The end: who holds tuples is waited for.
	for n := range 4 {
		s.emit(s.task("s", 0), n)
	}
	s.told(s.task("s", 0))
	s.enter(draining) // startDraining would find that no process is left
	check(s.lull(4),
		`bolt "b" (tasks 2, 3) to finish 4 tuples, 3s so far`,
		`bolt "c" (task 4) to finish 4 tuples, 3s so far`)
}

// A run logs what it waits for while a component does not answer, and its stats
// tell who never did.
func TestRunWaitsForASilentBolt(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: 1}, fakecomponent.Bolt{})
	b.bolt("silent", 1, inputs(from("s", topology.Shuffle)))
	b.plays("silent", script{Start: fakecomponent.Start{NoPID: true}, Bolt: &fakecomponent.Bolt{}})
	r := b.run(t)
	r.until("the wait in the log", func(Stats) bool {
		return strings.Contains(r.log.String(), `waiting for bolt \"silent\" (task 4) to answer the handshake, `)
	})
	stats, _ := r.end()
	for name, want := range map[string]bool{"s": true, "b": true, "silent": false} {
		if ready := stats.component(name).Processes[0].Ready; ready != want {
			t.Errorf("%s is ready: %v, want %v", name, ready, want)
		}
	}
}

// What is hidden when the run ends is counted in the log's last lines.
func TestHiddenComplaintsAreCountedAtTheEnd(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{Tuples: 20}, fakecomponent.Bolt{FailEvery: 1}).run(t)
	r.until("the failures", func(s Stats) bool { return s.Trees.Failed.Bolt == 20 })
	r.end()
	if want := "15 more failed tuples suppressed"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log lacks %q", want)
	}
}

// A death is in the stats, with how the process ended.
func TestDeathIsInTheStats(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: -1}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{Do: "exit 1", Once: true}}})
	r := b.run(t)
	stats := r.until("the death, and the next life", func(s Stats) bool {
		b := s.component("b")
		return b.Restarts == 1 && b.Processes[0].Ready
	})
	if got, want := stats.component("b").Processes[0].Death, "died: exit status 1"; got != want {
		t.Errorf("the stats have the death %q, want %q", got, want)
	}
}
