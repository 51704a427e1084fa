package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

// TestBoltDies kills one of two tasks from outside, in several ways, while it has tuples:
// these fail at once, the spout emits them again, the task gets a new process, and in the
// end every job is done.
func TestBoltDies(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal syscall.Signal // after SIGSTOP
		args   []string
	}{
		{name: "killed", signal: syscall.SIGKILL},
		{name: "hung", args: []string{"-o", "topology.subprocess.timeout.secs=3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const jobs = 2000
			args := append(c.args, "--python", testenv.Python(t), "-o", fmt.Sprint("jobs.count=", jobs), "-o", "topology.max.spout.pending=100")
			r := start(t, project(t, "cycle", "json"), args...)
			r.Until("some jobs are done", func() bool { return len(r.all("done")) > 100 })

			// A stopped process gets its share of tuples and answers none, until all
			// hundred pending trees wait for it.
			victim := r.child("bolts.work.WorkBolt")
			kill(t, victim, syscall.SIGSTOP)
			if c.signal != 0 {
				r.untilNothingMoves("done")
				kill(t, victim, c.signal)
			}

			done, givenUp := jobsAfter(jobs)
			r.Until("all jobs are done or given up", func() bool {
				return len(unique(r.all("done"))) >= len(done) && len(unique(r.all("given_up"))) >= len(givenUp)
			})
			r.Until("the task has a new process", func() bool { return r.replaced(victim, "bolts.work.WorkBolt", 2) })
			s := r.Stop()

			if got := unique(r.all("done")); !slices.Equal(got, done) {
				t.Errorf("done: %d jobs, want %d", len(got), len(done))
			}
			if got := unique(r.all("given_up")); !slices.Equal(got, givenUp) {
				t.Errorf("given up: %d jobs, want %d", len(got), len(givenUp))
			}
			if want := (testrun.FailedStats{Died: s.Trees.Failed.Died}); s.Trees.Failed != want || want.Died == 0 {
				t.Errorf("failed trees %+v, want some, and all because a child died", s.Trees.Failed)
			}
			if s.Trees.Acked != jobs || s.Trees.Pending != 0 {
				t.Errorf("trees %+v, want %d acked and none pending", s.Trees, jobs)
			}
			work := s.Component(t, "work")
			var restarts []int
			for _, p := range work.Processes {
				restarts = append(restarts, p.Restarts)
			}
			slices.Sort(restarts)
			if work.Restarts != 1 || !slices.Equal(restarts, []int{0, 1}) {
				t.Errorf("work has %d restarts, its tasks %v, want one", work.Restarts, restarts)
			}
			for _, sibling := range []string{"jobs", "review", "done", "given_up"} {
				if n := s.Component(t, sibling).Restarts; n != 0 {
					t.Errorf("%s was restarted %d times, but never killed", sibling, n)
				}
			}
		})
	}
}

// When a spout is killed it starts from the beginning, and its bolts continue.
func TestSpoutDies(t *testing.T) {
	t.Parallel()
	r := start(t, project(t, "sentences", "json"), "--python", testenv.Python(t), "-o", "sentences.count=1000000")
	r.Until("words are counted", func() bool { return len(r.all("words")) > 0 })
	const class = "spouts.sentences.SentenceSpout"
	victim := r.child(class)
	kill(t, victim, syscall.SIGKILL)
	r.Until("the spout has a new process", func() bool { return r.replaced(victim, class, 1) })
	before := len(r.all("words"))
	r.Until("the new process emits", func() bool { return len(r.all("words")) > before })
	s := r.Stop()
	for name, want := range map[string]int{"sentences": 1, "flaky": 0, "split": 0, "words": 0} {
		if got := s.Component(t, name).Restarts; got != want {
			t.Errorf("%s was restarted %d times, want %d", name, got, want)
		}
	}
}

// However gust ends, its children do not outlive it.
func TestNoChildOutlivesGust(t *testing.T) {
	t.Parallel()
	r := start(t, project(t, "cycle", "json"), "--python", testenv.Python(t))
	r.Until("some jobs are done", func() bool { return len(r.all("done")) > 0 })
	var children []int
	for _, class := range []string{"JobSpout", "WorkBolt", "ReviewBolt", "RecordBolt"} {
		children = append(children, r.children(class)...)
	}
	if len(children) != 6 {
		t.Fatalf("found %d children, want 6", len(children))
	}
	kill(t, children[1], syscall.SIGSTOP) // It cannot even see the end of its stdin.
	r.Kill()
	testrun.Eventually(t, "all children are gone", nil, func() bool { return !slices.ContainsFunc(children, alive) })
}

// replaced reports whether a component has so many processes again, without the victim.
func (r *run) replaced(victim int, class string, tasks int) bool {
	children := r.children(class)
	return len(children) == tasks && !slices.Contains(children, victim)
}

// untilNothingMoves waits until a component has not received a tuple for half a second.
func (r *run) untilNothingMoves(component string) {
	r.t.Helper()
	last, since := -1, time.Now()
	r.Until("nothing moves", func() bool {
		if n := len(r.all(component)); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
}

// children returns the pids of gust's children whose command lines contain a string.
func (r *run) children(text string) []int {
	r.t.Helper()
	return childrenOf(r.t, r.PID(), text)
}

// childrenOf is the same of any process.
func childrenOf(t testing.TB, of int, text string) []int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("this test finds its victims in /proc")
	}
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		cmdline, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(cmdline), text) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		if _, parent := processState(pid); parent == of {
			pids = append(pids, pid)
		}
	}
	return pids
}

// child returns one of gust's children whose command lines contain a string.
func (r *run) child(text string) int {
	r.t.Helper()
	pids := r.children(text)
	if len(pids) == 0 {
		r.t.Fatalf("gust has no child with %q in its command line", text)
	}
	return pids[0]
}

// alive reports whether a process still runs: a zombie does not.
func alive(pid int) bool {
	state, _ := processState(pid)
	return state != "" && state != "Z" && state != "X"
}

// processState reads a process's state and parent; the state is empty if there is no such
// process.
func processState(pid int) (state string, parent int) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	// The name before it, in brackets, may contain anything.
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fmt.Sscan(rest, &state, &parent)
	return state, parent
}

func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("kill -%d %d: %v", signal, pid, err)
	}
}

func unique(sorted []string) []string { return slices.Compact(sorted) }
