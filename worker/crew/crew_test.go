package crew

import (
	"errors"
	"sync"
	"testing"
	"time"

	"gust/internal/histogram"
	"gust/topology"
	"gust/worker"
)

var wordcount = &topology.Topology{Name: "wordcount", Components: []*topology.Component{
	{Name: "words", Kind: topology.Spout, Parallelism: 1}, {Name: "count", Kind: topology.Bolt, Parallelism: 2},
}}

// newCrew is a crew of two: "count" is on both, "words" on the first one.
func newCrew(t *testing.T) *Crew {
	t.Helper()
	tasks, _ := wordcount.AssignTasks(1, 0)
	p := topology.Place(tasks, []string{"/tmp/0.sock", "/tmp/1.sock"})
	if err := p.Check(tasks); err != nil {
		t.Fatal(err)
	}
	return New(wordcount, tasks, p)
}

// fake is a worker that answers what it is told to.
type fake struct {
	mu     sync.Mutex
	snap   *worker.Snapshot
	orders []string
	stuck  chan struct{} // if it is not nil, a snapshot waits until it is closed
}

func (f *fake) Snapshot() *worker.Snapshot {
	f.mu.Lock()
	stuck := f.stuck
	f.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.snap == nil {
		return nil
	}
	s := copied(f.snap)
	s.Time, s.Requested = time.Now(), time.Now()
	f.snap.Journal = worker.Journal{}
	return s
}

func (f *fake) note(order string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = append(f.orders, order)
}

func (f *fake) Activate()                         { f.note("activate") }
func (f *fake) Deactivate()                       { f.note("deactivate") }
func (f *fake) Restart(component string)          { f.note("restart " + component) }
func (f *fake) RestartTask(topology.TaskID)       { f.note("restart a task") }
func (f *fake) SetDebug(component string, _ bool) { f.note("debug " + component) }
func (f *fake) SetSampling(spout string, _ float64) {
	f.note("sampling " + spout)
}
func (f *fake) Inject(i worker.Injection) error {
	if i.Bolt == "" {
		return errors.New("no bolt")
	}
	return nil
}
func (f *fake) Abort() { f.note("abort") }
func (f *fake) End()   { f.note("end") }

// snapshotOf is what worker i may say: 10 tuples on each of its tasks, of which the spout's
// have become 10 trees.
func snapshotOf(i int) *worker.Snapshot {
	s := &worker.Snapshot{Topology: "wordcount", Phase: worker.Active, Active: time.Second}
	var h histogram.Histogram
	h.AddEach(int64(time.Millisecond), 10)
	words := worker.ComponentSnapshot{Name: "words", Kind: topology.Spout, Outputs: []string{"default"}}
	count := worker.ComponentSnapshot{
		Name: "count", Kind: topology.Bolt, Inputs: []worker.InputName{{Component: "words", Stream: "default"}}, Errors: 1, LastError: "of " + string(rune('0'+i)),
		Metrics: []worker.MetricStats{{Name: "seen", Reports: 2, Last: "7"}},
		Tasks: []worker.TaskSnapshot{{
			Task: 2 + i, State: worker.TaskRunning, PID: 100 + i, CameUp: true, Inputs: []worker.InputCount{{Executed: 10, Acked: 10}}, Process: h.Counts(), Bolt: &worker.BoltState{InFlight: 3},
		}},
	}
	if i == 0 {
		s.Trees = worker.TreeStats{Emitted: 10, Acked: 6, Pending: 4}
		words.Tasks = []worker.TaskSnapshot{{
			Task: 4, State: worker.TaskRunning, PID: 104, CameUp: true, Outputs: []worker.OutputCount{{Emitted: 10, Transferred: 10, Acked: 6}}, Spout: &worker.SpoutState{Pending: 4},
		}}
	}
	s.Components = []worker.ComponentSnapshot{words, count}
	return s
}

func TestWorkersAreOne(t *testing.T) {
	c := newCrew(t)
	if s := c.Snapshot(); s.Phase != worker.Starting || len(s.Components) != 2 || len(s.Components[1].Tasks) != 2 || s.Components[1].Tasks[0].State != worker.TaskDown {
		t.Errorf("before any worker is up: %+v", s)
	} else if s.Components[0].Tasks[0].Spout == nil || s.Components[1].Tasks[0].Bolt == nil {
		t.Errorf("tasks whose worker has never been up are neither spouts nor bolts: %+v", s)
	}
	w := []*fake{{snap: snapshotOf(0)}, {snap: snapshotOf(1)}}
	w[1].snap.Journal.Events = []worker.Event{{Kind: worker.EventReady, Component: "count", Task: 3}}
	c.Join(0, w[0], Info{PID: 10, Started: time.Now()})
	w[1].snap.Phase = worker.Starting
	c.Join(1, w[1], Info{PID: 11, Started: time.Now()})
	w[0].snap.Phase, w[0].snap.Active = worker.Starting, 0
	w[1].snap.Active = 0
	if s := c.Snapshot(); s.Phase != worker.Starting {
		t.Errorf("while one starts, the phase is %s", s.Phase)
	}
	for _, one := range w {
		one.snap.Phase, one.snap.Active = worker.Active, time.Second
	}
	s := c.Snapshot()
	if s.Phase != worker.Active || s.Active < time.Second {
		t.Errorf("all are active: %s for %v", s.Phase, s.Active)
	}
	count := s.Components[1]
	if len(count.Tasks) != 2 || count.Tasks[0].Task != 2 || count.Tasks[1].Worker != 1 || count.Errors != 2 || count.Metrics[0].Reports != 4 {
		t.Errorf("count is %+v", count)
	}
	stats := c.Stats()
	if got := stats.Components[1]; got.Executed != 20 || got.ProcessLatency == nil || stats.Trees.Pending != 4 || stats.Workers[1].PID != 11 {
		t.Errorf("the stats are %+v", stats)
	}

	// A process that dies leaves its counts. What was pending in it has failed.
	before := *s
	w[0].mu.Lock()
	w[0].snap = nil
	w[0].mu.Unlock()
	c.Leave(0, "died: signal: killed")
	s = c.Snapshot()
	if got := s.Trees; got.Emitted != 10 || got.Acked != 6 || got.Pending != 0 || got.Failed.Died != 4 {
		t.Errorf("the trees are %+v", s.Trees)
	}
	if got := s.Components[0].Tasks[0]; got.State != worker.TaskDown || got.PID != 0 || got.Restarts != 1 || got.Outputs[0].Emitted != 10 || got.Spout.Pending != 0 {
		t.Errorf("its spout is %+v", got)
	}
	if s.Workers[0].State != worker.WorkerDown || s.Workers[0].Death != "died: signal: killed" || s.Phase != worker.Active {
		t.Errorf("the workers are %+v, %s", s.Workers, s.Phase)
	}
	if s.Active < before.Active {
		t.Errorf("it has been active for %v, and was for %v", s.Active, before.Active)
	}
	next := &fake{snap: snapshotOf(0)}
	next.snap.Phase, next.snap.Active = worker.Starting, 0
	c.Join(0, next, Info{PID: 12, Started: time.Now()})
	s = c.Snapshot()
	if s.Phase != worker.Active || s.Workers[0].Restarts != 1 || s.Trees.Emitted != 20 || s.Trees.Pending != 4 {
		t.Errorf("with its next process: %s %+v %+v", s.Phase, s.Workers[0], s.Trees)
	}
	if got := s.Components[1].Tasks[0]; got.Inputs[0].Executed != 20 || got.Process.Count != 20 || got.Bolt.InFlight != 3 || got.Restarts != 1 {
		t.Errorf("count[2] is %+v", got)
	}
}

func TestJournalIsHandedOverOnce(t *testing.T) {
	c := newCrew(t)
	w := &fake{snap: snapshotOf(0)}
	w.snap.Journal.Errors = []worker.ErrorReport{{Component: "count", Text: "x"}}
	c.Join(0, w, Info{})
	c.Stats() // takes the worker's journal, and keeps it
	s := c.Snapshot()
	if len(s.Journal.Errors) != 1 || len(s.Journal.Events) != 1 || s.Journal.Events[0].Kind != worker.EventWorkerStarted {
		t.Errorf("the journal is %+v", s.Journal)
	}
	if s := c.Snapshot(); len(s.Journal.Errors)+len(s.Journal.Events) != 0 {
		t.Errorf("the next journal is %+v", s.Journal)
	}
	// The tuples that were injected end with the worker through which they came.
	if err := c.Inject(worker.Injection{Ticket: 5}); err == nil {
		t.Error("a tuple for no bolt was injected")
	}
	if err := c.Inject(worker.Injection{Ticket: 6, Bolt: "count"}); err != nil {
		t.Fatal(err)
	}
	c.Leave(0, "died")
	if ends := c.Snapshot().Journal.Injected; len(ends) != 1 || ends[0].Ticket != 6 || ends[0].Acked || ends[0].Reason != worker.FailedByDeath {
		t.Errorf("the ends are %+v", ends)
	}
	if err := c.Inject(worker.Injection{Ticket: 7, Bolt: "count"}); err == nil {
		t.Error("no worker is up, and a tuple was injected")
	}
}

func TestWorkerThatComesLaterGetsTheOrders(t *testing.T) {
	c := newCrew(t)
	first, second := &fake{snap: snapshotOf(0)}, &fake{snap: snapshotOf(1)}
	c.Join(0, first, Info{})
	c.Deactivate()
	c.SetDebug("count", true)
	c.SetSampling("words", 10)
	c.RestartTask(3) // its worker is not up
	c.Join(1, second, Info{})
	c.RestartTask(3)
	for name, w := range map[string]*fake{"the first": first, "the second": second} {
		want := map[string]int{"deactivate": 1, "debug count": 1, "sampling words": 1}
		if w == second {
			want["restart a task"] = 1
		}
		got := map[string]int{}
		for _, order := range w.orders {
			got[order]++
		}
		if len(got) != len(want) {
			t.Errorf("%s got the orders %q", name, w.orders)
		}
		for order, n := range want {
			if got[order] != n {
				t.Errorf("%s got %q %d times, want %d", name, order, got[order], n)
			}
		}
	}
}

func TestSilentWorkerDelaysNobody(t *testing.T) {
	c := newCrew(t)
	quick, stopped := &fake{snap: snapshotOf(0)}, &fake{snap: snapshotOf(1)}
	c.Join(0, quick, Info{})
	c.Join(1, stopped, Info{})
	c.Snapshot()
	awake := make(chan struct{})
	stopped.mu.Lock()
	stopped.stuck = awake
	stopped.mu.Unlock()
	for c.Snapshot().Workers[1].State != worker.WorkerSilent { // after the silence
	}
	quick.mu.Lock()
	quick.snap.Trees.Acked++
	quick.mu.Unlock()
	if s := c.Snapshot(); s.Trees.Acked != 7 || s.Components[1].Tasks[1].Inputs[0].Executed != 10 || s.Workers[0].State != worker.WorkerUp {
		t.Errorf("%+v %+v", s.Trees, s.Workers)
	}
	close(awake)
	for c.Snapshot().Workers[1].State != worker.WorkerUp {
	}
}
