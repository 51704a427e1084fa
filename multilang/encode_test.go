package multilang_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"gust/internal/testenv"
	. "gust/multilang"
)

// read decodes one message of the host with a codec that is not ours.
func read(t *testing.T, codec Codec, wire []byte) (v any) {
	t.Helper()
	if codec == JSON {
		line, end, _ := bytes.Cut(wire, []byte("\n"))
		if string(end) != "end\n" {
			t.Fatalf("%q is not a line and `end`", wire)
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		return v
	}
	r := bytes.NewReader(wire)
	v, err := msgpack.NewDecoder(r).DecodeInterface()
	if err != nil || r.Len() > 0 {
		t.Fatalf("%v, %d bytes more: %x", err, r.Len(), wire)
	}
	return v
}

// TestHostMessages has all that a host says but the handshake.
func TestHostMessages(t *testing.T) {
	values := map[Codec][]byte{JSON: []byte(`["dog",1]`), Msgpack: []byte("\x92\xa3dog\x01")}
	id := map[Codec][]byte{JSON: []byte(`"a-1"`), Msgpack: []byte("\xa3a-1")}
	for _, c := range []struct {
		name string
		say  func(Codec) []byte
		want string
	}{
		{"tuple", func(c Codec) []byte { return c.AppendTuple(nil, 42, c.NewOrigin("word", "default", 4), values[c]) },
			`{"id":"42","comp":"word","stream":"default","task":4,"tuple":["dog",1]}`},
		{"tuple, names to escape", func(c Codec) []byte {
			return c.AppendTuple(nil, math.MaxUint64, c.NewOrigin("a\"\\\n\u00e9\u2028", strings.Repeat("s", 40), 70_000), values[c])
		}, `{"id":"18446744073709551615","comp":"a\"\\\n` + "\u00e9\u2028" + `","stream":"` + strings.Repeat("s", 40) + `","task":70000,"tuple":["dog",1]}`},
		{"heartbeat", func(c Codec) []byte { return c.AppendHeartbeat(nil, 7) }, `{"id":"7","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}`},
		{"tick", func(c Codec) []byte { return c.AppendTick(nil, 8, 5) }, `{"id":"8","comp":"__system","stream":"__tick","task":-1,"tuple":[5]}`},
		{"tick, fraction", func(c Codec) []byte { return c.AppendTick(nil, 8, 0.5) }, `{"id":"8","comp":"__system","stream":"__tick","task":-1,"tuple":[0.5]}`},
		{"task ids", func(c Codec) []byte {
			return c.AppendTaskIDs(nil, []int32{3, -1, 127, 128, 255, 256, 65536, math.MaxInt32, -33, -200, -40_000})
		},
			`[3,-1,127,128,255,256,65536,2147483647,-33,-200,-40000]`},
		{"task ids, none", func(c Codec) []byte { return c.AppendTaskIDs(nil, nil) }, `[]`},
		{"task ids, many", func(c Codec) []byte { return c.AppendTaskIDs(nil, make([]int32, 20)) }, `[` + strings.Repeat("0,", 19) + `0]`},
		{"next", func(c Codec) []byte { return c.AppendCommand(nil, Next, nil) }, `{"command":"next","id":""}`},
		{"activate", func(c Codec) []byte { return c.AppendCommand(nil, Activate, nil) }, `{"command":"activate","id":""}`},
		{"deactivate", func(c Codec) []byte { return c.AppendCommand(nil, Deactivate, nil) }, `{"command":"deactivate","id":""}`},
		{"ack", func(c Codec) []byte { return c.AppendCommand(nil, AckTuple, id[c]) }, `{"command":"ack","id":"a-1"}`},
		{"fail", func(c Codec) []byte { return c.AppendCommand(nil, FailTuple, id[c]) }, `{"command":"fail","id":"a-1"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(c.say(JSON)); got != c.want+"\nend\n" {
				t.Errorf("JSON: got\n%s\nwant\n%s", got, c.want)
			}
			asJSON, asMsgpack := read(t, JSON, c.say(JSON)), read(t, Msgpack, c.say(Msgpack))
			if got, want := fmt.Sprintf("%v", asMsgpack), fmt.Sprintf("%v", asJSON); strings.ReplaceAll(got, "<nil>", "null") != strings.ReplaceAll(want, "<nil>", "null") {
				t.Errorf("msgpack: got %s\nwant %s", got, want)
			}
			// Append appends.
			for _, codec := range codecs {
				if wire := codec.AppendHeartbeat([]byte("x"), 1); wire[0] != 'x' {
					t.Error("what was there is lost")
				}
			}
		})
	}
}

func TestParseTupleID(t *testing.T) {
	for _, c := range []struct {
		json, msgpack string
		want          TupleID
		ok            bool
	}{
		{`"123"`, "\xa3123", 123, true},
		{`123`, "\x7b", 123, true},
		{`"0"`, "\xa10", 0, true},
		{`"18446744073709551615"`, "\xb418446744073709551615", math.MaxUint64, true},
		{`18446744073709551615`, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", math.MaxUint64, true},
		{`"18446744073709551616"`, "\xb418446744073709551616", 0, false},
		{`"99999999999999999999"`, "\xb499999999999999999999", 0, false},
		{`"184467440737095516150"`, "\xb5184467440737095516150", 0, false},
		{`"0000000000000000000000000123"`, "\xbc0000000000000000000000000123", 123, true},
		{`"1234567x"`, "\xa81234567x", 0, false},
		{`"/1234567"`, "\xa8/1234567", 0, false},
		{`":1234567"`, "\xa8:1234567", 0, false},
		{`"1234567890123456789x"`, "\xb41234567890123456789x", 0, false},
		{`"-1"`, "\xa2-1", 0, false},
		{`-1`, "\xff", 0, false},
		{`"+1"`, "\xa2+1", 0, false},
		{`""`, "\xa0", 0, false},
		{`"12x"`, "\xa312x", 0, false},
		{`" 1"`, "\xa2 1", 0, false},
		{`"`, "\xa3", 0, false},
		{``, "", 0, false},
		{`1.0`, "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", 0, false},
		{`null`, "\xc0", 0, false},
		{`[1]`, "\x91\x01", 0, false},
		{`"1""`, "\x01\x01", 0, false},
		{`123`, "\xc4\x03123", 123, true},
		{`200`, "\xcc\xc8", 200, true},
		{`200`, "\xd1\x00\xc8", 200, true},
		{`-200`, "\xd1\xff\x38", 0, false},
	} {
		for codec, raw := range map[Codec]string{JSON: c.json, Msgpack: c.msgpack} {
			id, ok := codec.ParseTupleID([]byte(raw))
			if ok != c.ok || ok && id != c.want {
				t.Errorf("%s: %q is %d, %v; want %d, %v", codec.Name(), raw, id, ok, c.want, c.ok)
			}
		}
	}
}

func TestAppendText(t *testing.T) {
	for _, c := range []struct {
		codec Codec
		raw   string
		limit int
		want  string
	}{
		{JSON, `["dog", 1]`, 10, `["dog", 1]`},
		{JSON, `["dog", 1]`, 9, `["dog", 1…`},
		{JSON, `"ééé"`, 4, `"é…`},
		{JSON, `"ééé"`, 5, `"éé…`},
		{JSON, `"x"`, 0, `…`},
		{Msgpack, "\x92\xa3dog\x01", 10, `["dog", 1]`},
		{Msgpack, "\x92\xa3dog\x01", 9, `["dog", 1…`},
		{Msgpack, "\xa6\xc3\xa9\xc3\xa9\xc3\xa9", 4, `"é…`},
		{Msgpack, "\x82\xa1a\xc3\x05\x90", 100, `{"a": true, 5: []}`},
		{Msgpack, "\xa5a\"\n\xff\x00", 100, `"a\"\n` + "\uFFFD" + `\u0000"`},
		{Msgpack, "\x91\xa5abc", 100, `[…]`},
		{Msgpack, "\x91\xdb\x03\x20\x00\x00abcdef", 7, `["abcde…`}, // the beginning of 50 MB
		{Msgpack, "\x91\xc6\x03\x20\x00\x00\xffabcde", 9, `[b"\xffab…`},
		{Msgpack, "\xc4\x03a\"\x00", 100, `b"a\"\x00"`},
		{Msgpack, "\xdd\x7f\xff\xff\xff" + strings.Repeat("\x01", 1000), 7, `[1, 1, …`},
	} {
		got := string(c.codec.AppendText([]byte(">"), []byte(c.raw), c.limit))
		if got != ">"+c.want {
			t.Errorf("%s %q, %d: got %s, want >%s", c.codec.Name(), c.raw, c.limit, got, c.want)
		}
	}
}

func TestCodecNamed(t *testing.T) {
	for _, codec := range codecs {
		if got, ok := CodecNamed(codec.Name()); !ok || got != codec {
			t.Errorf("%s is %v", codec.Name(), got)
		}
	}
	if _, ok := CodecNamed("yaml"); ok {
		t.Error("there is no codec yaml")
	}
}

// handshake is what Storm 2.8.3 sent to a bolt, its conf cut to a few keys of each type.
var handshake = Handshake{
	PIDDir: "/var/storm/workers/1/pids",
	Conf: map[string]any{
		"topology.name":                      "example",
		"topology.debug":                     false,
		"topology.workers":                   int64(1),
		"topology.worker.max.heap.size.mb":   768.0,
		"topology.max.spout.pending":         nil,
		"topology.users":                     []any{nil},
		"worker.metrics":                     map[string]any{"b": "x", "a": int64(9007199254740993)},
		"storm.cgroup.resources":             []string{"cpu", "memory"},
		"my.number":                          json.Number("1e400"),
		"my.text":                            "a\"\\\n\u00e9",
		"my.small":                           1e-7,
		"topology.acker.executors":           3,
		"topology.multilang.nested.settings": map[string]any{"deep": []any{map[string]any{}, 1.5}},
	},
	Context: Context{
		TaskComponents: map[int32]string{1: "__acker", 2: "multi_bolt", 3: "one_bolt", 4: "two_bolt", 5: "value_spout", 10: "x"},
		TaskID:         2,
		ComponentID:    "multi_bolt",
		Streams:        []string{"word", "number"},
		OutputFields:   map[string][]string{"number": {"value"}, "word": {"value"}},
		Targets: map[string]map[string]Grouping{
			"number": {"two_bolt": {Type: "FIELDS", Fields: []string{"value"}}},
			"word":   {"one_bolt": {Type: "SHUFFLE"}},
		},
		Sources:      map[string]map[string]Grouping{"value_spout": {"default": {Type: "FIELDS", Fields: []string{}}}},
		SourceFields: map[string]map[string][]string{"value_spout": {"default": {"word"}}},
	},
}

func TestHandshake(t *testing.T) {
	got, err := JSON.AppendHandshake(nil, &handshake)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/handshake.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for range 20 {
		if again, _ := JSON.AppendHandshake(nil, &handshake); !bytes.Equal(again, got) {
			t.Fatal("two handshakes of one topology differ")
		}
	}

	context := read(t, JSON, got).(map[string]any)["context"].(map[string]any)
	if tasks := context["task->component"].(map[string]any); tasks["10"] != "x" || len(tasks) != 6 {
		t.Errorf("task->component is %v", tasks)
	}

	var storms map[string]any
	text, err := os.ReadFile(testenv.Data(t, "handshake", "context-storm-2.8.3.json"))
	if err == nil {
		err = json.Unmarshal(text, &storms)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(context)), slices.Sorted(maps.Keys(storms)); !slices.Equal(got, want) {
		t.Errorf("the context has %q, Storm's %q", got, want)
	}

	inMsgpack, err := Msgpack.AppendHandshake(nil, &handshake)
	if err != nil {
		t.Fatal(err)
	}
	conf := read(t, Msgpack, inMsgpack).(map[string]any)["conf"].(map[string]any)
	if got := conf["topology.worker.max.heap.size.mb"]; got != 768.0 {
		t.Errorf("a float is %T in msgpack", got)
	}
	if got := fmt.Sprint(conf["worker.metrics"]); got != "map[a:9007199254740993 b:x]" {
		t.Errorf("an integer of 54 bits is %s", got)
	}
	if got := conf["storm.cgroup.resources"]; !reflect.DeepEqual(got, []any{"cpu", "memory"}) {
		t.Errorf("a list is %v", got)
	}
}

func TestHandshakeErrors(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{math.NaN(), "conf: my.key: NaN"},
		{math.Inf(-1), "conf: my.key: -Inf"},
		{json.Number("x"), `conf: my.key: "x" is not a number`},
		{json.Number(""), `conf: my.key: "" is not a number`},
		{json.Number(`"1"`), `is not a number`},
		{map[string]any{"a": []any{struct{}{}}}, "conf: my.key: a: a value of type struct {}"},
	} {
		for _, codec := range codecs {
			_, err := codec.AppendHandshake(nil, &Handshake{Conf: map[string]any{"my.key": c.value}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v gives %v, want %q", codec.Name(), c.value, err, c.want)
			}
		}
	}
	_, err := Msgpack.AppendHandshake(nil, &Handshake{Conf: map[string]any{"k": json.Number("18446744073709551616")}})
	if err == nil {
		t.Error("an integer of 65 bits is no error in msgpack")
	}
}
