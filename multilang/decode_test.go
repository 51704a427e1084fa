package multilang_test

import (
	"bytes"
	"strings"
	"testing"

	. "gust/multilang"
)

// messages are what children say, in JSON, and what the host must understand.
// They are the same in both codecs.
var messages = []struct{ name, message, want string }{
	{"emit of a bolt", `{"command": "emit", "tuple": ["dog", 1], "anchors": ["12", "13"], "need_task_ids": false}`,
		`emit anchor="12" anchor="13" tuple=["dog", 1] values=2`},
	{"emit, all fields", `{"stream": "s", "anchors": ["12"], "id": 0, "task": 7, "need_task_ids": true, "tuple": [[]], "command": "emit"}`,
		`emit id=0 stream="s" task=7 need anchor="12" tuple=[[]] values=1`},
	{"emit, the defaults", `{"command": "emit", "tuple": []}`, `emit need tuple=[]`},
	{"emit, null is absent", `{"command": "emit", "tuple": [null], "id": null, "stream": null, "task": null, "anchors": null, "need_task_ids": null, "msg": null, "params": null, "name": null}`,
		`emit need tuple=[null] values=1`},
	{"emit without tuple", `{"command": "emit"}`, `emit need`},
	{"emit, tuple is no list", `{"command": "emit", "tuple": {"a": [1]}}`, `emit need`},
	{"emit, tuple is text", `{"command": "emit", "tuple": "[1]"}`, `emit need`},
	{"emit, one anchor", `{"command": "emit", "tuple": [], "anchors": "12"}`, `emit need anchor="12" tuple=[]`},
	{"emit, anchors are numbers and null", `{"command": "emit", "tuple": [], "anchors": [12, null, "13"]}`, `emit need anchor=12 anchor="13" tuple=[]`},
	{"emit, no anchors", `{"command": "emit", "tuple": [], "anchors": []}`, `emit need tuple=[]`},
	{"emit, task as text", `{"command": "emit", "tuple": [], "task": "7"}`, `emit task=7 need tuple=[]`},
	{"emit, task as float", `{"command": "emit", "tuple": [], "task": 7.0}`, `emit task=7 need tuple=[]`},
	{"emit, task 0", `{"command": "emit", "tuple": [], "task": 0}`, `emit need tuple=[]`},
	{"emit, task that is none", `{"command": "emit", "tuple": [], "task": "seven"}`, `emit task=-1 need tuple=[]`},
	{"emit, task in half", `{"command": "emit", "tuple": [], "task": 7.5}`, `emit task=-1 need tuple=[]`},
	{"emit, need_task_ids 0", `{"command": "emit", "tuple": [], "need_task_ids": 0}`, `emit need tuple=[]`},
	{"emit, stream is a number", `{"command": "emit", "tuple": [], "stream": 5}`, `emit stream="5" need tuple=[]`},
	{"emit, id of any type", `{"command": "emit", "tuple": [], "id": {"a": [1, 2.5, null, true]}}`, `emit id={"a": [1, 2.5, null, true]} need tuple=[]`},
	{"emit, unknown keys", `{"x": {"command": "ack"}, "command": "emit", "y": [[{}]], "tuple": [1], "z": "end"}`, `emit need tuple=[1] values=1`},
	{"emit, twice the same key", `{"command": "ack", "tuple": [1, 2], "tuple": [3], "command": "emit", "id": 1, "id": null, "anchors": ["1"], "anchors": []}`,
		`emit need tuple=[3] values=1`},
	{"emit, brackets in texts", `{"command": "emit", "tuple": ["}", "]", "{", ",", ":"]}`, `emit need tuple=["}", "]", "{", ",", ":"] values=5`},
	{"emit, a command within", `{"command": "emit", "tuple": [{"command": "ack", "id": "1"}]}`, `emit need tuple=[{"command": "ack", "id": "1"}] values=1`},
	{"ack", `{"command": "ack", "id": "123"}`, `ack id="123"`},
	{"ack of a number", `{"command": "ack", "id": 123}`, `ack id=123`},
	{"ack without id", `{"command": "ack"}`, `ack`},
	{"fail", `{"command": "fail", "id": "123"}`, `fail id="123"`},
	{"log", `{"command": "log", "msg": "hello", "level": 3}`, `log msg="hello" level=3`},
	{"log, no level", `{"command": "log", "msg": "hello"}`, `log msg="hello" level=2`},
	{"log, level null", `{"command": "log", "msg": "hello", "level": null}`, `log msg="hello" level=2`},
	{"log, trace", `{"command": "log", "msg": "hello", "level": 0}`, `log msg="hello"`},
	{"log, level out of range", `{"command": "log", "msg": "hello", "level": 5}`, `log msg="hello" level=2`},
	{"log, level below", `{"command": "log", "msg": "hello", "level": -1}`, `log msg="hello" level=2`},
	{"log, level is a word", `{"command": "log", "msg": "hello", "level": "warn"}`, `log msg="hello" level=2`},
	{"log of a map", `{"command": "log", "msg": {"a": [1, "x"]}}`, `log msg="{\"a\": [1, \"x\"]}" level=2`},
	{"log, escapes", `{"command": "log", "msg": "a\n\"b\"\t\\ \u00e9\ud83d\ude00 \/"}`, `log msg="a\n\"b\"\t\\ é😀 /" level=2`},
	{"error", `{"command": "error", "msg": "boom"}`, `error msg="boom"`},
	{"error without msg", `{"command": "error"}`, `error`},
	{"metrics", `{"command": "metrics", "name": "words", "params": {"n": 3}}`, `metrics name="words" params={"n": 3}`},
	{"metrics, params null", `{"command": "metrics", "name": "words", "params": null}`, `metrics name="words"`},
	{"sync", `{"command": "sync"}`, `sync`},
	{"pid", `{"pid": 4711}`, `pid pid=4711`},
	{"pid as text", `{"pid": "4711"}`, `pid pid=4711`},
	{"pid and command", `{"pid": 4711, "command": "sync"}`, `sync pid=4711`},
	{"pid that is none", `{"pid": "x"}`, `none`},
	{"empty", `{}`, `none`},
	{"no command", `{"id": "1"}`, `none id="1"`},
	{"command null", `{"command": null, "id": "1"}`, `none id="1"`},
	{"command is a number", `{"command": 5}`, `none`},
	{"unknown command", `{"command": "explode", "name": "x"}`, `unknown name="explode"`},
	{"unknown, then known", `{"command": "explode", "command": "sync"}`, `sync`},
	{"empty command", `{"command": ""}`, `unknown name=""`},
	{"key with escapes", `{"\u0063ommand": "ack", "i\u0064": "1", "\\command": "fail"}`, `ack id="1"`},
}

func TestMessages(t *testing.T) {
	for _, codec := range codecs {
		for _, c := range messages {
			t.Run(codec.Name()+"/"+c.name, func(t *testing.T) {
				equalLines(t, decode(t, codec, encode(t, codec, c.message)), []string{c.want})
			})
		}
	}
}

// TestPipeCuts gives all messages in one write, and cut at every byte: what came
// must not depend on how it came.
func TestPipeCuts(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			var output []byte
			var want []string
			for i, c := range messages {
				if i%5 == 0 {
					output = append(output, "printé —\n"...)
					want = append(want, decode(t, codec, []byte("printé —\nend\n"))[0])
				}
				output = append(output, encode(t, codec, c.message)...)
				want = append(want, c.want)
			}
			equalLines(t, decode(t, codec, output), want)
			for cut := 1; cut < len(output); cut++ {
				got := converse(t, codec, codec.NewDecoder(limit), pieces{output[:cut], output[cut:]})
				if strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Fatalf("cut at %d (%q|%q)", cut, output[max(0, cut-20):cut], output[cut:min(len(output), cut+20)])
				}
			}
			for _, size := range []int{1, 2, 3, 7, 64} {
				var p pieces
				for rest := output; len(rest) > 0; rest = rest[min(size, len(rest)):] {
					p = append(p, rest[:min(size, len(rest))])
				}
				equalLines(t, converse(t, codec, codec.NewDecoder(limit), p), want)
			}
		})
	}
}

// TestFillWithoutKeep: a caller may fill again before it gives the chunk away, and
// need not have taken all messages.
func TestFillWithoutKeep(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			output := bytes.Repeat(encode(t, codec, `{"command": "ack", "id": "123456"}`), 100)
			d := codec.NewDecoder(limit)
			chunk := make([]byte, 4096)
			p := pieces{}
			for i := 0; i < len(output); i += 50 {
				p = append(p, output[i:min(i+50, len(output))])
			}
			var m Message
			got := 0
			next := func() bool {
				ok, err := d.Next(&m)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					got++
					if text := describe(codec, &m); text != `ack id="123456"` {
						t.Fatalf("message %d is %s", got, text)
					}
				}
				return ok
			}
			for len(p) > 0 {
				if _, err := d.Fill(chunk, p.read); err != nil {
					t.Fatal(err)
				}
				next()
			}
			for next() {
			}
			if got != 100 {
				t.Errorf("got %d messages, want 100", got)
			}
		})
	}
}

// TestLargeMessages has messages around the sizes at which the window changes its memory.
func TestLargeMessages(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			var output []byte
			var want []string
			for _, size := range []int{10, 1000, 2040, 2050, 4000, 4096, 5000, 9000, 100_000, 10, 300_000, 10} {
				text := strings.Repeat("x", size)
				output = append(output, encode(t, codec, `{"command": "log", "msg": "`+text+`"}`)...)
				output = append(output, encode(t, codec, `{"command": "sync"}`)...)
				want = append(want, `log msg="`+text+`" level=2`, "sync")
			}
			equalLines(t, decode(t, codec, output), want)
		})
	}
}

func TestLimit(t *testing.T) {
	message := func(size int) string {
		const frame = `{"command": "log", "msg": ""}`
		return `{"command": "log", "msg": "` + strings.Repeat("x", size-len(frame)) + `"}`
	}
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			fits := encode(t, codec, message(5000))
			size := len(fits)
			if codec == JSON {
				size -= len("\nend\n")
			}
			for cut := 1; cut < len(fits); cut += 97 {
				got := converse(t, codec, codec.NewDecoder(size), pieces{fits[:cut], fits[cut:]})
				if len(got) != 1 || !strings.HasPrefix(got[0], "log") {
					t.Errorf("a message as large as the limit: got %.60q", got)
				}
				got = converse(t, codec, codec.NewDecoder(size-1), pieces{fits[:cut], fits[cut:]})
				equalLines(t, got, []string{ErrTooLarge.Error()})
			}
		})
	}
	t.Run("json/no end", func(t *testing.T) {
		equalLines(t, converse(t, JSON, JSON.NewDecoder(5000), pieces{bytes.Repeat([]byte("x"), 6000)}), []string{ErrTooLarge.Error()})
	})
	t.Run("msgpack/a length says it", func(t *testing.T) {
		for _, head := range []string{"\x81\xa1k\xc6\x00\x01\x00\x00", "\x81\xa1k\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff\xa1k", "\x81\xa1k\xdb\xff\xff\xff\xff"} {
			equalLines(t, converse(t, Msgpack, Msgpack.NewDecoder(5000), pieces{[]byte(head)}), []string{ErrTooLarge.Error()})
		}
	})
}

// TestLargeIsLinear: a message that comes in small pieces is searched once. In
// quadratic time this test takes a minute.
func TestLargeIsLinear(t *testing.T) {
	text := strings.Repeat("x", 4<<20)
	list := "[" + strings.Repeat("1,", 1<<20) + "1]"
	for _, codec := range codecs {
		for _, message := range []string{`{"command":"log","msg":"` + text + `"}`, `{"command":"emit","tuple":` + list + `}`} {
			output := encode(t, codec, message)
			d := codec.NewDecoder(64 << 20)
			chunk := make([]byte, 4096)
			p := pieces{output}
			read := func(b []byte) (int, error) { return p.read(b[:min(len(b), 16)]) }
			var m Message
			for ok := false; !ok; {
				if _, err := d.Fill(chunk, read); err != nil {
					t.Fatal(err)
				}
				var err error
				if ok, err = d.Next(&m); err != nil {
					t.Fatal(err)
				}
			}
			if len(m.Msg) != len(text) && m.Values != 1<<20+1 {
				t.Errorf("%s: got %d bytes, %d values", codec.Name(), len(m.Msg), m.Values)
			}
		}
	}
}

// TestSteadyStateAllocations: a decoder that has warmed up needs no memory.
func TestSteadyStateAllocations(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			var output []byte
			for _, c := range messages {
				output = append(output, encode(t, codec, c.message)...)
			}
			d := codec.NewDecoder(limit)
			chunk := make([]byte, 64<<10)
			half := len(output) / 2
			origin := codec.NewOrigin("c", "default", 4)
			var out, part []byte
			var m Message
			read := func(b []byte) (int, error) { return copy(b, part), nil }
			round := func() {
				for _, part = range [][]byte{output[:half], output[half:]} {
					d.Fill(chunk, read)
					for {
						ok, err := d.Next(&m)
						if err != nil {
							t.Fatal(err)
						}
						if !ok {
							break
						}
						out = codec.AppendTuple(out[:0], 1<<60, origin, m.Tuple)
					}
					d.Keep()
				}
			}
			if n := testing.AllocsPerRun(100, round); n != 0 {
				t.Errorf("%v allocations for %d messages", n, len(messages))
			}
		})
	}
}
