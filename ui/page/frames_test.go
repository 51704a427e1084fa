package page_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"

	"gust/status/served"
	"gust/worker"
)

// traced collects a browser's trace.
type traced struct {
	events []traceEvent
	done   chan struct{} // closed when all have come
}

// traceEvent is an event of a trace.
type traceEvent struct {
	Name    string
	Phase   string `json:"ph"`
	Process int    `json:"pid"`
	Thread  int    `json:"tid"`
	CPU     int64  `json:"tdur"` // microseconds of the thread's time
	Args    struct{ Name string }
}

// longestTasks traces the page's main thread while do runs, and returns the CPU times of its
// tasks, the longest first. Between two tasks, the browser can draw a frame and react to the
// user. Time for which other programs have the processor does not count.
func (b *browser) longestTasks(do func()) []time.Duration {
	b.t.Helper()
	t := &traced{done: make(chan struct{})}
	b.mu.Lock()
	b.traced = t
	b.mu.Unlock()
	config := &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"}}
	if err := call(b, tracing.Start, tracing.StartParams{TraceConfig: config}); err != nil {
		b.t.Fatal(err)
	}
	do()
	if err := call(b, tracing.End, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
	select {
	case <-t.done:
	case <-time.After(patience):
		b.t.Fatal("the trace does not end")
	}
	main := map[[2]int]bool{}
	for _, e := range t.events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[[2]int{e.Process, e.Thread}] = true
		}
	}
	var tasks []time.Duration
	for _, e := range t.events {
		if main[[2]int{e.Process, e.Thread}] && strings.HasSuffix(e.Name, "RunTask") && e.Phase == "X" {
			tasks = append(tasks, time.Duration(e.CPU)*time.Microsecond)
		}
	}
	slices.SortFunc(tasks, func(a, b time.Duration) int { return int(b - a) })
	if len(tasks) == 0 {
		b.t.Fatal("the trace has no tasks of the page")
	}
	return tasks
}

// collect takes what the browser says about a trace.
func (b *browser) collect(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.traced == nil {
		return
	}
	switch e := event.(type) {
	case *tracing.EventDataCollected:
		for _, raw := range e.Value {
			var one traceEvent
			if json.Unmarshal(raw, &one) == nil {
				b.traced.events = append(b.traced.events, one)
			}
		}
	case *tracing.EventTracingComplete:
		close(b.traced.done)
		b.traced = nil
	}
}

// busy lets a second pass in which every figure of a topology changes.
func (p *paperTopology) busy(second int) {
	for i := range p.snapshot.Components {
		for k := range p.snapshot.Components[i].Tasks {
			t := &p.snapshot.Components[i].Tasks[k]
			n := uint64(second*7919 + i*104729 + k*31)
			if t.Bolt != nil {
				t.Bolt = &worker.BoltState{Queued: n % 997, InFlight: int(n % 1009), Oldest: time.Duration(n%5000) * time.Millisecond}
			}
			for j := range t.Inputs {
				in := &t.Inputs[j]
				in.Acked += 50 + n%50
				in.Failed += n % 3
				in.Executing += time.Duration(n%900) * time.Millisecond
				in.Processing += time.Duration(n%990) * time.Millisecond
			}
			for j := range t.Outputs {
				t.Outputs[j].Acked += n % 60
				t.Outputs[j].Transferred += n % 300
			}
			t.QueueBytes = int(n % 100_000)
		}
	}
	p.step(worker.Journal{})
}

// longestTask is the most that the page may do at a time.
const longestTask = 100 * time.Millisecond

// However large a topology is, the page draws and reacts between its updates.
func TestLargeTopologiesDoNotBlockThePage(t *testing.T) {
	p := paperOf(largeTopology())
	b := open(t, serve(t, served.One(p.Served)), 1600, 1000)
	for s := range 600 { // the charts are full
		p.busy(s)
	}
	var failed worker.Journal
	for i := range 1000 {
		failed.Failures = append(failed.Failures, worker.FailedTree{
			Time: time.Now(), Spout: "c0", Task: 1, Stream: "default", MessageID: fmt.Sprint(i), Values: `["a value", 12]`, Reason: worker.FailedByBolt,
			Cause: &worker.FailedTuple{Bolt: fmt.Sprintf("c%d", 4+i%100), Task: 17}, Error: fmt.Sprintf("Traceback\nValueError: bad %d", i%30),
		})
	}
	p.step(failed)
	for _, c := range []struct{ place, shown, figure string }{
		{"t/large", "document.querySelectorAll('.graph .node').length == 104", "document.querySelector('[data-table=bolts] tbody').textContent"},
		{"t/large/c/c50", "document.querySelector('[data-table=tasks] tbody tr')", "document.querySelector('[data-table=tasks] tbody').textContent"},
		{"t/large/failures", "document.querySelectorAll('.failurelist > li').length == 100", "1"},
		{"t/large/logs", "document.querySelector('.loglist')", "1"},
	} {
		opening := b.longestTasks(func() {
			b.visit(c.place)
			b.until("the screen", c.shown)
		})
		updating := b.longestTasks(func() {
			for s := range 5 {
				before := b.text(c.figure)
				p.busy(700 + s)
				if c.figure == "1" {
					time.Sleep(time.Second)
					continue
				}
				b.until("moving figures", c.figure+" != "+quoted(before))
			}
		})
		t.Logf("%s: opening it took %s at a time, updating it %s", c.place, opening[0], updating[0])
		for what, tasks := range map[string][]time.Duration{"opening": opening, "updating": updating} {
			if tasks[0] > longestTask {
				t.Errorf("%s: %s it, the page did something for %s, want at most %s", c.place, what, tasks[0], longestTask)
			}
		}
	}
}
