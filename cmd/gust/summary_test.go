package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"gust/status"
	"gust/worker"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func wordcountStats() worker.Stats {
	return worker.Stats{
		Topology: "wordcount",
		Seconds:  10,
		Components: []worker.ComponentStats{{
			Name: "word_spout", Kind: "spout", Tasks: 1,
			Emitted: 1234567, Transferred: 1234567, Acked: 1234000, Failed: 67,
			Outputs:         []worker.OutputStats{{Stream: "default", Emitted: 1234567, Transferred: 1234567, Acked: 1234000, Failed: 67}},
			CompleteLatency: &worker.Latency{Mean: 3.21, P50: 2.9, P99: 12},
			Processes:       []worker.ProcessStats{{Task: 4, PID: 0}},
		}, {
			Name: "count_bolt", Kind: "bolt", Tasks: 2,
			Executed: 1234567, Acked: 1234100,
			Inputs:         []worker.InputStats{{Component: "word_spout", Stream: "default", Executed: 1234567, Acked: 1234100}},
			ExecuteLatency: &worker.Latency{Mean: 0.0123, P50: 0.01, P99: 0.5},
			ProcessLatency: &worker.Latency{Mean: 1.5, P50: 1.25, P99: 1234.5678},
			Processes:      []worker.ProcessStats{{Task: 2}, {Task: 3}},
		}},
		Trees: worker.TreeStats{Emitted: 1234567, Acked: 1234000, Pending: 500, Failed: worker.FailedStats{Timeout: 67}},
	}
}

func troubledStats() worker.Stats {
	return worker.Stats{
		Topology: "orders", Seconds: 61.5,
		Components: []worker.ComponentStats{{
			Name: "orders", Kind: "spout", Tasks: 1, Emitted: 300, Transferred: 310, Acked: 250, Failed: 45,
			Outputs: []worker.OutputStats{
				{Stream: "default", Emitted: 290, Transferred: 290, Acked: 245, Failed: 40},
				{Stream: "priority", Emitted: 10, Transferred: 20, Acked: 5, Failed: 5},
			},
			CompleteLatency: &worker.Latency{Mean: 20, P50: 15, P99: 90},
		}, {
			Name: "check", Kind: "bolt", Tasks: 4, Emitted: 280, Transferred: 280, Executed: 300, Acked: 270, Failed: 10,
			Restarts: 3, Errors: 12,
			LastError: "Exception in process:\nTraceback (most recent call last):\n  File \"check.py\", line 3, in process\nValueError: " + strings.Repeat("no such order ", 12) + "\n",
			Inputs: []worker.InputStats{
				{Component: "orders", Stream: "default", Executed: 290, Acked: 262, Failed: 8},
				{Component: "orders", Stream: "priority", Executed: 10, Acked: 8, Failed: 2},
			},
			Outputs:        []worker.OutputStats{{Stream: "default", Emitted: 280, Transferred: 280}, {Stream: "rejected"}},
			ExecuteLatency: &worker.Latency{Mean: 10, P50: 9, P99: 40},
		}, {
			Name: "store", Kind: "bolt", Metrics: []worker.MetricStats{{Name: "rows", Reports: 1200, Last: "280"}, {Name: "disk", Reports: 2, Last: `{"free":0}`}},
			Tasks: 1, Executed: 280, Acked: 280, LastError: "\x1b[31mdisk is full",
		}},
		Trees: worker.TreeStats{Emitted: 300, Acked: 250, Pending: 5, Failed: worker.FailedStats{
			Bolt: 10, Timeout: 20, Died: 12, Shutdown: 3, Held: map[string]uint64{"store": 2, "check": 17, "audit": 2},
		}},
	}
}

// TestSummary compares with testdata/summary/*.golden; -update rewrites them.
func TestSummary(t *testing.T) {
	tests := map[string]worker.Stats{
		"wordcount":   wordcountStats(),
		"troubled":    troubledStats(),
		"not-started": {Topology: "wordcount"},
		"no-tuples": {Topology: "quiet", Seconds: 0.25, Components: []worker.ComponentStats{
			{Name: "never", Kind: "spout", Tasks: 1}, {Name: "idle", Kind: "bolt", Tasks: 1},
		}},
	}
	for name, stats := range tests {
		t.Run(name, func(t *testing.T) {
			got := summary(stats)
			golden := filepath.Join("testdata", "summary", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for line := range strings.Lines(got) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 120 {
					t.Errorf("a line is %d characters wide: %s", n, line)
				}
			}
		})
	}
}

func TestJSONIsOneLineThatHasTheStats(t *testing.T) {
	for _, stats := range []worker.Stats{wordcountStats(), troubledStats()} {
		var out bytes.Buffer
		report := &status.Report{View: &status.View{ID: "t-1-2"}, Facets: []status.FailureFacet{{Component: "b", Count: 3}}}
		if err := printOutcome(newCLI("gust", &out, io.Discard), stats, report, true); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Errorf("%d lines, want 1", n)
		}
		var back runOutcome
		d := json.NewDecoder(&out)
		if err := d.Decode(&back); err != nil {
			t.Fatal(err)
		}
		if want := (runOutcome{Stats: stats, ID: "t-1-2", Failures: report.Facets}); !reflect.DeepEqual(back, want) {
			t.Errorf("got %+v\nwant %+v", back, want)
		}
	}
}

// TestTheDocumentTellsEveryField holds docs/run-json.md to the stats: its example
// has all fields, no others, and trees that add up; its tables name them all.
func TestTheDocumentTellsEveryField(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "run-json.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```json\n")
	example, tables, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("no example")
	}
	var stats runOutcome
	d := json.NewDecoder(strings.NewReader(example))
	d.DisallowUnknownFields()
	if err := d.Decode(&stats); err != nil {
		t.Fatalf("the example: %v", err)
	}
	if trees := stats.Trees; trees.Emitted != trees.Acked+trees.Pending+trees.Failed.Sum() {
		t.Errorf("the example's trees do not add up: %+v", trees)
	}

	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				if !typ.Field(i).IsExported() {
					continue
				}
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if typ.Field(i).Anonymous {
					walk(typ.Field(i).Type)
					continue
				}
				if !strings.Contains(example, `"`+name+`"`) {
					t.Errorf("the example lacks %q", name)
				}
				if !strings.Contains(tables, "`"+name+"`") && !strings.Contains(tables, "`failed."+name+"`") {
					t.Errorf("the tables lack %q", name)
				}
				walk(typ.Field(i).Type)
			}
		}
	}
	walk(reflect.TypeFor[runOutcome]())
}

func TestRate(t *testing.T) {
	for got, want := range map[string]string{rate(0, 10): "0", rate(5, 10): "0.5", rate(12345678, 10): "1,234,568"} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
