package runner_test

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/runner"
)

// What a component prints goes to stderr at once, line by line, and the host logs it.
// stdout is only for the protocol.
func TestPrintsLeaveAtOnce(t *testing.T) {
	for name, s := range map[string]step{
		"print":             {"print", "printed"},
		"print that waits":  {"print", "printed", object{"end": "\n..."}},
		"bytes":             {"write", "printed\n"},
		"descriptor 1":      {"os_write", "printed\n"},
		"a subprocess":      {"subprocess", "printed"},
		"an implicit flush": {"print", strings.Repeat("x", 1<<16) + "\nprinted"},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := io.Pipe()
			l := startWith(t, talk{class: "ScriptedBolt"}, writer)
			t.Cleanup(func() { reader.Close() })
			l.say(tuple(1, s, step{"wait_for_ever"}))
			for lines := bufio.NewReader(reader); ; {
				line, err := lines.ReadString('\n')
				if err != nil {
					t.Fatalf("nothing is printed: %v", err)
				}
				if line == "printed\n" {
					return
				}
			}
		})
	}
}

func TestPrintsStayOutOfTheConversation(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		input := []any{tuple(1, step{"thread_that_prints"})}
		for i := range 2000 {
			input = append(input, tuple(i, step{"print", "printed"}, step{"os_write", "printed\n"}, step{"emit", []any{strings.Repeat("x", 300)}}))
		}
		c := talk{class: "ScriptedBolt", serializer: serializer, input: input}
		heard := c.hold(t, c.fast(t, files, python))
		if got, want := len(heard.messages), 2+2*2000; got < want || strings.Contains(heard.String(), "printed") {
			t.Errorf("%d messages, want %d, and no prints among them: %.2000v", got, want, heard)
		}
		if n := strings.Count(heard.stderr, "printed\n"); n < 4000 {
			t.Errorf("%d lines were printed, want 4000", n)
		}
	})
}

// Output without a line feed at its end is not lost, however the process ends.
func TestTheLastPrint(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for _, end := range []step{{"exit", 0}, {"os_exit", 0}, {"terminate"}, {"raise", "x"}} {
		c := talk{class: "ScriptedBolt", serializer: "json", input: []any{tuple(1, step{"print", "printed", object{"end": ""}}, end)}}
		if heard := c.hold(t, c.fast(t, files, python)); !strings.HasPrefix(heard.stderr, "printed") {
			t.Errorf("%v: stderr has %q", end, heard.stderr)
		}
	}
}

// Only the loop reads the host's messages.
func TestStdinIsTheProtocolsAlone(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	c := talk{class: "ScriptedBolt", serializer: "json", input: []any{tuple(1, step{"input"}, step{"subprocess", "x"}), tuple(2)}}
	heard := c.hold(t, c.fast(t, files, python))
	if n := strings.Count(heard.String(), `"ack"`); n != 2 || !strings.Contains(heard.String(), "found no input") {
		t.Errorf("%d acks of 2: %v", n, heard)
	}
}

// A class that speaks the protocol itself has stdin and stdout.
func TestStreamsOfItsOwn(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for _, class := range []string{"OwnStreams", "OwnSerializer", "WritesItself", "factory"} {
		compare(t, files, python, talk{class: class, serializer: "json", input: ordinary()})
	}
}

func TestBreakpointsGoOn(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for call, s := range map[string]step{"breakpoint()": {"breakpoint"}, "pdb.set_trace()": {"pdb"}} {
		c := talk{class: "ScriptedBolt", serializer: "json", input: []any{tuple(1, s), tuple(2, s), heartbeat(3), tuple(4)}}
		heard := c.hold(t, c.fast(t, files, python))
		if n := strings.Count(heard.String(), `"ack"`); n != 3 || !strings.Contains(heard.String(), `"sync"`) {
			t.Errorf("%s: %d acks, want 3: %v", call, n, heard)
		}
		want := fmt.Sprintf(`{"command":"log","level":3,"msg":"%s at scripted.py:`, call)
		if n := strings.Count(heard.String(), want); n != 1 {
			t.Errorf("%s is told %d times as %s: %v", call, n, want, heard)
		}
	}
}

// A debugger that the user has chosen works.
func TestPythonBreakpointIsHonoured(t *testing.T) {
	t.Setenv("PYTHONBREAKPOINT", "scripted.own_debugger")
	python, files := testenv.Python(t), laid(t)
	c := talk{class: "ScriptedBolt", serializer: "json", input: []any{tuple(1, step{"breakpoint"})}}
	heard := c.hold(t, c.fast(t, files, python))
	if !strings.Contains(heard.stderr, "the user's own debugger") || strings.Contains(heard.String(), "no debugger") {
		t.Errorf("%v\n%s", heard, heard.stderr)
	}
}

// An emit that cannot be sent fails its tuple, with the reason.
func TestUnsendableEmits(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		n := len(unsendable[serializer])
		for _, class := range []string{"ScriptedBolt", "OwnAck", "OwnSendMessage", "OwnReadTuple", "NoAutoAck"} {
			c := talk{class: class, serializer: serializer}
			var acks []any // explicit, if the bolt does not ack automatically
			if class == "NoAutoAck" {
				acks = []any{step{"ack"}}
			}
			for i, value := range unsendable[serializer] {
				c.input = append(c.input, tuple(i, append([]any{step{"emit", []any{"before", step{"value", value}}}}, acks...)...))
			}
			c.input = append(c.input, tuple(100, acks...))
			for _, c := range []talk{c, c.packs()} {
				heard := c.hold(t, c.fast(t, files, python))
				for what, want := range map[string]int{
					`"command":"fail"`: n, `"command":"ack"`: 1, `"command":"error"`: n, "(at scripted.py:": n,
					`cannot emit to the stream \"default\": the field \"b\" is a `: n,
				} {
					if got := strings.Count(heard.String(), what); got != want {
						t.Errorf("%s: %d times %s, want %d: %v", class, got, what, want, heard)
					}
				}
			}
		}
	})
}

// What a bolt emits after that is still anchored to a tuple that has not failed: the
// fail comes when the bolt has finished the tuple.
func TestUnsendableEmitsFailLast(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	c := talk{class: "ScriptedBolt", serializer: "json", input: []any{
		tuple(1, step{"emit", []any{step{"value", "set"}}}, step{"emit", []any{"after", 1}}),
		tuple(2, step{"emit", []any{"next", 2}}),
	}}
	for _, c := range []talk{c, c.packs()} {
		heard, at := c.hold(t, c.fast(t, files, python)).String(), 0
		for _, want := range []string{`"command":"error"`, `["after",1]`, `{"command":"fail","id":"1"}`, `["next",2]`, `{"command":"ack","id":"2"}`} {
			next := strings.Index(heard[at:], want)
			if next < 0 {
				t.Fatalf("no %s after that: %s", want, heard)
			}
			at += next
		}
	}
}

// The traceback of a component that cannot start has only the component's own lines.
func TestTracebacksOfTheStart(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for name, c := range map[string]struct {
		talk talk
		want string
	}{
		"a module that is not there": {talk{module: "nowhere", class: "X"}, "ModuleNotFoundError: No module named 'nowhere'"},
		"a module that breaks":       {talk{module: "broken", class: "X"}, "broken.py\", line 1, in <module>\n    1 / 0"},
		"a class that is not there":  {talk{class: "Nobody"}, "has no attribute 'Nobody'"},
	} {
		t.Run(name, func(t *testing.T) {
			heard := c.talk.hold(t, c.talk.fast(t, files, python))
			if heard.status != 1 || !strings.Contains(heard.stderr, c.want) || strings.Contains(heard.stderr, "importlib") || strings.Contains(heard.stderr, "run.py") {
				t.Errorf("status %d: %s", heard.status, heard.stderr)
			}
		})
	}
}

// A caller that waits for the task ids of an emit that cannot be sent does not wait forever.
func TestUnsendableEmitThatWaitsForTaskIDs(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	c := talk{class: "ScriptedBolt", serializer: "json", input: []any{
		tuple(1, step{"emit", []any{step{"value", "set"}}, object{"need_task_ids": true}}),
		tuple(2, step{"emit", []any{1}, object{"need_task_ids": true}}), []any{4, 5}, heartbeat(3),
	}}
	heard := c.hold(t, c.fast(t, files, python))
	for _, want := range []string{"went to []", "went to [4, 5]", `"sync"`, `{"command":"fail","id":"1"}`, `{"command":"ack","id":"2"}`} {
		if !strings.Contains(heard.String(), want) {
			t.Errorf("no %s: %v", want, heard)
		}
	}
}

// A spout's fail is called for its tuple, and each command gets one sync.
func TestUnsendableEmitsOfSpouts(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		for _, options := range []object{{"tup_id": 7}, {"tup_id": []any{"value", "set"}}} {
			c := talk{class: "TellingSpout", serializer: serializer, conf: object{"rounds": []any{
				[]any{step{"emit", []any{step{"value", "set"}}, options}}, []any{},
			}}, input: []any{command("next"), command("next"), command("next")}}
			for _, c := range []talk{c, c.packs()} {
				heard := c.hold(t, c.fast(t, files, python))
				if n := strings.Count(heard.String(), `"sync"`); n != 3 {
					t.Errorf("%d syncs, want 3: %v", n, heard)
				}
				if !strings.Contains(heard.String(), `"command":"error","msg":"cannot emit to the stream`) || !strings.Contains(heard.String(), "failed ") {
					t.Errorf("the spout is not told: %v", heard)
				}
			}
		}
		// The values can be sent, but not the id.
		c := talk{class: "TellingSpout", serializer: serializer, conf: object{"rounds": []any{
			[]any{step{"emit", []any{1}, object{"tup_id": []any{"value", "set"}}}},
		}}, input: []any{command("next"), command("next")}}
		if heard := c.hold(t, c.fast(t, files, python)); !strings.Contains(heard.String(), "its id is a set") || !strings.Contains(heard.String(), "failed {1}") {
			t.Errorf("%v", heard)
		}
	})
}
