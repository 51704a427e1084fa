package testrun

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is the longest time that a test waits for an event.
const Patience = 90 * time.Second

// Run is one `gust run`.
type Run struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout output
	stderr output
	ended  chan struct{} // closed when the process has ended, err is set then
	err    error
}

// Start runs program, which [Main] has built, in the folder dir. The test's end kills the
// run, and a failed test shows its log.
func Start(t testing.TB, program, dir string, args ...string) *Run {
	t.Helper()
	r := &Run{t: t, ended: make(chan struct{})}
	r.cmd = exec.Command(program, append([]string{"run", "--json", "--log", "json"}, args...)...)
	r.cmd.Dir = dir
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s%s", strings.Join(r.cmd.Args, " "), &r.stderr, &r.stdout)
		}
	})
	return r
}

// Until waits for a condition. It fails the test if gust ends before, or if the condition
// does not hold in time.
func (r *Run) Until(what string, holds func() bool) {
	r.t.Helper()
	Eventually(r.t, what, r.ended, holds)
}

// Eventually waits for a condition. It fails the test if the condition does not hold in
// time, or if ended is closed before; nil never is.
func Eventually(t testing.TB, what string, ended <-chan struct{}, holds func() bool) {
	t.Helper()
	deadline := time.After(Patience)
	for !holds() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ended:
			t.Fatalf("gust ended before this held: %s", what)
		case <-deadline:
			t.Fatalf("after %v this does not hold: %s", Patience, what)
		}
	}
}

// PID is gust's process id.
func (r *Run) PID() int { return r.cmd.Process.Pid }

// Kill ends gust with SIGKILL, and returns when it has ended.
func (r *Run) Kill() {
	r.cmd.Process.Kill()
	<-r.ended
}

// Stderr is what gust has printed to stderr so far: the log, as JSON lines.
func (r *Run) Stderr() string { return r.stderr.String() }

// Exits waits until gust ends without a signal from the test, and requires an exit status.
func (r *Run) Exits(code int) {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(Patience):
		r.t.Fatalf("gust still runs after %v", Patience)
	}
	if got := r.cmd.ProcessState.ExitCode(); got != code {
		r.t.Fatalf("gust run ended with exit status %d, want %d: %v", got, code, r.err)
	}
}

// Stop ends the run as Ctrl-C does, insists on exit code 0 and on figures that
// add up, and returns them.
func (r *Run) Stop() Stats {
	r.t.Helper()
	return r.stop(0)
}

// StopFailed is Stop for a run in which a component never became ready, or no tuple tree
// was acked: it requires exit status 1.
func (r *Run) StopFailed() Stats {
	r.t.Helper()
	return r.stop(1)
}

func (r *Run) stop(code int) Stats {
	r.t.Helper()
	r.cmd.Process.Signal(syscall.SIGINT)
	r.Exits(code)
	var s Stats
	if err := json.Unmarshal([]byte(r.stdout.String()), &s); err != nil {
		r.t.Fatalf("stdout is not one JSON object: %v", err)
	}
	if got := s.Trees.Acked + s.Trees.Pending + s.Trees.Failed.Sum(); got != s.Trees.Emitted {
		r.t.Errorf("trees do not add up: %+v", s.Trees)
	}
	return s
}

// Log is gust's log so far.
func (r *Run) Log() []LogLine {
	r.t.Helper()
	var lines []LogLine
	for text := range strings.Lines(r.stderr.String()) {
		var line LogLine
		if !strings.HasSuffix(text, "\n") {
			break // It is being written.
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			line = LogLine{Message: strings.TrimSuffix(text, "\n")}
		}
		lines = append(lines, line)
	}
	return lines
}

// LogLine is a line of the log. A line that is not gust's own form, such as a
// warning from before the run, has only a message.
type LogLine struct {
	Level     string `json:"level"`
	Component string `json:"component"`
	Task      int    `json:"task"`
	From      string `json:"from"` // "stderr" if it comes from there
	Message   string `json:"message"`
}

// output collects the output of a process while the test reads it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
