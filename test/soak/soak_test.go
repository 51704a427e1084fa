package main

import (
	"os"
	"runtime"
	"testing"
	"time"

	"gust/internal/testrun"
)

// gustBinary is the program under test; TestMain builds it.
var gustBinary string

// TestMain lets the test binary be the components, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == componentCommand {
		os.Exit(componentMain(os.Args[2]))
	}
	os.Exit(testrun.Main(m, &gustBinary))
}

// testOptions are those of a soak of that length. The timeouts are short, so that hangs
// and lost tuples are found within it.
func testOptions(t *testing.T, chaos time.Duration) options {
	if runtime.GOOS != "linux" {
		t.Skip(errNotLinux)
	}
	// Under the race detector each component would sleep for a second at its end.
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	o := defaultOptions(t.Output())
	o.Gust, o.For, o.Every, o.Report, o.Rate = gustBinary, chaos, 500*time.Millisecond, 5*time.Second, 60
	o.FailOneIn, o.ForgetOneIn = 500, 5000
	o.MessageTimeout, o.HangTimeout = 6*time.Second, 6*time.Second
	return o
}

const errNotLinux = "the soak looks at processes in /proc: run it on Linux"

// run runs a soak, and fails the test if there are findings.
func (o options) run(t *testing.T) *result {
	t.Helper()
	if err := o.check(nil); err != nil {
		t.Fatal(err)
	}
	r, err := soak(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Passed {
		t.Errorf("with -seed %d the soak found:\n%s", r.Seed, &r.Findings)
	}
	if r.Acked == 0 || r.Received == 0 {
		t.Errorf("nothing happened: %+v", r.figures)
	}
	return r
}

// TestSoak is the ledger test: all faults. SOAK_SECONDS is its length; `make soak` is for
// hours.
func TestSoak(t *testing.T) {
	chaos := 25 * time.Second
	if testing.Short() {
		chaos = 8 * time.Second
	}
	if v := os.Getenv("SOAK_SECONDS"); v != "" {
		seconds, err := time.ParseDuration(v + "s")
		if err != nil {
			t.Fatalf("SOAK_SECONDS: %v", err)
		}
		chaos = seconds
	}
	r := testOptions(t, chaos).run(t)
	if r.Deaths == 0 || r.Gust.Failed.Died == 0 {
		t.Errorf("%d processes died and %d trees with them: the chaos is none", r.Deaths, r.Gust.Failed.Died)
	}
}

// TestSoakOfWorkers also kills and stops workers, and resets and cuts their connections. The
// drills are for `make soak`: a busy machine would fail them.
func TestSoakOfWorkers(t *testing.T) {
	for name, tcp := range map[string]bool{"gust run": false, "gust worker": true} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t, 12*time.Second)
			o.Workers, o.TCP, o.Silence, o.Drills = 3, tcp, 2*time.Second, 0
			if r := o.run(t); r.Connections < 3 {
				t.Errorf("only %d connections of three workers came through the soak's hands", r.Connections)
			}
		})
	}
}

// If nothing fails, nothing is replayed, and all sinks get all tuples once.
func TestSoakWithoutFaults(t *testing.T) {
	o := testOptions(t, 2*time.Second)
	o.Every, o.FailOneIn, o.ForgetOneIn = 10*365*24*time.Hour, 0, 0 // the first fault may come a thousand times sooner
	r := o.run(t)
	if r.Replayed != 0 || r.Failed != 0 || r.Orphans != 0 || r.Gust.Acked != r.Tuples {
		t.Errorf("%d tuples were not acked once each: %+v, gust %+v", r.Tuples, r.figures, r.Gust)
	}
	copies := 0
	for sink, parts := range sinkParts {
		copies += parts * sinkTasks[sink]
	}
	if r.Received != r.Tuples*copies {
		t.Errorf("the sinks got %d tuples, not %d of each of %d", r.Received, copies, r.Tuples)
	}
}

// If a run is stopped while tuples are in flight and processes die, the spouts get an ack
// or a fail for each tuple.
func TestSoakCutOff(t *testing.T) {
	o := testOptions(t, 4*time.Second)
	o.Cut, o.Every, o.ForgetOneIn = true, 200*time.Millisecond, 15
	if r := o.run(t); r.Gust.Failed.Shutdown == 0 {
		t.Errorf("no tree failed because the run ended: %+v", r.Gust)
	}
}
