package multilang_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"

	"gust/internal/testenv"
	. "gust/multilang"
)

// seed gives a fuzzer what real clients wrote, and the messages of the tables.
func seed(f *testing.F, codec Codec) {
	files, _ := filepath.Glob(testenv.Data(f, "wire", "*."+codec.Name()))
	for _, file := range files {
		output, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(output, uint16(50))
	}
	for _, c := range messages {
		f.Add(encode(f, codec, c.message), uint16(5))
	}
	for _, c := range flawed {
		if c.codec == codec && len(c.tuple) < 10_000 {
			f.Add(emitOf(codec, c.tuple), uint16(30))
		}
	}
}

// cutAnywhere fails the test where output means something else when it comes in two pieces.
func cutAnywhere(t *testing.T, codec Codec, output []byte, cut int) []string {
	t.Helper()
	cut = min(cut, len(output))
	whole := decode(t, codec, output)
	split := converse(t, codec, codec.NewDecoder(limit), pieces{output[:cut], output[cut:]})
	equalLines(t, split, whole)
	return whole
}

// messagesOf calls take with the messages in output.
func messagesOf(t *testing.T, codec Codec, output []byte, take func(*Message)) {
	messagesFrom(t, codec.NewDecoder(limit), output, take)
}

func messagesFrom(t *testing.T, d Decoder, output []byte, take func(*Message)) {
	chunk := make([]byte, max(4096, len(output)))
	if _, err := d.Fill(chunk, func(b []byte) (int, error) { return copy(b, output), nil }); err != nil {
		t.Fatal(err)
	}
	var m Message
	for {
		ok, err := d.Next(&m)
		if err == ErrTooLarge || err == nil && !ok {
			return
		}
		if ok {
			take(&m)
		}
	}
}

// standard is JSON without what Python adds to it.
func standard(raw []byte) []byte {
	var out []byte
	quoted := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			out = append(out, c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && bytes.HasPrefix(raw[i:], []byte("NaN")):
			out = append(out, '0')
			i += 2
			continue
		case !quoted && bytes.HasPrefix(raw[i:], []byte("Infinity")):
			out = append(out, '0')
			i += 7
			continue
		}
		out = append(out, raw[i])
	}
	return out
}

func FuzzJSONDecoder(f *testing.F) {
	seed(f, JSON)
	f.Fuzz(func(t *testing.T, output []byte, cut uint16) {
		lines := cutAnywhere(t, JSON, output, int(cut))

		// What may be forwarded is JSON on one line.
		messagesOf(t, JSON, output, func(m *Message) {
			for _, raw := range append([][]byte{m.ID, m.Tuple, m.Params}, m.Anchors...) {
				if raw != nil && (!json.Valid(standard(raw)) || bytes.ContainsAny(raw, "\n\r") || !utf8.Valid(raw)) {
					t.Fatalf("%q must not be forwarded", raw)
				}
			}
			var values []json.RawMessage
			if m.Tuple != nil && (json.Unmarshal(standard(m.Tuple), &values) != nil || len(values) != m.Values) {
				t.Fatalf("%q has not %d values", m.Tuple, m.Values)
			}
			if m.Tuple != nil && has(&m.Flaws, NaN) == bytes.Equal(standard(m.Tuple), m.Tuple) {
				t.Fatalf("%q has the flaws %v", m.Tuple, m.Flaws)
			}
		})

		// What is one JSON object is one message, and what is in it is found.
		body, isFrame := bytes.CutSuffix(output, []byte("\nend\n"))
		if !isFrame || bytes.Contains(body, []byte("end")) || !utf8.Valid(body) {
			return
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(body, &want) != nil || want == nil {
			return
		}
		if len(lines) != 1 || strings.HasPrefix(lines[0], "stray") {
			t.Fatalf("one object is %q", lines)
		}
		messagesOf(t, JSON, output, func(m *Message) {
			same := func(key string, got []byte) {
				raw := want[key]
				if string(raw) == "null" {
					raw = nil
				}
				if key == "tuple" && (len(raw) == 0 || raw[0] != '[') {
					raw = nil
				}
				var w, g any
				if raw == nil && got == nil {
					return
				}
				if json.Unmarshal(raw, &w) != nil || json.Unmarshal(got, &g) != nil {
					if json.Valid(raw) && json.Valid(got) {
						return // a number that encoding/json has no room for
					}
					t.Fatalf("%s is %q, want %q", key, got, raw)
				}
				if !reflect.DeepEqual(g, w) {
					t.Fatalf("%s is %q, want %q", key, got, raw)
				}
			}
			same("id", m.ID)
			same("tuple", m.Tuple)
			same("params", m.Params)
			var text *string
			if json.Unmarshal(want["msg"], &text) == nil && text != nil && string(m.Msg) != *text {
				t.Fatalf("msg is %q, want %q", m.Msg, *text)
			}
		})
	})
}

func FuzzMsgpackDecoder(f *testing.F) {
	seed(f, Msgpack)
	f.Fuzz(func(t *testing.T, output []byte, cut uint16) {
		lines := cutAnywhere(t, Msgpack, output, int(cut))
		messagesOf(t, Msgpack, output, func(m *Message) {
			if m.Tuple == nil {
				return
			}
			r := bytes.NewReader(m.Tuple)
			d := msgpack.NewDecoder(r)
			if n, err := d.DecodeArrayLen(); err != nil || n != m.Values {
				t.Fatalf("%x has not %d values but %d, %v", m.Tuple, m.Values, n, err)
			}
			for range m.Values {
				if err := d.Skip(); err != nil {
					t.Fatalf("%x: %v", m.Tuple, err)
				}
			}
			if r.Len() != 0 {
				t.Fatalf("%x is longer than its list", m.Tuple)
			}
			// In JSON, what is no UTF-8 becomes U+FFFD, and NaN stands bare.
			text, err := Transcode(nil, m.Tuple, Msgpack, JSON)
			if err != nil {
				return
			}
			more := bytes.Count(text, []byte("\uFFFD")) > bytes.Count(m.Tuple, []byte("\uFFFD"))
			if more != has(&m.Flaws, BadString) || has(&m.Flaws, NaN) == bytes.Equal(standard(text), text) {
				t.Fatalf("%x has the flaws %v, and is %s", m.Tuple, m.Flaws, text)
			}
		})

		// What is one map with texts as keys is one message, and what is in it is found.
		r := bytes.NewReader(output)
		d := msgpack.NewDecoder(r)
		n, err := d.DecodeMapLen()
		if err != nil || n < 0 {
			return
		}
		want := map[string]msgpack.RawMessage{}
		for range n {
			key, err := d.DecodeString()
			if err != nil {
				return
			}
			raw, err := d.DecodeRaw()
			if err != nil {
				return
			}
			want[key] = raw
		}
		if r.Len() > 0 || bytes.IndexByte(output, 0xc0) >= 0 {
			return // nil is a text there, and not here
		}
		if len(lines) != 1 || strings.HasPrefix(lines[0], "stray") {
			t.Fatalf("one map is %q", lines)
		}
		messagesOf(t, Msgpack, output, func(m *Message) {
			if !bytes.Equal(m.ID, want["id"]) || !bytes.Equal(m.Params, want["params"]) {
				t.Fatalf("id %x, params %x; want %x, %x", m.ID, m.Params, want["id"], want["params"])
			}
		})
	})
}

// FuzzTranscode takes a tuple from JSON to msgpack and back.
func FuzzTranscode(f *testing.F) {
	for _, c := range messages {
		f.Add([]byte("[" + c.message + "]"))
	}
	f.Add([]byte(`[1.5,-0.0,1e22,18446744073709551615,-9223372036854775808,"\ud800\n",{"a":[[],{}]},NaN]`))
	f.Fuzz(func(t *testing.T, values []byte) {
		packed, err := Transcode(nil, values, JSON, Msgpack)
		if err != nil {
			return
		}
		r := bytes.NewReader(packed)
		if err := msgpack.NewDecoder(r).Skip(); err != nil || r.Len() > 0 {
			t.Fatalf("%s gives %x: %v, %d bytes more", values, packed, err, r.Len())
		}
		if packed[0]&0xf0 != 0x90 && packed[0] != 0xdc && packed[0] != 0xdd {
			return // no tuple
		}
		back, err := Transcode(nil, packed, Msgpack, JSON)
		if err != nil {
			t.Fatalf("%s gives %x, and that %v", values, packed, err)
		}
		if !utf8.Valid(back) || bytes.ContainsAny(back, "\r\n") || !json.Valid(standard(back)) {
			t.Fatalf("%s comes back as %s", values, back)
		}
		again, err := Transcode(nil, back, JSON, Msgpack)
		if err != nil || !bytes.Equal(again, packed) {
			t.Fatalf("%s gives %x, comes back as %s, and gives %x, %v", values, packed, back, again, err)
		}
		var v, w any
		if utf8.Valid(values) && json.Unmarshal(values, &v) == nil && json.Unmarshal(back, &w) == nil && !reflect.DeepEqual(v, w) {
			t.Fatalf("%s comes back as %s", values, back)
		}
	})
}

// FuzzTranscodeMsgpack has tuples of msgpack that no JSON comes from.
func FuzzTranscodeMsgpack(f *testing.F) {
	f.Add([]byte("\x94\xca\x3d\xcc\xcc\xcd\xc4\x01x\xa1\xff\x81\xc3\xd0\x05"))
	f.Fuzz(func(t *testing.T, values []byte) {
		Msgpack.AppendText(nil, values, 50)
		_, _ = HashFields(values, Msgpack, []int{1, 0})
		text, err := Transcode(nil, values, Msgpack, JSON)
		if err != nil {
			return
		}
		if !utf8.Valid(text) || bytes.ContainsAny(text, "\r\n") || !json.Valid(standard(text)) {
			t.Fatalf("%x becomes %s", values, text)
		}
	})
}

// FuzzHash: however a value is written, its hash is one.
func FuzzHash(f *testing.F) {
	for _, c := range messages {
		f.Add([]byte("[" + c.message + "]"))
	}
	f.Add([]byte(`[{"b":1.0,"a":"\u00e9<"},1e5,-0,123456789012345678901234567890]`))
	f.Fuzz(func(t *testing.T, values []byte) {
		hash, err := HashFields(values, JSON, []int{0})
		d := json.NewDecoder(bytes.NewReader(values))
		d.UseNumber()
		var list []any
		if d.Decode(&list) != nil || d.More() || len(list) == 0 || !utf8.Valid(values) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", values, err)
		}
		other, err := json.Marshal(list) // other escapes, keys sorted
		if err != nil || tokens(other) != tokens(values) {
			return // a key comes twice
		}
		if got, err := HashFields(other, JSON, []int{0}); err != nil || got != hash {
			t.Fatalf("%s is %#x, %s is %#x, %v", values, hash, other, got, err)
		}
		packed, err := Transcode(nil, values, JSON, Msgpack)
		if err != nil {
			return
		}
		if got, err := HashFields(packed, Msgpack, []int{0}); err != nil || got != hash {
			t.Fatalf("%s is %#x, %x is %#x, %v", values, hash, packed, got, err)
		}
	})
}

// tokens counts the tokens of a JSON text.
func tokens(text []byte) (n int) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		if _, err := d.Token(); err != nil {
			return n
		}
		n++
	}
}

func has(f *Flaws, flaw Flaw) bool {
	only := Refusals{}
	only[flaw] = true
	_, _, found := f.First(only)
	return found
}
