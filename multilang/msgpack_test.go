package multilang_test

import (
	"strings"
	"testing"

	. "gust/multilang"
)

// TestMsgpackForms has one message in the formats that a client may choose.
func TestMsgpackForms(t *testing.T) {
	for _, c := range []struct{ name, output, want string }{
		{"map16", "\xde\x00\x01\xa7command\xa4sync", "sync"},
		{"map32", "\xdf\x00\x00\x00\x01\xa7command\xa4sync", "sync"},
		{"str8", "\x81\xd9\x07command\xd9\x04sync", "sync"},
		{"str16", "\x81\xda\x00\x07command\xda\x00\x04sync", "sync"},
		{"str32", "\x81\xdb\x00\x00\x00\x07command\xdb\x00\x00\x00\x04sync", "sync"},
		{"bin", "\x81\xc4\x07command\xc4\x04sync", "sync"},
		{"bin16", "\x81\xc5\x00\x07command\xc5\x00\x04sync", "sync"},
		{"bin32", "\x81\xc6\x00\x00\x00\x07command\xc6\x00\x00\x00\x04sync", "sync"},
		{"keys that are no texts", "\x84\xa1x\x01\x05\x06\x91\x05\x81\x01\x02\xa7command\xa4sync", "sync"},
		{"every number", "\x82\xa7command\xa4emit\xa5tuple\x9e" + "\x7f\xe0\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff\xcf\xff\xff\xff\xff\xff\xff\xff\xff" +
			"\xd0\x80\xd1\x80\x00\xd2\x80\x00\x00\x00\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xca\x3d\xcc\xcc\xcd\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xcb\x40\x00\x00\x00\x00\x00\x00\x00\xd0\x05",
			"emit need tuple=[127, -32, 255, 65535, 4294967295, 18446744073709551615, -128, -32768, -2147483648, -9223372036854775808, 0.1, 0.1, 2.0, 5] values=14"},
		{"every other", "\x82\xa7command\xa4emit\xa5tuple\x9d\xc0\xc2\xc3\xc4\x02\x00\"\xd4\x01a\xd5\x01ab\xd6\xffabcd\xd7\x01abcdefgh\xd8\x01abcdefghijklmnop\xc7\x01\x02a\xc8\x00\x01\x02a\xc9\x00\x00\x00\x01\x02a\xdc\x00\x01\x80",
			`emit need tuple=[null, false, true, b"\x00\"", ext(b"\x01a"), ext(b"\x01ab"), ext(b"\xffabcd"), ext(b"\x01abcdefgh"), ext(b"\x01abcdefghijklmnop"), ext(b"\x02a"), ext(b"\x02a"), ext(b"\x02a"), [{}]] values=13`},
		{"list32", "\x82\xa7command\xa4emit\xa5tuple\xdd\x00\x00\x00\x02\x01\x02", "emit need tuple=[1, 2] values=2"},
		{"text that is no UTF-8", "\x82\xa7command\xa4emit\xa5tuple\x91\xa2\xe9!", "emit need tuple=[\"\uFFFD!\"] values=1"},
		{"bin for texts", "\x84\xa7command\xa4emit\xa6stream\xc4\x01s\xa5tuple\x90\xa4task\xc4\x017", `emit stream="s" task=7 need tuple=[]`},
		{"task in float32", "\x83\xa7command\xa4emit\xa5tuple\x90\xa4task\xca\x40\x40\x00\x00", `emit task=3 need tuple=[]`},
		{"line feeds between", "\n\r\n\x81\xa7command\xa4sync\n \n", "sync"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for cut := range c.output {
				got := converse(t, Msgpack, Msgpack.NewDecoder(limit), pieces{[]byte(c.output[:cut]), []byte(c.output[cut:])})
				equalLines(t, got, []string{c.want})
			}
		})
	}
}

// TestMsgpackStray has what is on stdout beside the messages.
func TestMsgpackStray(t *testing.T) {
	const (
		print = "stray this is not a msgpack message; it may have been printed to stdout: "
		sync  = "\x81\xa7command\xa4sync"
	)
	for _, c := range []struct {
		name, output string
		want         []string
	}{
		{"a line", "hello\n" + sync, []string{print + `"hello"`, "sync"}},
		{"a line, no line feed", "hello" + sync, []string{print + `"hello"`, "sync"}},
		{"lines", "hello\r\n\nworld\n" + sync, []string{print + `"hello"`, print + `"world"`, "sync"}},
		{"UTF-8 whose bytes look like maps", "À bientôt — ‚Ünï‘ ✓ 😀\n" + sync, []string{print + `"À bientôt — ‚Ünï‘ ✓ 😀"`, "sync"}},
		{"JSON", `{"command": "sync"}` + "\nend\n" + sync,
			[]string{`stray this is not a msgpack message; if the component writes JSON, set its serializer to json: "{\"command\": \"sync\"}"`, print + `"end"`, "sync"}},
		{"values that are no maps", "\x01\xc3\x05" + sync, []string{print + `"\x01\xc3\x05"`, "sync"}},
		{"a list", "\x92\x04\x05" + sync, []string{print + `"\x92\x04\x05"`, "sync"}},
		{"a map of numbers", "\x81\x01\x02" + sync, []string{print + `"\x81\x01\x02"`, "sync"}},
		{"a byte that is never used", "\x82\xa7command\xc1" + sync, []string{`stray invalid msgpack at byte 9: 0xc1 does not begin a value: "\x82\xa7command\xc1"`, "sync"}},
		{"a line beyond what is shown", strings.Repeat("x", 2500) + "\n" + sync,
			[]string{print + `"` + strings.Repeat("x", 1024) + `"`, print + `"` + strings.Repeat("x", 1024) + `"`, print + `"` + strings.Repeat("x", 452) + `"`, "sync"}},
		{"no end", "hello", []string{`rest "hello"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for cut := range c.output {
				got := converse(t, Msgpack, Msgpack.NewDecoder(limit), pieces{[]byte(c.output[:cut]), []byte(c.output[cut:])})
				if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Fatalf("cut at %d: got\n%s\nwant\n%s", cut, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			}
		})
	}
}

// TestMsgpackDepth: depth costs a decoder nothing, and printing it does not end the program.
func TestMsgpackDepth(t *testing.T) {
	const depth = 5 << 20
	output := "\x82\xa7command\xa3log\xa3msg" + strings.Repeat("\x91", depth) + "\xc0\x81\xa7command\xa4sync"
	got := converse(t, Msgpack, Msgpack.NewDecoder(64<<20), pieces{[]byte(output)})
	if len(got) != 2 || !strings.HasPrefix(got[0], `log msg="[[[[`) || got[1] != "sync" {
		t.Errorf("got %.100q", got)
	}
}
