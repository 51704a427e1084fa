package main

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/status/statustest"
)

// debuggedProject has a bolt that stops at its 10th, 20th and 30th tuple, and a spout that
// says when all of its tuples have been acked.
var debuggedProject = map[string]string{
	"config.json": `{"serializer": "json", "topology_specs": "topologies/", "virtualenv_specs": "virtualenvs/", "envs": {}}`,
	"topologies/counts.py": `from streamparse import Grouping, Topology
from bolts import Count
from spouts import Words

class Counts(Topology):
    words = Words.spec()
    count = Count.spec(inputs={words: Grouping.fields("word")})
`,
	"src/spouts.py": `from streamparse import Spout

class Words(Spout):
    outputs = ["word"]

    def initialize(self, conf, context):
        self.emitted = self.acked = 0

    def next_tuple(self):
        if self.emitted < 200:
            self.emitted += 1
            self.emit(["dog%d" % self.emitted], tup_id=self.emitted)

    def ack(self, tup_id):
        self.acked += 1
        if self.acked == 200:
            self.logger.info("all acked")
`,
	"src/bolts.py": `from streamparse import Bolt

class Count(Bolt):
    outputs = ["word", "count"]

    def initialize(self, conf, context):
        self.seen = 0

    def process(self, tup):
        word = tup.values[0]
        self.seen += 1
        if self.seen in (10, 20, 30):
            breakpoint()
        self.emit([word, self.seen])
`,
}

// debuggedRun is a gust that runs debuggedProject, with timeouts of two seconds.
type debuggedRun struct {
	cmd      *exec.Cmd
	out, log *testenv.Growing
}

func runDebugged(t *testing.T, more ...string) *debuggedRun {
	t.Helper()
	python := testenv.Python(t)
	noRuns(t)
	args := append([]string{"run", "--python", python, "--json",
		"-o", "topology.message.timeout.secs=2", "-o", "topology.subprocess.timeout.secs=2"}, more...)
	r := &debuggedRun{cmd: programOf(t, args...), out: testenv.NewGrowing(), log: testenv.NewGrowing()}
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = testenv.Files(t, debuggedProject), r.out, r.log
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		if t.Failed() {
			t.Logf("the log:\n%s", r.log)
		}
	})
	return r
}

// stops waits until the run has said so often where the bolt has stopped, and returns its task.
func (r *debuggedRun) stops(t *testing.T, times int) (task int) {
	t.Helper()
	said := regexp.MustCompile(`stopped at bolts\.py:\d+ \(breakpoint\): gust attach count:(\d+)`)
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if all := said.FindAllStringSubmatch(r.log.String(), -1); len(all) >= times {
			task, _ = strconv.Atoi(all[0][1])
			return task
		}
		if time.Now().After(end) {
			t.Fatalf("it does not stop %d times:\n%s", times, r.log)
		}
	}
}

// ends ends the run, in which all tuples have been acked.
func (r *debuggedRun) ends(t *testing.T) {
	t.Helper()
	r.log.WaitForAll(t, "all acked")
	if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("the run: %v", err)
	}
	var summary struct {
		Trees struct {
			Acked  int
			Failed map[string]any
		}
		Components []struct {
			Name             string
			Restarts, Errors int
		}
	}
	if err := json.Unmarshal([]byte(r.out.String()), &summary); err != nil {
		t.Fatalf("%v: %s", err, r.out)
	}
	if summary.Trees.Acked != 200 {
		t.Errorf("%d trees were acked, failed: %v", summary.Trees.Acked, summary.Trees.Failed)
	}
	for _, c := range summary.Components {
		if c.Restarts > 0 || c.Errors > 0 {
			t.Errorf("%s: %d restarts, %d errors", c.Name, c.Restarts, c.Errors)
		}
	}
	for _, bad := range []string{"timed out", "did not answer", " WARN ", " ERROR "} {
		if strings.Contains(r.log.String(), bad) {
			t.Errorf("the log has %q", bad)
		}
	}
}

// A bolt that stands at a breakpoint for longer than all timeouts is debugged on a terminal.
// Nothing fails of it.
func TestAttach(t *testing.T) {
	r := runDebugged(t)
	task := r.stops(t, 1)
	time.Sleep(5 * time.Second) // more than twice the timeouts

	o := gustOnTerminal(t, "attach")
	o.screen.WaitForAll(t, "attached to count["+strconv.Itoa(task)+"]", "(Pdb) ")
	for _, step := range []struct{ keys, want string }{
		{"p word\r", "'dog10'"},
		{"n\r", "bolts.py(1"},
		{"p 6 * 111\r", "666"},
		{"c\r", "continues; waiting for its next stop"},
	} {
		prompted(t, o)
		o.typeKeys(t, step.keys)
		o.screen.WaitForAll(t, step.want)
	}
	r.stops(t, 2)
	prompted(t, o)
	o.typeKeys(t, "nonsense"+ctrlC+"p self.seen * 1000\r") // Ctrl-C discards the line
	o.screen.WaitForAll(t, "\n20000")
	if strings.Contains(o.screen.String(), "SyntaxError") {
		t.Errorf("Ctrl-C does not discard the line:\n%s", o.screen)
	}
	prompted(t, o)
	o.typeKeys(t, "\x04")
	o.endsWith(t, exitDone, "detached from count")
	if !o.echoes(t) {
		t.Error("the terminal does not show any more what is typed")
	}
	r.ends(t)
}

// prompted waits until the debugger has asked for a line. Before that the terminal is not
// raw, and Ctrl-C and Ctrl-D have their usual meaning.
func prompted(t *testing.T, o *onTerminal) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.HasSuffix(o.screen.String(), "(Pdb) "); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no prompt at the end of:\n%s", o.screen)
		}
	}
}

// A program debugs, too. A terminal that is lost leaves the bolt where it is.
func TestAttachOfAProgram(t *testing.T) {
	for name, args := range map[string][]string{"fast": {"--runner", "fast"}, "stock": {"--runner", "stock"}, "two workers": {"-w", "2"}} {
		t.Run(name, func(t *testing.T) { attachOfAProgram(t, args...) })
	}
}

func attachOfAProgram(t *testing.T, args ...string) {
	r := runDebugged(t, args...)
	task := r.stops(t, 1)
	if args[0] == "-w" {
		time.Sleep(5 * time.Second) // the timeouts of the spout's worker, too, have to wait
	}
	lost := gustOnTerminal(t, "attach", "count")
	lost.screen.WaitForAll(t, "(Pdb) ")
	gust(t, "attach", "count").refuses(t, exitFailed, "cannot attach to count["+strconv.Itoa(task)+"]: another terminal is attached")
	lost.kill()

	attach := func(input string, args ...string) string {
		t.Helper()
		cmd := programOf(t, append([]string{"attach"}, args...)...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s\n%s", err, out, err.(*exec.ExitError).Stderr)
		}
		return string(out)
	}
	if got := attach("p word\nn\nc\n", "count:"+strconv.Itoa(task), "-n", "counts"); !strings.Contains(got, "(Pdb) p word\n'dog10'\n") {
		t.Errorf("it prints %q", got)
	}
	r.stops(t, 2)
	if got := attach("p word\n"); !strings.Contains(got, "'dog20'\n") {
		t.Errorf("it prints %q", got)
	}
	r.ends(t)
	gust(t, "attach").refuses(t, exitFailed, "no topology runs on this machine")
}

func TestAttachToNothing(t *testing.T) {
	runIt(t, "counts", statustest.WordCount())
	for want, args := range map[string][]string{
		"no such task is stopped at a breakpoint\nhint: ": {"attach", "count"},
		`topology "counts" has no component "cuont"`:      {"attach", "cuont"},
	} {
		gust(t, args...).refuses(t, exitFailed, want)
	}
	for _, args := range [][]string{{"attach", ":3"}, {"attach", "count:x"}, {"attach", "count:0"}, {"attach", "a", "b"}} {
		gust(t, args...).refuses(t, exitUsage, "gust: ")
	}
}
