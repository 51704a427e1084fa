package clojure

import (
	"fmt"
	"strings"
	"testing"
)

// show writes a form down with its kind and line.
func show(f Form) string {
	switch f.Kind {
	case Literal:
		return fmt.Sprintf("%T(%v)", f.Value, f.Value)
	case String:
		return fmt.Sprintf("%q", f.Text)
	case Keyword:
		return ":" + f.Text
	case Symbol:
		return f.Text
	case Other:
		return "other<" + f.Source + ">"
	}
	var items []string
	for _, item := range f.Items {
		items = append(items, show(item))
	}
	brackets := map[Kind][2]string{List: {"(", ")"}, Vector: {"[", "]"}, Map: {"{", "}"}, Set: {"#{", "}"}}[f.Kind]
	return brackets[0] + strings.Join(items, " ") + brackets[1]
}

func TestRead(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"\ufeffa", "a"},
		{"a,b ; c\n#!d\n#_ #_ e f g", "a b g"},
		{"nil true false", "<nil>(<nil>) bool(true) bool(false)"},
		{"1 -2 +3 0 007 0x1F 2r101 36rZZ 12N", "int64(1) int64(-2) int64(3) int64(0) int64(7) int64(31) int64(5) int64(1295) int64(12)"},
		{"1.5 -1e3 2M 9223372036854775808", "float64(1.5) float64(-1000) float64(2) float64(9.223372036854776e+18)"},
		{"1/2 - + ->x a/b .x X. %1 a'b", "other<1/2> - + ->x a/b .x X. %1 a'b"},
		{`"a\tb\"\\\u00e9\101" "x
y"`, "\"a\\tb\\\"\\\\éA\" \"x\\ny\""},
		{`\a \newline \u00e9x \( "b"`, `"a" "\n" other<\u00e9x> "(" "b"`},
		{":a ::b :c/d \"x\":y{:z 1}", ":a :b :c/d \"x\" :y {:z int64(1)}"},
		{"(a [b {c #{d}}])", "(a [b {c #{d}}])"},
		{"'a '(b) ^:c d ^{:e 1} [f] #^String g", "(quote a) (quote (b)) d [f] g"},
		{`#(inc %) @a ` + "`" + `(b ~c ~@d) #'e #"f\"g\\" #?(:clj h) #inst "i" ##NaN`,
			`other<#(inc %)> other<@a> other<` + "`" + `(b ~c ~@d)> other<#'e> other<#"f\"g\\"> other<#?(:clj h)> other<#inst "i"> other<##NaN>`},
	}
	for _, tt := range tests {
		forms, err := Read(tt.text)
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		var got []string
		for _, f := range forms {
			got = append(got, show(f))
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.text, text, tt.want)
		}
	}
}

func TestReadLines(t *testing.T) {
	forms, err := Read("a ; one\n\n(b\n \"c\nd\"\n e)")
	if err != nil || len(forms) != 2 {
		t.Fatalf("got %v, %v", forms, err)
	}
	var got []int
	for _, f := range append(forms, forms[1].Items...) {
		got = append(got, f.Line)
	}
	if want := "[1 3 3 4 6]"; fmt.Sprint(got) != want {
		t.Errorf("lines: got %v, want %s", got, want)
	}
	if got, want := forms[1].Excerpt(), `(b "c d" e)`; got != want {
		t.Errorf("excerpt: got %s, want %s", got, want)
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a\n)":                     `line 2: unmatched ")"`,
		"(\n[":                     `line 2: "[" is never closed`,
		"[1\n}":                    `line 2: "}" does not close "[" of line 1`,
		"\n\"a":                    "line 2: a string is never closed",
		`"\q"`:                     `line 1: invalid escape \q in a string`,
		`"\u12"`:                   `line 1: invalid escape \u in a string`,
		"#\"a":                     "line 1: a regular expression is never closed",
		"{a}":                      "line 1: a map has a key without a value: it holds 1 forms",
		"(')":                      "line 1: ' has no form after it",
		"#_":                       "line 1: #_ has no form after it",
		"^:a":                      "line 1: ^ has no form after it",
		":":                        "line 1: a keyword has no name",
		"1x":                       "line 1: invalid number 1x",
		"1e999":                    "line 1: invalid number 1e999",
		strings.Repeat("[", 10000): "line 1: forms are nested more than 200 deep",
	} {
		if _, err := Read(text); err == nil || err.Error() != want {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

// value evaluates the last definition of a source.
func value(text string, argument Value) (Value, error) {
	forms, err := Read(text)
	if err != nil {
		return Value{}, err
	}
	program := New(forms, map[string]Builtin{
		"twice": func(c Call) (any, error) {
			arguments, err := c.Values()
			if err != nil {
				return nil, err
			}
			return append(arguments, arguments...), nil
		},
	})
	names := program.Names()
	if len(names) == 0 {
		return Value{}, nil
	}
	return program.Value(names[len(names)-1], argument)
}

// written is a value as Clojure would print it.
func written(v Value) string {
	switch data := v.Data.(type) {
	case []Value:
		var items []string
		for _, item := range data {
			items = append(items, written(item))
		}
		return "[" + strings.Join(items, " ") + "]"
	case Entries:
		var items []string
		for _, e := range data {
			items = append(items, written(e.Key)+" "+written(e.Value))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return v.String()
}

func TestEvaluate(t *testing.T) {
	options := Value{Data: Entries{{Value{Data: "workers"}, Value{Data: int64(4)}}, {Value{Data: Name("mode")}, Value{Data: "x"}}}}
	for form, want := range map[string]string{
		`[1 2.0 "a" :b nil true #{c}]`:                 `[1 2 "a" :b nil true [7]]`,
		`{"a" {:b [1]}}`:                               `{"a" {:b [1]}}`,
		`'(1 :a "b" [c])`:                              `c: quoted code is not supported`,
		`'(1 :a "b")`:                                  `[1 :a "b"]`,
		`()`:                                           `[]`,
		`(get options "workers")`:                      `4`,
		`(get options "none")`:                         `nil`,
		`(get options "none" 9)`:                       `9`,
		`(options "workers")`:                          `4`,
		`(:mode options)`:                              `"x"`,
		`(:none options :other)`:                       `:other`,
		`(:a nil)`:                                     `nil`,
		`(get-in {:a {"b" 1}} [:a "b"])`:               `1`,
		`(get-in nil [:a "b"] 5)`:                      `5`,
		`(hash-map :a 1)`:                              `{:a 1}`,
		`(or (:none options) false 3)`:                 `3`,
		`(or)`:                                         `nil`,
		`(and 1 nil 2)`:                                `nil`,
		`(and)`:                                        `true`,
		`(if (= 4 (options "workers")) 1 2)`:           `1`,
		`(if-not 1 2)`:                                 `nil`,
		`(when (not nil) 1 2)`:                         `2`,
		`(let [a 1 b (+ a 1) a b] [a b])`:              `[2 2]`,
		`(do 1 2)`:                                     `2`,
		`(comment (anything))`:                         `nil`,
		`(merge {:a 1 :b 1} nil {:b 2})`:               `{:a 1, :b 2}`,
		`(assoc {:a 1} :b 2 :a 3)`:                     `{:a 3, :b 2}`,
		`(into {:a 1} {:b 2})`:                         `{:a 1, :b 2}`,
		`(concat [1] nil '(2))`:                        `[1 2]`,
		`(str "a" 1 nil :k 2.0 true)`:                  `"a1:k2.0true"`,
		`[(name :a) (name "b") (keyword "c")]`:         `["a" "b" :c]`,
		`[(+) (+ 1) (- 5) (- 5 2 1) (* 2 3)]`:          `[0 1 -5 2 6]`,
		`[(max 1 3 2) (min 2.5 1) (inc 1) (dec 1)]`:    `[3 1 2 0]`,
		`[(quot 7 2) (/ 8 2) (int 2.9) (count [1 2])]`: `[3 4 2 2]`,
		`(/ 7 2)`:                                      `(/ 7 2): / does not take these arguments`,
		`[(< 1 2 3) (>= 1 2) (not= 1 2)]`:              `[true false true]`,
		`(Integer/parseInt "12")`:                      `12`,
		`(clojure.core/str 1)`:                         `"1"`,
		`TOPOLOGY-MAX-SPOUT-PENDING`:                   `"topology.max.spout.pending"`,
		`((fn [x & more] [x more]) 1 2 3)`:             `[1 [2 3]]`,
		`(add 1)`:                                      `[1 7]`,
		`(add 1 2)`:                                    `[1 2]`,
		`(add)`:                                        `add is called with 0 arguments, which it does not take`,
		`(twice 1)`:                                    `[1 1]`,
		`twice`:                                        `twice cannot be used as a value: it is a function`,
		`str`:                                          `str cannot be used as a value: it is a function`,
		`(str [1])`:                                    `(str [1]): str does not take these arguments`,
		`("a" 1)`:                                      `("a" 1): "a" cannot be called like this`,
		`(let [{:keys [a]} options] a)`:                `let binds {:keys [a]}: destructuring is not supported`,
		`(map inc [1])`:                                `(map inc [1]): unknown function map`,
		`(System/getenv "HOME")`:                       `(System/getenv "HOME"): unknown function System/getenv`,
		`(.length "a")`:                                `(.length "a"): gust does not run Java`,
		`unused`:                                       `(Java.): gust does not run Java`,
		`nowhere`:                                      `unknown name nowhere`,
	} {
		got, err := value(`(def c 7) (def unused "A docstring." (Java.)) (defn add "x" {:a 1} ([a] (add a c)) ([a b] [a b]))
			(defn main [options] `+form+`)`, options)
		text := written(got)
		if err != nil {
			_, text, _ = strings.Cut(err.Error(), ": ")
		}
		if text != want {
			t.Errorf("%s: got %s, want %s", form, text, want)
		}
	}
}

// FuzzRead checks that a form reads the same by itself, and that no program panics.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"(ns a (:use [b])) (defn c [options] [{\"d\" (e options \"f\" [\"g\"])} {}])", "#_a ^:b 'c", `"\u00e9\7" \newline #"a\"" 0x1F 2r1 1/2`,
		"(defn f [x] (if (= x 1) (f 2) {:a (or x)}))", "(def a (twice (let [b 1] (merge {b 2} nil))))", "#(a @b) `~c ##Inf #?(:clj d)", "[(] {a} :", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		forms, err := Read(text)
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		for _, form := range forms {
			again, err := Read(form.Source)
			if err != nil || len(again) != 1 || show(again[0]) != show(form) {
				t.Errorf("%q reads as %s and alone as %v, %v", form.Source, show(form), again, err)
			}
		}
		if _, err := value(text, Value{}); err != nil {
			_ = err.Error()
		}
	})
}
