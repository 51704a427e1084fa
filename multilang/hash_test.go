package multilang_test

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	. "gust/multilang"
)

// TestHashVectors has hashes that must be the same forever; see [HashFields].
func TestHashVectors(t *testing.T) {
	for _, c := range []struct {
		json string
		want uint64
	}{
		{`[""]`, 0xa6105bb21f544c5a},
		{`["dog"]`, 0x8bc687825a7b9ae8},
		{`["a longer text, with \u00e9"]`, 0x344a8e674d01bf6},
		{`[0]`, 0x3cfc820fd13c0aad},
		{`[1]`, 0xa0ab40f0008149d},
		{`[-1]`, 0xcfcc36455da4d097},
		{`[0.1]`, 0xc5c9122b566d0561},
		{`[18446744073709551615]`, 0xe02903bbfb049735},
		{`[NaN]`, 0x9e6192f9dfba8dc3},
		{`[null]`, 0xe9849bf58db99470},
		{`[true]`, 0x95f70d928f3529bf},
		{`[[]]`, 0x526c93d5bab760dc},
		{`[{}]`, 0xdbb022a066a4d6ab},
		{`[{"a": [1, "x"], "b": null}]`, 0xb287b7a721f420b8},
	} {
		if got := hashOf(t, JSON, c.json); got != c.want {
			t.Errorf("%s is %#x, want %#x", c.json, got, c.want)
		}
	}
}

// hashOf hashes the first value of a raw tuple.
func hashOf(t *testing.T, codec Codec, values string) uint64 {
	t.Helper()
	h, err := HashFields([]byte(values), codec, []int{0})
	if err != nil {
		t.Fatalf("%q: %v", values, err)
	}
	return h
}

// TestHashMeaning has classes of values: those in a class mean the same, those in two do not.
func TestHashMeaning(t *testing.T) {
	type raw struct {
		codec  Codec
		values string
	}
	j := func(values string) raw { return raw{JSON, values} }
	m := func(values string) raw { return raw{Msgpack, values} }
	classes := [][]raw{
		{j(`["dog"]`), j(` [ "dog" ] `), j(`["\u0064\u006fg"]`), j(`["dog",1]`), m("\x91\xa3dog"), m("\x91\xd9\x03dog"), m("\x91\xdb\x00\x00\x00\x03dog")},
		{j(`["é😀/"]`), j(`["\u00e9\ud83d\ude00\/"]`), m("\x91\xa7\xc3\xa9\xf0\x9f\x98\x80/")},
		{j(`["god"]`)},
		{j(`[""]`), m("\x91\xa0")},
		{j(`["\ud800"]`), j(`["\udfff"]`), j("[\"\uFFFD\"]")},
		{j(`["1"]`)}, {j(`["true"]`)}, {j(`["null"]`)},
		{j(`[1]`), j(`[1.0]`), j(`[1e0]`), j(`[10E-1]`), m("\x91\x01"), m("\x91\xcc\x01"), m("\x91\xd3\x00\x00\x00\x00\x00\x00\x00\x01"), m("\x91\xca\x3f\x80\x00\x00"), m("\x91\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00")},
		{j(`[-1]`), j(`[-1.0]`), m("\x91\xff"), m("\x91\xd1\xff\xff"), m("\x91\xca\xbf\x80\x00\x00")},
		{j(`[0]`), j(`[-0]`), j(`[0.0]`), j(`[-0.0]`), j(`[1e-999]`), m("\x91\x00"), m("\x91\xcb\x80\x00\x00\x00\x00\x00\x00\x00"), m("\x91\xd0\x00")},
		{j(`[9007199254740993]`), m("\x91\xcf\x00\x20\x00\x00\x00\x00\x00\x01")},
		{j(`[9007199254740992]`), j(`[9007199254740992.0]`), j(`[9007199254740993.0]`)},
		{j(`[18446744073709551615]`), m("\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
		{j(`[18446744073709551616]`), j(`[18446744073709551616.0]`), m("\x91\xcb\x43\xf0\x00\x00\x00\x00\x00\x00")},
		{j(`[-9223372036854775808]`), j(`[-9223372036854775808.0]`), m("\x91\xd3\x80\x00\x00\x00\x00\x00\x00\x00")},
		{j(`[1000000000000000000000000000000]`)},
		{j(`[1e30]`), j(`[1000000000000000019884624838656]`)},
		{j(`[1e300]`), j(`[1000000000000000052504760255204420248704468581108159154915854115511802457988908195786371375080447864043704443832883878176942523235360430575644792184786706982848387200926575803737830233794788090059368953234970799945081119038967640880074652742780142494579258788820056842838115669472196386865459400540160]`)},
		{j(`[0.1]`), j(`[1e-1]`), j(`[0.1000000000000000055511151231257827021181583404541015625]`), m("\x91\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a")},
		{m("\x91\xca\x3d\xcc\xcc\xcd"), j(`[0.10000000149011612]`)},
		{j(`[0.5]`), m("\x91\xca\x3f\x00\x00\x00")},
		{j(`[5e-324]`)},
		{j(`[NaN]`), m("\x91\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), m("\x91\xca\xff\xc0\x00\x01")},
		{j(`[Infinity]`), j(`[1e999]`), m("\x91\xca\x7f\x80\x00\x00")},
		{j(`[-Infinity]`), m("\x91\xcb\xff\xf0\x00\x00\x00\x00\x00\x00")},
		{j(`[null]`), m("\x91\xc0")},
		{j(`[true]`), m("\x91\xc3")},
		{j(`[false]`), m("\x91\xc2")},
		{m("\x91\xc4\x03dog")},
		{m("\x91\xc7\x02\x01do")}, {m("\x91\xc7\x02\x02do")},
		{j(`[[]]`), m("\x91\x90"), m("\x91\xdc\x00\x00")},
		{j(`[{}]`), m("\x91\x80")},
		{j(`[[[]]]`)}, {j(`[[[],[]]]`)}, {j(`[[null]]`)}, {j(`[[0]]`)},
		{j(`[[1,2]]`), j(`[[ 1.0 , 2 ]]`), m("\x91\x92\x01\x02"), m("\x91\xdc\x00\x02\x01\xcb\x40\x00\x00\x00\x00\x00\x00\x00")},
		{j(`[[2,1]]`)}, {j(`[[[1],2]]`)}, {j(`[[1,[2]]]`)},
		{j(`[{"a":1,"b":[2]}]`), j(`[{ "b" : [2.0], "\u0061" : 1 }]`), m("\x91\x82\xa1b\x91\x02\xa1a\x01")},
		{j(`[{"a":[2],"b":1}]`)}, {j(`[{"a":1}]`)}, {m("\x91\x81\x01\x01")}, {j(`[{"1":1}]`)}, {j(`[["a",1]]`)},
	}
	seen := map[uint64]string{}
	for _, class := range classes {
		want := hashOf(t, class[0].codec, class[0].values)
		if other, ok := seen[want]; ok {
			t.Errorf("%q and %q have the same hash", class[0].values, other)
		}
		seen[want] = class[0].values
		for _, v := range class {
			if got := hashOf(t, v.codec, v.values); got != want {
				t.Errorf("%q and %q have different hashes", v.values, class[0].values)
			}
		}
	}
}

func TestHashFieldsPicks(t *testing.T) {
	for _, codec := range codecs {
		tuple := func(values string) []byte {
			if codec == JSON {
				return []byte(values)
			}
			raw, err := Transcode(nil, []byte(values), JSON, codec)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		hash := func(values string, fields ...int) uint64 {
			h, err := HashFields(tuple(values), codec, fields)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		if hash(`["a","b","c"]`, 0, 2) != hash(`["a","x","c","d"]`, 0, 2) {
			t.Error("other fields matter")
		}
		if hash(`["a","b","c"]`, 0, 2) != hash(`["b","a",[1],"c"]`, 1, 3) {
			t.Error("the place in the tuple matters")
		}
		if hash(`["a","b"]`, 0, 1) == hash(`["a","b"]`, 1, 0) {
			t.Error("the order of the fields does not matter")
		}
		if hash(`["a","b"]`, 1, 0) != hash(`["b","a"]`, 0, 1) {
			t.Error("fields in descending order are read wrongly")
		}
		if hash(`["ab","c"]`, 0, 1) == hash(`["a","bc"]`, 0, 1) {
			t.Error("where a value ends does not matter")
		}
		if hash(`["a","a"]`, 0, 1) != hash(`["a"]`, 0, 0) {
			t.Error("one field twice is read wrongly")
		}
		if hash(`[]`) != hash(`[1,2]`) {
			t.Error("no field at all has no hash")
		}
		for _, fields := range [][]int{{2}, {0, 2}, {-1}, {math.MaxInt}} {
			var v *ValueError
			_, err := HashFields(tuple(`["a","b"]`), codec, fields)
			if !errors.As(err, &v) || v.Index != fields[len(fields)-1] {
				t.Errorf("%s: fields %v of two give %v", codec.Name(), fields, err)
			}
		}
	}
	// What follows the last field is not read, broken as it may be.
	if _, err := HashFields([]byte(`["a",?`), JSON, []int{0}); err != nil {
		t.Error(err)
	}
	if _, err := HashFields([]byte("\x92\xa1a"), Msgpack, []int{0}); err != nil {
		t.Error(err)
	}
}

func TestHashErrors(t *testing.T) {
	deep := strings.Repeat("[", 20_000)
	for _, values := range []string{``, `5`, `{}`, `[`, `[]`, `["`, `[[1`, `[[1}]`, `[{"a"]`, `[{"a":1]]`, `[{1:1}]`, `[tru]`, deep + strings.Repeat("]", 20_000)} {
		if _, err := HashFields([]byte(values), JSON, []int{0}); err == nil {
			t.Errorf("%.40s is no error", values)
		}
	}
	for _, values := range []string{"", "\x80", "\x90", "\x91", "\x91\xc1", "\x91\xa5x", "\x91\x92\x01", "\x91\x81\xa1a", "\xdd\xff\xff\xff\xff", strings.Repeat("\x91", 20_000) + "\x01"} {
		if _, err := HashFields([]byte(values), Msgpack, []int{0}); err == nil {
			t.Errorf("%.40q is no error", values)
		}
	}
}

// TestHashSpreads: tasks get their share, whatever keys look like.
func TestHashSpreads(t *testing.T) {
	const tuples = 8000
	for name, key := range map[string]func(int) string{
		"counts": func(i int) string { return strconv.Itoa(i) },
		"even":   func(i int) string { return strconv.Itoa(8 * i) },
		"texts":  func(i int) string { return `"user-` + strconv.Itoa(i) + `"` },
		"floats": func(i int) string { return strconv.Itoa(i) + ".5" },
	} {
		for _, tasks := range []uint64{2, 3, 8} {
			share := make([]int, tasks)
			for i := range tuples {
				share[hashOf(t, JSON, "["+key(i)+"]")%tasks]++
			}
			for task, n := range share {
				if mean := tuples / int(tasks); n < mean*9/10 || n > mean*11/10 {
					t.Errorf("%s: task %d of %d gets %d of %d tuples", name, task, tasks, n, tuples)
				}
			}
		}
	}
}

func TestHashAndTranscodeAllocations(t *testing.T) {
	values := map[Codec][]byte{JSON: []byte(`["dog",1,2.5,{"a":[1]}]`), Msgpack: []byte("\x94\xa3dog\x01\xcb\x40\x04\x00\x00\x00\x00\x00\x00\x81\xa1a\x91\x01")}
	dst := make([]byte, 0, 1024)
	fields := []int{0, 1, 2, 3}
	for from, raw := range values {
		for to := range values {
			if n := testing.AllocsPerRun(100, func() {
				if _, err := HashFields(raw, from, fields); err != nil {
					t.Fatal(err)
				}
				if _, err := Transcode(dst, raw, from, to); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s to %s: %v allocations", from.Name(), to.Name(), n)
			}
		}
	}
}
