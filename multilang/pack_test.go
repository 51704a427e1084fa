package multilang_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	. "gust/multilang"
)

// shown is what a host wrote, as people read it, a line for each message.
func shown(t testing.TB, codec Codec, text []byte) string {
	t.Helper()
	if codec == JSON {
		return strings.ReplaceAll(string(text), "\nend\n", "\n")
	}
	var lines strings.Builder
	for d := msgpack.NewDecoder(bytes.NewReader(text)); ; {
		raw, err := d.DecodeRaw()
		if err == io.EOF {
			return lines.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		line := codec.AppendText(nil, raw, limit)
		lines.WriteString(strings.NewReplacer(`: `, `:`, `, `, `,`).Replace(string(line)) + "\n")
	}
}

func TestPacker(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec.Name(), func(t *testing.T) {
			words := codec.NewOrigin("words", "default", 1)
			same := codec.NewOrigin("words", "default", 1) // of another task of the host's: it may differ
			value := func(text string) []byte {
				raw := encode(t, codec, text)
				if codec == JSON {
					raw = raw[:len(text)]
				}
				return raw
			}
			p := NewPacker(codec)
			var b []byte
			b = p.End(b) // nothing is open
			b = p.AppendTuple(b, 7, words, value(`["a"]`))
			b = p.AppendTuple(b, 8, words, value(`[1,{"k":[]}]`))
			b = p.AppendTuple(b, 9, same, value(`[]`))
			b = p.AppendHeartbeat(b, 10)
			b = p.AppendTuple(b, 18446744073709551615, words, value(`["b"]`))
			b = p.AppendTick(b, 11, 2)
			b = p.AppendTaskIDs(b, []int32{3})
			b = p.AppendCommand(b, Activate, nil)
			b = p.AppendCommand(b, Next, nil)
			b = p.AppendCommand(b, Next, nil)
			b = p.AppendCommand(b, AckTuple, value(`3`))
			b = p.AppendCommand(b, AckTuple, value(`"x"`))
			b = p.AppendCommand(b, FailTuple, value(`{"a":[1]}`))
			b = p.AppendCommand(b, Next, nil)
			b = p.End(b)
			b = p.End(b)
			want := `{"comp":"words","stream":"default","task":1,"tuples":["7",["a"],"8",[1,{"k":[]}]]}
{"comp":"words","stream":"default","task":1,"tuples":["9",[]]}
{"id":"10","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}
{"comp":"words","stream":"default","task":1,"tuples":["18446744073709551615",["b"]]}
{"id":"11","comp":"__system","stream":"__tick","task":-1,"tuple":[2]}
[3]
{"command":"activate","id":""}
{"command":"next","times":2}
{"command":"ack","ids":[3,"x"]}
{"command":"fail","ids":[{"a":[1]}]}
{"command":"next","times":1}
`
			if got := shown(t, codec, b); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A pack does not grow forever: the child begins with it when all of it has come.
func TestPackerEndsLongPacks(t *testing.T) {
	for _, codec := range codecs {
		p := NewPacker(codec)
		origin := codec.NewOrigin("a", "default", 1)
		value := encode(t, codec, `["`+strings.Repeat("x", 1000)+`"]`)
		var b []byte
		for i := range TupleID(100) {
			b = p.AppendTuple(b, i, origin, value)
		}
		if packs := strings.Count(string(p.End(b)), "tuples"); packs < 5 || packs > 10 {
			t.Errorf("%s: 100 kB are %d packs", codec.Name(), packs)
		}
	}
}

// takePacks decodes the output of a child that has taken the offer.
func takePacks(t testing.TB, codec Codec, output ...[]byte) []string {
	d := codec.NewDecoder(limit)
	d.TakePacks()
	return converse(t, codec, d, output)
}

var packs = []struct {
	name, pack string
	want       []string
}{
	{"short forms", `{"pack": [[["the", 1], "7"], "7", [["bent", 2], "8"], "8", 0]}`,
		[]string{`emit id="7" anchor="7" tuple=["the", 1] values=2`, `ack id="7"`, `emit id="8" anchor="8" tuple=["bent", 2] values=2`, `ack id="8"`, `sync`}},
	{"emits", `{"pack": [[[]], [[1], null], [[1], 5], [[1], ["7", "8"], "s"], [[1], [], null, 4], [[1], {"a": 1}, "s", "4"]]}`,
		[]string{`emit tuple=[]`, `emit tuple=[1] values=1`, `emit id=5 anchor=5 tuple=[1] values=1`,
			`emit id=["7", "8"] stream="s" anchor="7" anchor="8" tuple=[1] values=1`, `emit id=[] task=4 tuple=[1] values=1`,
			`emit id={"a": 1} stream="s" task=4 anchor={"a": 1} tuple=[1] values=1`}},
	{"in full", `{"pack": [{"command": "log", "msg": "x"}, "7", {"command": "emit", "tuple": [1]}, {"command": "fail", "id": "8"}]}`,
		[]string{`log msg="x" level=2`, `ack id="7"`, `emit need tuple=[1] values=1`, `fail id="8"`}},
	{"no tuple", `{"pack": [[5, "7"]]}`, []string{`emit id="7" anchor="7"`}},
	{"empty", `{"pack": []}`, nil},
	{"escapes", `{"pack": [[["\n\u00e9"], "7", "\u0073"]]}`, []string{`emit id="7" stream="s" anchor="7" tuple=["\n\u00e9"] values=1`}},
	{"no list", `{"pack": {"a": 0}}`, []string{`none`}},
}

func TestPacks(t *testing.T) {
	for _, codec := range codecs {
		for _, c := range packs {
			if codec == Msgpack && c.name == "escapes" {
				c.want = []string{`emit id="7" stream="s" anchor="7" tuple=["\né"] values=1`}
			}
			t.Run(codec.Name()+"/"+c.name, func(t *testing.T) {
				output := slices.Concat(encode(t, codec, c.pack), encode(t, codec, `{"command": "sync"}`))
				want := append(slices.Clip(c.want), "sync")
				equalLines(t, takePacks(t, codec, output), want)
				for cut := range output {
					equalLines(t, takePacks(t, codec, output[:cut], output[cut:]), want)
				}
				if got := decode(t, codec, encode(t, codec, c.pack)); len(got) != 1 || !strings.HasPrefix(got[0], "none") {
					t.Errorf("nobody has agreed on packs, and this is %q", got)
				}
			})
		}
	}
}

// What is broken costs the rest of its pack and no more, and says that there may have been emits.
func TestBrokenPacks(t *testing.T) {
	for _, codec := range codecs {
		for name, c := range map[string]struct {
			pack  string
			whole int // messages before the broken one
		}{
			"a number":       {`{"pack": ["7", 5, "8"]}`, 1},
			"a literal":      {`{"pack": ["7", true, "8"]}`, 1},
			"null":           {`{"pack": [null]}`, 0},
			"no element":     {`{"pack": [0, []]}`, 1},
			"too many":       {`{"pack": [[[1], "7", "s", 4, 5], "8"]}`, 0},
			"a pack":         {`{"pack": ["7", {"pack": ["8"]}, "9"]}`, 1},
			"negative":       {`{"pack": [-1]}`, 0},
			"is truncated":   {`{"pack": ["7", "8"`, 1},
			"no comma":       {`{"pack": ["7" "8"]}`, 0},
			"no brace":       {`{"pack": ["7"]`, 1},
			"more than that": {`{"pack": ["7"], "id": 1}`, 1},
		} {
			if codec == Msgpack && !json.Valid([]byte(c.pack)) || name == "more than that" && codec == Msgpack {
				continue
			}
			t.Run(codec.Name()+"/"+name, func(t *testing.T) {
				got := takePacks(t, codec, slices.Concat(encode(t, codec, c.pack), encode(t, codec, `{"pack": ["99"]}`)))
				if len(got) != c.whole+2 || !strings.HasPrefix(got[c.whole], "stray ") || got[len(got)-1] != `ack id="99"` {
					t.Errorf("got %q", got)
				}
				d := codec.NewDecoder(limit)
				d.TakePacks()
				d.Fill(make([]byte, 4096), func(b []byte) (int, error) { return copy(b, encode(t, codec, c.pack)), nil })
				for {
					ok, err := d.Next(new(Message))
					if stray, is := err.(*StrayError); is {
						if !stray.Emit || !stray.ID {
							t.Error("it does not say that there may have been emits")
						}
						return
					}
					if !ok {
						t.Fatal("no stray")
					}
				}
			})
		}
	}
}

// What is printed in front of a pack does not take it along.
func TestPrintsBeforePacks(t *testing.T) {
	pack := `{"pack":["7",0]}` + "\nend\n"
	for _, printed := range []string{"hello\n", "hello ", "[1, 2]\n", "{\"a\": 1}\n", "{'a': 1}\n", "\n"} {
		got := takePacks(t, JSON, []byte(printed+pack))
		if strings.TrimSpace(printed) != "" && !strings.HasPrefix(got[0], "stray") {
			t.Errorf("%q before a pack is %q", printed, got)
		}
		equalLines(t, got[max(0, len(got)-2):], []string{`ack id="7"`, "sync"})
	}
}

// FuzzPacks puts messages into packs: what comes out is what they are by themselves.
func FuzzPacks(f *testing.F) {
	for _, c := range messages {
		f.Add([]byte("["+c.message+"]"), uint16(5))
	}
	for _, c := range packs {
		f.Add([]byte(c.pack[len(`{"pack": `):len(c.pack)-1]), uint16(9))
	}
	f.Fuzz(func(t *testing.T, list []byte, cut uint16) {
		var elements []json.RawMessage
		if json.Unmarshal(list, &elements) != nil || elements == nil {
			return
		}
		for _, codec := range codecs {
			values, err := Transcode(nil, list, JSON, codec)
			if codec == JSON {
				values, err = list, nil
			}
			if err != nil {
				continue // numbers that msgpack has no room for
			}
			var output []byte
			if codec == JSON {
				output = fmt.Appendf(nil, "{\"pack\":%s}\nend\n", values)
			} else {
				output = append([]byte("\x81\xa4pack"), values...)
			}
			n := min(int(cut), len(output))
			whole := takePacks(t, codec, output)
			equalLines(t, takePacks(t, codec, output[:n], output[n:]), whole)
			if len(whole) > 0 && strings.HasPrefix(whole[len(whole)-1], "stray") {
				whole = whole[:len(whole)-1]
			} else if len(whole) != len(elements) && codec == JSON && !strings.Contains(string(list), "end") {
				t.Fatalf("%d elements are %q", len(elements), whole)
			}
			for i, line := range whole {
				element := strings.TrimSpace(string(elements[i]))
				if !strings.HasPrefix(element, "{") || codec != JSON {
					continue
				}
				if alone := takePacks(t, JSON, []byte(element+"\nend\n")); len(alone) != 1 || alone[0] != line {
					t.Fatalf("%s is %q in a pack and %q alone", element, line, alone)
				}
			}
		}
	})
}

// Packs with nothing in them are none of anybody's business, however many there are.
func TestEmptyPacks(t *testing.T) {
	for _, codec := range codecs {
		output := bytes.Repeat(encode(t, codec, `{"pack":[]}`), 100_000)
		output = append(output, encode(t, codec, `{"command":"sync"}`)...)
		d := codec.NewDecoder(limit)
		d.TakePacks()
		equalLines(t, converse(t, codec, d, pieces{output}), []string{"sync"})
	}
}
