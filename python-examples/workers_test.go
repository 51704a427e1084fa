package examples_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

// A topology in three workers gives what it gives in one.
func TestSeveralWorkers(t *testing.T) {
	t.Parallel()
	const jobs = 1000
	r := start(t, project(t, "cycle", "msgpack"), "--python", testenv.Python(t), "-w", "3", "-o", fmt.Sprint("jobs.count=", jobs))
	done, givenUp := jobsAfter(jobs)
	r.Until("all jobs are done or given up", func() bool {
		return len(r.all("done")) >= len(done) && len(r.all("given_up")) >= len(givenUp)
	})
	if n := len(r.children("__worker")); n != 3 {
		t.Errorf("there are %d workers, want 3", n)
	}
	s := r.Stop()
	if got := r.all("done"); !slices.Equal(got, done) {
		t.Errorf("done: %d jobs, want %d", len(got), len(done))
	}
	if got := r.all("given_up"); !slices.Equal(got, givenUp) {
		t.Errorf("given up: %d jobs, want %d", len(got), len(givenUp))
	}
	if s.Trees.Acked != jobs || s.Trees.Pending != 0 || s.Trees.Failed != (testrun.FailedStats{}) {
		t.Errorf("trees %+v, want %d acked", s.Trees, jobs)
	}
	workers := map[int]int{}
	for _, c := range s.Components {
		for _, p := range c.Processes {
			workers[p.Worker]++
		}
	}
	if len(workers) != 3 {
		t.Errorf("the tasks of the workers are %v", workers)
	}
}

// A worker that is killed is restarted, and what was lost with it is done again.
func TestWorkerDies(t *testing.T) {
	t.Parallel()
	const jobs = 3000
	r := start(t, project(t, "cycle", "json"), "--python", testenv.Python(t), "-w", "3", "-o", fmt.Sprint("jobs.count=", jobs), "-o", "topology.max.spout.pending=100")
	r.Until("some jobs are done", func() bool { return len(r.all("done")) > 100 })
	workers := r.children("__worker")
	if len(workers) != 3 {
		t.Fatalf("there are %d workers, want 3", len(workers))
	}
	// A spout that starts anew would begin with the first job.
	spouts := r.grandchildren("JobSpout")
	if len(spouts) != 1 {
		t.Fatalf("there are %d spouts", len(spouts))
	}
	_, withSpout := processState(spouts[0])
	victim := workers[slices.IndexFunc(workers, func(pid int) bool { return pid != withSpout })]
	var lost []int
	for _, class := range []string{"WorkBolt", "ReviewBolt", "RecordBolt"} {
		for _, pid := range r.grandchildren(class) {
			if _, parent := processState(pid); parent == victim {
				lost = append(lost, pid)
			}
		}
	}
	if len(lost) == 0 {
		t.Fatal("the victim has no processes")
	}
	kill(t, victim, syscall.SIGKILL)
	done, givenUp := jobsAfter(jobs)
	r.Until("all jobs are done or given up", func() bool {
		return len(unique(r.all("done"))) >= len(done) && len(unique(r.all("given_up"))) >= len(givenUp)
	})
	r.Until("there are three workers again", func() bool { return r.replaced(victim, "__worker", 3) })
	if slices.ContainsFunc(lost, alive) {
		t.Error("a process of the killed worker is still there")
	}
	s := r.Stop()
	if got := unique(r.all("done")); !slices.Equal(got, done) {
		t.Errorf("done: %d jobs, want %d", len(got), len(done))
	}
	if s.Trees.Acked != jobs || s.Trees.Pending != 0 || s.Trees.Failed.Timeout != 0 {
		t.Errorf("trees %+v, want %d acked, and none timed out", s.Trees, jobs)
	}
	if len(s.Workers) != 3 || s.Workers[0].Restarts+s.Workers[1].Restarts+s.Workers[2].Restarts != 1 {
		t.Errorf("the workers are %+v, want one restart", s.Workers)
	}
}

// However gust ends, its workers and their processes do not outlive it.
func TestNoWorkerOutlivesGust(t *testing.T) {
	t.Parallel()
	r := start(t, project(t, "cycle", "json"), "--python", testenv.Python(t), "-w", "2")
	r.Until("some jobs are done", func() bool { return len(r.all("done")) > 0 })
	all := r.children("__worker")
	for _, class := range []string{"JobSpout", "WorkBolt", "ReviewBolt", "RecordBolt"} {
		all = append(all, r.grandchildren(class)...)
	}
	if len(all) != 8 {
		t.Fatalf("found %d processes, want 8", len(all))
	}
	kill(t, all[0], syscall.SIGSTOP) // it cannot even see the end of its parent
	r.Kill()
	testrun.Eventually(t, "all processes are gone", nil, func() bool { return !slices.ContainsFunc(all, alive) })
}

// grandchildren are the processes of the run's workers whose command lines contain a string.
func (r *run) grandchildren(text string) (pids []int) {
	for _, worker := range r.children("__worker") {
		pids = append(pids, childrenOf(r.t, worker, text)...)
	}
	return pids
}
