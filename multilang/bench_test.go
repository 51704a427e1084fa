package multilang_test

import (
	"bytes"
	"strings"
	"testing"

	. "gust/multilang"
)

// benchConversations are the bytes of many messages of one kind, as a busy bolt
// writes them, and how many they are.
var benchConversations = []struct {
	name    string
	message string
}{
	{"emit", `{"command": "emit", "tuple": ["dog", 1], "anchors": ["4611686018427387"], "need_task_ids": false}`},
	{"emit-compact", `{"command":"emit","anchors":["4611686018427387"],"tuple":["dog",1],"need_task_ids":false}`},
	{"ack", `{"command": "ack", "id": "4611686018427387"}`},
	{"sync", `{"command": "sync"}`},
}

// repeat is a chunk full of one message, in codec's bytes.
func repeat(tb testing.TB, codec Codec, message string) (chunk []byte, n int) {
	one := encode(tb, codec, message)
	n = (64 << 10) / len(one)
	return bytes.Repeat(one, n), n
}

// decodeAll feeds a decoder with the wire again and again until it has given n messages.
func decodeAll(b *testing.B, codec Codec, wire []byte, messages int, take func(*Message)) {
	d := codec.NewDecoder(64 << 20)
	chunk := make([]byte, 128<<10)
	var m Message
	read := func(p []byte) (int, error) { return copy(p, wire), nil }
	for done := 0; done < b.N; {
		d.Fill(chunk, read)
		for {
			ok, err := d.Next(&m)
			if err != nil {
				b.Fatal(err)
			}
			if !ok {
				break
			}
			take(&m)
			done++
		}
		d.Keep()
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, codec := range []Codec{JSON, Msgpack} {
		for _, c := range benchConversations {
			b.Run(codec.Name()+"/"+c.name, func(b *testing.B) {
				wire, n := repeat(b, codec, c.message)
				b.ReportAllocs()
				decodeAll(b, codec, wire, n, func(*Message) {})
			})
		}
	}
}

// BenchmarkRoute is all that the codec does for a tuple on its way from one bolt
// to the next.
func BenchmarkRoute(b *testing.B) {
	for _, codec := range []Codec{JSON, Msgpack} {
		for _, c := range benchConversations[:2] {
			b.Run(codec.Name()+"/"+c.name, func(b *testing.B) {
				wire, n := repeat(b, codec, c.message)
				origin := codec.NewOrigin("split", "default", 4)
				out := make([]byte, 0, 64<<10)
				b.ReportAllocs()
				decodeAll(b, codec, wire, n, func(m *Message) {
					if len(out) > 60<<10 {
						out = out[:0]
					}
					id, _ := codec.ParseTupleID(m.Anchors[0])
					out = codec.AppendTuple(out, id, origin, m.Tuple)
				})
			})
		}
	}
}

// BenchmarkLarge decodes messages of a megabyte: texts should move at memory speed.
func BenchmarkLarge(b *testing.B) {
	tuples := map[string]string{
		"ascii": `"` + strings.Repeat("the quick brown fox ", 50_000) + `"`,
		"utf8":  `"` + strings.Repeat("zwölf Boxkämpfer jagen Viktor ", 32_000) + `"`,
		"words": strings.TrimSuffix(strings.Repeat(`"brown",12345,`, 70_000), ","),
	}
	for _, codec := range []Codec{JSON, Msgpack} {
		for name, values := range tuples {
			b.Run(codec.Name()+"/"+name, func(b *testing.B) {
				wire := encode(b, codec, `{"command":"emit","tuple":[`+values+`]}`)
				d := codec.NewDecoder(64 << 20)
				chunk := make([]byte, 4<<20)
				read := func(p []byte) (int, error) { return copy(p, wire), nil }
				var m Message
				b.SetBytes(int64(len(wire)))
				b.ReportAllocs()
				for b.Loop() {
					d.Fill(chunk, read)
					if ok, err := d.Next(&m); !ok || err != nil {
						b.Fatal(ok, err)
					}
					d.Keep()
				}
			})
		}
	}
}

// benchTuples are tuples whose values a grouping hashes, or that change codecs.
var benchTuples = []struct{ name, values string }{
	{"word", `["dog",1]`},
	{"mixed", `["user-4711","a somewhat longer text",1795403886.25,true,null,{"a":[1,2]}]`},
}

func BenchmarkHashFields(b *testing.B) {
	fields := []int{0}
	for _, codec := range []Codec{JSON, Msgpack} {
		for _, c := range benchTuples {
			b.Run(codec.Name()+"/"+c.name, func(b *testing.B) {
				values, err := Transcode(nil, []byte(c.values), JSON, codec)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := HashFields(values, codec, fields); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkTranscode(b *testing.B) {
	for _, from := range []Codec{JSON, Msgpack} {
		to := JSON
		if from == JSON {
			to = Msgpack
		}
		for _, c := range benchTuples {
			b.Run("from-"+from.Name()+"/"+c.name, func(b *testing.B) {
				values, err := Transcode(nil, []byte(c.values), JSON, from)
				if err != nil {
					b.Fatal(err)
				}
				dst := make([]byte, 0, 4096)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Transcode(dst, values, from, to); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
