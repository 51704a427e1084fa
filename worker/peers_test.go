package worker

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/mtls"
	"gust/internal/testenv"
	"gust/topology"
)

// crowd is the word count, over so many workers.
func crowd(workers, tuples int) *builder {
	b := build("t")
	b.workers = workers
	b.spout("words", 2, stream("default", "key", "n"))
	b.bolt("split", 3, inputs(from("words", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("count", 4, inputs(from("split", topology.Fields, "key")))
	b.plays("words", script{Spout: &fakecomponent.Spout{Tuples: tuples, Keys: 7}})
	b.plays("split", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
	b.plays("count", script{Bolt: &fakecomponent.Bolt{Count: true}})
	return b
}

func TestWordCountOfSeveralWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 5} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			const spouts, tuples = 2, 700
			r := crowd(workers, tuples).run(t)
			r.until("all acks", acks(spouts*tuples))
			stats, entries := r.end()
			if n := failed(stats); n != 0 {
				t.Errorf("%d trees failed", n)
			}
			counts := keyCounts(t, entries)
			for n := range 7 {
				if got, want := counts[fmt.Sprint("k", n)], spouts*2*tuples/7; got != want {
					t.Errorf("k%d was counted %d times, want %d", n, got, want)
				}
			}
		})
	}
}

// replaying is the word count of several workers with spouts that replay what has failed, and
// never end.
func replaying(workers int) *builder {
	b := crowd(workers, -1)
	b.plays("words", script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 7, Replay: true, Pause: time.Millisecond}})
	return b
}

// lively waits until so many more trees have been acked.
func (r *rig) lively(what string, more uint64) {
	r.t.Helper()
	now := r.stats().Trees.Acked
	r.until(what, acks(now+more))
}

// logs waits until the log has a text.
func (r *rig) logs(text string) {
	r.t.Helper()
	r.until(fmt.Sprintf("%q in the log", text), func(Stats) bool { return strings.Contains(r.log.String(), text) })
}

func TestWorkerThatDies(t *testing.T) {
	t.Parallel()
	r := replaying(3).run(t)
	r.lively("the first acks", 50)
	r.others[1].Abort() // its processes are killed, and its connections close
	r.logs("lost the connection to worker 2")
	r.replace(2)
	r.lively("acks with the new worker", 300)
	stats, _ := r.end()
	if f := stats.Trees.Failed; f.Timeout > 0 || f.Bolt > 0 {
		t.Errorf("trees failed otherwise than by the death: %+v", f)
	}
}

// What a dead worker had fails at once, not by the timeout.
func TestTreesOnADeadWorkerFail(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers = 2
	b.bolt("b", 1, inputs(from("s", topology.Shuffle))) // on worker 0
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("z", 1, inputs(from("s", topology.Shuffle))) // on worker 0
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 1}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Answer: "never"}})
	b.plays("z", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t)
	r.until("the tuple at its bolt", func(s Stats) bool { return s.component("b").Executed == 1 })
	r.worker.Abort()
	r.until("the failure", func(s Stats) bool { return s.Trees.Failed.Died == 1 })
	r.stop()
	r.await(r.ended, "the end")
}

// A worker leaves in order, also while there is always something for it to do.
func TestWorkerThatLeaves(t *testing.T) {
	busy := crowd(3, -1)
	busy.plays("words", script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 7, Replay: true}})
	for name, b := range map[string]*builder{"slow": replaying(3), "busy": busy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := b.run(t)
			r.lively("the first acks", 50)
			r.others[1].Leave()
			r.await(r.others[1].ended, "the end of the worker that leaves")
			r.replace(2)
			r.lively("acks with the new worker", 300)
			stats, _ := r.end()
			if n := failed(stats); n > 0 {
				t.Errorf("%d trees failed, but a worker that leaves in order costs none: %+v", n, stats.Trees.Failed)
			}
		})
	}
}

// Where all workers are told to leave, as by who stops the containers, they end together: none
// is gone when another one has still something for it.
func TestWorkersThatAllLeave(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers = 2
	b.bolt("a", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n")) // on worker 0, as the spout
	b.bolt("b", 1, inputs(from("a", topology.Shuffle)))                                // on worker 1
	b.spout("s", 1, stream("default", "key", "n"))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: -1}})
	b.plays("a", script{Bolt: &fakecomponent.Bolt{Emit: 1, Pause: 300 * time.Millisecond}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t, conf.Conf{conf.GustDrainSecs: int64(1000)})
	r.lively("the first ack", 1)
	for _, w := range r.workers() {
		w.Leave()
	}
	r.await(r.ended, "the end of the worker with the spout")
	r.await(r.others[0].ended, "the end of the other worker")
	stats, _ := r.end()
	if n := failed(stats); n > 0 {
		t.Errorf("%d trees failed: %+v", n, stats.Trees.Failed)
	}
}

// Any worker takes an injected tuple, also one that runs no task of the source, and sends it to
// whichever worker has the task. The tuple names a task that is not the sender's.
func TestInjectionIntoAnotherWorker(t *testing.T) {
	t.Parallel()
	b := crowd(4, 10)
	b.journal = true
	r := b.run(t)
	r.until("all acks", acks(20))
	ticket := uint64(0)
	for i, w := range r.workers() {
		for n := range 20 {
			ticket++
			for _, in := range []Injection{
				{Ticket: ticket, Bolt: "split", From: InputName{"words", "default"}},
				{Ticket: 1000 + ticket, Bolt: "count", From: InputName{"split", "default"}},
			} {
				in.Values, in.Serializer = fmt.Appendf(nil, `["k%d", 1]`, n), "json"
				if err := w.Inject(in); err != nil {
					t.Fatal(err)
				}
			}
		}
		var ends []InjectedEnd
		r.until("all injected tuples have ended", func(Stats) bool {
			ends = append(ends, w.Snapshot().Journal.Injected...)
			return len(ends) == 40
		})
		for _, end := range ends {
			if !end.Acked {
				t.Errorf("of worker %d: %+v", i, end)
			}
		}
	}
	if stats, _ := r.end(); failed(stats) > 0 {
		t.Errorf("trees have failed: %+v", stats.Trees.Failed)
	}
	if n := strings.Count(r.log.String(), "lost the connection"); n > 0 {
		t.Errorf("%d connections were lost", n)
	}
}

// A worker that moves to another address takes the tuples with it that wait for its tasks, and
// the connections of the others go on.
func TestWorkerThatMoves(t *testing.T) {
	t.Parallel()
	r := replaying(3).run(t)
	r.lively("the first acks", 50)
	r.others[1].Leave()
	r.await(r.others[1].ended, "the end of the worker that leaves")
	r.move(2)
	r.lively("acks with the moved worker", 300)
	stats, _ := r.end()
	if n := failed(stats); n > 0 {
		t.Errorf("%d trees failed: %+v", n, stats.Trees.Failed)
	}
	if n := strings.Count(r.log.String(), "connected to worker 1 "); n > 4 {
		t.Errorf("worker 1 was connected to %d times", n)
	}
}

// A worker whose tasks have been given to others leaves.
func TestWorkerThatLosesItsTasks(t *testing.T) {
	t.Parallel()
	r := crowd(2, 100).run(t)
	r.until("all acks", acks(200))
	p := r.worker.options.Peers.Placement
	all := append(slices.Clone(p.Workers[0].Tasks), p.Workers[1].Tasks...)
	slices.Sort(all)
	r.worker.Adopt(topology.Placement{Version: 2, Workers: []topology.PlacedWorker{{Address: "127.0.0.1:1", Tasks: all}}})
	r.await(r.worker.ended, "the end of worker 0")
	r.await(r.others[0].ended, "the end of worker 1, which was told by the other")
	r.stop()
	r.await(r.ended, "the end")
}

func TestCutConnections(t *testing.T) {
	withAndWithoutTLS(t, func(t *testing.T, credentials *mtls.Credentials) {
		b := replaying(3)
		b.cuts, b.tls = make([]*cuts, 3), credentials
		r := b.run(t)
		for i := range 5 {
			r.lively("acks", 100)
			b.cuts[1+i%2].cut()
		}
		r.lively("acks after the cuts", 300)
		stats, _ := r.end()
		if f := stats.Trees.Failed; f.Timeout > 0 || f.Bolt > 0 {
			t.Errorf("trees failed otherwise than by the cuts: %+v", f)
		}
	})
}

func TestSilentConnection(t *testing.T) {
	withAndWithoutTLS(t, func(t *testing.T, credentials *mtls.Credentials) {
		b := replaying(2)
		b.cuts, b.tls = make([]*cuts, 2), credentials
		r := b.run(t, conf.Conf{conf.GustPeerSilence: int64(1)})
		r.lively("the first acks", 50)
		b.cuts[1].silence()
		r.logs("it is silent")
		b.cuts[1].cut()
		r.lively("acks after the silence", 300)
		r.end()
	})
}

// withAndWithoutTLS runs a test of workers both ways. The credentials are those of all workers, or
// nil.
func withAndWithoutTLS(t *testing.T, test func(t *testing.T, credentials *mtls.Credentials)) {
	t.Parallel()
	for name, credentials := range map[string]*mtls.Credentials{"plain": nil, "TLS": newCredentials(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, credentials)
		})
	}
}

// newCredentials are those of workers on 127.0.0.1.
func newCredentials(t *testing.T) *mtls.Credentials {
	t.Helper()
	dir := t.TempDir()
	testenv.NewAuthority(t).Write(t, dir, "127.0.0.1")
	file := func(name string) string { return filepath.Join(dir, name) }
	c, err := mtls.New(mtls.Files{Certificate: file("cert.pem"), Key: file("key.pem"), Authorities: file("ca.pem")}, []string{"127.0.0.1:6700"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An orderly stop loses nothing, not even tuples that belong to no tree: they pass through three
// workers, and nobody but the claims knows of them.
func TestOrderlyStopOfSeveralWorkers(t *testing.T) {
	t.Parallel()
	const tuples = 400
	b := build("t")
	b.workers = 3
	b.spout("s", 1, stream("default", "key", "n"))
	last := "s"
	for i := range 5 {
		name := fmt.Sprint("b", i)
		b.bolt(name, 1, inputs(from(last, topology.Shuffle)), stream("default", "key", "n"))
		b.plays(name, script{Bolt: &fakecomponent.Bolt{Emit: 1, Anchors: "none", Answer: "never"}})
		last = name
	}
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: tuples, Unreliable: true}})
	r := b.run(t)
	r.until("all emits", func(s Stats) bool { return s.component("s").Emitted == tuples })
	_, entries := r.end()
	for i := range 5 {
		if n := count(entries, fmt.Sprint("b", i), "tuple"); n != tuples {
			t.Errorf("b%d got %d tuples, want %d", i, n, tuples)
		}
	}
}

// A thousand rounds over a cycle of two workers leave one proxy for each tuple, not one for
// each round.
func TestCycleOverWorkers(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers = 2
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("a", 1, inputs(from("s", topology.Shuffle), from("b", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("a", topology.Shuffle)), stream("default", "key", "n"))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 3}})
	b.plays("a", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	r := b.run(t, conf.Conf{conf.GustDrainSecs: int64(0)})
	r.until("a thousand rounds", func(s Stats) bool { return s.component("b").Executed > 1000 })
	for _, w := range r.workers() {
		live := make(chan int, 1)
		w.loop.post(func() {
			n := len(w.loop.peers.entries.of)
			w.loop.peers.standing(func(k *link) { n += k.live })
			live <- n
		})
		if n := <-live; n > 12 {
			t.Errorf("worker %d has %d proxies and entries for three tuples", w.options.Peers.Worker, n)
		}
	}
	r.stop()
	r.await(r.ended, "the end")
}

func TestRefusedWorkers(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"secret":   {func(o *Options) { o.Peers.Secret = []byte("another") }, "worker 1 has another secret than worker 0"},
		"topology": {func(o *Options) { other := *o.Topology; other.Name = "other"; o.Topology = &other }, `runs topology \"other\"`},
		"conf":     {func(o *Options) { o.Conf = conf.Merge(o.Conf, conf.Conf{conf.TopologyMessageTimeout: int64(7)}) }, "runs another version of topology"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := crowd(2, 10)
			b.change = func(worker int, o *Options) {
				if worker == 1 {
					c.change(o)
				}
			}
			r := b.run(t)
			r.logs(c.want)
			r.stop()
			r.await(r.ended, "the end")
		})
	}
}

// Who holds a tuple that times out on another worker is named.
func TestTimeoutOnAnotherWorker(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers, b.journal = 3, true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("c", 1, inputs(from("b", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 1}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	b.plays("c", script{Bolt: &fakecomponent.Bolt{Answer: "never"}})
	r := b.run(t, conf.Conf{conf.TopologyMessageTimeout: int64(1)})
	r.logs(`held by bolt \"c\" (task 3 on worker 1)`) // the spout's worker has only sent it to b's
	failures := r.others[1].Snapshot().Journal.Failures
	if len(failures) != 1 || failures[0].Cause == nil || failures[0].Cause.Bolt != "c" || failures[0].Cause.Values.Text != `["k0",0]` {
		t.Errorf("the failures are %+v", failures)
	}
	if stats := r.stats(); stats.Trees.Failed.Held["c"] != 1 {
		t.Errorf("the trees: %+v", stats.Trees)
	}
	r.stop()
	r.await(r.ended, "the end")
}

// What failed on another worker is told with its values and its error.
func TestFailureOnAnotherWorker(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers, b.journal = 3, true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("a", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("c", 1, inputs(from("a", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 1}})
	b.plays("a", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	b.plays("c", script{Bolt: &fakecomponent.Bolt{FailEvery: 1}})
	r := b.run(t)
	r.until("the failure", func(s Stats) bool { return s.Trees.Failed.Bolt == 1 })
	var failures []FailedTree
	for _, w := range r.workers() {
		failures = append(failures, w.Snapshot().Journal.Failures...)
	}
	if len(failures) != 1 {
		t.Fatalf("%d failures: %+v", len(failures), failures)
	}
	f := failures[0]
	if f.Cause == nil || f.Cause.Bolt != "c" || f.Cause.Values.Text != `["k0",0]` || f.Cause.From != (InputName{"a", "default"}) {
		t.Errorf("the cause is %+v", f.Cause)
	}
	r.end()
}

// Workers that know each other by their certificates run a topology like others.
func TestWorkersWithTLS(t *testing.T) {
	t.Parallel()
	b := crowd(3, 500)
	b.tls = newCredentials(t)
	r := b.run(t)
	r.until("all acks", acks(2*500))
	stats, _ := r.end()
	if n := failed(stats); n != 0 {
		t.Errorf("%d trees failed", n)
	}
}

// A trace has the hops on all workers.
func TestTraceOverWorkers(t *testing.T) {
	t.Parallel()
	b := build("t")
	b.workers, b.journal = 3, true
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("a", 1, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("c", 1, inputs(from("a", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("d", 1, inputs(from("c", topology.Shuffle)))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 1}})
	b.plays("a", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
	b.plays("c", script{Bolt: &fakecomponent.Bolt{Emit: 1}})
	b.plays("d", script{Bolt: &fakecomponent.Bolt{}})
	r := b.run(t, conf.Conf{conf.GustTracePercent: int64(100)})
	r.until("the ack", acks(1))
	var traces []Trace
	for _, w := range r.workers() {
		traces = append(traces, w.Snapshot().Journal.Traces...)
	}
	if len(traces) != 1 {
		t.Fatalf("%d traces: %+v", len(traces), traces)
	}
	type step struct{ bolt, parent string }
	got := map[step]int{}
	for _, h := range traces[0].Hops {
		parent := "the spout"
		if h.Parent > 0 {
			parent = traces[0].Hops[h.Parent-1].Bolt
		}
		got[step{h.Bolt, parent}]++
		if h.State != HopAcked || h.Given > h.Taken || h.Taken > h.Answered || h.Answered > traces[0].Took || h.Values != `["k0",0]` {
			t.Errorf("the hop %+v of a trace that took %v", h, traces[0].Took)
		}
	}
	if want := map[step]int{{"a", "the spout"}: 1, {"c", "a"}: 2, {"d", "c"}: 2}; !maps.Equal(got, want) {
		t.Errorf("the hops are %v, want %v", got, want)
	}
	r.end()
}
