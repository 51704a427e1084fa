package worker

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/topology"
)

// impatient is a conf that finds out soon who hangs, though not so soon that a loaded
// machine makes all others look so.
var impatient = conf.Conf{
	conf.TopologySubprocessTimeout:    int64(3),
	conf.SupervisorWorkerStartTimeout: int64(15),
	conf.GustMaxMessageBytes:          int64(1 << 20),
	conf.GustCrashLoopCount:           int64(0),
}

// victim is a topology in which one of two tasks of the bolt b does a deed in
// the middle of its work, once, while all else goes on.
func victim(deed string, after int) *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("beside", 2, inputs(from("s", topology.Shuffle)))
	b.bolt("behind", 1, inputs(from("b", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 200, Replay: true}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1}, Deeds: []fakecomponent.Deed{{After: after, Do: deed, Once: true}}})
	b.plays("beside", script{Bolt: &fakecomponent.Bolt{}})
	b.plays("behind", script{Bolt: &fakecomponent.Bolt{}})
	return b
}

// Whatever a bolt dies of: what it held fails at once, it starts again, its
// siblings go on, and in the end every tuple has been acked.
func TestBoltThatDies(t *testing.T) {
	for _, c := range []struct {
		deed string
		log  string // what must be said
	}{
		{"exit 0", "exit status 0"},
		{"exit 1", "exit status 1"},
		{"kill", "signal: killed"},
		{"half a message", "exit status 1"},
		{"deaf", "sent nothing for"},
		{"mute", "sent nothing for"},
		{"stop", "sent nothing for"},
		{"close stdin", "sent nothing for"},
		{"close stdout", "closed stdout"},
		{"endless line", "gust.max.message.bytes"},
		{"endless lines", "sent nothing for"}, // they are output, and no answer
	} {
		t.Run(c.deed, func(t *testing.T) {
			t.Parallel()
			r := victim(c.deed, 20).run(t, impatient)
			r.until("all acks", acks(200))
			stats, entries := r.end()
			for _, component := range stats.Components {
				want := uint64(0)
				if component.Name == "b" {
					want = 1
				}
				if component.Restarts != want {
					t.Errorf("%q was started again %d times, want %d", component.Name, component.Restarts, want)
				}
			}
			if stats.Trees.Failed.Died == 0 || stats.Trees.Failed.Timeout+stats.Trees.Failed.Shutdown != 0 {
				t.Errorf("trees: %+v", stats.Trees)
			}
			if !strings.Contains(r.log.String(), c.log) {
				t.Errorf("the log does not say %q", c.log)
			}
			if n := count(entries, "b", "start"); n != 2 {
				t.Errorf("it was started %d times", n)
			}
		})
	}
}

// Noise costs its line, and nobody is started again for it. It costs no tuple
// either, unless it may have been one.
func TestBoltThatIsNoisy(t *testing.T) {
	for _, c := range []struct {
		deed string
		log  string
	}{
		{"print", `{"level":"info","component":"b","task":2,"from":"stdout","message":"Hello from a print"}`},
		{"prints", "noise, and more noise"},
		{"binary", "stray output on stdout"},
		{"broken JSON", "stray output on stdout"},
		{"no command", `unknown command \"dance\"`},
		{"wrong types", "emitted to undeclared stream"},
		{"stderr", `"from":"stderr"`},
		{"grandchild", ""},
		{"stubborn", ""},
	} {
		t.Run(c.deed, func(t *testing.T) {
			t.Parallel()
			r := victim(c.deed, 20).run(t, conf.Conf{conf.TopologyErrorThrottle: int64(1)})
			r.until("all acks", acks(200))
			if c.log != "" {
				r.until(c.log+" in the log", func(Stats) bool { return strings.Contains(r.log.String(), c.log) })
			}
			stats, entries := r.end()
			if n := stats.component("b").Restarts; n != 0 {
				t.Errorf("it was started again %d times: %s", n, r.log)
			}
			if n := failed(stats); n != 0 && c.deed != "wrong types" && c.deed != "broken JSON" {
				t.Errorf("%d trees failed", n)
			}
			checkGone(t, entries)
		})
	}
}

// A process that has left the group of its dead parent still holds the pipes:
// nobody waits for it, and what it may write is nobody's.
func TestOrphanThatHoldsThePipes(t *testing.T) {
	t.Parallel()
	b := victim("orphan", 20)
	bolt := b.scripts[b.Component("b")]
	bolt.Deeds = append(bolt.Deeds, fakecomponent.Deed{After: 30, Do: "exit 1", Once: true})
	b.plays("b", bolt)
	r := b.run(t)
	t.Cleanup(func() {
		for _, e := range r.entries() {
			if e.What == "grandchild" {
				pid, _ := strconv.Atoi(e.ID)
				unix.Kill(pid, unix.SIGKILL)
			}
		}
	})
	r.until("all acks", acks(200))
	if stats, entries := r.end(); stats.component("b").Restarts != 1 || count(entries, "b", "grandchild") != 1 {
		t.Errorf("restarts: %d, grandchildren: %d; want one of each", stats.component("b").Restarts, count(entries, "b", "grandchild"))
	}
}

// checkGone checks that no process is left of those that the ledger names.
func checkGone(t *testing.T, entries []entry) {
	t.Helper()
	for _, e := range entries {
		pid := e.PID
		if e.What == "grandchild" {
			pid, _ = strconv.Atoi(e.ID)
		}
		if !gone(pid) {
			t.Errorf("the process %d (%s of %q) is left", pid, e.What, e.Component)
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}

// gone says whether a process has ended, be it that nobody has waited for it yet.
func gone(pid int) bool {
	deadline := time.Now().Add(5 * time.Second)
	for unix.Kill(pid, 0) != unix.ESRCH {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

func TestSpoutThatDies(t *testing.T) {
	for _, deed := range []string{"exit 0", "exit 1", "kill", "half a message", "deaf", "mute", "stop", "close stdout", "endless line", "endless lines"} {
		t.Run(deed, func(t *testing.T) {
			t.Parallel()
			b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
			b.plays("s", script{
				Spout: &fakecomponent.Spout{Tuples: 100},
				Deeds: []fakecomponent.Deed{{After: 20, Do: deed, Once: true}},
			})
			r := b.run(t, impatient)
			// Its next life begins with the first tuple again.
			r.untilLedger("a hundred acks in one life", func(es []entry) bool {
				perLife := map[int]int{}
				for _, e := range es {
					if e.What == "ack" {
						perLife[e.PID]++
					}
				}
				for _, n := range perLife {
					if n == 100 {
						return true
					}
				}
				return false
			})
			stats, _ := r.end()
			if stats.component("s").Restarts != 1 || stats.component("b").Restarts != 0 {
				t.Errorf("restarts: s %d, b %d; want 1, 0", stats.component("s").Restarts, stats.component("b").Restarts)
			}
		})
	}
}

// What is said of a spout that hangs tells what is wrong with it.
func TestSpoutThatHangs(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spout  fakecomponent.Spout
		script string // of a streamparse component
		want   string
	}{
		{"blocks", fakecomponent.Spout{Pause: time.Minute}, "", `it did not answer command \"next\" within 3s`},
		{"never syncs", fakecomponent.Spout{Tuples: 1, NoSync: true, Unreliable: true}, "", `it sent messages after command \"next\", but no sync, and then nothing for 3s`},
		{"a class that emits and blocks", fakecomponent.Spout{Tuples: 1, NoSync: true, Unreliable: true}, "-s json spouts.words.WordSpout", `next_tuple() must not block`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
			b.Component("s").Script = tt.script
			b.plays("s", script{Spout: &tt.spout})
			r := b.run(t, impatient)
			r.until(tt.want+" in the log", func(Stats) bool { return strings.Contains(r.log.String(), tt.want) })
			r.stop()
			r.await(r.ended, "the end")
		})
	}
}

func TestSpoutThatIsNoisy(t *testing.T) {
	for _, deed := range []string{"print", "prints", "binary", "broken JSON", "no command", "wrong types", "stderr", "grandchild"} {
		t.Run(deed, func(t *testing.T) {
			t.Parallel()
			b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}, Deeds: []fakecomponent.Deed{{After: 20, Do: deed}}})
			r := b.run(t)
			r.until("all acks", acks(100))
			stats, entries := r.end()
			if n := stats.component("s").Restarts; n != 0 {
				t.Errorf("it was started again %d times", n)
			}
			checkGone(t, entries)
		})
	}
}

// Nobody floods the others off: they work, memory is bounded, the end comes in order.
func TestFlood(t *testing.T) {
	for _, deed := range []string{"emit forever", "emit ids forever"} {
		t.Run("a spout: "+deed, func(t *testing.T) {
			t.Parallel()
			const queue = 32 << 10
			b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{Pause: time.Millisecond})
			b.plays("s", script{Spout: &fakecomponent.Spout{}, Deeds: []fakecomponent.Deed{{Do: deed}}})
			b.spout("good", 1, stream("default", "key", "n"))
			b.bolt("goodbolt", 1, inputs(from("good", topology.Shuffle)))
			b.plays("good", script{Spout: &fakecomponent.Spout{Tuples: 300}})
			b.plays("goodbolt", script{Bolt: &fakecomponent.Bolt{}})
			r := b.run(t, conf.Conf{conf.GustQueueBytes: int64(queue), conf.GustDrainSecs: 0.2})
			most := 0
			r.until("the others' work", func(s Stats) bool {
				most = max(most, r.queued())
				return s.component("good").Acked == 300 && s.component("b").Executed > 5_000 && s.component("b").Acked > 100
			})
			// What one read brings in comes on top of the mark.
			if bound := pauseMark*queue + 4*chunkSize; most > bound {
				t.Errorf("up to %d bytes were queued, want up to %d", most, bound)
			}
			r.stop()
			r.await(r.ended, "an orderly end")
			checkTrees(t, r.worker.Stats())
		})
	}
	t.Run("a bolt", func(t *testing.T) {
		t.Parallel()
		const queue = 32 << 10
		b := victim("emit forever", 20)
		b.plays("behind", script{Bolt: &fakecomponent.Bolt{Pause: time.Millisecond}})
		r := b.run(t, conf.Conf{conf.GustQueueBytes: int64(queue), conf.GustDrainSecs: 0.2})
		most := 0
		r.until("its flood", func(s Stats) bool {
			most = max(most, r.queued())
			return s.component("b").Emitted > 5_000 && s.component("behind").Acked > 100
		})
		if bound := 2*pauseMark*queue + 4*chunkSize; most > bound {
			t.Errorf("up to %d bytes were queued, want up to %d", most, bound)
		}
		r.stop()
		r.await(r.ended, "an orderly end")
		checkTrees(t, r.worker.Stats())
	})
}

// queued is how many bytes wait in outboxes.
func (r *rig) queued() int {
	answer := make(chan int, 1)
	l := r.worker.loop
	l.post(func() {
		n := 0
		for _, t := range l.plan.tasks {
			n += t.out.Len()
		}
		answer <- n
	})
	select {
	case n := <-answer:
		return n
	case <-r.ended:
		return 0
	}
}

// A quick spout before a slow bolt: without ids nothing but the queue bounds
// what comes, and no tuple may be lost of it.
func TestBackpressure(t *testing.T) {
	for _, unreliable := range []bool{true, false} {
		t.Run(fmt.Sprint("unreliable ", unreliable), func(t *testing.T) {
			t.Parallel()
			const queue, tuples = 4 << 10, 300 // 5 MB, of which a pipe holds one; a tuple alone is over the mark
			b := build("t")
			b.spout("s", 1, stream("default", "key", "n"))
			b.bolt("quick", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
			b.bolt("slow", 1, inputs(from("quick", topology.Shuffle)))
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: tuples, PerNext: 10, Pad: 8000, Unreliable: unreliable}})
			b.plays("quick", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
			b.plays("slow", script{Bolt: &fakecomponent.Bolt{Pause: 300 * time.Microsecond}})
			r := b.run(t, conf.Conf{conf.GustQueueBytes: int64(queue)})
			most := 0
			r.until("all tuples", func(s Stats) bool {
				most = max(most, r.queued())
				return s.component("slow").Acked == 2*tuples
			})
			if most <= queue {
				t.Errorf("at most %d bytes were queued: this test shows nothing", most)
			}
			if bound := 2*pauseMark*queue + 4*chunkSize; most > bound {
				t.Errorf("up to %d bytes were queued, want up to %d", most, bound)
			}
			stats, entries := r.end()
			if n := count(entries, "slow", "tuple"); n != 2*tuples || failed(stats) != 0 {
				t.Errorf("%d tuples came through, want %d; %d trees failed", n, 2*tuples, failed(stats))
			}
		})
	}
}

// cycle is a spout s and two bolts that emit to each other: of what comes to y,
// each k-th tuple goes no further.
func cycle(spout fakecomponent.Spout, emit, failEvery int) *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("x", 1, inputs(from("s", topology.Shuffle), from("y", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("y", 1, inputs(from("x", topology.Shuffle)), stream("default", "key", "n"))
	b.plays("s", script{Spout: &spout})
	b.plays("x", script{Bolt: &fakecomponent.Bolt{Emit: emit}})
	b.plays("y", script{Bolt: &fakecomponent.Bolt{Emit: 1, FailEvery: failEvery}})
	return b
}

func TestCycle(t *testing.T) {
	t.Run("that comes to an end", func(t *testing.T) {
		t.Parallel()
		r := cycle(fakecomponent.Spout{Tuples: 400, PerNext: 50, Pad: 2000}, 1, 4).run(t, conf.Conf{conf.GustQueueBytes: int64(8 << 10)})
		r.until("all verdicts", func(s Stats) bool { return s.Trees.Acked+failed(s) == 400 })
		if stats, _ := r.end(); stats.component("x").Restarts+stats.component("y").Restarts != 0 {
			t.Error("a bolt was started again")
		}
	})
	t.Run("that makes more than it takes", func(t *testing.T) {
		t.Parallel()
		const queue = 4 << 10
		r := cycle(fakecomponent.Spout{Tuples: 50, Pad: 500}, 2, 0).run(t, impatient, conf.Conf{conf.GustQueueBytes: int64(queue), conf.GustDrainSecs: 0.2})
		most := 0
		// It cannot go well: some process is given up so that the others go on.
		r.until("a bolt that is given up", func(s Stats) bool {
			most = max(most, r.queued())
			return s.component("x").Restarts+s.component("y").Restarts > 0
		})
		if bound := 2*cycleMark*queue + 8*chunkSize; most > bound {
			t.Errorf("up to %d bytes were queued, want up to %d", most, bound)
		}
		r.stop()
		r.await(r.ended, "an orderly end")
		checkTrees(t, r.worker.Stats())
	})
}

// All the ways that clients have been seen to begin, and to write.
func TestClients(t *testing.T) {
	emit := func(id any) map[string]any {
		return map[string]any{"command": "emit", "id": id, "tuple": []any{"early", 1}}
	}
	log := map[string]any{"command": "log", "msg": "early words", "level": 2}
	for _, c := range []struct {
		name  string
		acks  uint64 // beyond the hundred
		lists int
		play  func(b *builder)
	}{
		{"pid before the handshake is read", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}, Start: fakecomponent.Start{PIDFirst: true}})
			b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Start: fakecomponent.Start{PIDFirst: true}})
		}},
		{"log before the pid", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}, Start: fakecomponent.Start{Before: []map[string]any{log}}})
			b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Start: fakecomponent.Start{Before: []map[string]any{log}}})
		}},
		{"emits before the pid, and waits", 2, 2, func(b *builder) {
			start := fakecomponent.Start{Before: []map[string]any{emit("a"), emit("b")}}
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}, Start: start})
		}},
		{"emits at initialise, and waits", 2, 2, func(b *builder) {
			start := fakecomponent.Start{After: []map[string]any{emit("a"), emit("b")}}
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}, Start: start})
		}},
		{"a sync that nobody asked for", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, UnaskedSync: true}})
		}},
		{"no sync for activate", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, SilentActivate: true}})
		}},
		{"no sync for activate, and lists", 0, 100, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, SilentActivate: true, TaskIDs: true}})
		}},
		{"ids as text", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, IDs: "text"}})
		}},
		{"ids as objects", 0, 0, func(b *builder) {
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100, IDs: "object"}})
		}},
		{"acks with numbers", 0, 0, func(b *builder) {
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1, Answer: "number"}})
		}},
		{"acks twice", 0, 0, func(b *builder) {
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1, Answer: "twice"}})
		}},
		{"acks unknown ids", 0, 0, func(b *builder) {
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1, Answer: "wrong"}})
		}},
		{"anchors as one id", 0, 0, func(b *builder) {
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1, Anchors: "one"}})
		}},
		{"an anchor twice", 0, 0, func(b *builder) {
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1, Anchors: "twice"}})
		}},
		{"CR LF", 0, 0, shaped("json", "crlf")},
		{"pretty", 0, 0, shaped("json", "pretty")},
		{"several messages for each write", 0, 0, shaped("json", "batch")},
		{"a write for each byte", 0, 0, shaped("json", "bytes")},
		{"several messages for each write, msgpack", 0, 0, shaped("msgpack", "batch")},
		{"a write for each byte, msgpack", 0, 0, shaped("msgpack", "bytes")},
		{"packs", 0, 0, shaped("json", "packs")},
		{"packs, msgpack", 0, 0, shaped("msgpack", "packs")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := build("t")
			b.spout("s", 1, stream("default", "key", "n"))
			b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
			b.bolt("last", 1, inputs(from("b", topology.Shuffle)))
			b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 100}})
			b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
			b.plays("last", script{Bolt: &fakecomponent.Bolt{}})
			c.play(b)
			r := b.run(t)
			r.until("all acks", acks(100+c.acks))
			stats, entries := r.end()
			if n := failed(stats); n != 0 {
				t.Errorf("%d trees failed", n)
			}
			if n := count(entries, "s", "ids"); n != c.lists {
				t.Errorf("the spout was told %d lists, want %d", n, c.lists)
			}
			for _, component := range stats.Components {
				if component.Restarts != 0 {
					t.Errorf("%q was started again", component.Name)
				}
			}
		})
	}
}

// shaped has everybody write in a shape.
func shaped(wire, shape string) func(*builder) {
	return func(b *builder) {
		for c, s := range b.scripts {
			s.Shape = shape
			s.Wire, c.Serializer = wire, wire
			b.scripts[c] = s
		}
	}
}

// A spout with nothing to emit is not asked without a pause.
func TestIdleSpoutIsAskedSeldom(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{}, fakecomponent.Bolt{})
	r := b.run(t, conf.Conf{conf.TopologySpoutWaitMillis: int64(50)})
	nexts := 0
	r.await(r.ready, "Ready")
	r.worker.loop.post(func() {
		s := r.worker.loop.plan.byName["s"].tasks[0].spout
		fire := s.emptyWait.fire
		s.emptyWait.fire = func(now int64) {
			nexts++
			fire(now)
		}
	})
	stats := r.until("a second", func(s Stats) bool { return s.Seconds > 1 })
	r.end()
	if most := int(stats.Seconds/0.05) + 2; nexts > most || nexts < 5 {
		t.Errorf("asked %d times in %v s, want up to %d", nexts, stats.Seconds, most)
	}
}
