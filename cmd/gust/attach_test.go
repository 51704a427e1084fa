package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui"
	"gust/ui/api"
	"gust/ui/runs"
	"gust/worker"
)

// noRuns has the test find its own runs only.
func noRuns(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust") // paths of sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	t.Setenv("TMPDIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
}

// runIt runs a topology that the commands find.
func runIt(t *testing.T, name string, components []statustest.Component) *statustest.Live {
	t.Helper()
	noRuns(t)
	live := statustest.Start(t, name, components)
	published, err := runs.Publish(runs.Run{PID: os.Getpid(), Name: name, ID: live.ID(), Started: time.Now(), Dir: "/demo"})
	if err != nil {
		t.Fatal(err)
	}
	server := ui.Serve(published.Listener, api.Handler(served.One(live.Served)))
	t.Cleanup(func() {
		server.Close()
		published.Close()
	})
	return live
}

func TestNothingRuns(t *testing.T) {
	noRuns(t)
	if got := gust(t, "ps").ok(t).stdout; got != "No topologies run on this machine.\n" {
		t.Errorf("ps prints %q", got)
	}
	if got := gust(t, "ps", "--json").ok(t).stdout; got != `{"topologies":[]}`+"\n" {
		t.Errorf("ps --json prints %q", got)
	}
	for _, command := range []string{"top", "logs", "failures"} {
		gust(t, command).refuses(t, exitFailed, "no topology runs on this machine\nhint: `gust run` runs one")
		if command != "failures" {
			gust(t, command, "a", "b").refuses(t, exitUsage, "too many arguments")
		}
		gust(t, command, "--at", "127.0.0.1:1").refuses(t, exitFailed, "no topology runs at 127.0.0.1:1", "hint: `gust ps`")
		gust(t, command, "--at", "ftp://x").refuses(t, exitUsage, "is not valid")
	}
	gust(t, "logs", "--level", "loud").refuses(t, exitUsage, `unknown level "loud" (want trace, debug, info, warn, error)`)
	gust(t, "logs", "--search", "(").refuses(t, exitUsage, "--search: error parsing regexp")
	gust(t, "logs", "-l", "-1").refuses(t, exitUsage, "not -1")
	gust(t, "failures", "--reason", "bad luck").refuses(t, exitUsage, "want bolt, timeout, died, shutdown")
	gust(t, "failures", "-l", "0").refuses(t, exitUsage, "not 0")
	gust(t, "ps", "x").refuses(t, exitUsage, "takes no arguments")
}

// The commands find a topology that runs, and show it.
func TestAttached(t *testing.T) {
	components := statustest.WordCount()
	components[2].Script.Bolt.FailEvery = 7
	live := runIt(t, "wordcount", components)
	live.Until(t, "failures", func(v *status.View) bool { return v.Trees.Failed.Bolt > 30 })

	listed := gust(t, "ps").ok(t).stdout
	for _, want := range []string{"name", "emitted/s", "wordcount", "ACTIVE", fmt.Sprint(os.Getpid())} {
		if !strings.Contains(listed, want) {
			t.Errorf("ps does not print %q:\n%s", want, listed)
		}
	}
	var ps struct {
		Topologies []struct {
			Name, ID, Status, Dir string
			PID, Tasks, Failed    int
			Diagnosis             status.Diagnosis
		}
	}
	gust(t, "ps", "--json").ok(t).decode(t, &ps)
	if len(ps.Topologies) != 1 {
		t.Fatalf("ps --json has %+v", ps)
	}
	if one := ps.Topologies[0]; one.Name != "wordcount" || one.ID != live.ID() || one.PID != os.Getpid() || one.Tasks != 5 || one.Failed < 30 || one.Dir != "/demo" || one.Diagnosis.Text == "" {
		t.Errorf("ps --json has %+v", one)
	}

	for _, args := range [][]string{{}, {"wordcount"}, {live.ID()}, {fmt.Sprint(os.Getpid())}} {
		if found := failuresOf(t, append([]string{"-l", "3", "-c", "count", "--reason", "bolt"}, args...)...); len(found) != 3 || found[0].Number >= found[2].Number {
			t.Errorf("failures %v --json has %+v", args, found)
		}
	}
	for _, want := range []string{"failures reason component", "bolt   count", "words[", ": failed by count[", "    emitted  [", "    failed   ["} {
		if got := strings.Join(strings.Fields(gust(t, "failures").ok(t).stdout), " "); !strings.Contains(got, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("failures does not print %q:\n%s", want, got)
		}
	}
	if got := gust(t, "failures", "--reason", "timeout").ok(t).stdout; got != "No tuple trees failed.\n" {
		t.Errorf("without failures it prints %q", got)
	}
	if found := failuresOf(t, "--since", "1h", "-l", "2"); len(found) != 2 {
		t.Errorf("of the last hour there are %+v", found)
	}
	for _, args := range [][]string{{"--until", "2001-01-01"}, {"--since", "0s"}} {
		if got := gust(t, append([]string{"failures"}, args...)...).ok(t).stdout; got != "No tuple trees failed.\n" {
			t.Errorf("failures %v prints %q", args, got)
		}
	}
	gust(t, "failures", "--since", "yesterday").refuses(t, exitUsage, "want a time such as 12:30")
	gust(t, "failures", "-c", "cuont").refuses(t, exitFailed, `topology "wordcount" has no component "cuont": did you mean "count"?`)
	gust(t, "logs", "-c", "gust,cuont").refuses(t, exitFailed, `has no component "cuont"`)
	gust(t, "logs", "wordcuont").refuses(t, exitFailed, `no topology on this machine runs as "wordcuont": did you mean "wordcount"?`)
	gust(t, "logs", "other").refuses(t, exitFailed, `no topology on this machine runs as "other" (running: wordcount)`)
	gust(t, "top").refuses(t, exitFailed, "top needs a terminal\nhint: `gust ps --json`")
}

// The failures and the log of a run that has ended are those of its report.
func TestEnded(t *testing.T) {
	noRuns(t)
	components := statustest.WordCount()
	components[2].Script.Bolt.FailEvery = 7
	live := statustest.Start(t, "wordcount", components)
	live.Until(t, "failures", func(v *status.View) bool { return v.Trees.Failed.Bolt > 5 })
	for i := range 4000 {
		logLine(live, "info", "split", 2, fmt.Sprintf("planted %d", i))
	}
	if err := live.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	<-live.Ended
	report := live.Report()
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.Local)
	report.Facets[0].Minutes = []status.FailureMinute{{Time: at, Count: 30}, {Time: at.Add(2 * time.Minute), Count: 10}}
	if err := runs.Keep(report); err != nil {
		t.Fatal(err)
	}
	times := strings.Join(strings.Fields(gust(t, "failures").ok(t).stdout), " ")
	if want := "30 2026-01-31 12:00 2026-01-31 12:01 " + strings.Repeat("#", 30) + " 10 2026-01-31 12:02 2026-01-31 12:03 " + strings.Repeat("#", 10) + " "; !strings.Contains(times, want) {
		t.Errorf("failures prints %q, want %q", times, want)
	}
	for _, args := range [][]string{nil, {"wordcount"}, {live.ID()}} {
		got := gust(t, append([]string{"failures", "-l", "2", "-c", "count"}, args...)...).ok(t)
		if strings.Count(got.stdout, "failed by count[") != 2 || !strings.Contains(got.stderr, "gust: wordcount ended at ") {
			t.Errorf("failures %v prints\n%s%s", args, got.stdout, got.stderr)
		}
	}
	gust(t, "failures", "-c", "cuont").refuses(t, exitFailed, `has no component "cuont": did you mean "count"?`)
	gust(t, "failures", "other").refuses(t, exitFailed, "no topology runs on this machine")

	for _, args := range [][]string{nil, {"wordcount"}, {"-f", live.ID()}} {
		got := gust(t, append([]string{"logs", "-c", "split", "-l", "2"}, args...)...).ok(t)
		if !strings.HasSuffix(got.stdout, "planted 3999\n") || strings.Count(got.stdout, "\n") != 2 || !strings.Contains(got.stderr, "gust: wordcount ended at ") {
			t.Errorf("logs %v prints\n%s%s", args, got.stdout, got.stderr)
		}
	}
	if n := strings.Count(gust(t, "logs", "-l", "0").ok(t).stdout, "\n"); n != 2000 {
		t.Errorf("%d lines are kept, want 2000", n)
	}
	if got := gust(t, "logs", "--search", "PLANTED 3998").ok(t).stdout; strings.Count(got, "\n") != 1 {
		t.Errorf("logs --search prints %q", got)
	}
	gust(t, "logs", "-c", "cuont").refuses(t, exitFailed, `has no component "cuont": did you mean "count"?`)
	gust(t, "logs", "other").refuses(t, exitFailed, "no topology runs on this machine")
}

func logLine(live *statustest.Live, level, component string, task int, text string) {
	fmt.Fprintf(live.Logs(), `{"level":%q,"component":%q,"task":%d,"time":"2026-01-31T12:00:00.123Z","message":%q}`+"\n", level, component, task, text)
}

func TestLogs(t *testing.T) {
	live := runIt(t, "wordcount", statustest.WordCount())
	live.Until(t, "work", func(v *status.View) bool { return v.Trees.Acked > 0 })
	for i := range 12_000 {
		logLine(live, "debug", "split", 2, fmt.Sprintf("planted %d", i))
	}
	logLine(live, "warn", "count", 4, "odd\nPLANTED below")

	const above = ".123 WARN  count[4]    odd\n    PLANTED below\n"
	if got := gust(t, "logs", "-l", "2").ok(t).stdout; !strings.HasSuffix(got, above) || !strings.Contains(got, "DEBUG split[2]    planted 11999\n") || strings.Contains(got, "planted 11998") {
		t.Errorf("logs -l 2 prints %q", got)
	}
	if got := gust(t, "logs", "-c", "count", "--level", "warn", "--search", "planted").ok(t).stdout; !strings.HasSuffix(got, above) || strings.Count(got, "\n") != 2 {
		t.Errorf("filtered, it prints %q", got)
	}
	if got := gust(t, "logs", "-l", "0", "-c", "split", "--search", "planted").ok(t).stdout; strings.Count(got, "\n") != 12_000 || !strings.HasPrefix(got[len("12:00:00"):], ".123 DEBUG split[2]    planted 0\n") {
		t.Errorf("all lines are %d, from %.60q", strings.Count(got, "\n"), got)
	}
	var line status.LogLine
	gust(t, "logs", "--json", "-l", "1", "-c", "count").ok(t).decode(t, &line)
	if line.Text != "odd\nPLANTED below" || line.Task != 4 || line.Level != "warn" {
		t.Errorf("--json has %+v", line)
	}

	out := testenv.NewGrowing()
	ended := make(chan error, 1)
	go func() {
		c := newCLI("gust", out, os.Stderr)
		ended <- execute(t.Context(), c, []string{"logs", "-f", "-c", "count", "-l", "1"})
	}()
	out.WaitForAll(t, "PLANTED below")
	logLine(live, "info", "words", 1, "of another")
	logLine(live, "info", "count", 5, "the next")
	out.WaitForAll(t, "the next\n")
	if err := live.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("when the topology ends, logs -f ends with %v", err)
	}
	if strings.Contains(out.String(), "of another") {
		t.Errorf("it prints %q", out.String())
	}
}

// Where several run, one must be named; one that does not answer is listed.
func TestSeveralRun(t *testing.T) {
	live := runIt(t, "wordcount", statustest.WordCount())
	deaf, err := net.Listen("unix", filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "gust", "1.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	file := filepath.Join(filepath.Dir(deaf.Addr().String()), "1.json")
	writeFile(t, file, `{"pid": 1, "name": "wordcount", "id": "wordcount-1-1", "started": "2026-01-31T12:00:00Z"}`)
	both := fmt.Sprintf("wordcount (pid %d), wordcount (pid 1)", os.Getpid())
	gust(t, "failures").refuses(t, exitUsage, "no topology given, and several run: "+both)
	gust(t, "failures", "wordcount").refuses(t, exitUsage, `several topologies "wordcount" run, want a pid: `+both)
	gust(t, "failures", fmt.Sprint(os.Getpid())).ok(t)
	gust(t, "failures", live.ID()).ok(t)
	if got := gust(t, "ps").ok(t).stdout; strings.Count(got, "wordcount") < 2 || !strings.Contains(got, "it does not answer") {
		t.Errorf("ps prints\n%s", got)
	}
}

// `gust top` on a terminal shows the topology, and its end.
func TestTopAttaches(t *testing.T) {
	live := runIt(t, "wordcount", statustest.WordCount())
	o := gustOnTerminal(t, "top", "wordcount")
	o.screen.WaitForAll(t, "wordcount", "ACTIVE", "quit")
	o.typeKeys(t, "K")
	o.screen.WaitForAll(t, "Kill topology wordcount?")
	o.typeKeys(t, "y")
	<-live.Ended
	o.screen.WaitForAll(t, "ENDED")
	o.typeKeys(t, "q")
	o.endsWith(t, exitDone, "ENDED")
	if !o.echoes(t) {
		t.Error("the terminal does not show any more what is typed")
	}
}

// `gust failures` shows all that is known of a failure, and nothing of what is not.
func TestFailureLines(t *testing.T) {
	f := &status.Failure{Spout: "words", Task: 1, MessageID: "7", Reason: worker.FailedByTimeout, Took: 30_000, Attempts: 1}
	if got, want := failureLine(f), "words[1] 7: timed out at words[1] after 30.0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := failureDetails(f); len(got) > 0 {
		t.Errorf("details are %q", got)
	}
	f.Attempts, f.Poison, f.Dead, f.Values, f.Headline = 3, true, true, `["a"]`, "ValueError: a"
	f.Cause = &status.FailedTuple{Component: "count", Task: 4, From: "split", Stream: "default", Values: `["b"]`}
	if got, want := failureLine(f), "words[1] 7: timed out at count[4] after 30.0s, attempt 3, poison, dead letter"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := strings.Join(failureDetails(f), "/"), `emitted  ["a"]/failed   ["b"] from split/default/error    ValueError: a`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
