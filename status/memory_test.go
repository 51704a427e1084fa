package status

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"gust/internal/histogram"
	"gust/topology"
	"gust/worker"
)

// crowd is a snapshot of a topology of many tasks, after a number of seconds.
func crowd(components, tasks, seconds int, start time.Time) *worker.Snapshot {
	var h histogram.Histogram
	for i := range 200 {
		h.AddEach(int64(1000+i*i*500), uint64(1+seconds))
	}
	busy := h.Counts()
	s := &worker.Snapshot{Topology: "crowd", Time: start.Add(time.Duration(seconds) * time.Second), Phase: worker.Active, Active: time.Duration(seconds) * time.Second}
	n := uint64(seconds) * 1000
	id := 0
	for i := range components {
		c := worker.ComponentSnapshot{Name: fmt.Sprint("c", i), Kind: topology.Bolt, Outputs: []string{"default"}, Inputs: []worker.InputName{{Component: "s", Stream: "default"}}}
		if i == 0 {
			c = worker.ComponentSnapshot{Name: "s", Kind: topology.Spout, Outputs: []string{"default"}}
		}
		for range tasks / components {
			id++
			t := worker.TaskSnapshot{Task: id, State: worker.TaskRunning, PID: id, Outputs: []worker.OutputCount{{Emitted: n, Transferred: n}}}
			if i == 0 {
				t.Spout = &worker.SpoutState{}
				t.Complete = busy
			} else {
				t.Bolt = &worker.BoltState{}
				t.Inputs = []worker.InputCount{{Executed: n, Acked: n}}
				t.Execute, t.Process = busy, busy
			}
			c.Tasks = append(c.Tasks, t)
		}
		s.Components = append(s.Components, c)
	}
	return s
}

// A thousand tasks for a day fit into 50 MB.
func TestMemoryOfACrowd(t *testing.T) {
	const components, tasks = 50, 1000
	top := &topology.Topology{Name: "crowd"}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	start := time.Now()
	s := New(top, nil, start)
	// Fewer snapshots than a day has: the windows and the history keep as many of them.
	const day = 24 * 60 * 60
	for second, step := 0, 240; second < day; second += step {
		switch {
		case second >= day-700:
			step = 1
		case second >= day-11_000:
			step = 30
		}
		s.Update(crowd(components, tasks, second, start))
	}
	used := heap() - before
	t.Logf("%.1f MB", float64(used)/1e6)
	if used > 50e6 {
		t.Errorf("the status takes %.1f MB, want less than 50", float64(used)/1e6)
	}
	if v := s.View(Day); v.Phase != "active" {
		t.Errorf("phase %s", v.Phase)
	}
}
