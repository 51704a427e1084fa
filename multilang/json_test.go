package multilang_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	. "gust/multilang"
)

// TestJSONForms has one message in the forms that clients write it in. What may be
// forwarded must come out on one line.
func TestJSONForms(t *testing.T) {
	const want = `emit id={"a":1} need tuple=["a b",1] values=2`
	for _, c := range []struct{ name, output, want string }{
		{"plain", `{"command":"emit","id":{"a":1},"tuple":["a b",1]}` + "\nend\n", want},
		{"spaces", ` { "command" : "emit" , "id":{"a":1}, "tuple":["a b",1] } ` + "\nend\n", want},
		{"tabs", "\t{\"command\"\t:\t\"emit\",\"id\":{\"a\":1},\"tuple\":[\"a b\",1]}\t\nend\n", want},
		{"crlf", `{"command":"emit","id":{"a":1},"tuple":["a b",1]}` + "\r\nend\r\n", want},
		{"crlf before end", `{"command":"emit","id":{"a":1},"tuple":["a b",1]}` + "\r\nend\n", want},
		{"blank lines", "\n\n" + `{"command":"emit","id":{"a":1},"tuple":["a b",1]}` + "\n\n\nend\n", want},
		{"over lines", "{\"command\":\n\"emit\",\r\n\"id\":{\"a\":\n1},\"tuple\":\n[\"a b\",\r1\n]\n}\nend\n",
			`emit id={"a": 1} need tuple=["a b", 1 ] values=2`},
		{"pretty", "{\n  \"command\": \"emit\",\n  \"tuple\": [\n    \"x\",\n    {\n      \"y\": []\n    }\n  ]\n}\nend\n",
			`emit need tuple=[     "x",     {       "y": []     }   ] values=2`},
		{"pretty with anchors", "{\"command\": \"emit\", \"anchors\": [\n\"1\",\n\"2\"\n], \"tuple\": []}\nend\n",
			`emit need anchor="1" anchor="2" tuple=[]`},
		{"a raw tab in a text", "{\"command\":\"emit\",\"tuple\":[\"a\tb\"]}\nend\n", `emit need tuple=["a\tb"] values=1`},
		{"raw controls in a text", "{\"command\":\"emit\",\"tuple\":[\"a\nb\r\x00\x1f\x7f\"]}\nend\n", `emit need tuple=["a\nb\r\u0000\u001f` + "\x7f" + `"] values=1`},
		{"invalid UTF-8", "{\"command\":\"emit\",\"tuple\":[\"caf\xe9 \xc3\xa9\xff\"]}\nend\n", "emit need tuple=[\"caf\uFFFD é\uFFFD\"] values=1"},
		{"invalid UTF-8 in a msg", "{\"command\":\"log\",\"msg\":\"\xe9\"}\nend\n", `log msg="` + "\uFFFD" + `" level=2`},
		{"a surrogate in UTF-8", "{\"command\":\"log\",\"msg\":\"\xed\xa0\x80\"}\nend\n", `log msg="` + "\uFFFD\uFFFD\uFFFD" + `" level=2`},
		{"lone surrogates pass", `{"command":"emit","tuple":["\ud800x","\udc00\ud800"]}` + "\nend\n", `emit need tuple=["\ud800x","\udc00\ud800"] values=2`},
		{"lone surrogates are read", `{"command":"log","msg":"\ud800x\udc00\ud83d\ude00\ud83d"}` + "\nend\n", `log msg="` + "\uFFFDx\uFFFD😀\uFFFD" + `" level=2`},
		{"numbers pass as they are", `{"command":"emit","tuple":[1.0,1e5,1E+05,-0,-0.0,123456789012345678901234567890,NaN,Infinity,-Infinity]}` + "\nend\n",
			`emit need tuple=[1.0,1e5,1E+05,-0,-0.0,123456789012345678901234567890,NaN,Infinity,-Infinity] values=9`},
		{"end in a text", `{"command":"log","msg":"\nend\n"}` + "\nend\n", `log msg="\nend\n" level=2`},
		{"params keep their spaces", `{"command":"metrics","name":"n","params": [ 1 ] }` + "\nend\n", `metrics name="n" params=[ 1 ]`},
		{"quotes within", `{"command":"emit","tuple":["\"","\\","\\\"","\\\\"]}` + "\nend\n", `emit need tuple=["\"","\\","\\\"","\\\\"] values=4`},
	} {
		t.Run(c.name, func(t *testing.T) {
			equalLines(t, decode(t, JSON, []byte(c.output)), []string{c.want})
			if strings.ContainsAny(c.want, "\n\r") {
				t.Error("the message would be forwarded over several lines")
			}
		})
	}
}

// TestJSONStray has what is on stdout beside the messages. It costs itself, and no message.
func TestJSONStray(t *testing.T) {
	const (
		print   = "stray this is not a multilang message; it may have been printed to stdout: "
		command = "stray this object has no command; it may have been printed to stdout: "
		list    = "stray this is a JSON list, but a message is an object: "
		ack     = `{"command":"ack","id":"1"}`
	)
	dicts := strings.Repeat("{'a': 1}\n", 100)
	for _, c := range []struct {
		name, output string
		want         []string
	}{
		{"end lines and empty frames", "end\nend\r\n\nend\n \t\r\nend\n" + ack + "\nend\nend\n", []string{`ack id="1"`}},
		{"a line", "hello\n" + ack + "\nend\n", []string{print + `"hello"`, `ack id="1"`}},
		{"lines", "hello\r\n\n  world \n" + ack + "\nend\n", []string{print + `"hello"`, print + `"world "`, `ack id="1"`}},
		{"a hundred lines", strings.Repeat("hello\n", 100) + ack + "\nend\n", append(repeatLine(print+`"hello"`, 100), `ack id="1"`)},
		{"without a line feed", "hello" + ack + "\nend\n", []string{print + `"hello"`, `ack id="1"`}},
		{"without a line feed, with a brace", "{x} hello: " + ack + "\nend\n",
			[]string{print + `"{x} hello: "`, `ack id="1"`}},
		{"an object without a line feed", `{"a": 1} ` + ack + "\nend\n", []string{command + `"{\"a\": 1} "`, `ack id="1"`}},
		{"a dict, and a line without a line feed", "{'a': 1}\nloading... " + ack + "\nend\n",
			[]string{print + `"{'a': 1}"`, print + `"loading... "`, `ack id="1"`}},
		{"a message at the end of a broken one", `{"command":"emit","tuple":[` + ack + "\nend\n",
			[]string{`stray invalid JSON at byte 54: unexpected end: "{\"command\":\"emit\",\"tuple\":[{\"command\":\"ack\",\"id\":\"1\"}"`}},
		{"a brace in the middle", "see {x}: " + ack + "\nend\n", []string{print + `"see {x}: "`, `ack id="1"`}},
		{"over lines behind a print", "hello {\"command\":\n\"ack\",\"id\":\"1\"}\nend\n", []string{print + `"hello "`, `ack id="1"`}},
		{"a quote", "say \"hi\n" + ack + "\nend\n", []string{print + `"say \"hi"`, `ack id="1"`}},
		{"behind the object", ack + " trailing\nend\n" + ack + "\nend\n", []string{`ack id="1"`, print + `"trailing"`, `ack id="1"`}},
		{"on the next line", ack + "\ntrailing\nend\n", []string{`ack id="1"`, print + `"trailing"`}},
		{"two messages, one end", ack + "\n" + `{"command":"sync"}` + "\nend\n", []string{`ack id="1"`, `sync`}},
		{"two messages, one line", ack + `{"command":"sync"}` + "\nend\n", []string{`ack id="1"`, `sync`}},
		{"only stray", "hello\nend\n" + ack + "\nend\n", []string{print + `"hello"`, `ack id="1"`}},
		{"a printed dict", "{'a': 1}\n" + ack + "\nend\n",
			[]string{print + `"{'a': 1}"`, `ack id="1"`}},
		{"a printed object", `{"a": 1}` + "\n" + ack + "\nend\n", []string{command + `"{\"a\": 1}"`, `ack id="1"`}},
		{"a printed object in a line", `got {"a": 1}` + "\n" + ack + "\nend\n", []string{print + `"got {\"a\": 1}"`, `ack id="1"`}},
		{"a printed list", "[1, 2]\n" + ack + "\nend\n", []string{list + `"[1, 2]"`, `ack id="1"`}},
		{"a list over lines", "[\n1,\n2\n]\nend\n", []string{list + `"[\n1,\n2\n]"`}},
		{"a log line", "[INFO] hello\n" + ack + "\nend\n", []string{print + `"[INFO] hello"`, `ack id="1"`}},
		{"a number", "5\nend\n", []string{print + `"5"`}},
		{"a hundred dicts", dicts + ack + "\nend\n",
			append(repeatLine(print+`"{'a': 1}"`, 100), `ack id="1"`)},
		{"a hundred dicts and text", dicts + "hello\nend\n" + ack + "\nend\n",
			append(repeatLine(print+`"{'a': 1}"`, 100), print+`"hello"`, `ack id="1"`)},
		{"broken", `{"command":"ack","id":}` + "\nend\n" + ack + "\nend\n",
			[]string{`stray invalid JSON at byte 22: want a value here: "{\"command\":\"ack\",\"id\":}"`, `ack id="1"`}},
		{"broken, pretty", "{\n  \"command\": \"emit\",\n  \"tuple\": [\n    {\"command\":\"ack\"},\n    oops\n  ]\n}\nend\n" + ack + "\nend\n",
			[]string{`stray invalid JSON at byte 63: want a value here: "{\n  \"command\": \"emit\",\n  \"tuple\": [\n    {\"command\":\"ack\"},\n    oops\n  ]\n}"`, `ack id="1"`}},
		{"cut off", `{"command":"emit","tuple":["a` + "\nend\n" + ack + "\nend\n",
			[]string{`stray invalid JSON at byte 30: unexpected end: "{\"command\":\"emit\",\"tuple\":[\"a"`, `ack id="1"`}},
		{"cut off, no end", `{"command":"emit","tuple":["a` + "\n" + ack + "\nend\n",
			[]string{`stray invalid JSON at byte 32: a comma or a closing bracket must follow the value: "{\"command\":\"emit\",\"tuple\":[\"a"`, `ack id="1"`}},
		{"a message within a broken one", `x {"command":"emit","tuple":[{"command":"ack","id":"1"}` + "\nend\n",
			[]string{print + `"x {\"command\":\"emit\",\"tuple\":[{\"command\":\"ack\",\"id\":\"1\"}"`}},
		{"no end", "hello\n", []string{print + `"hello"`}},
		{"half a line", "hello\nwor", []string{print + `"hello"`, `rest "wor"`}},
		{"half an end", "hello\nen", []string{print + `"hello"`, `rest "en"`}},
		{"what may be a message, no end", "hello {\n", []string{`rest "hello {\n"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			equalLines(t, decode(t, JSON, []byte(c.output)), c.want)
			for cut := range len(c.output) {
				got := converse(t, JSON, JSON.NewDecoder(limit), pieces{[]byte(c.output[:cut]), []byte(c.output[cut:])})
				if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Fatalf("cut at %d: got\n%s", cut, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func repeatLine(line string, n int) []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat(line+"\n", n), "\n"), "\n")
}

// TestJSONPrinted tells what was printed between messages from what breaks one.
func TestJSONPrinted(t *testing.T) {
	for text, printed := range map[string]bool{
		"hello": true, "": true, "{'a': 1}": true, `{"a": 1}`: true, `got {"a": 1}`: true, "[1, 2]": true, "(Pdb) ": true, "end of it": true,
		`{"command":"ack","id":}`: false, `{"command":"emit","tuple":[1`: false, `{"id": "5", "com`: false, "x\xff": false,
	} {
		t.Run(text, func(t *testing.T) {
			for _, codec := range []Codec{JSON, Msgpack} {
				d := codec.NewDecoder(limit)
				output := pieces{append([]byte(text+"\n"), encode(t, codec, `{"command":"ack","id":"1"}`)...)}
				if _, err := d.Fill(make([]byte, 4096), output.read); err != nil {
					t.Fatal(err)
				}
				for {
					ok, err := d.Next(&Message{})
					if ok {
						break
					}
					stray, is := errors.AsType[*StrayError](err)
					// msgpack knows no JSON that could be broken, but who writes JSON is told.
					if !is || stray.Printed != printed && !(codec == Msgpack && strings.HasPrefix(text, `{"a"`)) {
						t.Errorf("%s: %q: %+v, want printed: %v", codec, text, stray, printed)
					}
					if is && stray.Printed && string(stray.Bytes) != text {
						t.Errorf("%s: %q is told as %q", codec, text, stray.Bytes)
					}
				}
			}
		})
	}
}

// TestJSONGarbage has what must not be forwarded.
func TestJSONGarbage(t *testing.T) {
	for _, value := range []string{
		``, `,`, `tru`, `nul`, `truefalse`, `TRUE`, `None`, `nan`, `inf`, `+1`, `01`, `-`, `-01`, `1.`, `.5`, `1e`, `1e+`, `0x10`, `1_000`, `--1`, `1.5.2`, `-NaN`, `Infinit`, `- Infinity`,
		`"`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\`, `'a'`, `[1 2]`, `[1,]`, `[,1]`, `[1`, `]`, `[1}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{1:2}`, `{"a":1]`, `{"a" 1}`, `{"a":1 "b":2}`, `/**/1`, `"a" "b"`,
	} {
		t.Run(value, func(t *testing.T) {
			for _, message := range []string{
				`{"command":"emit","tuple":[` + value + `,1]}`,
				`{"command":"emit","tuple":[[{"x":` + value + `}]]}`,
				`{"command":"emit","unknown":` + value + `,"tuple":[]}`,
				`{"command":"emit","tuple":[],"id":` + value + `}`,
			} {
				got := decode(t, JSON, encode(t, JSON, message))
				if len(got) != 1 || !strings.HasPrefix(got[0], "stray invalid JSON at byte ") {
					t.Errorf("%s: got %q", message, got)
				}
			}
		})
	}
}

func TestJSONDepth(t *testing.T) {
	message := func(depth int) []byte {
		return encode(t, JSON, `{"command":"emit","tuple":[`+nested(depth)+`]}`)
	}
	for _, depth := range []int{2, 62, 64, 66, 126, 128, 130, 10_000, 200_000} {
		if got := decode(t, JSON, message(depth)); len(got) != 1 || !strings.HasPrefix(got[0], "emit") {
			t.Errorf("depth %d: got %.200q", depth, got)
		}
	}
	// The brackets have to match at every depth.
	wrong := bytes.Replace(message(130), []byte("}]"), []byte("]]"), 1)
	if got := decode(t, JSON, wrong); len(got) != 1 || !strings.HasPrefix(got[0], "stray") {
		t.Errorf("a bracket that does not match: got %.200q", got)
	}
}

// TestJSONHostileFrames: in quadratic time, this takes minutes.
func TestJSONHostileFrames(t *testing.T) {
	for _, part := range []string{
		"{\n", "[\n", "{", "[", "\n", "x{", "x\n", "{\"a\":1}\n", "x{\"a\":1}\n", "x{\"a\":{", "{\"k\":[\n", "[\n1,\n", "\"", "{\"", "end \n", "\r", "{\"command\":\"x\",\"k\":[\n{\"command\":\"sync\"},\n", "\xff\n", "{\"\xff\":1}x\n",
	} {
		t.Run(part, func(t *testing.T) {
			frame := strings.Repeat(part, (256<<10)/len(part))
			output := []byte(frame + "\nend\n" + `{"command":"sync"}` + "\nend\n")
			d := JSON.NewDecoder(64 << 20)
			got := converse(t, JSON, d, pieces{output})
			if last := got[len(got)-1]; last != "sync" {
				t.Errorf("the next message is lost: got %.100q", last)
			}
		})
	}
}
