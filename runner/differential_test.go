package runner_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"gust/internal/testenv"
	"gust/runner"
)

// step is one step of a scripted component.
type step = []any

// tuple is a tuple for a bolt whose first value is the steps.
func tuple(id int, steps ...any) object {
	return tupleOf(id, "source", "default", append([]any{}, steps...))
}

func tupleOf(id int, comp any, stream string, values ...any) object {
	return object{"id": strconv.Itoa(id), "comp": comp, "stream": stream, "task": 1, "tuple": append([]any{}, values...)}
}

func heartbeat(id int) object {
	return object{"id": strconv.Itoa(id), "comp": nil, "stream": "__heartbeat", "task": -1, "tuple": []any{}}
}

func tick(id int) object {
	return object{"id": strconv.Itoa(id), "comp": "__system", "stream": "__tick", "task": -1, "tuple": []any{5}}
}

func command(name string) object { return object{"command": name} }

func verdict(name string, id any) object { return object{"command": name, "id": id} }

// emits is a step that emits the named value.
func emits(value string) step { return step{"emit", []any{step{"value", value}}} }

var talks = map[string]talk{
	"emits": {class: "ScriptedBolt", input: []any{
		tuple(1, step{"emit", []any{"a", 1, 2.5, nil, true, false, ""}}),
		tuple(2),
		tuple(3, step{"emit", []any{}}, step{"emit", []any{"x"}, object{"as_tuple": true}}),
		tuple(4, step{"emit", []any{"é \u2028 \"\\ \x7f"}, object{"stream": "other"}}),
		tuple(5, step{"emit", []any{object{"a": []any{1, object{}}}}, object{"stream": "ü", "direct_task": 7}}),
		tuple(6, step{"emit", []any{-1, 1 << 53, 1e300, -0.5}, object{"direct_task": 7}}),
		tuple(7, step{"emit", []any{1}, object{"direct_task": 7, "need_task_ids": true}}),
		tuple(8, step{"emit", []any{1}, object{"need_task_ids": nil}}),
		tuple(9, step{"emit", []any{1}, object{"stream": 5, "direct_task": "x"}}),
	}},
	"anchors": {class: "ScriptedBolt", input: []any{
		tuple(1, step{"emit", []any{1}, object{"anchors": []any{}}}),
		tuple(2, step{"emit", []any{1}, object{"anchors": []any{"1"}}}),
		tuple(3, step{"emit", []any{1}, object{"anchors": []any{"1", "2"}, "stream": "s"}}),
		tuple(4, step{"emit", []any{1}, object{"anchors": "tuple"}}),
		tuple(5, step{"emit", []any{1}, object{"anchors": []any{7}}}),
		tuple(6, step{"emit", []any{1}, object{"anchors": "12"}}),
	}},
	"no auto ack":    {class: "NoAutoAck", input: []any{tuple(1, emits("point")), tuple(2, step{"ack"}), tuple(3, step{"fail"}), tuple(4, step{"ack", 9}, step{"fail", "x"}), tick(5)}},
	"no auto anchor": {class: "NoAutoAnchor", input: []any{tuple(1, emits("point")), tuple(2, step{"emit", []any{1}, object{"anchors": "tuple"}})}},
	"attributes while running": {class: "ScriptedBolt", attributes: object{"auto_ack": false, "auto_anchor": false}, input: []any{
		tuple(1, step{"emit", []any{1}}), tuple(2, step{"ack"}),
	}},
	"ids that are not strings": {class: "ScriptedBolt", input: []any{
		object{"id": 5, "comp": "source", "stream": "default", "task": 1, "tuple": []any{[]any{step{"emit", []any{1}}}}},
		object{"id": nil, "comp": "source", "stream": "default", "task": 1, "tuple": []any{[]any{step{"emit", []any{1}}}}},
	}},
	"heartbeats and ticks": {class: "ScriptedBolt", input: []any{
		heartbeat(1), tuple(2, emits("point")), heartbeat(3), tick(4), tick(5), tuple(6, emits("red")), heartbeat(7),
	}},
	"types of values": {class: "Typed", input: []any{
		tupleOf(1, "source", "default", 1), tupleOf(2, "source", "two words", "x", "y"), tupleOf(3, "elsewhere", "default", 1, 2, 3),
		tupleOf(4, "source", "default", []any{1}), tupleOf(5, "source", "unknown", 1), heartbeat(6), tupleOf(7, "source", "two words", 1, 2),
	}},
	"too many values":           {class: "Typed", input: []any{tupleOf(1, "source", "default", 1), tupleOf(2, "source", "default", 1, 2), tupleOf(3, "source", "default", 1)}},
	"too few values, tolerated": {class: "Tolerant", input: []any{tuple(1, emits("red")), tupleOf(2, "source", "default"), tuple(3, emits("red"))}},
	"task ids": {class: "ScriptedBolt", input: []any{
		tuple(1, step{"emit", []any{1}}, step{"emit", []any{2}, object{"need_task_ids": true}}),
		tuple(2, step{"emit", []any{3}, object{"need_task_ids": true}}, step{"emit", []any{4}}),
		heartbeat(3), tick(4), []any{7, 8}, tuple(5, step{"emit", []any{5}, object{"need_task_ids": true}}),
		[]any{}, tuple(6, emits("red")), []any{9}, tuple(7, emits("red")),
	}},
	"task ids that come early": {class: "ScriptedBolt", input: []any{
		[]any{1}, tuple(1, step{"emit", []any{1}, object{"need_task_ids": true}}), []any{2},
		tuple(2, step{"emit", []any{1}, object{"need_task_ids": true}}), tuple(3),
	}},
	"an exception": {class: "ScriptedBolt", input: []any{tuple(1, emits("red"), step{"raise", "bad luck"}), tuple(2, emits("red"))}},
	"exceptions, tolerated": {class: "Tolerant", input: []any{
		tuple(1, emits("red"), step{"raise", "one"}), tuple(2, emits("red")), tuple(3, step{"raise", "two"}), heartbeat(4), tuple(5, emits("red")),
	}},
	"exceptions, neither failed": {class: "TolerantNoAutoFail", input: []any{tuple(1, step{"raise", "one"}), tuple(2, emits("red"))}},
	"an exception after task ids": {class: "Tolerant", input: []any{
		tuple(1, step{"emit", []any{1}, object{"need_task_ids": true}}, step{"raise", "one"}), tuple(2, emits("red")), []any{3}, tuple(4, emits("red")),
	}},
	"talk": {class: "ScriptedBolt", input: []any{
		tuple(1, step{"log", "plain"}, step{"log", "a warning ü", "warn"}, step{"log", 5, "trace"}, step{"log", "x", "nonsense"}),
		tuple(2, step{"logger", "debug", "unheard"}, step{"logger", "info", "heard"}, step{"logger", "error", "é"}, step{"other_logger", "too"}),
		tuple(3, step{"metric", "m", 5}, step{"metric", "m", object{"a": 1.5}}),
		tuple(4, step{"send", object{"command": "log", "msg": "by hand"}}, step{"send", []any{"no dict"}}),
		tuple(5, step{"emit_text"}),
	}},
	"debug": {class: "ScriptedBolt", conf: object{"topology.debug": true, "pystorm.log.level": "warn"}, input: []any{tuple(1, step{"logger", "debug", "heard"})}},
	"threads": {class: "ScriptedBolt", input: []any{
		tuple(1, step{"thread", []any{emits("red"), step{"log", "in a thread"}, step{"logger", "info", "too"}, step{"ack", "x"}}}, emits("point")),
		tuple(2, step{"thread", []any{step{"emit", []any{1}, object{"need_task_ids": true}}}}), tuple(3), []any{5}, tuple(4),
	}},
	"exit":     {class: "ScriptedBolt", input: []any{tuple(1, emits("red")), tuple(2, emits("red"), step{"exit", 7}), tuple(3)}},
	"os._exit": {class: "ScriptedBolt", input: []any{tuple(1, emits("red")), tuple(2, emits("red"), step{"os_exit", 7}), tuple(3)}},
	"an exception while another thread lives": {class: "ScriptedBolt", input: []any{tuple(1, step{"thread_that_stays"}, emits("red"), step{"raise", "x"})}},
	"the end while another thread lives":      {class: "ScriptedBolt", input: []any{tuple(1, step{"thread_that_stays"}, emits("red"))}},
	"SIGTERM":                                 {class: "ScriptedBolt", input: []any{tuple(1, emits("red")), tuple(2, emits("red"), step{"terminate"}), tuple(3)}},
	"fork":                                    {class: "ScriptedBolt", input: []any{tuple(1, emits("red"), step{"fork"}, emits("point")), tuple(2, emits("red"))}},
	"early":                                   {class: "EmitsInInitialize", input: []any{tuple(1, emits("red"))}},
	"batches": {class: "Batches", input: []any{
		tupleOf(1, "source", "default", "a"), tupleOf(2, "source", "default", "b"), tick(3), tupleOf(4, "source", "default", "a"),
		tick(5), heartbeat(6), tick(7), tupleOf(8, "source", "default", "c"), tick(9), tick(10),
	}},
	"a bad batch": {class: "Batches", input: []any{
		tupleOf(1, "source", "default", "a"), tupleOf(2, "source", "default", "bad"), tupleOf(3, "source", "default", "c"), tick(4), tick(5), tupleOf(6, "source", "default", "a"),
	}},
	"a bad batch, tolerated": {class: "TolerantBatches", input: []any{
		tupleOf(1, "source", "default", "a"), tupleOf(2, "source", "default", "bad"), tupleOf(3, "source", "default", "c"),
		tick(4), tick(5), tupleOf(6, "source", "default", "a"), tick(7), tick(8),
	}},
	"tickless": {class: "Tickless", until: "ack", count: 4, input: []any{
		tick(1), tupleOf(2, "source", "default", "a"), tupleOf(3, "source", "default", "a"), heartbeat(4), tupleOf(5, "source", "default", "a"),
	}},
	"a bad batch in the other thread": {class: "Tickless", until: "never", input: []any{
		tupleOf(1, "source", "default", "a"), tupleOf(2, "source", "default", "bad"), tupleOf(3, "source", "default", "c"),
	}},
	"spout": {class: "TellingSpout", conf: object{"rounds": []any{
		[]any{step{"emit", []any{"a"}}}, []any{}, []any{step{"emit", []any{"b"}, object{"tup_id": 1}}, step{"emit", []any{"c"}, object{"tup_id": "x", "stream": "s"}}},
		[]any{step{"emit", []any{"d"}, object{"tup_id": object{"a": []any{1}}, "direct_task": 4}}}, []any{step{"log", "x"}, emits("deep")},
		[]any{step{"emit", []any{"e"}, object{"tup_id": 0, "need_task_ids": true}}},
	}}, input: []any{
		command("activate"), command("next"), command("next"), command("next"), verdict("ack", 1), verdict("fail", "x"), command("deactivate"),
		command("activate"), command("next"), verdict("ack", object{"a": []any{1}}), command("next"), command("next"), command("next"),
		verdict("ack", 0), []any{1, 2}, command("nonsense"), command("next"), verdict("fail", nil),
	}},
	"a spout's exception":             {class: "ScriptedSpout", conf: object{"rounds": []any{[]any{emits("red"), step{"raise", "x"}}}}, input: []any{command("next"), command("next")}},
	"a spout's exceptions, tolerated": {class: "TolerantSpout", conf: object{"rounds": []any{[]any{emits("red"), step{"raise", "x"}}, []any{emits("red")}}}, input: []any{command("next"), command("next"), command("next")}},
	"reliable spout": {class: "ScriptedReliableSpout", conf: object{"rounds": []any{
		[]any{step{"emit", []any{"a"}, object{"tup_id": 1}}, step{"emit", []any{"b"}, object{"tup_id": 2}}}, []any{step{"emit", []any{"c"}}},
	}}, input: []any{
		command("next"), verdict("fail", 1), verdict("ack", 2), verdict("fail", 1), verdict("fail", 1), verdict("fail", 1), verdict("fail", 1), verdict("ack", 3), command("next"),
	}},

	"own read_tuple":                {class: "OwnReadTuple", input: ordinary()},
	"own read_message":              {class: "OwnReadMessage", input: ordinary()},
	"own emit":                      {class: "OwnEmit", input: ordinary()},
	"emit from behind":              {class: "EmitsFromBehind", input: ordinary()},
	"own ack":                       {class: "OwnAck", input: ordinary()},
	"own fail":                      {class: "OwnFail", input: append(ordinary(), tuple(20, step{"fail"}), tuple(21, step{"raise", "x"}))},
	"own send_message":              {class: "OwnSendMessage", input: ordinary()},
	"a spout's send_message":        {class: "OwnSpoutSendMessage", conf: object{"rounds": []any{[]any{emits("red")}}}, input: []any{command("activate"), command("next"), command("next")}},
	"own run":                       {class: "OwnRun", input: ordinary()},
	"own _run":                      {class: "OwnInnerRun", input: ordinary()},
	"own handler":                   {class: "OwnHandler", input: append(ordinary(), tuple(20, step{"raise", "x"}), tuple(21, emits("red")))},
	"own setup":                     {class: "OwnSetup", input: []any{tupleOf(1, "source", "default", 1, 2), tupleOf(2, "source", "two words", 1, 2)}},
	"own is_heartbeat":              {class: "OwnHeartbeat", input: []any{tuple(1, emits("red")), tupleOf(2, "source", "default", []any{})}},
	"writes by itself":              {class: "WritesItself", serializer: "json", input: ordinary()},
	"replaced while it initialises": {class: "EmitsReplaced", input: ordinary()},
	"a component inside":            {class: "Helper", input: ordinary()},
}

// ordinary is input of the most common kind.
func ordinary() []any {
	return []any{
		tuple(1, step{"emit", []any{"a", 1}}), heartbeat(2), tuple(3, step{"emit", []any{"b"}, object{"stream": "s"}}, step{"emit", []any{"c"}}),
		tick(4), tuple(5, step{"log", "x"}), tuple(6, emits("deep")), tuple(7, step{"emit", []any{"d"}, object{"need_task_ids": true}}), tuple(8), []any{1},
	}
}

func TestTheSameConversation(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		for name, c := range talks {
			if c.serializer != "" && c.serializer != serializer {
				continue
			}
			t.Run(name, func(t *testing.T) {
				c.serializer = serializer
				if got := compare(t, files, python, c); len(got.messages) < 3 {
					t.Errorf("there was hardly a conversation: %v\n%s", got, got.stderr)
				}
			})
		}
	})
}

// A component that pystorm runs unchanged logs that at debug, and no other does. The
// talks above would succeed even if none ran fast.
func TestWhatIsLeftToPystorm(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	for class, reason := range map[string]string{
		"ScriptedBolt": "", "Batches": "", "Tickless": "", "OwnEmit": "", "OwnAck": "", "OwnSendMessage": "", "OwnHandler": "",
		"OwnRun": "", "OwnSetup": "", "EmitsFromBehind": "", "Helper": "", "EmitsReplaced": "",
		"OwnReadTuple":   "one tuple at a time: OwnReadTuple has its own read_tuple",
		"OwnReadMessage": "one tuple at a time: OwnReadMessage has its own read_message",
		"OwnInnerRun":    "one tuple at a time: OwnInnerRun has its own _run",
		"OwnHeartbeat":   "one tuple at a time: OwnHeartbeat has its own is_heartbeat",
		"OwnSerializer":  "pystorm runs unchanged: OwnSerializer.__init__ sets its own serializer",
		"WritesItself":   "pystorm runs unchanged: WritesItself.process uses output_stream",
	} {
		t.Run(class, func(t *testing.T) {
			c := talk{class: class, serializer: "json"}
			heard := c.hold(t, c.fast(t, files, python))
			want := ""
			if reason != "" {
				want = `{"command":"log","level":1,"msg":"` + reason + `"}`
			}
			if got := strings.Join(heard.reasons, "\n"); got != want {
				t.Errorf("it says %s, want %s", got, want)
			}
		})
	}
}

// sendable names the scripted values that a serializer knows, unsendable those that it does not.
var (
	sendable = map[string][]string{
		"json": {
			"decimal", "big", "bytes", "point", "red", "word", "share", "round", "surrogate", "separator", "deep", "keys", "decimal inside",
		},
		"msgpack": {
			"nan", "inf", "bytes", "bad bytes", "point", "red", "word", "share", "round", "separator", "deep", "keys", "nan inside", "tuple key",
		},
	}
	unsendable = map[string][]string{
		"json":    {"nan", "inf", "datetime", "bad bytes", "set", "object", "nan inside", "tuple key", "circle", "generator"},
		"msgpack": {"decimal", "big", "datetime", "surrogate", "set", "object", "decimal inside", "circle", "generator"},
	}
)

func TestTheSameForEveryValue(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string, files *runner.Files) {
		c := talk{class: "ScriptedBolt", serializer: serializer}
		for i, value := range sendable[serializer] {
			c.input = append(c.input, tuple(i, emits(value)))
		}
		heard := compare(t, files, python, c)
		// NaN is not JSON, so it is shown differently.
		emits := strings.Count(heard.String(), `"command":"emit"`) + strings.Count(heard.String(), "command:emit")
		if acks := strings.Count(heard.String(), `"command":"ack"`); acks != len(c.input) || emits != len(c.input) {
			t.Errorf("%d values, %d acks, %d emits:\n%v", len(c.input), acks, emits, heard)
		}
	})
}

// The runner decodes many messages at once; a flaw of one must not affect the others.
func TestTheSameForOddInput(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	raw := func(values string) json.RawMessage {
		return json.RawMessage(`{"id":"1","comp":"elsewhere","stream":"default","task":1,"tuple":[` + values + `]}`)
	}
	for name, odd := range map[string]json.RawMessage{
		"NaN":            raw(`NaN, -Infinity`),
		"big numbers":    raw(`123456789012345678901234567890, 1e400, 18446744073709551616, -0, -0.0, 1E5`),
		"surrogates":     raw(`"\ud800", "\ud83d\ude00", "é` + "\u2028" + `"`),
		"a raw tab":      raw("\"a\tb\""),
		"doubled keys":   json.RawMessage(`{"id":"0","id":"1","comp":"x","stream":"default","task":1,"tuple":[{"a":1,"a":2}]}`),
		"no JSON":        json.RawMessage(`{"id":`),
		"over two lines": json.RawMessage("{\"id\":\"1\",\"comp\":\"x\",\n\"stream\":\"default\",\"task\":1,\"tuple\":[]}"),
		"a blank line":   json.RawMessage("\n" + string(raw("1"))),
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, files, python, talk{class: "Typed", serializer: "json", input: []any{
				tupleOf(1, "x", "default", 1), odd, tupleOf(2, "x", "default", 2),
			}})
		})
	}
}

// Messages before a malformed one are processed first.
func TestTheSameForBrokenMsgpack(t *testing.T) {
	python, files := testenv.Python(t, "msgpack"), laid(t)
	for name, odd := range map[string]string{
		"no UTF-8":       "\xa2\xff\xfe",
		"an integer key": "\x81\x01\x02",
		"no msgpack":     "\xc1",
		"a bad ext":      "\xd5\xff\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			heard := compare(t, files, python, talk{class: "Typed", serializer: "msgpack", input: []any{
				tupleOf(1, "x", "default", 1), tupleOf(2, "x", "default", 2),
				msgpack.RawMessage("\x85\xa2id\xa13\xa4comp\xa1x\xa6stream\xa7default\xa4task\x01\xa5tuple\x91" + odd),
				tupleOf(4, "x", "default", 4),
			}})
			if acks := strings.Count(heard.String(), `"command":"ack"`); acks != 2 || heard.status != 1 {
				t.Errorf("%d acks, exit status %d; want 2, 1:\n%v", acks, heard.status, heard)
			}
		})
	}
}

// msgspec before 0.17 turns integers beyond 64 bits into floats. The runner does not use it.
func TestTheSameWithAnOldMsgspec(t *testing.T) {
	python, files := testenv.Python(t), laid(t)
	const old = `
import json, sys


class Decoder:
    def decode(self, data):
        sys.stderr.write("the old msgspec decodes\n")
        return json.loads(data, parse_int=lambda text: int(text) if -2**63 <= int(text) < 2**64 else float(text))
`
	dir := t.TempDir()
	for name, text := range map[string]string{"__init__.py": "", "json.py": old} {
		if err := os.MkdirAll(filepath.Join(dir, "msgspec"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "msgspec", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PYTHONPATH", dir)
	c := talk{class: "ScriptedBolt", serializer: "json"}
	for i := range 200 { // enough that msgspec is worth its import
		c.input = append(c.input, tuple(i, step{"emit", []any{json.RawMessage("36893488147419103233"), strings.Repeat("x", 100)}}))
	}
	heard := compare(t, files, python, c)
	if n := strings.Count(heard.String(), "36893488147419103233"); n != 200 {
		t.Errorf("%d integers of 200 came back as they were", n)
	}
	if !strings.Contains(heard.stderr, "the old msgspec decodes") {
		t.Error("msgspec was not looked at: this test shows nothing")
	}
}
