package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gust/storm"
	"gust/storm/generated"
)

func TestUptime(t *testing.T) {
	for secs, want := range map[int]string{0: "0s", 59: "59s", 265: "4m 25s", 10800: "3h 0m 0s", 86400: "1d 0h 0m 0s", -3: "0s"} {
		if got := uptime(secs); got.text != want || got.value != max(secs, 0) {
			t.Errorf("uptime(%d) is %v, want %s", secs, got, want)
		}
	}
}

func TestCellText(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{nil, "None"}, {int32(4), "4"}, {int64(2608371000), "2608371000"}, {0.0, "0"}, {7.8871, "7.887"}, {0.0001, "0"}, {512.0, "512"}, {"x", "x"},
	} {
		if got := cellText(tt.value); got != tt.want {
			t.Errorf("cellText(%v) = %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestPlainHead(t *testing.T) {
	for name, want := range map[string]string{
		"name": "name", "num_tasks": "tasks", "workersTotal": "workers", "completeLatency": "complete ms", "windowPretty": "window",
		"Worker ID": "worker id", "Log URL": "log url", "boltId": "bolt id", "slotsUsed": "slots used", "requested off-heap MB": "requested off-heap mb",
	} {
		if got := plainHead(name); got != want {
			t.Errorf("plainHead(%q) = %q, want %q", name, got, want)
		}
	}
}

// The figures of a large topology fit 80 columns, and each word of theirs is whole.
func TestFiguresFit80Columns(t *testing.T) {
	const n, host = int64(123456789), "worker-17.storm.example.com"
	up := int32(30 * 24 * 60 * 60)
	i := int32(12)
	name := "a_bolt_with_quite_a_long_name"
	failed := "ValueError: the value of the field \"price\" is not a number, but something else that is long"
	common := &generated.CommonAggregateStats{NumExecutors: &i, NumTasks: &i, Emitted: new(n), Transferred: new(n), Acked: new(n), Failed: new(n)}
	latency := 1234.567
	bolt := &generated.ComponentAggregateStats{
		CommonStats: common, LastError: &generated.ErrorInfo{Error: failed},
		SpecificStats: &generated.SpecificAggregateStats{Bolt: &generated.BoltAggregateStats{
			ExecuteLatencyMs: &latency, ProcessLatencyMs: &latency, Executed: new(n), Capacity: &latency}},
	}
	id := "a-topology-with-quite-a-long-name-17-1795402567"
	windows := map[string]*generated.ComponentAggregateStats{"600": bolt, "10800": bolt, "86400": bolt, storm.AllTime: bolt}
	sheets := topologySheets(&generated.TopologyPageInfo{
		ID: id, Name: &id, UptimeSecs: &up, Status: new("INACTIVE"),
		TopologyStats:     &generated.TopologyStats{WindowToEmitted: map[string]int64{"600": n}},
		IDToSpoutAggStats: map[string]*generated.ComponentAggregateStats{"a_spout_with_a_name": bolt},
		IDToBoltAggStats:  map[string]*generated.ComponentAggregateStats{name: bolt},
	})
	for kind := range map[generated.ComponentType]bool{generated.ComponentType_BOLT: true, generated.ComponentType_SPOUT: true} {
		sheets = append(sheets, componentSheets(&generated.ComponentPageInfo{
			ComponentID: name, ComponentType: kind, TopologyName: &id, WindowToStats: windows,
			SidToOutputStats: map[string]*generated.ComponentAggregateStats{"default": bolt},
			GsidToInputStats: map[*generated.GlobalStreamId]*generated.ComponentAggregateStats{
				{ComponentId: name, StreamId: "default"}: bolt},
			ExecStats: []*generated.ExecutorAggregateStats{{Stats: bolt, ExecSummary: &generated.ExecutorSummary{
				ExecutorInfo: &generated.ExecutorInfo{TaskStart: 12, TaskEnd: 13}, ComponentID: name, Host: host, Port: 6700, UptimeSecs: up}}},
		})...)
	}
	sheets = append(sheets, clusterSheets(&generated.ClusterSummary{
		Supervisors: []*generated.SupervisorSummary{{Host: host, SupervisorID: "0f8fad5b-d9cb-469f-a165-70867728950e-127.0.0.1", Version: new("2.8.3"), UptimeSecs: up}},
		Topologies:  []*generated.TopologySummary{{ID: id, Name: id, Status: "ACTIVE", UptimeSecs: up}},
	})...)
	for _, s := range sheets {
		for _, all := range []bool{false, true} {
			s.all = all
			text := s.plain(gustWidth)
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > gustWidth {
					t.Errorf("%s: a line has %d characters:\n%s", s.title, n, text)
				}
			}
			for j, column := range s.columns {
				if column.audience == nobody || column.audience == rare && !all {
					continue
				}
				for word := range strings.FieldsSeq(plainText(s.rows[0][j])) {
					if !strings.Contains(text, word) {
						t.Errorf("%s: %q is not whole in\n%s", s.title, word, text)
					}
				}
			}
		}
	}
}
