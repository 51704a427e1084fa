package status_test

import (
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/status"
	"gust/topology"
	"gust/worker"
)

func TestWorkers(t *testing.T) {
	top := &topology.Topology{Name: "demo", Components: []*topology.Component{{Name: "words", Kind: topology.Spout, Parallelism: 2}}}
	s := status.New(top, conf.Defaults(), time.Now())
	update := func(workers ...worker.WorkerSnapshot) *status.View {
		s.Update(&worker.Snapshot{
			Time: time.Now(), Phase: worker.Active, Workers: workers,
			Components: []worker.ComponentSnapshot{{Name: "words", Kind: topology.Spout, Tasks: []worker.TaskSnapshot{
				{Task: 2, State: worker.TaskRunning, Spout: &worker.SpoutState{}}, {Task: 3, Worker: 1, State: worker.TaskRunning, Spout: &worker.SpoutState{}},
			}}},
		})
		return s.View(status.AllTime)
	}
	up := func(i int) worker.WorkerSnapshot {
		return worker.WorkerSnapshot{Worker: i, State: worker.WorkerUp, PID: 10 + i, Links: []worker.LinkSnapshot{{Worker: 1 - i, Up: true}}}
	}
	if v := update(up(0)); v.Workers != nil {
		t.Errorf("one worker is shown as %+v", v.Workers)
	}
	v := update(up(0), up(1))
	if len(v.Workers) != 2 || v.Workers[1].Tasks["words"] != 1 || !v.Workers[1].Links[0].Up || v.Diagnosis.Kind == status.WorkerGone {
		t.Errorf("two workers are shown as %+v: %+v", v.Workers, v.Diagnosis)
	}
	if of := s.WorkerOf(3); of != 1 || s.Tasks("words", status.AllTime)[1].Worker != 1 {
		t.Errorf("task 3 is on worker %d", of)
	}
	for _, c := range []struct {
		state worker.WorkerState
		death string
		want  string // in the diagnosis; empty if there is none
	}{
		{worker.WorkerDown, "", ""}, // it has not been there yet
		{worker.WorkerDown, "died: signal: killed\nand more", "worker 1 is down: signal: killed"},
		{worker.WorkerSilent, "", "worker 1 does not answer"},
		{worker.WorkerUp, "died: signal: killed", ""}, // and was restarted
	} {
		gone := up(1)
		gone.State, gone.Death = c.state, c.death
		d := update(up(0), gone).Diagnosis
		if got := d.Kind == status.WorkerGone; got != (c.want != "") || !strings.HasPrefix(d.Text, c.want) {
			t.Errorf("%s %q: the diagnosis is %+v, want %q", c.state, c.death, d, c.want)
		}
	}
}
