package conformance_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"gust/internal/testenv"
)

// wildPython is a component in testdata/wild that speaks msgpack by hand.
func wildPython(t *testing.T, b *bench, kind, name string) component {
	t.Helper()
	dir, err := filepath.Abs("testdata/wild")
	if err != nil {
		t.Fatal(err)
	}
	return component{
		kind: kind, name: name, dir: dir, serializer: "msgpack", outputs: `["x"]`,
		command: []string{testenv.Python(t, "msgpack"), "msgpack_" + name + ".py"},
		env:     map[string]string{"PYTHONDONTWRITEBYTECODE": "1", "RESULTS": filepath.Join(b.dir, "results")},
	}
}

// TestMsgpackSpoutIDs checks that ids return with the same bytes.
func TestMsgpackSpoutIDs(t *testing.T) {
	t.Parallel()
	const ids = 16
	b := newBench(t)
	b.add(wildPython(t, b, "spouts", "spout"))
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["spout"]`})
	b.start()
	b.run.Until("all ids are back", func() bool { return len(b.recorded("results")) >= ids })
	stats := b.run.Stop()
	var want, tuples []string
	for i := range ids {
		want = append(want, fmt.Sprintf("ack [%d]", i))
		tuples = append(tuples, fmt.Sprintf("spout/default [%d]", i))
	}
	compare(t, "the ids that came back", b.recorded("results"), want)
	compare(t, "the sink's tuples", b.recorded("sink-*"), tuples)
	if got := stats.Component(t, "spout"); got.Acked != ids || got.Errors != 0 || got.Restarts != 0 {
		t.Errorf("%d acked, %d errors (%s), %d restarts; want %d and none", got.Acked, got.Errors, got.LastError, got.Restarts, ids)
	}
}

// TestMsgpackBolt compares the results of a bolt's twelve ways to answer.
func TestMsgpackBolt(t *testing.T) {
	t.Parallel()
	const ways = 12
	b := newBench(t)
	var source script
	for i := range ways {
		source.Steps = append(source.Steps, emission(fmt.Sprintf("[%d]", i), fmt.Sprintf(`"id":%d`, i)))
	}
	b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: `["x"]`})
	bolt := wildPython(t, b, "bolts", "bolt")
	bolt.inputs = `["source"]`
	b.add(bolt)
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["bolt"]`})
	b.start()
	var tuples []string
	for _, tuple := range []string{
		`[0]`, `[1]`, `[2]`, `["fail me"]`, `["fail me"]`, `["fail me"]`, `["fail me"]`, `["fail me"]`, `[8]`, `[9]`,
		`[[1.0,Infinity,-9223372036854775808,18446744073709551615,null,{"k":["é",true]}]]`,
	} {
		tuples = append(tuples, "bolt/default "+tuple)
	}
	b.run.Until("all tuples are answered, and the answers at the sink", func() bool {
		return len(b.recorded("source-*")) >= ways && len(b.recorded("sink-*")) >= len(tuples)
	})
	stats := b.run.Stop()
	compare(t, "the sink's tuples", b.recorded("sink-*"), tuples)
	compare(t, "verdicts", b.recorded("source-*"), []string{
		"ack 0", "ack 1", "ack 2", "fail 3", "fail 4", "fail 5", "ack 6", "ack 7", "ack 8", "ack 9", "fail 10", "ack 11",
	})
	if got := stats.Component(t, "bolt"); got.Errors != 0 || got.Restarts != 0 {
		t.Errorf("%d errors (%s), %d restarts, want none", got.Errors, got.LastError, got.Restarts)
	}
}
