package examples_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds how long a test waits for what must happen.
const patience = 90 * time.Second

// run is one `gust run` of a project.
type run struct {
	t       *testing.T
	cmd     *exec.Cmd
	results string // the folder that the examples' last bolts write to
	stdout  output
	stderr  output
	ended   chan struct{} // closed when the process has ended, err is set then
	err     error
}

// output collects what a process prints while the test looks at it.
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

// start runs gust in a project's folder. What it printed is shown if the test fails.
func start(t *testing.T, project string, args ...string) *run {
	t.Helper()
	r := &run{t: t, results: t.TempDir(), ended: make(chan struct{})}
	args = append([]string{"run", "--json", "-o", "results.dir=" + r.results}, args...)
	r.cmd = exec.Command(gust, args...)
	r.cmd.Dir = project
	r.cmd.Stdout = &r.stdout
	r.cmd.Stderr = &r.stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			t.Logf("gust %s said:\n%s%s", strings.Join(args, " "), &r.stderr, &r.stdout)
		}
	})
	return r
}

// until waits for a condition, and fails the test where gust ends before it holds.
func (r *run) until(what string, holds func() bool) {
	r.t.Helper()
	eventually(r.t, what, r.ended, holds)
}

// eventually waits for a condition. It fails the test where that does not hold
// in time, or where ended is closed before; nil never is.
func eventually(t *testing.T, what string, ended <-chan struct{}, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ended:
			t.Fatalf("gust ended before this held: %s", what)
		case <-deadline:
			t.Fatalf("after %v this does not hold: %s", patience, what)
		}
	}
}

// stop ends the run as Ctrl-C does, and returns what --json printed.
func (r *run) stop() stats {
	r.t.Helper()
	r.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-r.ended:
	case <-time.After(patience):
		r.t.Fatalf("gust runs on %v after SIGINT", patience)
	}
	if r.err != nil {
		r.t.Fatalf("gust run: %v", r.err)
	}
	var s stats
	if err := json.Unmarshal([]byte(r.stdout.String()), &s); err != nil {
		r.t.Fatalf("stdout is not one JSON object: %v", err)
	}
	if got := s.Trees.Acked + s.Trees.Pending + s.Trees.Failed.sum(); got != s.Trees.Emitted {
		r.t.Errorf("trees do not add up: %+v", s.Trees)
	}
	return s
}

// recorded returns what the tasks of a component wrote down, tuple by tuple,
// by the name of the file. The values are spelt as fmt does.
func (r *run) recorded(component string) map[string][]string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.results, component+"-*.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	records := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasSuffix(line, "\n") {
				continue // It is being written.
			}
			var tuple []any
			if err := json.Unmarshal([]byte(line), &tuple); err != nil {
				r.t.Fatalf("%s: %v", file, err)
			}
			name := filepath.Base(file)
			records[name] = append(records[name], spell(tuple...))
		}
	}
	return records
}

// all returns what all tasks of a component wrote down, sorted.
func (r *run) all(component string) []string {
	r.t.Helper()
	var all []string
	for _, records := range r.recorded(component) {
		all = append(all, records...)
	}
	slices.Sort(all)
	return all
}

// spell writes a tuple's values as [run.recorded] does.
func spell(values ...any) string {
	spelt := fmt.Sprintf("%v", values)
	return spelt[1 : len(spelt)-1] // without the brackets
}

// stats is what `gust run --json` prints, as docs/run-json.md has it. It is
// declared here anew: a program that reads it knows no more than the names.
type stats struct {
	Components []componentStats `json:"components"`
	Trees      struct {
		Emitted int    `json:"emitted"`
		Acked   int    `json:"acked"`
		Pending int    `json:"pending"`
		Failed  failed `json:"failed"`
	} `json:"trees"`
}

type componentStats struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Tasks     int    `json:"tasks"`
	Emitted   int    `json:"emitted"`
	Executed  int    `json:"executed"`
	Acked     int    `json:"acked"`
	Failed    int    `json:"failed"`
	Restarts  int    `json:"restarts"`
	Errors    int    `json:"errors"`
	Processes []struct {
		Task     int `json:"task"`
		Restarts int `json:"restarts"`
	} `json:"processes"`
}

type failed struct {
	Bolt     int `json:"bolt"`
	Timeout  int `json:"timeout"`
	Died     int `json:"died"`
	Shutdown int `json:"shutdown"`
}

func (f failed) sum() int { return f.Bolt + f.Timeout + f.Died + f.Shutdown }

// component returns the figures of one component.
func (s stats) component(t *testing.T, name string) componentStats {
	t.Helper()
	for _, c := range s.Components {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no component %q in the stats", name)
	return componentStats{}
}
