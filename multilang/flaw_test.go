package multilang_test

import (
	"strings"
	"testing"

	. "gust/multilang"
)

// nested is a value with so many lists and maps in one another.
func nested(depth int) string {
	odd := strings.Repeat("[", depth%2)
	return odd + strings.Repeat(`{"a":[`, depth/2) + strings.Repeat(`]}`, depth/2) + strings.ReplaceAll(odd, "[", "]")
}

// flawed are tuples, as the bytes of their codec, and the flaw that they have.
var flawed = []struct {
	name  string
	codec Codec
	tuple string
	flaw  Flaw
	index int // -1: it has none
}{
	{"sound", JSON, `["é\ud83d\ude00",1.5,-0,1e999,true,null,{"a":[]}]`, 0, -1},
	{"NaN", JSON, `[1,{"a":[NaN]},NaN]`, NaN, 1},
	{"Infinity", JSON, `[Infinity]`, NaN, 0},
	{"-Infinity", JSON, `["","",-Infinity]`, NaN, 2},
	{"NaN in a text", JSON, `["NaN",{"Infinity":"-Infinity"}]`, 0, -1},
	{"as deep as may be", JSON, `[` + nested(MaxDepth) + `,` + nested(MaxDepth) + `]`, 0, -1},
	{"too deep", JSON, `[1,` + nested(MaxDepth+1) + `]`, TooDeep, 1},
	{"far too deep", JSON, `[` + nested(100_000) + `]`, TooDeep, 0},
	{"a long integer", JSON, `[1,` + strings.Repeat("9", 4300) + `]`, 0, -1},
	{"too long an integer", JSON, `[1,-` + strings.Repeat("9", 4301) + `]`, LongInteger, 1},
	{"a long float", JSON, `[` + strings.Repeat("9", 5000) + `.5,` + strings.Repeat("9", 5000) + `e1]`, 0, -1},

	{"sound", Msgpack, "\x9a\xa2\xc3\xa9\xd9\x03abc\x01\xcd\x01\x02\xc0\xc3\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xc4\x01\xff\x81\xa1a\x91\x90\xd4\x05\xff", 0, -1},
	{"NaN", Msgpack, "\x92\x01\x81\xa1a\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", NaN, 1},
	{"an infinite float32", Msgpack, "\x92\x01\xca\xff\x80\x00\x00", NaN, 1},
	{"as deep as may be", Msgpack, "\x91" + strings.Repeat("\x91", MaxDepth) + "\x01", 0, -1},
	{"too deep", Msgpack, "\x92\x01" + strings.Repeat("\x81\xa1a", MaxDepth+1) + "\x01", TooDeep, 1},
	{"far too deep", Msgpack, "\x91" + strings.Repeat("\x91", 100_000) + "\x01", TooDeep, 0},
	{"half a character", Msgpack, "\x92\x01\xa1\xc3", BadString, 1},
	{"half a surrogate pair", Msgpack, "\x91\xd9\x03\xed\xa0\xbd", BadString, 0},
	{"a long text", Msgpack, "\x91\xda\x00\x0aabcdefgh\xff\xfe", BadString, 0},
	{"eight bytes", Msgpack, "\x92\xa8abcdefg\xff\xa0", BadString, 0},
	{"a key", Msgpack, "\x93\xa0\xa0\x81\xa1\xff\x01", BadString, 2},
	{"behind what is too deep", Msgpack, "\x92" + strings.Repeat("\x91", MaxDepth+1) + "\x01\xa1\xff", BadString, 1},
	{"a key that is an integer", Msgpack, "\x91\x81\x01\xa1a", OddKey, 0},
	{"a key that is a list", Msgpack, "\x91\x81\x90\xa1a", OddKey, 0},
	{"a key that is bytes", Msgpack, "\x91\x81\xc4\x01\xff\xa1a", 0, -1},
	{"timestamps", Msgpack, "\x93\xd6\xff\x00\x00\x00\x01\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x01\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0, -1},
	{"a timestamp of 2 bytes", Msgpack, "\x92\x01\xd5\xff\x00\x00", BadExt, 1},
	{"a timestamp of no size", Msgpack, "\x91\xc7\x00\xff", BadExt, 0},
	{"a timestamp with too many nanoseconds", Msgpack, "\x91\xc7\x0c\xff\x3b\x9a\xca\x00\x00\x00\x00\x00\x00\x00\x00\x00", BadExt, 0},
	{"an ext of a reserved type", Msgpack, "\x91\xd4\xfe\x00", BadExt, 0},
}

func TestFlaws(t *testing.T) {
	for _, c := range flawed {
		t.Run(c.codec.Name()+"/"+c.name, func(t *testing.T) {
			packed := `{"pack":[[` + c.tuple + `,1]]}` + "\nend\n"
			if c.codec == Msgpack {
				packed = "\x81\xa4pack\x91\x92" + c.tuple + "\x01"
			}
			for _, output := range [][]byte{emitOf(c.codec, c.tuple), []byte(packed)} {
				n := 0
				d := c.codec.NewDecoder(limit)
				d.TakePacks()
				messagesFrom(t, d, output, func(m *Message) {
					n++
					if string(m.Tuple) != c.tuple || m.Command != Emit || m.ID == nil {
						t.Errorf("the message is %.200s", describe(c.codec, m))
					}
					if m.Flaws.None() != (c.index < 0) {
						t.Errorf("flaws: %v", m.Flaws)
					}
					flaw, index, ok := m.Flaws.First(all)
					if ok && (flaw != c.flaw || index != c.index) || ok != (c.index >= 0) {
						t.Errorf("%q in value %d (%v), want %q in value %d", flaw, index, ok, c.flaw, c.index)
					}
				})
				if n != 1 {
					t.Errorf("%d messages, want one", n)
				}
			}
		})
	}
}

// emitOf is an emit with an id of the tuple in the codec's bytes.
func emitOf(codec Codec, tuple string) []byte {
	if codec == Msgpack {
		return []byte("\x83\xa7command\xa4emit\xa5tuple" + tuple + "\xa2id\x01")
	}
	return []byte(`{"command":"emit","tuple":` + tuple + `,"id":1}` + "\nend\n")
}

// all refuses everything.
var all = func() (r Refusals) {
	for i := range r {
		r[i] = true
	}
	return r
}()

// TestFlawsAreOfOneTuple: what one tuple has, the next has not.
func TestFlawsAreOfOneTuple(t *testing.T) {
	for _, codec := range codecs {
		output := encode(t, codec, `{"command":"emit","tuple":[NaN],"tuple":[1]}`)
		output = append(output, encode(t, codec, `{"command":"emit","tuple":[NaN]}`)...)
		output = append(output, encode(t, codec, `{"command":"emit","tuple":[1],"params":NaN}`)...)
		output = append(output, encode(t, codec, `{"command":"emit","id":NaN,"tuple":[]}`)...)
		var got []bool
		messagesOf(t, codec, output, func(m *Message) { got = append(got, m.Flaws.None()) })
		for i, want := range []bool{true, false, true, true} {
			if got[i] != want {
				t.Errorf("%s: message %d: without flaws is %v, want %v", codec.Name(), i, got[i], want)
			}
		}
	}
}

// TestDeepValuesEverywhere: what is as deep as may be can be grouped by, and goes to the other codec.
func TestDeepValuesEverywhere(t *testing.T) {
	values := []byte(`[` + nested(MaxDepth) + `]`)
	packed, err := Transcode(nil, values, JSON, Msgpack)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Transcode(nil, packed, Msgpack, JSON)
	if err != nil || string(back) != string(values) {
		t.Errorf("it comes back as %.100s, %v", back, err)
	}
	for codec, values := range map[Codec][]byte{JSON: values, Msgpack: packed} {
		if _, err := HashFields(values, codec, []int{0}); err != nil {
			t.Errorf("%s: %v", codec.Name(), err)
		}
	}
	if _, err := Transcode(nil, []byte(`[`+nested(MaxDepth+1)+`]`), JSON, Msgpack); err == nil {
		t.Error("a value that is too deep was transcoded")
	}
}
