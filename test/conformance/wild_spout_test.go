package conformance_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSpoutIDs checks that a spout's ids, of any type, return unchanged.
func TestSpoutIDs(t *testing.T) {
	t.Parallel()
	ids := []string{
		`0`, `-1`, `1.0`, `1`, `1e3`, `-0.0`, `18446744073709551616`, `NaN`, `Infinity`,
		`"0"`, `""`, `"a\"\\b"`, `"é😀"`, `"\ud83d\ude00"`, `"\ud800"`, `true`, `false`,
		`{}`, `{"a": [1, {"b": null}]}`, `[]`, `[0]`, `[[], "x"]`,
	}
	b := newBench(t)
	var source script
	var verdicts []string
	for _, id := range ids {
		source.Steps = append(source.Steps, emission(`["x"]`, `"id":`+id), emission(`["fail me"]`, `"id":`+id))
		verdicts = append(verdicts, "ack "+id, "fail "+id)
	}
	// These are unreliable.
	source.Steps = append(source.Steps, emission(`["x"]`, `"id":null`), emission(`["x"]`))
	b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: `["x"]`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["source"]`})
	b.start()
	b.run.Until("all tuples have arrived, with all verdicts", func() bool {
		return len(b.recorded("source-*")) >= len(verdicts) && len(b.recorded("sink-*")) >= len(source.Steps)
	})
	stats := b.run.Stop()
	compare(t, "verdicts", b.recorded("source-*"), verdicts)
	if stats.Trees.Emitted != len(verdicts) || stats.Trees.Acked != len(ids) || stats.Trees.Failed.Bolt != len(ids) {
		t.Errorf("trees %+v, want %d, half of them acked", stats.Trees, len(verdicts))
	}
}

// TestWildSpouts runs spouts with odd beginnings in one topology. Each emits one tuple,
// which is acked.
func TestWildSpouts(t *testing.T) {
	t.Parallel()
	emit := emission(`["out"]`, `"id":"x"`)
	asking := `{"command":"emit","id":"x","tuple":["out"]}` + "\nend\n"
	cases := []struct {
		name string
		script
		listed bool
	}{
		{name: "plain", script: script{Steps: []string{emit}}},
		{name: "bytewise", script: script{Steps: []string{emit}, Piece: 1}},
		{name: "log-before-pid", script: script{Hello: []string{`{"command":"log","msg":"hello"}` + "\nend\n", pid}, Steps: []string{emit}}},
		{name: "sync-first", script: script{Hello: []string{pid, sync}, Steps: []string{emit}}},
		{name: "syncs-before-pid", script: script{Hello: []string{sync, sync, pid}, Steps: []string{emit}}},
		{name: "pid-before-handshake", script: script{Hello: []string{pid}, Early: true, Steps: []string{emit}}},
		{name: "asks-in-next", script: script{Steps: []string{asking, awaitTaskIDs}}, listed: true},
		{name: "emits-first", script: script{Hello: []string{pid, emit}}},
		{name: "asks-first", script: script{Hello: []string{pid, asking, awaitTaskIDs}}, listed: true},
		{name: "asks-before-pid", script: script{Hello: []string{asking, awaitTaskIDs, pid}}, listed: true},
		{name: "never-activated", script: script{Inert: true, Steps: []string{emit}}},
	}
	b := newBench(t)
	var inputs []string
	for _, c := range cases {
		b.addPeer("source", c.script, component{kind: "spouts", name: c.name, outputs: `["x"]`})
		inputs = append(inputs, fmt.Sprintf("%q", c.name))
	}
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: "[" + strings.Join(inputs, ", ") + "]"})
	b.start()
	verdict := func(name string) []string { return filter(b.recorded(name+"-*"), "ack ") }
	b.run.Until("every spout has its ack", func() bool {
		for _, c := range cases {
			if len(verdict(c.name)) == 0 {
				return false
			}
		}
		return true
	})
	stats := b.run.Stop()
	sink := stats.Component(t, "sink").Processes[0].Task
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			compare(t, "verdicts", verdict(c.name), []string{`ack "x"`})
			compare(t, "the sink's tuples", filter(b.recorded("sink-*"), c.name+"/"), []string{c.name + `/default ["out"]`})
			if c.listed {
				compare(t, "the list of task ids", filter(b.recorded(c.name+"-*"), "tasks "), []string{fmt.Sprintf("tasks [%d]", sink)})
			}
			if got := stats.Component(t, c.name); got.Errors != 0 || got.Restarts != 0 {
				t.Errorf("%d errors (%s), %d restarts, want none", got.Errors, got.LastError, got.Restarts)
			}
		})
	}
}

// TestInertSpout limits the wait for a spout that never answers activate, which is
// storm.js's default.
func TestInertSpout(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const tuples = 200
	var source script
	for i := range tuples {
		source.Steps = append(source.Steps, emission(`["x"]`, fmt.Sprintf(`"id":%d`, i)))
	}
	source.Inert = true
	b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: `["x"]`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["source"]`})
	b.start()
	running := func() bool {
		for _, line := range b.run.Log() {
			if strings.HasPrefix(line.Message, "running after") {
				return true
			}
		}
		return false
	}
	b.run.Until("the topology runs", running)
	began := time.Now()
	b.run.Until("the spout's tuples have arrived", func() bool { return len(b.recorded("sink-*")) >= tuples })
	// Were the grace of half a second due for each command, it would be a minute and more.
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("its first %d tuples took %v: too long for a spout that only does not answer activate", tuples, waited)
	}
	if stats := b.run.Stop(); stats.Trees.Acked != tuples || stats.Component(t, "source").Restarts != 0 {
		t.Errorf("trees %+v, %d restarts; want %d acked and no restart", stats.Trees, stats.Component(t, "source").Restarts, tuples)
	}
}

// TestHugeTuple passes a value of 64 MiB through a bolt.
func TestHugeTuple(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.addPeer("source", script{Steps: []string{emission(`["$HUGE"]`, `"id":1`)}}, component{kind: "spouts", name: "source", outputs: `["x"]`})
	b.addPeer("scripted", answer(emission(`$TUPLE`, `"anchors":["$ID"]`), ack), component{kind: "bolts", name: "echo", inputs: `["source"]`, outputs: `["x"]`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["echo"]`})
	b.start()
	b.run.Until("the tuple is acked", func() bool { return len(b.recorded("source-*")) > 0 })
	b.run.Stop()
	compare(t, "verdicts", b.recorded("source-*"), []string{"ack 1"})
	got := b.recorded("sink-*")
	if len(got) != 1 || sha256.Sum256([]byte(got[0])) != sha256.Sum256([]byte(`echo/default ["`+hugeText()+`"]`)) {
		t.Errorf("%d tuples arrived, and what did is not what was sent", len(got))
	}
}
