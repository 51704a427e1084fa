package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// wildBolt is a bolt that was written without an adapter, or with an odd one. It gets one
// tuple and answers with the bytes of its script.
type wildBolt struct {
	name string
	script
	command []string // instead of a peer alone
	want    []string // the tuples that it emits; nil is the one tuple ["out"]
	verdict string   // of the tuple that it was given; "" is "ack"
	errors  int      // that are counted as its own
	listed  bool     // it asks for task ids, once
}

const (
	ack  = `{"command":"ack","id":"$ID"}` + "\nend\n"
	pid  = `{"pid":$PID}` + "\nend\n"
	sync = `{"command":"sync"}` + "\nend\n"
	// asking requests the task ids of its emit, as Storm's own adapters always do.
	asking = `{"command":"emit","tuple":["out"]}` + "\nend\n"
)

// anyValue has all that JSON, and Python's version of JSON, can express: numbers whose
// form matters, strings that are not Unicode, nesting.
const anyValue = `[1.0,-0.0,1e400,1E5,123456789012345678901234567890,-9223372036854775809,NaN,Infinity,-Infinity,` +
	`"\ud800","\udc00\ud800x","é€😀","\u00e9\u2028\u0000","\"\\\/\b","",{"b":[{}],"a":null,"a":{"":[]}},[[],[[]]],true,false]`

// answer is a script of nothing but an answer, with one step for each write.
func answer(steps ...string) script { return script{Steps: steps} }

// anchored emits a tuple that will fail, and its anchors with it.
func anchored(anchors string) script {
	return answer(emission(`["fail me"]`, `"anchors":`+anchors), ack)
}

func wildBolts(t *testing.T) []wildBolt {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := emission(`["out"]`, `"anchors":["$ID"]`)
	deep := "[" + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "]"
	failing := []string{`["fail me"]`}
	return []wildBolt{
		{name: "plain", script: answer(out, ack)},

		// Ids.
		{name: "id-number", script: answer(out, `{"command":"ack","id":$ID}`+"\nend\n")},
		{name: "id-number-fail", script: answer(out, `{"command":"fail","id":$ID}`+"\nend\n"), verdict: "fail"},
		{name: "anchors-text", script: anchored(`"$ID"`), want: failing, verdict: "fail"},
		{name: "anchors-number", script: anchored(`$ID`), want: failing, verdict: "fail"},
		{name: "anchors-numbers", script: anchored(`[$ID]`), want: failing, verdict: "fail"},
		{name: "anchors-twice", script: answer(emission(`["out"]`, `"anchors":["$ID",$ID,null]`), ack)},
		{name: "anchors-null", script: anchored(`null`), want: failing},
		{name: "anchors-empty", script: anchored(`[]`), want: failing},
		{name: "anchors-absent", script: answer(emission(`["fail me"]`), ack), want: failing},

		// Members.
		{name: "members-null", script: answer(emission(`["out"]`, `"stream":null,"task":null,"id":null,"anchors":null`), ack)},
		{name: "members-unknown", script: answer(emission(`["out"]`, `"x":{"command":"fail","tuple":[1,"]}\"",{}]},"stream":"default"`), ack)},
		{name: "members-escaped", script: answer(`{"\u0063ommand":"\u0065mit","need_task_ids":false,"tupl\u0065":["out"]}`+"\nend\n", ack)},
		{name: "members-mixed-up", script: answer(`{"tuple":["out"],"anchors":["$ID"],"need_task_ids":false,"command":"emit"}`+"\nend\n", ack)},
		{name: "task-0", script: answer(emission(`["out"]`, `"task":0`), ack)},
		{name: "task-ids", script: answer(asking, awaitTaskIDs, ack), listed: true},
		{name: "null-task-ids", script: answer(strings.Replace(asking, "{", `{"need_task_ids":null,`, 1), awaitTaskIDs, ack), listed: true},

		// Framing.
		{name: "blank-lines", script: answer("\n\n"+out+"\n \n", "\n"+strings.Replace(ack, "\nend", "\n\nend", 1))},
		{name: "crlf", script: answer(strings.ReplaceAll(out+ack, "\n", "\r\n"))},
		{name: "empty-message", script: answer("end\n", out, "end\n", ack)},
		{name: "one-write", script: answer(out + ack)},
		{name: "bytewise", script: script{Steps: []string{emission(`["é€😀"]`), ack}, Piece: 1}, want: []string{`["é€😀"]`}},
		{name: "sevenfold", script: script{Steps: []string{emission(`["é€😀"]`) + ack}, Piece: 7}, want: []string{`["é€😀"]`}},
		{
			name: "pretty", script: answer("{\n  \"command\": \"emit\",\n  \"need_task_ids\": false,\n\n  \"tuple\": [\n    \"out\"\n  ]\n}\nend\n" + ack),
			want: []string{`[     "out"   ]`},
		},

		// Values.
		{name: "values", script: answer(emission("["+anyValue+"]"), ack), want: []string{"[" + anyValue + "]"}},
		{name: "values-deep", script: answer(emission(deep), ack), want: []string{deep}},

		// The beginning.
		{name: "log-before-pid", script: script{Hello: []string{`{"command":"log","msg":"hello"}` + "\nend\n", pid}, Steps: []string{out, ack}}},
		{name: "sync-first", script: script{Hello: []string{pid, sync, sync}, Steps: []string{out, ack}}},
		{name: "sync-before-pid", script: script{Hello: []string{sync, pid}, Steps: []string{out, ack}}},
		{name: "pid-before-handshake", script: script{Hello: []string{pid}, Early: true, Steps: []string{out, ack}}},
		{name: "pid-text", script: script{Hello: []string{`{"pid":"$PID"}` + "\nend\n"}, Steps: []string{out, ack}}},
		{name: "emits-first", script: script{Hello: []string{pid, asking, awaitTaskIDs}, Steps: []string{ack}}, listed: true},
		{name: "emits-before-pid", script: script{Hello: []string{asking, awaitTaskIDs, pid}, Steps: []string{ack}}, listed: true},
		{name: "bash", script: answer(out, ack), command: []string{"bash", "-c", `"$0"; exit $?`, self}},
		{name: "sh-exec", script: answer(out, ack), command: []string{"sh", "-c", `exec "$0"`, self}},

		// Reports.
		{
			name: "logs", script: answer(`{"command":"log"}`+"\nend\n", `{"command":"log","msg":{"a":1},"level":9}`+"\nend\n",
				`{"command":"log","msg":7,"level":"1"}`+"\nend\n", `{"command":"log","msg":null,"level":null}`+"\nend\n",
				`{"command":"log","msg":"x","level":3.0}`+"\nend\n", out, ack),
		},
		{name: "error-bare", script: answer(`{"command":"error"}`+"\nend\n", out, ack), errors: 1},
		{name: "metrics-bare", script: answer(`{"command":"metrics"}`+"\nend\n", out, ack)},

		// What ends a worker of Storm, and is harmless here, or only an error.
		{name: "printed", script: answer("reading config...\n"+out, ack)},
		{name: "byte-order-mark", script: script{Hello: []string{"\ufeff" + pid}, Steps: []string{out, ack}}},
		{name: "unknown-command", script: answer(`{"command":"dance"}`+"\nend\n", out, ack), errors: 1},
	}
}

// TestWildBolts runs all of them in one topology, each with a stream of its own.
func TestWildBolts(t *testing.T) {
	t.Parallel()
	cases := wildBolts(t)
	b := newBench(t)
	var source script
	var streams, inputs, outputs []string
	for _, c := range cases {
		source.Steps = append(source.Steps, emission(`["in"]`, fmt.Sprintf(`"stream":%q,"id":%q`, c.name, c.name)))
		streams = append(streams, fmt.Sprintf(`%s = ["x"]`, c.name))
		inputs = append(inputs, fmt.Sprintf("%q", c.name))
		b.addPeer("scripted", c.script, component{
			kind: "bolts", name: c.name, command: c.command, outputs: `["x"]`, inputs: fmt.Sprintf(`["source/%s"]`, c.name),
		})
		for _, tuple := range c.tuples() {
			outputs = append(outputs, c.name+"/default "+tuple)
		}
	}
	b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: "{ " + strings.Join(streams, ", ") + " }"})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: "[" + strings.Join(inputs, ", ") + "]"})
	b.start()
	b.run.Until("every bolt has answered", func() bool {
		return len(b.recorded("source-*")) >= len(cases) && len(b.recorded("sink-*")) >= len(outputs)
	})
	stats := b.run.Stop()

	tuples, verdicts := b.recorded("sink-*"), b.recorded("source-*")
	sink := stats.Component(t, "sink").Processes[0].Task
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, line := range tuples {
				if tuple, ok := strings.CutPrefix(line, c.name+"/default "); ok {
					got = append(got, tuple)
				}
			}
			compare(t, "the sink's tuples", got, c.tuples())
			verdict := c.verdict
			if verdict == "" {
				verdict = "ack"
			}
			if want := fmt.Sprintf("%s %q", verdict, c.name); !slices.Contains(verdicts, want) {
				t.Errorf("the source was not told %s, but %v", want, filter(verdicts, c.name))
			}
			if c.listed {
				compare(t, "the list of task ids", b.recorded(c.name+"-*"), []string{fmt.Sprintf("tasks [%d]", sink)})
			}
			if got := stats.Component(t, c.name); got.Errors != c.errors || got.Restarts != 0 {
				t.Errorf("%d errors (%s), %d restarts; want %d and none", got.Errors, got.LastError, got.Restarts, c.errors)
			}
		})
	}
}

func (c wildBolt) tuples() []string {
	if c.want == nil {
		return []string{`["out"]`}
	}
	return c.want
}

func filter(lines []string, part string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.Contains(line, part) })
}

// TestBoltsWithoutAdapter runs bolts in a few lines of their language: one in plain
// shell, and two that accept packs.
func TestBoltsWithoutAdapter(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("testdata/wild")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"sh", "upper.sh"}, {"node", "packs.js"}, {"ruby", "packs.rb"}} {
		t.Run(command[1], func(t *testing.T) {
			t.Parallel()
			testenv.Program(t, command[0])
			b := newBench(t)
			var source script
			var want, verdicts []string
			for i := range 20 {
				source.Steps = append(source.Steps, emission(fmt.Sprintf(`["word %d"]`, i), fmt.Sprintf(`"id":%d`, i)))
				want = append(want, fmt.Sprintf(`upper/default ["WORD %d"]`, i))
				verdicts = append(verdicts, fmt.Sprintf("ack %d", i))
			}
			b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: `["word"]`})
			b.add(component{kind: "bolts", name: "upper", dir: dir, command: command, inputs: `["source"]`, outputs: `["word"]`})
			b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: `["upper"]`})
			b.start()
			b.run.Until("all words have arrived", func() bool { return len(b.recorded("source-*")) >= len(verdicts) })
			stats := b.run.Stop()
			compare(t, "the sink's tuples", b.recorded("sink-*"), want)
			compare(t, "the source's verdicts", b.recorded("source-*"), verdicts)
			if got := stats.Component(t, "upper"); got.Errors != 0 || got.Restarts != 0 {
				t.Errorf("%d errors (%s), %d restarts, want none", got.Errors, got.LastError, got.Restarts)
			}
		})
	}
}
