package fakecomponent

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The package's msgpack is compared with bytes from the specification, since no other
// test would notice an error that the host has, too.
func TestMsgpackFormats(t *testing.T) {
	long, longer := strings.Repeat("x", 40), strings.Repeat("y", 300)
	for _, c := range []struct {
		hex   string
		value any
		read  bool // it is another format of the value than the one written
	}{
		{"c0", nil, false},
		{"c2", false, false},
		{"c3", true, false},
		{"07", int64(7), false},
		{"ff", int64(-1), false},
		{"e0", int64(-32), false},
		{"cc80", int64(128), true},
		{"cd0100", int64(256), true},
		{"ce00010000", int64(65536), true},
		{"cf0000000100000000", int64(1) << 32, true},
		{"d080", int64(-128), true},
		{"d1ff00", int64(-256), true},
		{"d200000080", int64(128), false},
		{"d2ffffff00", int64(-256), false},
		{"d30000000100000000", int64(1) << 32, false},
		{"ca3fc00000", 1.5, true},
		{"cb3ff8000000000000", 1.5, false},
		{"a26162", "ab", false},
		{"d928" + hex.EncodeToString([]byte(long)), long, false},
		{"da012c" + hex.EncodeToString([]byte(longer)), longer, false},
		{"92c001", []any{nil, int64(1)}, false},
		{"dc0002c001", []any{nil, int64(1)}, true},
		{"82a16101a162c0", map[string]any{"a": int64(1), "b": nil}, false},
		{"de0001a16101", map[string]any{"a": int64(1)}, true},
		{"8101a161", map[string]any{"1": "a"}, true},
	} {
		raw, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		got, err := msgpackWire{}.read(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil || !reflect.DeepEqual(got, c.value) {
			t.Errorf("%.20s reads as %v, %v; want %v", c.hex, got, err, c.value)
		}
		if !c.read {
			if got := (msgpackWire{}).encode(c.value); !bytes.Equal(got, raw) {
				t.Errorf("%.40v is written as %x, want %s", c.value, got, c.hex)
			}
		}
		if len(raw) > 1 {
			if _, err := (msgpackWire{}).read(bufio.NewReader(bytes.NewReader(raw[:len(raw)-1]))); err == nil {
				t.Errorf("%.20s reads without its last byte", c.hex)
			}
		}
	}
}

func TestLargeListsAndTexts(t *testing.T) {
	for _, n := range []int{15, 16, 40, 70_000} {
		list := make([]any, n)
		for i := range list {
			list[i] = int64(i)
		}
		for _, v := range []any{list, strings.Repeat("x", n)} {
			got, err := msgpackWire{}.read(bufio.NewReader(bytes.NewReader(pack(nil, v))))
			if err != nil || !reflect.DeepEqual(got, v) {
				t.Errorf("%d elements of a %T do not come back: %v", n, v, err)
			}
		}
	}
}

func TestJSONShapes(t *testing.T) {
	m := map[string]any{"command": "sync"}
	for _, c := range []struct {
		wire jsonWire
		want string
	}{
		{jsonWire{}, "{\"command\":\"sync\"}\nend\n"},
		{jsonWire{newline: "\r\n"}, "{\"command\":\"sync\"}\r\nend\r\n"},
		{jsonWire{indent: " "}, "{\n \"command\": \"sync\"\n}\nend\n"},
	} {
		if got := string(c.wire.encode(m)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	if entries, err := ReadLedger(path); err != nil || len(entries) > 0 {
		t.Fatalf("a ledger that is not there has %v, %v", entries, err)
	}
	l := ledger{own: Entry{Component: "c", Task: 3}}
	l.note(Entry{What: "lost"}) // no ledger
	if err := l.open(path); err != nil {
		t.Fatal(err)
	}
	l.note(Entry{What: "emit", ID: text(map[string]any{"n": 1})})
	l.note(Entry{What: "eof"})
	entries, err := ReadLedger(path)
	if err != nil || len(entries) != 2 || entries[0].ID != `{"n":1}` || entries[1].Component != "c" || entries[1].Task != 3 || entries[1].PID == 0 {
		t.Errorf("%+v, %v", entries, err)
	}
}
