package run

import (
	"testing"

	"gust/worker"
)

func TestOutcome(t *testing.T) {
	bolt := func(processes ...worker.ProcessStats) worker.ComponentStats {
		return worker.ComponentStats{Name: "count", Kind: "bolt", Processes: processes}
	}
	up, silent := worker.ProcessStats{Task: 2, Ready: true}, worker.ProcessStats{Task: 3}
	dead := worker.ProcessStats{Task: 4, Death: "died: exit status 3"}
	failing := bolt(up)
	failing.Failed, failing.LastError = 7, "Traceback:\n  File x\nValueError: boom\n"
	trees := func(acked uint64, failed worker.FailedStats) worker.TreeStats {
		return worker.TreeStats{Emitted: acked + failed.Sum(), Acked: acked, Failed: failed}
	}
	const (
		silentError = `bolt "count" never came up (task 3): it did not answer the handshake or the first heartbeat` +
			"\nhint: `gust check` names the rule of the protocol that a component breaks"
		shortError = "no tuple tree was acked; failed: 7 because the run ended\n" +
			"hint: run longer (-t), or allow tuples in flight more time (-o gust.drain.secs=60)"
		boltError = "no tuple tree was acked; failed: 7 by a bolt\n" +
			`bolt "count" failed 7 tuples; last error: ValueError: boom`
	)
	for _, tt := range []struct {
		name  string
		stats worker.Stats
		// the errors where the time is over, and after a signal
		want, interrupted string
	}{
		{"all is well", worker.Stats{Components: []worker.ComponentStats{bolt(up)}, Trees: trees(1, worker.FailedStats{Bolt: 7})}, "", ""},
		{"nothing to do", worker.Stats{Components: []worker.ComponentStats{bolt(up)}}, "", ""},
		{"a task that never answered", worker.Stats{Components: []worker.ComponentStats{bolt(up, silent)}}, silentError, ""},
		{"a component that dies again and again", worker.Stats{Components: []worker.ComponentStats{bolt(silent, dead)}},
			`bolt "count" never came up (tasks 3, 4): its process died: exit status 3`,
			`bolt "count" never came up (tasks 3, 4): its process died: exit status 3`},
		{"all fail", worker.Stats{Components: []worker.ComponentStats{failing}, Trees: trees(0, worker.FailedStats{Bolt: 7})}, boltError, boltError},
		{"too short for anything", worker.Stats{Components: []worker.ComponentStats{bolt(up)}, Trees: trees(0, worker.FailedStats{Shutdown: 7})}, shortError, ""},
		{"some fail, others are cut short", worker.Stats{Components: []worker.ComponentStats{bolt(up)}, Trees: trees(0, worker.FailedStats{Timeout: 1, Shutdown: 6})},
			"no tuple tree was acked; failed: 1 by timeout, 6 because the run ended", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for interrupted, want := range map[bool]string{false: tt.want, true: tt.interrupted} {
				got := ""
				if err := outcome(tt.stats, interrupted); err != nil {
					got = err.Error()
				}
				if got != want {
					t.Errorf("interrupted %v:\ngot  %s\nwant %s", interrupted, got, want)
				}
			}
		})
	}
}
