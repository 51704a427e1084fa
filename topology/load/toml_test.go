package load

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"gust/internal/testenv"
)

func TestTOML(t *testing.T) {
	path := testenv.Data(t, "topologies", "wordcount.toml")
	loaded := load(t, Request{Path: path})
	wantTopology(t, loaded.Topology, filepath.Dir(path), `
wordcount {"acme.limits":{"low":0.5},"redis.host":"localhost","topology.debug":true,"topology.environment":{"STAGE":"test"},"topology.max.spout.pending":500}

spout words par=2 tasks=4 json {}
  run ["node" "my words.js" "--fast"] in {dir}/node
  env {"LANG":"C"}
  out default ["word"]
  out errors ["message"]
  out aimed ["x"] direct

bolt split par=1 tasks=0 msgpack {}
  run ["ruby" "split.rb"] in {dir}
  out default ["part"]
  in words/default SHUFFLE
  in words/errors SHUFFLE

spout late par=1 tasks=0 json {}
  run ["./late"] in {dir}
  out default ["x"]

bolt count par=1 tasks=0 json {"topology.tick.tuple.freq.secs":5}
  run ["python3" "-m" "count"] in {dir}
  in split/default FIELDS part
  in words/errors GLOBAL
  in words/aimed DIRECT

bolt sink par=1 tasks=0 json {}
  run ["cat"] in {dir}
  in split/default ALL
  in words/errors FIELDS message
`)
	if err := loaded.Topology.Validate(); err != nil {
		t.Errorf("it is not valid: %v", err)
	}
}

func TestTOMLSlashes(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"t.toml": `
[bolts.b]
command = "x"
inputs = [{ from = "a/b", stream = "c" }, { from = "a/b" }, "a/b/c"]
`})
	var got []string
	for _, in := range load(t, Request{Dir: dir, Path: "t.toml"}).Topology.Components[0].Inputs {
		got = append(got, in.Component+" "+in.Stream)
	}
	if want := []string{"a/b c", "a b", "a b/c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A class of streamparse's runs with the project's Python, in its src.
func TestTOMLClass(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "")
	dir := testenv.Files(t, map[string]string{
		"config.json":       `{"envs": {"prod": {"serializer": "msgpack"}}}`,
		"topologies/t.toml": "[spouts.a]\nclass = 'spouts.A'\n[bolts.b]\nclass = 'bolts.B'\nserializer = 'json'\ndir = 'x'\ninputs = ['a']\n",
		".venv/bin/python":  "#!/bin/false\n",
	})
	if err := os.Chmod(filepath.Join(dir, ".venv/bin/python"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantTopology(t, load(t, Request{Dir: dir, Path: "topologies/t.toml"}).Topology, dir, `
t {}

spout a par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "spouts.A"] in {dir}/src

bolt b par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "-s json bolts.B"] in {dir}/topologies/x
  in a/default SHUFFLE
`)
	prod := load(t, Request{Dir: dir, Path: "topologies/t.toml", Environment: "prod"})
	if c := prod.Topology.Components[0]; c.Script != "-s msgpack spouts.A" || c.Serializer != "msgpack" {
		t.Errorf("in prod it is %q, and speaks %s", c.Script, c.Serializer)
	}
	wantError(t, Request{Dir: dir, Path: "topologies/t.toml", Runs: true}, "{dir}/topologies/t.toml cannot run: {dir}/.venv/bin/python (the project's .venv) has no streamparse\n"+
		"hint: cd {dir} && python3 -m venv .venv && .venv/bin/pip install streamparse")
}

// All spellings of a dotted key are one key.
func TestTOMLConfigKeys(t *testing.T) {
	for _, text := range []string{
		"[config]\na.b.c = 1\n", "[config]\n\"a.b.c\" = 1\n", "[config.a]\nb.c = 1\n", "config = { a = { b.c = 1 } }\n", "config.a.b = { c = 1 }\n",
	} {
		dir := testenv.Files(t, map[string]string{"t.toml": text})
		if got, want := compact(load(t, Request{Dir: dir, Path: "t.toml"}).Topology.Config), `{"a.b.c":1}`; got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestTOMLErrors(t *testing.T) {
	const spout = "[spouts.s]\ncommand = 'x'\n"
	tests := []struct{ name, text, want string }{
		{"syntax", "name = \n", `{dir}/t.toml:1: invalid TOML: expected value but found '\n' instead`},
		{"top key", "nmae = 'a'\n" + spout, `{dir}/t.toml:1: the topology has no key "nmae": did you mean "name"?`},
		{"component key", spout + "paralelism = 2\n", `{dir}/t.toml:3: spout "s" has no key "paralelism": did you mean "parallelism"?`},
		{"empty text command", "[bolts.b]\ncommand = ''\n", `{dir}/t.toml:2: bolt "b": command: it is empty`},
		{"class and command", spout + "class = 'a.B'\n", `{dir}/t.toml:3: spout "s" has both a class and a command: keep one of them`},
		{"class", "[bolts.b]\nclass = 'B'\n", `{dir}/t.toml:2: bolt "b": class must be a module and its class, such as "bolts.wordcount.WordCounter", not "B"`},
		{"type", spout + "tasks = '2'\n", `{dir}/t.toml:3: spout "s": tasks must be a whole number, not "2"`},
		{"name", "name = 3\n", `{dir}/t.toml:1: the topology: name must be a string, not 3`},
		{"no command", "[bolts.b]\n", `{dir}/t.toml:1: bolt "b" has no command (want one such as command = ["node", "words.js"], or class = "spouts.words.WordSpout")`},
		{"quote", "[bolts.b]\ncommand = \"a 'b\"\n", `{dir}/t.toml:2: bolt "b": command: a quote is not closed`},
		{"empty command", "[bolts.b]\ncommand = []\n", `{dir}/t.toml:2: bolt "b": command must be a list of words, or a string, not a list`},
		{"outputs", spout + "outputs = 3\n", `{dir}/t.toml:3: spout "s": outputs must be a list of fields, or a table of streams, not 3`},
		{"output", spout + "[spouts.s.outputs]\nerrors = { feilds = [] }\n", `{dir}/t.toml:4: spout "s": stream "errors" has no key "feilds": did you mean "fields"?`},
		{"grouping", "[bolts.b]\ncommand='x'\ninputs = { s = 'shufle' }\n",
			`{dir}/t.toml:3: bolt "b": input "s": unknown grouping "shufle" (want shuffle, fields, all, global, none, direct, local_or_shuffle): did you mean "shuffle"?`},
		{"custom", "[bolts.b]\ncommand='x'\ninputs = { s = 'custom' }\n",
			`{dir}/t.toml:3: bolt "b": input "s": unknown grouping "custom" (want shuffle, fields, all, global, none, direct, local_or_shuffle)`},
		{"fields of a shuffle", "[bolts.b]\ncommand='x'\ninputs = { s = { fields = ['x'], grouping = 'all' } }\n",
			`{dir}/t.toml:3: bolt "b": input "s": fields belong to a fields grouping, not to a all one`},
		{"input", "[bolts.b]\ncommand='x'\ninputs = [{ form = 's' }]\n",
			`{dir}/t.toml:3: bolt "b": an input has no key "form": did you mean "from"?` + "\n" +
				`{dir}/t.toml:3: bolt "b": an input does not say from = "COMPONENT"`},
		{"inputs", "[bolts.b]\ncommand='x'\ninputs = 's'\n", `{dir}/t.toml:3: bolt "b": inputs must be a list or a table, not "s"`},
		{"env", spout + "env = { A = [] }\n", `{dir}/t.toml:3: spout "s": env A must be a string, not a list`},
		{"date", "[config]\nx = 2020-01-01\n", `{dir}/t.toml:2: config.x is a date: write it in quotes, as a string`},
		{"nan", "[config]\nx = nan\n", `{dir}/t.toml:2: x must be a number that JSON can express, not NaN`},
		{"config", "config = 3\n", `{dir}/t.toml:1: config of the topology must be a table, not 3`},
		{"tasks", spout + "config = { topology.tasks = 'x' }\n", `{dir}/t.toml: spout "s": topology.tasks must be a whole number from 0 to 100000, not "x"`},
		{"tables of inputs", "[bolts.b]\ncommand='x'\n[[bolts.b.inputs]]\nfrom='s'\nstraem='y'\n[[bolts.b.inputs]]\nfrom='t'\n",
			`{dir}/t.toml:1: bolt "b": an input has no key "straem": did you mean "stream"?`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := testenv.Files(t, map[string]string{"t.toml": test.text})
			wantError(t, Request{Dir: dir, Path: "t.toml"}, test.want)
		})
	}
}

func TestSplitWords(t *testing.T) {
	tests := []struct {
		line string
		want []string
		err  string
	}{
		{line: " node  words.js\t-x ", want: []string{"node", "words.js", "-x"}},
		{line: `a 'b c' "d e" f\ g`, want: []string{"a", "b c", "d e", "f g"}},
		{line: `a'b'"c"d`, want: []string{"abcd"}},
		{line: `'' ""`, want: []string{"", ""}},
		{line: `"\"\\\$\n" '\n'`, want: []string{`"\$\n`, `\n`}},
		{line: `$HOME *.py ~ a;b`, want: []string{"$HOME", "*.py", "~", "a;b"}},
		{line: `größe`, want: []string{"größe"}},
		{line: `'a`, err: "a quote is not closed"},
		{line: `"a\"`, err: "a quote is not closed"},
		{line: `a\`, err: "nothing follows the last backslash"},
		{line: "  ", err: "it is empty"},
	}
	for _, test := range tests {
		got, err := splitWords(test.line)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !reflect.DeepEqual(got, test.want) || text != test.err {
			t.Errorf("%s: got %q, %q, want %q, %q", test.line, got, text, test.want, test.err)
		}
	}
}
