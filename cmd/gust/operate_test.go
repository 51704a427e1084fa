package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/storm/generated"
	"gust/storm/stormtest"
)

// alone puts a test into an empty folder of its own, with nobody's settings.
func alone(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range []string{"STREAMPARSE_NIMBUS", "STORM_CONF_DIR", "STORM_HOME", "SSH_AUTH_SOCK"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
}

// result is what a command has printed, and its exit code.
type result struct {
	stdout, stderr string
	code           int
}

// gust runs a command in this process.
func gust(t *testing.T, args ...string) result {
	t.Helper()
	return calledAs(t, "gust", args...)
}

// sparse does, too, called as sparse.
func sparse(t *testing.T, args ...string) result {
	t.Helper()
	return calledAs(t, "sparse", args...)
}

func calledAs(t *testing.T, name string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := newCLI(name, &stdout, &stderr)
	code := c.report(execute(t.Context(), c, args))
	return result{stdout.String(), stderr.String(), code}
}

// ok fails the test where the command did.
func (r result) ok(t *testing.T) result {
	t.Helper()
	if r.code != exitDone {
		t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	return r
}

// refuses fails the test unless the command ended with the code and these words.
func (r result) refuses(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s", r.code, code, r.stderr)
	}
	for _, word := range words {
		if !strings.Contains(r.stderr, word) {
			t.Errorf("%q is missing:\n%s", word, r.stderr)
		}
	}
}

// decode reads what a command printed with --json.
func (r result) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.ok(t).stdout), into); err != nil {
		t.Fatalf("%v: %s", err, r.stdout)
	}
}

// wordcount is a topology for a fake Nimbus.
func wordcount() *generated.TopologySummary {
	return &generated.TopologySummary{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", NumWorkers: 1, NumExecutors: 4, NumTasks: 4, UptimeSecs: 265}
}

func TestListOfNone(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	if got := gust(t, "list", "--nimbus", fake.Address()).ok(t); got.stdout != "No topologies found.\n" {
		t.Errorf("got %q", got.stdout)
	}
	if got := gust(t, "list", "--nimbus", fake.Address(), "--json").ok(t); got.stdout != `{"topologies":[]}`+"\n" {
		t.Errorf("got %q", got.stdout)
	}
}

func TestListOfSeveral(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	other := wordcount()
	other.Name, other.ID, other.UptimeSecs = "other", "other-2-18", 3
	fake.SetTopologies(wordcount(), other)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	got := sparse(t, "list").ok(t).stdout
	same, rest, ok := strings.Cut(got, "# Topology-specific values\n")
	if !ok || !strings.HasPrefix(same, "# Values identical for all topologies\n") {
		t.Fatalf("got\n%s", got)
	}
	if !strings.Contains(same, "ACTIVE") || strings.Contains(rest, "ACTIVE") {
		t.Errorf("the status, which is the same, is not told once:\n%s", got)
	}
	want := `+----------------+-----------+-------------+
|       id       |   name    | uptime_secs |
+================+===========+=============+
| wordcount-1-17 | wordcount | 265         |
+----------------+-----------+-------------+
| other-2-18     | other     | 3           |
+----------------+-----------+-------------+
`
	if rest != want {
		t.Errorf("got\n%swant\n%s", rest, want)
	}
	want = `name       status  uptime  workers  executors  tasks  id
wordcount  ACTIVE  4m 25s        1          4      4  wordcount-1-17
other      ACTIVE      3s        1          4      4  other-2-18
`
	if got := gust(t, "list").ok(t).stdout; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}

	// A name that leaves no room for the rest, and what only --all shows.
	other.Name = "the-quite-long-name-of-a-topology"
	other.ID, other.Owner = other.Name+"-2-18", new("ann")
	want = `name                               status  uptime  workers  executors  tasks
wordcount                          ACTIVE  4m 25s        1          4      4
    id: wordcount-1-17
the-quite-long-name-of-a-topology  ACTIVE      3s        1          4      4
    id: the-quite-long-name-of-a-topology-2-18  owner: ann
`
	if got := gust(t, "list", "--all").ok(t).stdout; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWhichTopology(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	gust(t, "kill").refuses(t, exitUsage, "no topology given, and no project in this directory")
	gust(t, "kill", "a", "b").refuses(t, exitUsage, "too many arguments: want one topology, not 2: a b")
	gust(t, "kill", "a", "-n", "b").refuses(t, exitUsage, "two topologies")
	fake.SetTopologies(wordcount())
	gust(t, "kill", "wordcuont").refuses(t, exitFailed, `no topology "wordcuont" runs on the cluster: did you mean "wordcount"?`, "`gust list` shows what runs")

	writeFile(t, "config.json", `{"envs": {"prod": {}}}`)
	writeFile(t, "topologies/wordcount.py", "")
	for _, args := range [][]string{{"deactivate"}, {"deactivate", "wordcount"}, {"deactivate", "-n", "wordcount"}, {"deactivate", "-n", "wordcount", "wordcount"}} {
		gust(t, "activate", "wordcount").ok(t)
		if got := gust(t, args...).ok(t); !strings.Contains(got.stderr, "wordcount-1-17 is INACTIVE") {
			t.Errorf("%q: %s", args, got.stderr)
		}
	}
	writeFile(t, "topologies/other.py", "")
	gust(t, "deactivate").refuses(t, exitUsage, "the project has several: other and wordcount")
}

// writeFile writes a file below the working directory.
func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestKill(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	fake.SetTopologies(wordcount())
	got := gust(t, "kill", "wordcount", "--wait", "1").ok(t)
	for _, want := range []string{`killing topology "wordcount" (wordcount-1-17, ACTIVE, 4 executors in 1 worker, up 4m 25s)`, "its workers in 1s", "wordcount-1-17 is gone"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing: %s", want, got.stderr)
		}
	}
	if len(fake.Topologies()) != 0 || got.stdout != "" {
		t.Errorf("%v is left, printed %q", fake.Topologies(), got.stdout)
	}
	gust(t, "kill", "wordcount", "--wait", "-1").refuses(t, exitUsage, "--wait must be")

	// The answer is lost, but the cluster shows that the kill was carried out.
	fake.SetTopologies(wordcount())
	fake.Next("killTopologyWithOpts", stormtest.DropAfter)
	var outcome struct{ Topology struct{ Status string } }
	gust(t, "kill", "wordcount", "--json").decode(t, &outcome)
	if outcome.Topology.Status != "GONE" || fake.Calls()["killTopologyWithOpts"] != 2 {
		t.Errorf("%+v after %d calls", outcome, fake.Calls()["killTopologyWithOpts"])
	}
}

func TestOrdersToAKilledTopology(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	killed := wordcount()
	killed.Status = "KILLED"
	fake.SetTopologies(killed)
	gust(t, "activate", "wordcount").refuses(t, exitFailed, "is being killed: it cannot become ACTIVE")
	gust(t, "rebalance", "wordcount").refuses(t, exitFailed, "is being killed: it cannot be rebalanced")
	if calls := fake.Calls(); calls["activate"]+calls["rebalance"] > 0 {
		t.Errorf("Nimbus was told: %v", calls)
	}
}

func TestRebalanceUsage(t *testing.T) {
	alone(t)
	for flag, usage := range map[string]struct {
		want   string
		values []string
	}{
		"-w":     {"-w must be a number of workers", []string{"0"}},
		"-p":     {"want COMPONENT=N", []string{"count", "count=0", "=2", "count=99999999999"}},
		"--wait": {"--wait must be from 0 to", []string{"-2"}},
	} {
		for _, value := range usage.values {
			gust(t, "rebalance", "wordcount", flag, value).refuses(t, exitUsage, usage.want)
		}
	}
}

func TestLogLevelUsage(t *testing.T) {
	alone(t)
	for text, want := range map[string]string{"ROOT": "want LOGGER=LEVEL", "ROOT=DEBG": `did you mean "DEBUG"?`, "ROOT=DEBUG:soon": `invalid duration "soon"`, "=DEBUG": "want LOGGER=LEVEL"} {
		gust(t, "loglevel", "wordcount", "-l", text).refuses(t, exitUsage, want)
	}
	gust(t, "loglevel", "wordcount", "-l", "ROOT=INFO", "-r", "ROOT").refuses(t, exitUsage, "both name ROOT")
}

// trace is an error as Nimbus keeps it.
const trace = `java.lang.RuntimeException: org.apache.storm.multilang.NoOutputException: Pipe to subprocess seems to be broken! No output read.
Serializer Exception:
Traceback (most recent call last):
  File "count.py", line 3, in <module>
    import nowhere
ModuleNotFoundError: No module named 'nowhere'

	at org.apache.storm.utils.ShellProcess.readShellMsg(ShellProcess.java:127)
`

func TestErrors(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	fake.SetTopologies(wordcount())
	host, port := "storm1", int32(6700)
	when := int32(time.Now().Add(-65 * time.Second).Unix())
	info := &generated.TopologyInfo{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", Errors: map[string][]*generated.ErrorInfo{
		"count": {{Error: trace, ErrorTimeSecs: when, Host: &host, Port: &port}, {Error: "later", ErrorTimeSecs: when + 1}},
		"words": {{Error: "earliest", ErrorTimeSecs: when - 1}},
	}, Executors: []*generated.ExecutorSummary{{ComponentID: "count", ExecutorInfo: &generated.ExecutorInfo{}, Host: host}}}
	fake.SetTopologyInfo("wordcount-1-17", info)

	got := gust(t, "errors").ok(t).stdout
	first, second, third := strings.Index(got, "earliest"), strings.Index(got, "No module named 'nowhere'"), strings.Index(got, "later")
	if !(0 < first && first < second && second < third) {
		t.Errorf("not all, or not in their order:\n%s", got)
	}
	if !strings.Contains(got, "count of wordcount on storm1:6700, 1m ") || strings.Contains(got, "ShellProcess.java") {
		t.Errorf("got\n%s", got)
	}
	if got := gust(t, "errors", "wordcount", "-c", "count", "--full").ok(t).stdout; !strings.Contains(got, "ShellProcess.java") || strings.Contains(got, "earliest") {
		t.Errorf("got\n%s", got)
	}
	var list struct {
		Errors []struct{ Component, What, Hint, Error string }
	}
	gust(t, "errors", "-n", "wordcount", "--last", "2", "--json").decode(t, &list)
	if len(list.Errors) != 2 || list.Errors[0].Error != trace || list.Errors[0].Hint == "" || !strings.HasPrefix(list.Errors[0].What, "Traceback") {
		t.Errorf("got %+v", list)
	}
	gust(t, "errors", "wordcount", "-c", "cuont").refuses(t, exitFailed, `has no component "cuont": did you mean "count"?`)
}

func TestWorkerUptimeAndSlotUsage(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	startLogviewer(t, stormtest.NewLogviewer(workerLog, ""), fake)
	got := sparse(t, "worker_uptime").ok(t).stdout
	if !strings.HasPrefix(got, "# Worker Stats\n") || !strings.Contains(got, "| 127.0.0.1 | [1-1]     |     0s | http://127.0.0.1:") || strings.Contains(got, "[3-3]") {
		t.Errorf("got\n%s", got)
	}
	want := `# Slot (and Executor) Counts by Topology
+-----------+-----------+
|   Host    | wordcount |
+===========+===========+
| 127.0.0.1 | 1 (2)     |
+-----------+-----------+
`
	if got := sparse(t, "slot_usage").ok(t).stdout; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	want = `host       topology   slots  executors
127.0.0.1  wordcount      1          2
`
	if got := gust(t, "slot_usage").ok(t).stdout; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	got = gust(t, "worker_uptime").ok(t).stdout
	if !strings.Contains(got, "\nhost       id      uptime  topology   component  port\n127.0.0.1  [1-1]       0s  wordcount") || strings.Contains(got, "http:") {
		t.Errorf("got\n%s", got)
	}
	if got = gust(t, "worker_uptime", "--all").ok(t).stdout; !strings.Contains(got, "\n    log url:\n      http://127.0.0.1:") {
		t.Errorf("got\n%s", got)
	}
	if got := gust(t, "slot_usage", "--json").ok(t).stdout; got != `{"slots":[{"executors":2,"host":"127.0.0.1","slots":1,"topology":"wordcount"}]}`+"\n" {
		t.Errorf("got %s", got)
	}
}
