package run

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/internal/guard"
	"gust/worker"
)

// crewRun is a topology whose workers are processes.
type crewRun struct {
	*processes
	t     *testing.T
	log   *writerLog
	ready chan struct{}
	stop  context.CancelFunc
	ended chan error
}

func startCrew(t *testing.T, change func(*processes)) *crewRun {
	t.Helper()
	return startWorkers(t, 1, change)
}

func startWorkers(t *testing.T, workers int, change func(*processes)) *crewRun {
	t.Helper()
	w, top, merged := loadWatched(t)
	tasks, err := allTasks(top, merged, nil)
	if err != nil {
		t.Fatal(err)
	}
	lowest := &threshold{}
	lowest.set(zerolog.InfoLevel)
	log := openLog(w.log, &writerLog{}, lowest, func() {})
	t.Cleanup(func() { log.Close() })
	watchdog, unguard := guard.Own(func(text string) { t.Log(text) })
	t.Cleanup(unguard)
	r := &crewRun{t: t, log: w.log, ready: make(chan struct{}), ended: make(chan error, 1)}
	r.processes, err = newProcesses(crewOptions{
		topology: top, conf: merged, tasks: tasks, workers: workers, log: log, threshold: lowest, guard: watchdog,
		ready: sync.OnceFunc(func() { close(r.ready) }),
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r.processes)
	}
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() { r.ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		r.Abort()
		r.close()
	})
	return r
}

func (r *crewRun) until(what string, holds func(*worker.Snapshot) bool) *worker.Snapshot {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if s := r.Snapshot(); holds(s) {
			return s
		}
		select {
		case err := <-r.ended:
			r.t.Fatalf("it ended before %s: %v\n%s", what, err, r.log)
		default:
		}
		if time.Now().After(end) {
			r.t.Fatalf("never %s:\n%s", what, r.log)
		}
	}
}

func (r *crewRun) end() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(time.Minute):
		r.t.Fatalf("it does not end:\n%s", r.log)
		return nil
	}
}

func TestWorkersAreProcesses(t *testing.T) {
	r := startCrew(t, nil)
	select {
	case <-r.ready:
	case err := <-r.ended:
		t.Fatalf("it ended with %v:\n%s", err, r.log)
	}
	s := r.until("active", func(s *worker.Snapshot) bool { return s.Phase == worker.Active && s.Trees.Acked > 5 })
	if len(s.Workers) != 1 || s.Workers[0].State != worker.WorkerUp || s.Workers[0].PID == 0 {
		t.Errorf("the workers are %+v", s.Workers)
	}
	r.Deactivate()
	r.until("inactive", func(s *worker.Snapshot) bool { return s.Phase == worker.Inactive })

	// A worker that is killed is restarted. It gets the orders that hold, and its counts go on.
	before := r.Snapshot()
	if err := syscall.Kill(before.Workers[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	after := r.until("restarted", func(s *worker.Snapshot) bool {
		return s.Workers[0].Restarts == 1 && s.Workers[0].State == worker.WorkerUp && s.Phase == worker.Inactive
	})
	if after.Workers[0].PID == before.Workers[0].PID || after.Trees.Acked < before.Trees.Acked {
		t.Errorf("it was %+v %+v, and is %+v %+v", before.Workers, before.Trees, after.Workers, after.Trees)
	}
	for _, pid := range pids(before) {
		if !gone(pid) {
			t.Errorf("the process %d of the killed worker is still there", pid)
		}
	}
	r.Activate()
	last := r.until("active again", func(s *worker.Snapshot) bool { return s.Trees.Acked > after.Trees.Acked+5 })
	for _, c := range last.Components {
		if c.Tasks[0].Restarts != 1 || !strings.Contains(c.Tasks[0].Death, "died with its worker") {
			t.Errorf("%s is %+v", c.Name, c.Tasks[0])
		}
	}
	r.stop()
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	ended := r.Snapshot()
	if trees := ended.Trees; ended.Phase != worker.Ending || trees.Emitted != trees.Acked+trees.Failed.Sum() || trees.Pending != 0 {
		t.Errorf("at the end: %s, %+v", ended.Phase, trees)
	}
	for _, pid := range pids(last) {
		if !gone(pid) {
			t.Errorf("the process %d is still there", pid)
		}
	}
	if log := r.log.String(); !strings.Contains(log, `"message":"died: signal: killed; restarts in 100ms"`) || !strings.Contains(log, `"worker":0`) {
		t.Errorf("the log is\n%s", log)
	}
}

// pids are the processes of a snapshot.
func pids(s *worker.Snapshot) (list []int) {
	for _, w := range s.Workers {
		list = append(list, w.PID)
	}
	for _, c := range s.Components {
		for _, t := range c.Tasks {
			list = append(list, t.PID)
		}
	}
	return list
}

// gone says whether a process has ended, although nobody may have waited for it.
func gone(pid int) bool {
	if pid == 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestWorkerThatKeepsDyingEndsTheRun(t *testing.T) {
	r := startCrew(t, func(p *processes) { p.policy.MinDelay, p.policy.MaxDelay = time.Millisecond, time.Millisecond })
	last := 0
	for range r.policy.Limit {
		s := r.until("up", func(s *worker.Snapshot) bool { return s.Workers[0].PID != 0 && s.Workers[0].PID != last })
		last = s.Workers[0].PID
		if err := syscall.Kill(last, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.end(); err == nil || !strings.Contains(err.Error(), "worker 0 keeps dying: gave up after 5 deaths") {
		t.Errorf("it ended with %v\n%s", err, r.log)
	}
}

// An orderly stop does not wait for a worker that has died and is not restarted any more.
func TestStopAfterTheDeathOfAWorker(t *testing.T) {
	r := startWorkers(t, 2, func(p *processes) {
		p.policy.MinDelay, p.policy.MaxDelay = time.Hour, time.Hour
		p.o.threshold.set(zerolog.DebugLevel)
	})
	s := r.until("active", func(s *worker.Snapshot) bool { return s.Trees.Acked > 0 })
	if err := syscall.Kill(s.Workers[1].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.until("dead", func(s *worker.Snapshot) bool { return s.Workers[1].State == worker.WorkerDown })
	began := time.Now()
	r.stop()
	if err := r.end(); err != nil {
		t.Error(err)
	}
	t.Log("the end took", time.Since(began).Round(time.Millisecond))
	if log := r.log.String(); !strings.Contains(log, "/1.sock) will not come back") || strings.Contains(log, "/0.sock) will not come back") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestWorkersEndAtOnce(t *testing.T) {
	for _, draining := range []bool{false, true} {
		endAtOnce(t, draining)
	}
}

func endAtOnce(t *testing.T, draining bool) {
	r := startCrew(t, nil)
	s := r.until("active", func(s *worker.Snapshot) bool { return s.Trees.Acked > 0 })
	if draining {
		r.stop()
	}
	r.Abort()
	if err := r.end(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids(s) {
		if !gone(pid) {
			t.Errorf("the process %d is still there", pid)
		}
	}
}
