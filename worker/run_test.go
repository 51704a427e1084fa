package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/supervisor"
	"gust/shell"
	"gust/topology"
)

type (
	script = fakecomponent.Script
	entry  = fakecomponent.Entry
)

// acks says when so many trees have been acked.
func acks(n uint64) func(Stats) bool { return func(s Stats) bool { return s.Trees.Acked >= n } }

// pair is a spout s and a bolt b, which play.
func pair(spout fakecomponent.Spout, bolt fakecomponent.Bolt) *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.plays("s", script{Spout: &spout})
	b.plays("b", script{Bolt: &bolt})
	return b
}

func TestWordCount(t *testing.T) {
	const spouts, tuples, keys, children = 2, 500, 7, 2
	for _, c := range []struct{ name, spout, split, count string }{
		{"json", "json", "json", "json"},
		{"msgpack", "msgpack", "msgpack", "msgpack"},
		{"mixed", "json", "msgpack", "json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := build("t")
			b.spout("words", spouts, stream("default", "key", "n"))
			b.bolt("split", 2, inputs(from("words", topology.Shuffle)), stream("default", "key", "n"))
			b.bolt("count", 3, inputs(from("split", topology.Fields, "key")))
			b.plays("words", script{Wire: c.spout, Spout: &fakecomponent.Spout{Tuples: tuples, Keys: keys}})
			b.plays("split", script{Wire: c.split, Bolt: &fakecomponent.Bolt{Emit: children}})
			b.plays("count", script{Wire: c.count, Bolt: &fakecomponent.Bolt{Count: true}})
			r := b.run(t)
			r.until("all acks", acks(spouts*tuples))
			stats, entries := r.end()

			counts := keyCounts(t, entries)
			for n := range keys {
				want := spouts * children * (tuples / keys)
				if n < tuples%keys {
					want += spouts * children
				}
				if got := counts[fmt.Sprint("k", n)]; got != want {
					t.Errorf("k%d was counted %d times, want %d", n, got, want)
				}
			}
			if got := stats.component("split"); got.Executed != spouts*tuples || got.Emitted != spouts*tuples*children || got.Acked != spouts*tuples {
				t.Errorf("split: %+v", got)
			}
			if n := failed(stats); n != 0 {
				t.Errorf("%d trees failed", n)
			}
		})
	}
}

// keyCounts are the counts of all keys. Each must have been counted by one task.
func keyCounts(t *testing.T, entries []entry) map[string]int {
	t.Helper()
	counts, home := map[string]int{}, map[string]int{}
	for _, e := range entries {
		if e.What != "count" {
			continue
		}
		var key string
		var n int
		if err := json.Unmarshal([]byte(e.Value), &[]any{&key, &n}); err != nil {
			t.Fatal(err)
		}
		if task := home[key]; task != 0 && task != e.Task {
			t.Errorf("%q was counted by the tasks %d and %d", key, task, e.Task)
		}
		counts[key] += n
		home[key] = e.Task
	}
	return counts
}

func TestAllGroupingsTogether(t *testing.T) {
	t.Parallel()
	b := build("t")
	direct := topology.Stream{Name: "direct", Fields: []string{"key", "n"}, Direct: true}
	b.spout("s", 1, stream("default", "key", "n"))
	b.spout("d", 1, direct)
	for name, grouping := range map[string]topology.GroupingType{
		"all": topology.All, "global": topology.Global, "shuffle": topology.Shuffle,
		"none": topology.None, "local": topology.LocalOrShuffle,
	} {
		b.bolt(name, 2, inputs(from("s", grouping)))
	}
	b.bolt("fields", 2, inputs(from("s", topology.Fields, "key")))
	b.bolt("direct", 2, inputs(from("d.direct", topology.Direct)))
	for _, c := range b.Components[2:] {
		b.plays(c.Name, script{Bolt: &fakecomponent.Bolt{}})
	}
	tasks, _ := b.AssignTasks(1, 0)
	first := int(tasks.Of("direct")[0])
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 60, Keys: 5}})
	b.plays("d", script{Spout: &fakecomponent.Spout{Tuples: 60, Stream: "direct", Direct: []int{first + 1, first + 1, first}}})
	r := b.run(t)
	r.until("all acks", acks(120))
	_, entries := r.end()

	got := map[string][2]int{}
	for _, e := range entries {
		if e.What == "tuple" {
			n := got[e.Component]
			n[e.Task-int(tasks.Of(e.Component)[0])]++
			got[e.Component] = n
		}
	}
	for name, want := range map[string][2]int{
		"all": {60, 60}, "global": {60, 0}, "shuffle": {30, 30}, "none": {30, 30}, "local": {30, 30}, "direct": {20, 40},
	} {
		// Shuffle favours the task that has less to do: how much that is, the machine decides.
		slack := 0
		if want[0] == 30 {
			slack = 29
		}
		if n := got[name]; n[0]+n[1] != want[0]+want[1] || n[0] < want[0]-slack || n[0] > want[0]+slack {
			t.Errorf("%s: tuples by task %v, want %v, give or take %d", name, n, want, slack)
		}
	}
	if n := got["fields"]; n[0]+n[1] != 60 {
		t.Errorf("fields: tuples by task %v, want 60 in all", n)
	}
}

func TestTaskIDListsComeInOrder(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Global)), stream("default", "key", "n"))
	b.bolt("last", 3, inputs(from("b", topology.Fields, "key")))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, Keys: 9, TaskIDs: true}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 3, TaskIDs: true}})
	b.plays("last", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t)
	r.until("all acks", acks(100))
	_, entries := r.end()

	home := map[string]string{} // of a key, as last's tasks saw it
	for _, e := range entries {
		if e.Component == "last" && e.What == "tuple" {
			home[keyOf(e)] = fmt.Sprintf("[%d]", e.Task)
		}
	}
	tasks, _ := b.AssignTasks(1, 0)
	key := ""
	for _, e := range entries {
		switch {
		case e.Component == "b" && e.What == "tuple":
			key = keyOf(e)
		case e.Component == "b" && e.What == "ids" && e.Value != home[key]:
			t.Fatalf("a tuple with %s went to the task %s, but the bolt was told %s", key, home[key], e.Value)
		case e.Component == "s" && e.What == "ids" && e.Value != fmt.Sprintf("[%d]", tasks.Of("b")[0]):
			t.Fatalf("the spout was told %s", e.Value)
		}
	}
	if n := count(entries, "b", "ids"); n != 300 {
		t.Errorf("the bolt was told %d lists, want 300", n)
	}
}

// keyOf is the key in a tuple's values.
func keyOf(e entry) string {
	var values []any
	if json.Unmarshal([]byte(e.Value), &values) != nil || len(values) == 0 {
		return ""
	}
	return fmt.Sprint(values[0])
}

func TestTicks(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	b.Component("b").Config = map[string]any{conf.TopologyTickTupleFreq: 0.25}
	r := b.run(t)
	entries := r.untilLedger("three ticks", func(es []entry) bool { return count(es, "b", "tick") >= 3 })
	for _, e := range entries {
		if e.What == "tick" && e.Value != "[0.25]" {
			t.Errorf("a tick has the values %s", e.Value)
		}
	}
	if stats, _ := r.end(); stats.component("b").Executed != 0 {
		t.Errorf("ticks count as executed: %+v", stats.component("b"))
	}
}

// A bolt without work is silent for nearly a second after each answer to a
// heartbeat, and does not hang.
func TestQuietBoltDoesNotHang(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{}, fakecomponent.Bolt{}).run(t, conf.Conf{conf.TopologySubprocessTimeout: int64(1)})
	r.until("three seconds", func(s Stats) bool { return s.Seconds > 3.2 })
	if stats, _ := r.end(); stats.component("b").Restarts+stats.component("s").Restarts > 0 {
		t.Errorf("a quiet component was started again: %s", r.log)
	}
}

func TestMessageTimeoutNamesTheHolder(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{Tuples: 5}, fakecomponent.Bolt{Answer: "never"}).run(t, conf.Conf{conf.TopologyMessageTimeout: int64(1)})
	r.until("five time-outs", func(s Stats) bool { return s.Trees.Failed.Timeout == 5 })
	if !strings.Contains(r.log.String(), `not acked within 1s, held by bolt \"b\"`) {
		t.Error("the log does not name the holder")
	}
	if stats, _ := r.end(); stats.Trees.Failed.Held["b"] != 5 {
		t.Errorf("held: %v", stats.Trees.Failed.Held)
	}
}

func TestMaxSpoutPendingAsTheSpoutSeesIt(t *testing.T) {
	for _, c := range []struct {
		name           string
		ahead, perNext int
		most           int
	}{
		{"lock step", 1, 1, 7},
		{"ahead", 64, 1, 7},
		{"ahead, three trees for each next", 64, 3, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := pair(fakecomponent.Spout{Tuples: 600, PerNext: c.perNext}, fakecomponent.Bolt{Pause: time.Millisecond})
			r := b.run(t, conf.Conf{conf.TopologyMaxSpoutPending: int64(7), conf.GustMaxNextAhead: int64(c.ahead)})
			r.until("all acks", acks(600))
			_, entries := r.end()
			pending, most := 0, 0
			for _, e := range entries {
				switch {
				case e.What == "emit":
					pending++
				case e.Component == "s" && (e.What == "ack" || e.What == "fail"):
					pending--
				}
				most = max(most, pending)
			}
			if most > c.most || most < 6 {
				t.Errorf("up to %d trees were pending, want up to %d", most, c.most)
			}
		})
	}
}

func TestWithoutAckers(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{Tuples: 50, TaskIDs: true}, fakecomponent.Bolt{FailEvery: 2}).run(t, conf.Conf{conf.TopologyAckerExecutors: int64(0)})
	r.until("all acks", acks(50))
	if stats, _ := r.end(); stats.component("b").Failed != 25 || failed(stats) != 0 {
		t.Errorf("the bolt failed %d tuples, and %d trees failed; want 25 and none", stats.component("b").Failed, failed(stats))
	}
}

func TestMultiAnchoredTrees(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.spout("s", 2, stream("default", "key", "n"))
	b.bolt("join", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("last", 2, inputs(from("join", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 150}})
	b.plays("join", script{Bolt: &fakecomponent.Bolt{Batch: 3}})
	b.plays("last", script{Bolt: &fakecomponent.Bolt{FailEvery: 10}})
	r := b.run(t)
	r.until("all verdicts", func(s Stats) bool { return s.Trees.Acked+failed(s) == 300 })
	stats, _ := r.end()
	// Each child is in three trees, and each tenth child of a task fails them all.
	if stats.Trees.Failed.Bolt%3 != 0 || stats.Trees.Failed.Bolt < 24 || stats.Trees.Failed.Bolt > 30 {
		t.Errorf("trees: %+v", stats.Trees)
	}
}

func TestFailedTuplesComeAgain(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{Tuples: 100, Replay: true, IDs: "object"}, fakecomponent.Bolt{FailEvery: 3}).run(t)
	r.until("all acks", acks(100))
	if stats, _ := r.end(); stats.Trees.Failed.Bolt < 30 {
		t.Errorf("trees: %+v", stats.Trees)
	}
}

func TestOrderlyStop(t *testing.T) {
	t.Run("what is in flight finishes", func(t *testing.T) {
		t.Parallel()
		b := pair(fakecomponent.Spout{Tuples: -1}, fakecomponent.Bolt{Pause: 10 * time.Millisecond})
		r := b.run(t, conf.Conf{conf.TopologyMaxSpoutPending: int64(20)})
		r.until("tuples in flight", func(s Stats) bool { return s.Trees.Pending >= 2 && s.Trees.Acked > 0 })
		stats, entries := r.end()
		if n := failed(stats); n != 0 {
			t.Errorf("%d trees failed: %+v", n, stats.Trees)
		}
		if count(entries, "s", "deactivate") != 1 || count(entries, "", "eof") != 2 {
			t.Error("not everybody was told of the end")
		}
	})
	t.Run("but not for ever", func(t *testing.T) {
		t.Parallel()
		b := pair(fakecomponent.Spout{Tuples: 10}, fakecomponent.Bolt{Answer: "never"})
		r := b.run(t, conf.Conf{conf.GustDrainSecs: 0.2})
		r.until("ten tuples", func(s Stats) bool { return s.component("b").Executed == 10 })
		stats, entries := r.end()
		if stats.Trees.Failed.Shutdown != 10 || count(entries, "s", "fail") != 10 {
			t.Errorf("trees: %+v; the spout was told %d fails", stats.Trees, count(entries, "s", "fail"))
		}
	})
	t.Run("and one who waits for task ids is told in lock step", func(t *testing.T) {
		t.Parallel()
		const tuples = 10
		b := pair(fakecomponent.Spout{Tuples: tuples, TaskIDs: true, Replay: true}, fakecomponent.Bolt{Answer: "never"})
		r := b.run(t, conf.Conf{conf.GustDrainSecs: 0.2, conf.SupervisorWorkerShutdown: int64(20)})
		r.until("ten tuples", func(s Stats) bool { return s.component("b").Executed == tuples })
		r.stop()
		r.await(r.ended, "an orderly end")
		entries := r.entries()
		if n := count(entries, "s", "fail"); n != tuples || count(entries, "s", "eof") != 1 {
			t.Errorf("the spout was told %d fails of %d, or has not seen the end", n, tuples)
		}
		if got := r.worker.Stats().Trees; got.Emitted != tuples || got.Failed.Shutdown != tuples {
			t.Errorf("what it replayed counts: %+v", got)
		}
	})
	t.Run("tuples without trees that a bolt forgets", func(t *testing.T) {
		t.Parallel()
		b := pair(fakecomponent.Spout{Tuples: 10, Unreliable: true}, fakecomponent.Bolt{Answer: "never"})
		r := b.run(t, conf.Conf{conf.GustDrainSecs: int64(1000)})
		r.until("ten tuples", func(s Stats) bool { return s.component("b").Executed == 10 })
		r.end()
	})
	t.Run("before anything has begun", func(t *testing.T) {
		t.Parallel()
		r := pair(fakecomponent.Spout{}, fakecomponent.Bolt{}).run(t)
		r.end()
		if strings.Contains(r.log.String(), `"level":"error"`) {
			t.Errorf("an early stop complains: %s", r.log)
		}
	})
	t.Run("of those who do not want to", func(t *testing.T) {
		t.Parallel()
		b := pair(fakecomponent.Spout{Tuples: 1}, fakecomponent.Bolt{})
		b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{Do: "stubborn"}}})
		r := b.run(t)
		r.until("the ack", acks(1))
		r.end()
		if !strings.Contains(r.log.String(), "after the end of its input: sending SIGTERM") {
			t.Error("nobody was sent SIGTERM")
		}
	})
}

func TestAbort(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: 10}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{Do: "stubborn"}, {After: 3, Do: "mute"}}})
	r := b.run(t, conf.Conf{conf.SupervisorWorkerShutdown: int64(1000)})
	r.until("three tuples", func(s Stats) bool { return s.component("b").Executed >= 3 })
	r.worker.Abort()
	r.worker.Abort()
	r.await(r.ended, "the end after Abort")
	if r.err != nil {
		t.Errorf("Run returned %v", r.err)
	}
	checkTrees(t, r.worker.Stats())
	r.worker.Abort() // it changes nothing any more
}

func TestCrashLoop(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Start: fakecomponent.Start{
		After: []map[string]any{{"command": "error", "msg": "Traceback\nValueError: its last error"}},
	}, Deeds: []fakecomponent.Deed{{Do: "exit 1"}}})
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 10, Replay: true}})
	r := b.run(t, conf.Conf{conf.GustCrashLoopCount: int64(3)})
	r.await(r.ended, "the verdict")
	var loop *supervisor.CrashLoopError
	var died *shell.ExitError
	if !errors.As(r.err, &loop) || loop.Deaths != 3 || !errors.As(r.err, &died) || died.Component != "b" || died.Exit.Code != 1 {
		t.Fatalf("Run returned %v", r.err)
	}
	if !strings.Contains(r.err.Error(), "ValueError: the last words") {
		t.Errorf("its last words are not in %v", r.err)
	}
	stats := r.worker.Stats()
	checkTrees(t, stats)
	if stats.component("b").Restarts != 2 || stats.component("s").Restarts != 0 {
		t.Errorf("restarts: %+v", stats.Components)
	}
}

func TestMissingProgramEndsTheRun(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	delete(b.scripts, b.Component("b"))
	b.Component("b").Command = []string{"no-such-program-at-all"}
	r := b.run(t)
	r.await(r.ended, "the verdict")
	if r.err == nil || !strings.Contains(r.err.Error(), `bolt "b"`) || !strings.Contains(r.err.Error(), "no-such-program-at-all") {
		t.Errorf("Run returned %v", r.err)
	}
}

func TestHandshakeTimesOut(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Start: fakecomponent.Start{NoPID: true}})
	r := b.run(t, conf.Conf{conf.SupervisorWorkerStartTimeout: 0.5, conf.GustCrashLoopCount: int64(1)})
	r.await(r.ended, "the verdict")
	var handshake *shell.HandshakeError
	if !errors.As(r.err, &handshake) || !strings.Contains(r.err.Error(), `bolt "b"`) {
		t.Errorf("Run returned %v", r.err)
	}
}

// The spouts wait for bolts that still load, and nobody waits for spouts.
func TestReadyComesOnce(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.spout("s", 3, stream("default", "key", "n"))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 1}})
	r := b.run(t) // no bolts at all; Ready panics when it is called twice
	r.await(r.ready, "Ready")
	r.until("all acks", acks(3))
	r.end()
}

func TestStatsOfProcesses(t *testing.T) {
	t.Parallel()
	r := pair(fakecomponent.Spout{Tuples: 1}, fakecomponent.Bolt{}).run(t)
	stats := r.until("the ack", acks(1))
	pids := map[int]bool{}
	for _, e := range r.entries() {
		pids[e.PID] = true
	}
	for _, c := range stats.Components {
		if len(c.Processes) != 1 || !pids[c.Processes[0].PID] {
			t.Errorf("the processes of %s: %+v, but the ledger is written by %v", c.Name, c.Processes, pids)
		}
	}
	stats, _ = r.end()
	if pid := stats.component("s").Processes[0].PID; pid != 0 {
		t.Errorf("the pid %d after the end", pid)
	}
	if again := r.worker.Stats(); again.Trees.Acked != 1 {
		t.Errorf("the stats after the end: %+v", again)
	}
}

// Should the poller break, nobody can be talked to: the run ends with what
// broke, and leaves nothing behind.
func TestBrokenPollerEndsTheRun(t *testing.T) {
	r := pair(fakecomponent.Spout{Tuples: -1}, fakecomponent.Bolt{}).run(t)
	r.until("some acks", acks(10))
	r.worker.loop.post(func() { r.worker.loop.kernel.Release() })
	r.await(r.ended, "the end")
	if !errors.Is(r.err, unix.EBADF) {
		t.Errorf("Run returned %v", r.err)
	}
	checkTrees(t, r.worker.Stats())
}
