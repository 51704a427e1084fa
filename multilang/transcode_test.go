package multilang_test

import (
	"errors"
	"strings"
	"testing"

	. "gust/multilang"
)

func TestTranscodeJSONToMsgpack(t *testing.T) {
	nested := strings.Repeat("1,", 15) + "1"
	for _, c := range []struct{ json, msgpack string }{
		{`[]`, "\x90"},
		{` [ ] `, "\x90"},
		{`["dog",1,null,true,false]`, "\x95\xa3dog\x01\xc0\xc3\xc2"},
		{`[0,-0,127,128,255,256,65535,65536,4294967295,4294967296,18446744073709551615]`,
			"\x9b\x00\x00\x7f\xcc\x80\xcc\xff\xcd\x01\x00\xcd\xff\xff\xce\x00\x01\x00\x00\xce\xff\xff\xff\xff\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff"},
		{`[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9223372036854775808]`,
			"\x9a\xff\xe0\xd0\xdf\xd0\x80\xd1\xff\x7f\xd1\x80\x00\xd2\xff\xff\x7f\xff\xd2\x80\x00\x00\x00\xd3\xff\xff\xff\xff\x7f\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00"},
		{`[1.0,1e0,1E+0,-0.0]`, "\x94\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\x80\x00\x00\x00\x00\x00\x00\x00"},
		{`[NaN,Infinity,-Infinity,1e999]`, "\x94\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xcb\xff\xf0\x00\x00\x00\x00\x00\x00\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"},
		{`["\u00e9\n\"\\\/","\ud83d\ude00","\ud800x"]`, "\x93\xa6\xc3\xa9\n\"\\/\xa4\xf0\x9f\x98\x80\xa4\xef\xbf\xbdx"},
		{`["` + strings.Repeat(`\u0041`, 40) + `"]`, "\x91\xd9\x28" + strings.Repeat("A", 40)},
		{`["` + strings.Repeat("é", 200) + `"]`, "\x91\xda\x01\x90" + strings.Repeat("é", 200)},
		{`[{},{"a":[1,{"b":2}],"c":{}},[[],[[]]]]`, "\x93\x80\x82\xa1a\x92\x01\x81\xa1b\x02\xa1c\x80\x92\x90\x91\x90"},
		{`[[` + nested + `],1]`, "\x92\xdc\x00\x10" + strings.Repeat("\x01", 16) + "\x01"},
		{`[` + strings.Repeat("0,", 65535) + `0]`, "\xdd\x00\x01\x00\x00" + strings.Repeat("\x00", 65536)},
	} {
		got, err := Transcode([]byte(">"), []byte(c.json), JSON, Msgpack)
		if err != nil || string(got) != ">"+c.msgpack {
			t.Errorf("%.80s: got %.100q, %v; want %.100q", c.json, got, err, c.msgpack)
		}
	}
}

func TestTranscodeMsgpackToJSON(t *testing.T) {
	for _, c := range []struct{ msgpack, json string }{
		{"\x90", `[]`},
		{"\xdc\x00\x02\xa3dog\x01", `["dog",1]`},
		{"\x93\xc0\xc3\xc2", `[null,true,false]`},
		{"\x94\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00\xe0\xd1\x00\x05", `[18446744073709551615,-9223372036854775808,-32,5]`},
		{"\x94\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xca\x3d\xcc\xcc\xcd\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xcb\x80\x00\x00\x00\x00\x00\x00\x00", `[1.0,0.1,0.1,-0.0]`},
		{"\x94\xcb\x44\x80\xf0\xcf\x06\x4d\xd5\x92\xcb\x43\x30\x00\x00\x00\x00\x00\x00\xcb\x3e\x7a\xd7\xf2\x9a\xbc\xaf\x48\xcb\x43\x41\xc3\x79\x37\xe0\x80\x00", `[1e+22,4503599627370496.0,1e-07,1e+16]`},
		{"\x94\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xcb\xff\xf0\x00\x00\x00\x00\x00\x00\xca\x7f\xc0\x00\x00", `[NaN,Infinity,-Infinity,NaN]`},
		{"\x91\xaca\"\\\n\x00\x7f\xc3\xa9\xff\xe2\x80\xa8", `["a\"\\\n\u0000` + "\x7fé\uFFFD\u2028" + `"]`},
		{"\x91\xd9\x20" + strings.Repeat("abcdefg\"", 4), `["` + strings.Repeat(`abcdefg\"`, 4) + `"]`},
		{"\x91\x85\xa1a\x81\xa1b\x90\x05\x01\xc3\x02\xc0\x03\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x04", `[{"a":{"b":[]},"5":1,"true":2,"null":3,"1.5":4}]`},
	} {
		got, err := Transcode([]byte(">"), []byte(c.msgpack), Msgpack, JSON)
		if err != nil || string(got) != ">"+c.json {
			t.Errorf("%.80q: got %s, %v; want %s", c.msgpack, got, err, c.json)
		}
	}
}

func TestTranscodeSameCodec(t *testing.T) {
	got, err := Transcode([]byte(">"), []byte(`[1.50]`), JSON, JSON)
	if err != nil || string(got) != `>[1.50]` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestTranscodeErrors(t *testing.T) {
	for _, c := range []struct {
		from, to Codec
		values   string
		index    int
		reason   string
	}{
		{JSON, Msgpack, `[1,[2,3],{"a":[18446744073709551616]},4]`, 2, "64 bits"},
		{JSON, Msgpack, `[-9223372036854775809]`, 0, "64 bits"},
		{JSON, Msgpack, `[1,`, 0, "invalid JSON"},
		{JSON, Msgpack, ``, 0, "invalid JSON"},
		{JSON, Msgpack, `[1] 2`, 0, "invalid JSON"},
		{Msgpack, JSON, "\x92\x01\xc4\x01x", 1, "bytes"},
		{Msgpack, JSON, "\x92\x01\x91\xd6\xff\x00\x00\x00\x00", 1, "ext"},
		{Msgpack, JSON, "\x93\x01\x02\x81\xc4\x01x\x01", 2, "key"},
		{Msgpack, JSON, "\x92\x01", 1, "invalid msgpack"},
		{Msgpack, JSON, "\x91\xa5x", 0, "invalid msgpack"},
		{Msgpack, JSON, "\x91\xc1", 0, "invalid msgpack"},
		{Msgpack, JSON, "\x90\x01", 0, "unexpected data after"},
		{Msgpack, JSON, "\x80", 0, "must be a list"},
		{Msgpack, JSON, "", 0, "must be a list"},
		{Msgpack, JSON, "\x92\x00" + strings.Repeat("\x91", 1<<20), 1, "too deep"},
	} {
		_, err := Transcode(nil, []byte(c.values), c.from, c.to)
		var v *ValueError
		if !errors.As(err, &v) || v.Index != c.index || !strings.Contains(v.Reason, c.reason) {
			t.Errorf("%.40q: got %v, want value %d: ...%s...", c.values, err, c.index, c.reason)
		}
	}
}
