package solo

import (
	"strings"
	"testing"
)

func parse(t *testing.T, text string) []Line {
	t.Helper()
	lines, err := ParseLines([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestMeets(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		meets     bool
	}{
		{`{"tuple":["a",1]}`, `{"command":"emit","tuple":["a",1]}`, true},
		{`{"tuple": ["\u0061", 1] }`, `{"command":"emit","tuple":["a",1]}`, true},
		{`{"tuple":["a",1]}`, `{"command":"emit","tuple":["a",1.0]}`, false},
		{`{"tuple":["a",12345678901234567890]}`, `{"tuple":["a",12345678901234567891]}`, false},
		{`{"tuple":["a"],"stream":"x"}`, `{"command":"emit","tuple":["a"]}`, false},
		{`{"tuple":[NaN]}`, `{"tuple":[NaN]}`, true},
		{`{"tuple":[NaN]}`, `{"tuple":[1]}`, false},
		{`{"command":"error","msg":"Traceback:\n  File\nValueError: x"}`, `{"command":"error","msg":"ValueError: x"}`, true},
	} {
		if got := newLine(tt.want).meets(newLine(tt.got)); got != tt.meets {
			t.Errorf("%s and %s: %t", tt.want, tt.got, got)
		}
	}
	e := Event{Command: "error", Msg: "Traceback (most recent call last):\n  File \"x\", line 3\nValueError: bad\n"}
	if got := LineOf(e).Text; got != `{"command":"error","msg":"ValueError: bad"}` {
		t.Errorf("an error is compared as %s", got)
	}
}

func TestCompare(t *testing.T) {
	line := func(words string) (text string) {
		for word := range strings.FieldsSeq(words) {
			text += `{"command":"` + word + "\"}\n"
		}
		return text
	}
	for _, tt := range []struct{ name, want, got, diff string }{
		{"alike", "a b c", "a b c", ""},
		{"one more", "a b c", "a b x c", " a b+x c"},
		{"one less", "a b c", "a c", " a-b c"},
		{"another", "a b c", "a x c", " a-b+x c"},
		{"nothing expected", "", "a", "+a"},
		{"nothing came", "a", "", "-a"},
		{"far away", "a b c d e f g", "a b c d e f x", "@@3 d e f-g+x"},
		{"twice", "a b c b a", "a b b a", " a b-c b a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, equal := Compare(parse(t, line(tt.want)), parse(t, line(tt.got)))
			if equal != (tt.diff == "") {
				t.Errorf("equal: %t", equal)
			}
			short := strings.NewReplacer(`{"command":"`, "", "\"}\n", "", "@@ ", "@@", " more @@\n", "").Replace(Unified(lines))
			if !equal && short != tt.diff {
				t.Errorf("got %q, want %q", short, tt.diff)
			}
		})
	}
	if _, err := ParseLines([]byte("{}\n[1]\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a list among the expected: %v", err)
	}
}

// If too many lines differ, they are shown without a comparison.
func TestCompareMuch(t *testing.T) {
	want := make([]Line, 5000)
	got := make([]Line, 5000)
	for i := range want {
		want[i], got[i] = newLine(`{"a":1}`), newLine(`{"a":2}`)
	}
	lines, equal := Compare(want, got)
	if equal || len(lines) != 10000 || lines[0].Sign != '-' || lines[9999].Sign != '+' {
		t.Errorf("%d lines, equal %t", len(lines), equal)
	}
}
