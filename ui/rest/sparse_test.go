package rest_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/status"
)

// sparse runs commands of the real streamparse against an API.
type sparse struct {
	python, project, path string
}

// lein stands in for Leiningen, which streamparse asks for the version of Storm.
const lein = "#!/bin/sh\necho '[org.apache.storm/storm-core \"1.2.4\"]'\n"

func newSparse(t *testing.T, s *site) *sparse {
	t.Helper()
	p := &sparse{python: testenv.Python(t, "fabric", "texttable"), project: t.TempDir()}
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(p.project, "bin")
	config := fmt.Sprintf(`{"topology_specs": "topologies/", "virtualenv_specs": "virtualenvs/", "envs": {"prod": {
		"nimbus": "127.0.0.1", "use_ssh_for_nimbus": false, "ui.port": %s, "workers": [], "user": "", "virtualenv_root": "/"}}}`, port)
	for _, err := range []error{
		os.Mkdir(bin, 0o755),
		os.WriteFile(filepath.Join(bin, "lein"), []byte(lein), 0o755),
		os.WriteFile(filepath.Join(p.project, "config.json"), []byte(config), 0o644),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p.path = bin + string(os.PathListSeparator) + os.Getenv("PATH")
	return p
}

// run returns the tables that a command prints, by their titles.
func (p *sparse) run(t *testing.T, args ...string) map[string]*boxes {
	t.Helper()
	program := append([]string{"-c", "import sys; from streamparse.cli.sparse import main; sys.argv[0] = 'sparse'; main()"}, args...)
	cmd := exec.CommandContext(t.Context(), p.python, program...)
	cmd.Dir = p.project
	cmd.Env = append(os.Environ(), "PATH="+p.path, "LEIN_ROOT=1", "NO_PROXY=*", "no_proxy=*")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("sparse %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr.String())
	}
	return readBoxes(string(stdout))
}

// boxes is a table drawn with boxes.
type boxes struct {
	header []string
	rows   [][]string
}

// readBoxes reads tables, each below a line with "# " and its title. Words that were broken
// to fit are whole again.
func readBoxes(text string) map[string]*boxes {
	tables := map[string]*boxes{}
	var table *boxes
	var row []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "# "):
			table = &boxes{}
			tables[line[2:]] = table
		case table == nil:
		case strings.HasPrefix(line, "+") && row != nil:
			if table.header == nil {
				table.header = row
			} else {
				table.rows = append(table.rows, row)
			}
			row = nil
		case strings.HasPrefix(line, "|"):
			cells := strings.Split(strings.Trim(line, "|"), "|")
			if row == nil {
				row = make([]string, len(cells))
			}
			for i, cell := range cells {
				row[i] += strings.TrimSpace(cell)
			}
		}
	}
	return tables
}

// is compares a table: its columns, separated by blanks, and its rows.
func (b *boxes) is(t *testing.T, columns string, rows ...[]any) {
	t.Helper()
	if b == nil {
		t.Error("no such table")
		return
	}
	if !slices.Equal(b.header, strings.Fields(columns)) {
		t.Errorf("columns %q, want %s", b.header, columns)
	}
	var want [][]string
	for _, row := range rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, fmt.Sprint(cell))
		}
		want = append(want, cells)
	}
	if !slices.EqualFunc(b.rows, want, slices.Equal[[]string]) {
		t.Errorf("rows %q, want %q", b.rows, want)
	}
}

// latency is a latency as Texttable writes the number that it sees in a string.
func latency(millis float64) string {
	text := decimal(millis)
	if whole, found := strings.CutSuffix(text, ".000"); found {
		return whole
	}
	return text
}

// The real streamparse shows the figures of the status.
func TestStreamparse(t *testing.T) {
	live := quiet(t)
	s := serve(t, live.Served, ended(t, "gone").Served)
	p := newSparse(t, s)
	v := live.View(status.AllTime)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}

	tables := p.run(t, "stats")
	if c := tables["Cluster summary"]; c == nil || len(c.rows) != 1 || c.rows[0][0] != "2.8.3" || !slices.Equal(c.rows[0][2:], []string{"1", "1", "1", "0", "5", "5"}) {
		t.Errorf("cluster: %+v", c)
	}
	if list := tables["Topology summary"]; list == nil || len(list.rows) != 1 || !slices.Equal(list.rows[0][:3], []string{"words", live.ID(), "ACTIVE"}) || !slices.Equal(list.rows[0][4:], []string{"1", "5", "5"}) {
		t.Errorf("topologies: %+v", list)
	}
	if list := tables["Supervisor summary"]; list == nil || len(list.rows) != 1 || list.rows[0][1] != host || !slices.Equal(list.rows[0][3:], []string{"1", "1"}) {
		t.Errorf("supervisors: %+v", list)
	}

	words, split, count := v.Component("words"), v.Component("split"), v.Component("count")
	complete := latency(v.Counts.CompleteMillis())
	tables = p.run(t, "stats", "-n", "words")
	tables["Topology stats"].is(t, "windowPretty emitted transferred completeLatency acked failed",
		[]any{"10m 0s", 300, 300, complete, 100, 0}, []any{"3h 0m 0s", 300, 300, complete, 100, 0},
		[]any{"1d 0h 0m 0s", 300, 300, complete, 100, 0}, []any{"All time", 300, 300, complete, 100, 0})
	tables["Spouts (All time)"].is(t, "spoutId emitted transferred completeLatency acked failed",
		[]any{"words", 100, 100, latency(words.Counts.CompleteMillis()), 100, 0})
	bolt := func(c *status.ComponentView) []any {
		n := c.Counts
		return []any{c.Name, 2, 2, n.Emitted, n.Transferred, latency(c.Capacity), latency(n.ExecuteMillis()), n.Executed, latency(n.ProcessMillis()), n.Acked, n.Failed, ""}
	}
	if bolts := tables["Bolt (All time)"]; bolts != nil { // the capacity falls while nothing is done
		for _, row := range bolts.rows {
			row[5] = ""
		}
	}
	rows := [][]any{bolt(split), bolt(count)}
	rows[0][5], rows[1][5] = "", ""
	tables["Bolt (All time)"].is(t, "boltId executors tasks emitted transferred capacity executeLatency executed processLatency acked failed lastError", rows...)

	tables = p.run(t, "stats", "-n", "words", "-c", "count")
	n := count.Counts
	var windows [][]any
	for _, window := range []string{"10m 0s", "3h 0m 0s", "1d 0h 0m 0s", "All time"} {
		windows = append(windows, []any{window, 0, 0, latency(n.ExecuteMillis()), 200, latency(n.ProcessMillis()), 200, 0})
	}
	tables["Component summary"].is(t, "id name executors tasks", []any{"count", "words", 2, 2})
	tables["Bolt stats"].is(t, "windowPretty emitted transferred executeLatency executed processLatency acked failed", windows...)
	tables["Input stats (All time)"].is(t, "component stream executeLatency processLatency executed acked failed",
		[]any{"split", "default", latency(n.ExecuteMillis()), latency(n.ProcessMillis()), 200, 200, 0})

	tables = p.run(t, "stats", "-n", "words", "-c", "words")
	tables["Spout stats"].is(t, "windowPretty emitted transferred completeLatency acked failed", []any{"All time", 100, 100, complete, 100, 0})
	if list := tables["Executors (All time)"]; list == nil || len(list.rows) != 1 || !slices.Equal(list.rows[0][2:], []string{host, "6700", "100", "100", complete, "100", "0"}) {
		t.Errorf("executors: %+v", list)
	}

	workers := p.run(t, "worker_uptime")["Worker Stats"]
	if workers == nil || len(workers.rows) != 5 || !strings.Contains(workers.rows[0][3], "/api/v1/log?file="+live.ID()) {
		t.Errorf("workers: %+v", workers)
	}
	var ids []string
	for _, c := range v.Components {
		for _, task := range live.Tasks(c.Name, status.AllTime) {
			ids = append(ids, fmt.Sprintf("[%d-%d]", task.Task, task.Task))
		}
	}
	slices.Sort(ids)
	for i, row := range workers.rows {
		if row[0] != host || row[1] != ids[i] {
			t.Errorf("worker %q, want %s", row, ids[i])
		}
	}

	p.run(t, "slot_usage")["Slot (and Executor) Counts by Topology"].is(t, "Host words", []any{host, "1 (5)"})
}
