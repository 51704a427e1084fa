package rest_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/status"
)

// newSparse runs streamparse against an API.
func newSparse(t *testing.T, s *site) *testenv.Sparse {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return testenv.NewSparse(t, map[string]any{
		"nimbus": "127.0.0.1", "use_ssh_for_nimbus": false, "ui.port": json.RawMessage(port), "workers": []string{}, "user": "", "virtualenv_root": "/",
	})
}

// is compares a table: its columns, separated by blanks, and its rows.
func is(t *testing.T, b *testenv.Table, columns string, rows ...[]any) {
	t.Helper()
	if b == nil {
		t.Error("no such table")
		return
	}
	if !slices.Equal(b.Header, strings.Fields(columns)) {
		t.Errorf("columns %q, want %s", b.Header, columns)
	}
	var want [][]string
	for _, row := range rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, fmt.Sprint(cell))
		}
		want = append(want, cells)
	}
	if !slices.EqualFunc(b.Rows, want, slices.Equal[[]string]) {
		t.Errorf("rows %q, want %q", b.Rows, want)
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

	tables := p.Tables(t, "stats")
	if c := tables["Cluster summary"]; c == nil || len(c.Rows) != 1 || c.Rows[0][0] != "2.8.3" || !slices.Equal(c.Rows[0][2:], []string{"1", "1", "1", "0", "5", "5"}) {
		t.Errorf("cluster: %+v", c)
	}
	if list := tables["Topology summary"]; list == nil || len(list.Rows) != 1 || !slices.Equal(list.Rows[0][:3], []string{"words", live.ID(), "ACTIVE"}) || !slices.Equal(list.Rows[0][4:], []string{"1", "5", "5"}) {
		t.Errorf("topologies: %+v", list)
	}
	if list := tables["Supervisor summary"]; list == nil || len(list.Rows) != 1 || list.Rows[0][1] != host || !slices.Equal(list.Rows[0][3:], []string{"1", "1"}) {
		t.Errorf("supervisors: %+v", list)
	}

	words, split, count := v.Component("words"), v.Component("split"), v.Component("count")
	complete := latency(v.Counts.CompleteMillis())
	tables = p.Tables(t, "stats", "-n", "words")
	is(t, tables["Topology stats"], "windowPretty emitted transferred completeLatency acked failed",
		[]any{"10m 0s", 300, 300, complete, 100, 0}, []any{"3h 0m 0s", 300, 300, complete, 100, 0},
		[]any{"1d 0h 0m 0s", 300, 300, complete, 100, 0}, []any{"All time", 300, 300, complete, 100, 0})
	is(t, tables["Spouts (All time)"], "spoutId emitted transferred completeLatency acked failed",
		[]any{"words", 100, 100, latency(words.Counts.CompleteMillis()), 100, 0})
	bolt := func(c *status.ComponentView) []any {
		n := c.Counts
		return []any{c.Name, 2, 2, n.Emitted, n.Transferred, latency(c.Capacity), latency(n.ExecuteMillis()), n.Executed, latency(n.ProcessMillis()), n.Acked, n.Failed, ""}
	}
	if bolts := tables["Bolt (All time)"]; bolts != nil { // the capacity falls while nothing is done
		for _, row := range bolts.Rows {
			row[5] = ""
		}
	}
	rows := [][]any{bolt(split), bolt(count)}
	rows[0][5], rows[1][5] = "", ""
	is(t, tables["Bolt (All time)"], "boltId executors tasks emitted transferred capacity executeLatency executed processLatency acked failed lastError", rows...)

	tables = p.Tables(t, "stats", "-n", "words", "-c", "count")
	n := count.Counts
	var windows [][]any
	for _, window := range []string{"10m 0s", "3h 0m 0s", "1d 0h 0m 0s", "All time"} {
		windows = append(windows, []any{window, 0, 0, latency(n.ExecuteMillis()), 200, latency(n.ProcessMillis()), 200, 0})
	}
	is(t, tables["Component summary"], "id name executors tasks", []any{"count", "words", 2, 2})
	is(t, tables["Bolt stats"], "windowPretty emitted transferred executeLatency executed processLatency acked failed", windows...)
	is(t, tables["Input stats (All time)"], "component stream executeLatency processLatency executed acked failed",
		[]any{"split", "default", latency(n.ExecuteMillis()), latency(n.ProcessMillis()), 200, 200, 0})

	tables = p.Tables(t, "stats", "-n", "words", "-c", "words")
	is(t, tables["Spout stats"], "windowPretty emitted transferred completeLatency acked failed", []any{"All time", 100, 100, complete, 100, 0})
	if list := tables["Executors (All time)"]; list == nil || len(list.Rows) != 1 || !slices.Equal(list.Rows[0][2:], []string{host, "6700", "100", "100", complete, "100", "0"}) {
		t.Errorf("executors: %+v", list)
	}

	workers := p.Tables(t, "worker_uptime")["Worker Stats"]
	if workers == nil || len(workers.Rows) != 5 || !strings.Contains(workers.Rows[0][3], "/api/v1/log?file="+live.ID()) {
		t.Errorf("workers: %+v", workers)
	}
	var ids []string
	for _, c := range v.Components {
		for _, task := range live.Tasks(c.Name, status.AllTime) {
			ids = append(ids, fmt.Sprintf("[%d-%d]", task.Task, task.Task))
		}
	}
	slices.Sort(ids)
	for i, row := range workers.Rows {
		if row[0] != host || row[1] != ids[i] {
			t.Errorf("worker %q, want %s", row, ids[i])
		}
	}

	is(t, p.Tables(t, "slot_usage")["Slot (and Executor) Counts by Topology"], "Host words", []any{host, "1 (5)"})
}
