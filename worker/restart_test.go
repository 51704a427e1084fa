package worker

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/shell"
	"gust/topology"
)

// A restart is no death: more of them than make a crash loop do not end the
// run, nobody waits, and what was in flight fails and is told to the spout.
func TestRestart(t *testing.T) {
	t.Parallel()
	b := pair(
		fakecomponent.Spout{Tuples: -1, Replay: true},
		fakecomponent.Bolt{},
	)
	r := b.run(t, conf.Conf{conf.GustCrashLoopCount: int64(2), conf.TopologyMaxSpoutPending: int64(10)})
	acked := uint64(0)
	for n := range uint64(3) {
		r.until("acks", acks(acked+20))
		r.worker.Restart("b")
		acked = r.until("the restart", func(s Stats) bool {
			return s.component("b").Restarts > n && s.component("b").Processes[0].PID != 0
		}).Trees.Acked
	}
	r.until("acks after it", acks(acked+20))
	r.worker.Restart("nobody")
	stats, entries := r.end()
	if n := count(entries, "b", "start"); n != 4 {
		t.Errorf("the bolt lived %d times, want 4", n)
	}
	if stats.component("s").Restarts != 0 {
		t.Error("the spout was restarted, too")
	}
	if strings.Contains(r.log.String(), "restarts in") {
		t.Error("a restart is told as a death")
	}
}

// Who waits for the next life after a death waits no longer.
func TestRestartEndsTheWaitAfterADeath(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: -1}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{Do: "exit 1"}}})
	r := b.run(t, conf.Conf{conf.GustCrashLoopCount: int64(0)})
	// The waits double: at the seventh death it is more than six seconds.
	r.until("the deaths", func(s Stats) bool { return s.component("b").Restarts >= 6 && s.component("b").Processes[0].PID == 0 })
	asked := time.Now()
	r.worker.Restart("b")
	r.until("the next life", func(s Stats) bool { return s.component("b").Restarts >= 7 })
	if waited := time.Since(asked); waited > 4*time.Second {
		t.Errorf("it lives again after %v", waited)
	}
}

// heard is what a tap has heard.
type heard struct {
	stdin, stdout, stderr []byte
	died                  *shell.ExitError
	asked                 bool
}

func (h *heard) Stdin(p []byte)  { h.stdin = append(h.stdin, p...) }
func (h *heard) Stdout(p []byte) { h.stdout = append(h.stdout, p...) }
func (h *heard) Stderr(p []byte) { h.stderr = append(h.stderr, p...) }
func (h *heard) End(died *shell.ExitError, asked bool) {
	h.died, h.asked = died, asked
}

// A tap hears all that goes through the pipes of the processes that it wants.
func TestTap(t *testing.T) {
	t.Parallel()
	b := pair(fakecomponent.Spout{Tuples: 5}, fakecomponent.Bolt{})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{}, Deeds: []fakecomponent.Deed{{After: 3, Do: "exit 1", Once: true}}})
	var taps []*heard // the loop's, until the run has ended
	b.tap = func(c *topology.Component, _ topology.TaskID, pid int) Tap {
		if c.Name != "b" || pid == 0 {
			return nil
		}
		taps = append(taps, &heard{})
		return taps[len(taps)-1]
	}
	r := b.run(t)
	r.until("the second life", func(s Stats) bool {
		return s.component("b").Restarts == 1 && s.Trees.Pending == 0 && s.Trees.Emitted == 5 && s.component("b").Processes[0].PID != 0
	})
	r.end()
	if len(taps) != 2 {
		t.Fatalf("%d processes were tapped, want 2", len(taps))
	}
	first, last := taps[0], taps[1]
	if !strings.HasPrefix(string(first.stdin), `{"pidDir":`) || !strings.Contains(string(first.stdin), `"stream":"default"`) {
		t.Errorf("stdin: %.300q", first.stdin)
	}
	if !strings.Contains(string(first.stdout), `"pid"`) || !strings.Contains(string(first.stdout), `"ack"`) {
		t.Errorf("stdout: %.300q", first.stdout)
	}
	if !strings.Contains(string(first.stderr), "the last words") {
		t.Errorf("stderr: %q", first.stderr)
	}
	if first.asked || first.died == nil || first.died.Exit.Code != 1 || !slices.Contains(first.died.LastWords, "ValueError: the last words") {
		t.Errorf("the end: %+v, asked %t", first.died, first.asked)
	}
	if !last.asked || !last.died.Exit.Success() {
		t.Errorf("the end of the run: %+v, asked %t", last.died, last.asked)
	}
}
