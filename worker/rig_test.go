package worker

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/internal/mtls"
	"gust/topology"
)

// patience is how long a run may take for what a test waits for. Nothing
// should take a tenth of it: who waits longer is told where everybody stands.
const patience = 30 * time.Second

// rig is a topology of fake components that runs.
type rig struct {
	t      *testing.T
	worker *Worker // the first of the workers
	others []*Worker
	all    sync.WaitGroup // of those that run
	errs   struct {
		sync.Mutex
		list []error
	}
	ctx    context.Context
	past   Stats // of workers that have been replaced
	ledger string
	log    *logBook
	ready  chan struct{} // closed when the spouts are activated
	stop   context.CancelFunc
	ended  chan struct{} // closed when Run has returned
	err    error         // of Run
}

// logBook keeps what is logged.
type logBook struct {
	sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(line []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.text.Write(line)
}

func (l *logBook) String() string {
	l.Lock()
	defer l.Unlock()
	return l.text.String()
}

// plays has a component of the builder's play a script.
func (b *builder) plays(name string, s fakecomponent.Script) {
	c := b.Component(name)
	if s.Wire != "" {
		c.Serializer = s.Wire
	}
	if b.scripts == nil {
		b.scripts = map[*topology.Component]fakecomponent.Script{}
	}
	b.scripts[c] = s
}

// quick is a conf in which nothing takes longer than a test can wait.
var quick = conf.Conf{
	conf.SupervisorWorkerShutdown: int64(3),
	conf.GustDrainSecs:            int64(10),
}

// run starts a topology. The test ends it, or its end does.
func (b *builder) run(t *testing.T, layers ...conf.Conf) *rig {
	t.Helper()
	r := &rig{
		t: t, ledger: filepath.Join(t.TempDir(), "ledger"), log: &logBook{},
		ready: make(chan struct{}), ended: make(chan struct{}),
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for c, script := range b.scripts {
		script.Ledger = r.ledger
		c.Command, c.Env = []string{program}, script.Env()
	}
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Topology: b.Topology,
		Conf:     conf.Merge(append([]conf.Conf{conf.Defaults(), quick}, layers...)...),
		Log:      zerolog.New(r.log).Level(zerolog.DebugLevel),
		Tap:      b.tap,
		Journal:  b.journal, KeepValues: b.journal, Breakpoints: b.breakpoints,
	}
	var waiting atomic.Int32
	for _, peers := range b.peers(t, o.Conf) {
		o.Peers = peers
		waiting.Add(1)
		o.Ready = func() {
			if waiting.Add(-1) == 0 {
				close(r.ready)
			}
		}
		if peers != nil {
			o.Log = zerolog.New(r.log).Level(zerolog.DebugLevel).With().Int("worker", peers.Worker).Logger()
		}
		each := o
		if b.change != nil {
			b.change(peers.Worker, &each)
		}
		w, err := New(each)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.loop.spouts()) == 0 {
			waiting.Add(-1) // it is not called without spouts
		}
		r.others = append(r.others, w)
	}
	r.worker, r.others = r.others[0], r.others[1:]
	r.ctx, r.stop = context.WithCancel(context.Background())
	for _, w := range r.workers() {
		r.start(w)
	}
	go func() {
		defer close(r.ended)
		r.all.Wait()
		r.err = errors.Join(r.errs.list...)
	}()
	t.Cleanup(func() {
		r.stop()
		for _, w := range r.workers() {
			w.Abort()
		}
		r.await(r.ended, "the end of the run")
		if t.Failed() {
			t.Logf("the log:\n%.20000s", r.log)
		}
	})
	return r
}

// start runs a worker.
func (r *rig) start(w *Worker) {
	r.all.Go(func() {
		err := w.Run(r.ctx)
		r.errs.Lock()
		defer r.errs.Unlock()
		r.errs.list = append(r.errs.list, err)
	})
}

// replace starts another worker in place of one of the others, with the next incarnation.
func (r *rig) replace(i int) {
	r.t.Helper()
	peers := *r.others[i-1].options.Peers
	r.follow(i, peers, peers.Listener.Addr().String())
}

// move is replace, but the new worker has another address, and so the others another placement.
func (r *rig) move(i int) {
	r.t.Helper()
	peers := *r.others[i-1].options.Peers
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	placement := topology.Placement{Version: peers.Placement.Version + 1, Workers: slices.Clone(peers.Placement.Workers)}
	placement.Workers[i].Address = address
	peers.Placement = placement
	for n, w := range r.workers() {
		if n != i {
			w.Adopt(placement)
		}
	}
	r.follow(i, peers, address)
}

// follow starts a worker in place of one that has ended or is about to.
func (r *rig) follow(i int, peers Peers, address string) {
	r.t.Helper()
	old := r.others[i-1]
	o := old.options
	peers.Incarnation++
	var err error
	if peers.Listener, err = net.Listen("tcp", address); err != nil {
		r.t.Fatal(err)
	}
	o.Peers, o.Ready = &peers, nil
	w, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	<-old.ended
	r.past = r.past.Add(old.Stats())
	r.others[i-1] = w
	r.start(w)
}

// peers are those of each worker, nil for a single one.
func (b *builder) peers(t *testing.T, c conf.Conf) (peers []*Peers) {
	t.Helper()
	if b.workers == 0 {
		return []*Peers{nil}
	}
	p, err := newPlan(b.Topology, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for i := range b.workers {
		listener := b.listeners[i]
		if listener == nil {
			if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				t.Fatal(err)
			}
		}
		address := listener.Addr().String()
		if b.cuts != nil {
			b.cuts[i] = newCuts(t, address)
			address = b.cuts[i].listener.Addr().String()
		}
		addresses = append(addresses, address)
		if b.tls != nil {
			listener = tls.NewListener(listener, b.tls.Server(mtls.Peer))
		}
		peers = append(peers, &Peers{Worker: i, Incarnation: 1, Secret: []byte("secret"), Listener: listener, TLS: b.tls})
	}
	placement := topology.Place(p.assigned, addresses)
	for _, one := range peers {
		one.Placement = placement
	}
	return peers
}

func (l *loop) spouts() (tasks []*task) {
	for _, t := range l.plan.tasks {
		if t.spout != nil {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

func (r *rig) workers() []*Worker { return append([]*Worker{r.worker}, r.others...) }

// stats are those of all workers together.
func (r *rig) stats() Stats {
	stats := r.past.Add(r.worker.Stats())
	for _, w := range r.others {
		stats = stats.Add(w.Stats())
	}
	return stats
}

// await waits for a channel to be closed. A test must not be stopped from a
// cleanup, so one that fails there ends the binary.
func (r *rig) await(done <-chan struct{}, what string) {
	r.t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		panic(r.t.Name() + ": " + what + " does not come\n" + r.log.String() + "\n" + string(stacks()))
	}
}

// until waits until the stats are as they should be, and returns them.
func (r *rig) until(what string, enough func(Stats) bool) Stats {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		stats := r.stats()
		if enough(stats) {
			return stats
		}
		select {
		case <-r.ended:
			r.t.Fatalf("the run has ended (%v) before %s: %+v", r.err, what, stats)
		case <-time.After(2 * time.Millisecond): // the next look
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s does not come: %+v\n%s", what, stats, stacks())
		}
	}
}

// untilLedger waits until the ledger has what it should have, and returns it.
func (r *rig) untilLedger(what string, enough func([]fakecomponent.Entry) bool) []fakecomponent.Entry {
	r.t.Helper()
	var entries []fakecomponent.Entry
	r.until(what, func(Stats) bool {
		entries = r.entries()
		return enough(entries)
	})
	return entries
}

func (r *rig) entries() []fakecomponent.Entry {
	r.t.Helper()
	entries, err := fakecomponent.ReadLedger(r.ledger)
	if err != nil {
		r.t.Fatal(err)
	}
	return entries
}

// end ends the run in order, and checks what holds of every run.
func (r *rig) end() (Stats, []fakecomponent.Entry) {
	r.t.Helper()
	r.stop()
	r.await(r.ended, "an orderly end")
	if r.err != nil {
		r.t.Errorf("the run ended with: %v", r.err)
	}
	stats, entries := r.stats(), r.entries()
	checkTrees(r.t, stats)
	checkVerdicts(r.t, entries)
	return stats, entries
}

// checkTrees checks that every tree is accounted for, and that none is left at the end.
func checkTrees(t *testing.T, s Stats) {
	t.Helper()
	if n := s.Trees; n.Pending != 0 || n.Emitted != n.Acked+failed(s) {
		t.Errorf("trees at the end: %+v", n)
	}
}

func failed(s Stats) uint64 {
	f := s.Trees.Failed
	return f.Bolt + f.Timeout + f.Died + f.Shutdown
}

// checkVerdicts checks that a spout that lived to the end was told one verdict
// on each tuple that it emitted, and none on others.
func checkVerdicts(t *testing.T, entries []fakecomponent.Entry) {
	t.Helper()
	type life struct{ emits, verdicts map[string]int }
	lives := map[int]life{}
	ended := map[int]bool{}
	for _, e := range entries {
		l, ok := lives[e.PID]
		if !ok {
			l = life{map[string]int{}, map[string]int{}}
			lives[e.PID] = l
		}
		switch e.What {
		case "emit":
			if e.ID != "" {
				l.emits[e.ID]++
			}
		case "ack", "fail":
			l.verdicts[e.ID]++
		case "eof":
			ended[e.PID] = true
		}
	}
	for pid, l := range lives {
		if ended[pid] && !maps.Equal(l.emits, l.verdicts) {
			t.Errorf("the process %d emitted %v (tuples by id) and was told verdicts on %v", pid, l.emits, l.verdicts)
		}
	}
}

// count counts the entries of a component ("" is any) that say what.
func count(entries []fakecomponent.Entry, component, what string) (n int) {
	for _, e := range entries {
		if (component == "" || e.Component == component) && e.What == what {
			n++
		}
	}
	return n
}

// component returns a component's stats.
func (s Stats) component(name string) ComponentStats {
	for _, c := range s.Components {
		if c.Name == name {
			return c
		}
	}
	return ComponentStats{}
}
