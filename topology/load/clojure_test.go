package load

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/conf"
	"gust/internal/testenv"
)

// clojureProject writes some of the shared topologies into a project, and returns the
// project's directory. The project's interpreter does not work: nothing starts it.
func clojureProject(t *testing.T, names ...string) string {
	t.Helper()
	texts := map[string]string{"config.json": `{"envs": {"prod": {"options": {"topology.max.spout.pending": 7}}}}`}
	for _, name := range names {
		text, err := os.ReadFile(testenv.Data(t, "topologies", name+".clj"))
		if err != nil {
			t.Fatal(err)
		}
		texts["topologies/"+name+".clj"] = string(text)
	}
	dir := testenv.Files(t, texts)
	testenv.Write(t, dir, map[string]string{".venv/bin/python*": "#!/bin/false\n"})
	t.Setenv("VIRTUAL_ENV", "")
	return dir
}

const clojureConf = `{"topology.max.spout.pending":7,"topology.message.timeout.secs":60}`

func TestClojure(t *testing.T) {
	tests := []struct {
		name    string
		options conf.Conf
		want    string
	}{
		{"plain", nil, `
spout order-spout par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "spouts.orders.OrderSpout"] in {dir}/src
  out default ["customer" "cents"]

bolt sum-bolt par=3 tasks=0 json {"sums.file":"/var/lib/sums.json","sums.limits":{"high":[1,2],"low":0.5},"topology.tick.tuple.freq.secs":5}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "bolts.sums.SumBolt"] in {dir}/src
  out default ["customer" "total"]
  in order-spout/default FIELDS customer

bolt store-bolt par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "bolts.store.StoreBolt"] in {dir}/src
  in sum-bolt/default SHUFFLE
`},
		{"streams", nil, `
spout pages par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "spouts.Pages"] in {dir}/src
  out default ["url"]
  out errors ["url" "reason"]

spout clock par=1 tasks=0 json {}
  run ["node" "clock.js"] in {dir}/src
  out default []

bolt aim par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "bolts.Aim"] in {dir}/src
  out aimed ["url"] direct
  in pages/default LOCAL_OR_SHUFFLE
  in pages/errors GLOBAL

bolt fetch par=2 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "bolts.Fetch"] in {dir}/src
  out default ["url" "text"]
  in aim/aimed DIRECT
  in clock/default ALL

bolt odd par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "bolts.Odd"] in {dir}/src
  in fetch/default NONE
  in pages/errors GLOBAL
  in pages/default NONE
`},
		{"options", conf.Conf{"acme.workers": int64(4)}, `
spout rows par=3 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "acme.spouts.Rows"] in {dir}/src
  out default ["row"]

bolt parse par=8 tasks=0 json {"acme.mode":"wide","acme.pending":7,"topology.tick.tuple.freq.secs":10}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "acme.bolts.parse.Parse"] in {dir}/src
  out default ["key" "value"]
  in rows/default SHUFFLE

bolt write par=1 tasks=0 json {"topology.tick.tuple.freq.secs":10}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "acme.bolts.write.Writer"] in {dir}/src
  in parse/default SHUFFLE

bolt audit par=3 tasks=0 json {"topology.tick.tuple.freq.secs":10}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "acme.bolts.write.Writer"] in {dir}/src
  in parse/default SHUFFLE
`},
		{"shell", nil, `
spout words par=1 tasks=0 json {}
  run ["python" "words.py"] in {dir}/src
  out default ["word"]

spout class par=1 tasks=0 json {}
  run ["{dir}/.venv/bin/python" "-m" "streamparse.run" "spouts.words.Words"] in {dir}/src
  out default ["word"]

spout topic par=4 tasks=0 json {}
  java Clojure object (kafka "words")

bolt count par=2 tasks=0 json {}
  run ["ruby" "count.rb" "--fast"] in {dir}/src
  out default ["word" "count"]
  in words/default FIELDS word
  in class/default FIELDS word
  in topic/default SHUFFLE
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := clojureProject(t, tt.name)
			loaded := load(t, Request{Dir: dir, Options: tt.options})
			wantTopology(t, loaded.Topology, dir, tt.name+" "+clojureConf+"\n"+tt.want)
			if err := loaded.Topology.Validate(); err != nil {
				t.Errorf("it is not valid: %v", err)
			}
			if got, want := compact(loaded.Declared), `{"topology.message.timeout.secs":60}`; got != want {
				t.Errorf("it declares %s, want %s", got, want)
			}
			if loaded.Python != filepath.Join(dir, ".venv/bin/python") {
				t.Errorf("Python is %q", loaded.Python)
			}
		})
	}
}

// Other definitions in a file do no harm, and a definition that Storm ignores is
// reported.
func TestClojureSloppy(t *testing.T) {
	dir := clojureProject(t, "sloppy")
	loaded := load(t, Request{Dir: dir, Name: "sloppy"})
	var names []string
	for _, c := range loaded.Topology.Components {
		names = append(names, c.Name)
	}
	if got, want := strings.Join(names, " "), "x-spout y-bolt"; got != want {
		t.Errorf("components: got %s, want %s", got, want)
	}
	want := dir + `/topologies/sloppy.clj:9: "z-bolt" is ignored, as on Storm: it is in a third map, after the spouts and the bolts`
	if len(loaded.Warnings) != 1 || loaded.Warnings[0] != want {
		t.Errorf("warnings: got %q, want %q", loaded.Warnings, want)
	}
}

// Topologies in both languages are found by their names. Python takes precedence over
// Clojure if both have one.
func TestClojureProject(t *testing.T) {
	dir := clojureProject(t, "plain", "streams")
	write(t, dir, "topologies/streams.py", "")
	names, err := topologyNames(filepath.Join(dir, "topologies"))
	if err != nil || strings.Join(names, " ") != "plain streams" {
		t.Errorf("topologies: got %q, %v", names, err)
	}
	if file := specFile(filepath.Join(dir, "topologies"), "streams"); filepath.Ext(file) != ".py" {
		t.Errorf("streams is %s", file)
	}
	wantError(t, Request{Dir: dir}, "several topologies in {dir}/topologies: plain, streams\n"+
		"hint: choose one with -n plain, or name its file: {dir}/topologies/plain.clj")
	if got := load(t, Request{Dir: dir, Name: "plain"}).Topology.Name; got != "plain" {
		t.Errorf("name: got %q", got)
	}
	renamed := load(t, Request{Dir: dir, Path: "topologies/plain.clj", Name: "renamed"}).Topology
	if renamed.Name != "renamed" || renamed.Source != filepath.Join(dir, "topologies/plain.clj") {
		t.Errorf("got %q from %s", renamed.Name, renamed.Source)
	}
}

// The log files of streamparse 1 and 2 are where config.json puts them.
func TestClojureLog(t *testing.T) {
	dir := clojureProject(t, "plain")
	write(t, dir, "config.json", `{"serializer": "msgpack", "envs": {"prod": {"log": {"path": "/tmp/log", "level": "INFO", "max_bytes": 5}}}}`)
	loaded := load(t, Request{Dir: dir})
	for key, want := range map[string]any{"streamparse.log.path": "/tmp/log", "streamparse.log.level": "info", "streamparse.log.max_bytes": int64(5)} {
		if got := loaded.Topology.Config[key]; got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	// They use JSON, whatever the project's serializer is: they have no option -s.
	if c := loaded.Topology.Components[0]; c.Serializer != "json" || c.Script != "spouts.orders.OrderSpout" {
		t.Errorf("it speaks %s: %s", c.Serializer, c.Script)
	}
}

// Streamparse must be there for a run, and for nothing else.
func TestClojureWithoutStreamparse(t *testing.T) {
	dir := clojureProject(t, "plain")
	wantError(t, Request{Dir: dir, Runs: true}, "{dir}/topologies/plain.clj cannot run: {dir}/.venv/bin/python (the project's .venv) has no streamparse\n"+
		"hint: cd {dir} && python3 -m venv .venv && .venv/bin/pip install streamparse")
	python := testenv.Python(t)
	load(t, Request{Dir: dir, Runs: true, Python: python})
}

func TestClojureErrors(t *testing.T) {
	const hint = "\nhint: gust does not run Clojure: write the value instead, or declare the topology in Python or TOML"
	spec := func(bolt string) string {
		return "(defn t [options]\n [{\"s\" (python-spout-spec options \"a.S\" [\"x\"])}\n  {\"b\" " + bolt + "}])"
	}
	tests := []struct{ name, text, want string }{
		{"empty", "", "{file} defines no topology: it has no (defn NAME [options] ...)"},
		{"open", "(defn t [options]\n[{}\n{}]", `{file}:1: "(" is never closed`},
		{"crossed", "(defn t [options]\n[{}\n{})", `{file}:3: ")" does not close "[" of line 2`},
		{"text", "\n(def t \"abc", `{file}:2: a string is never closed`},
		{"not a topology", "(def t \"abc\")", `{file}:1: the topology must be a vector of two maps, the spouts and the bolts, not "abc"`},
		{"one map", "(defn t [o]\n [{}])", `{file}:2: the topology must be a vector of two maps, the spouts and the bolts, not a vector of 1`},
		{"odd map", "(defn t [o] [{\"a\"} {}])", `{file}:1: a map has a key without a value: it holds 1 forms`},
		{"key twice", "(defn t [o] [{\"a\" 1\n\"a\" 2} {}])", `{file}:2: a map has the key "a" twice`},
		{"unknown function", spec(`(python-blot-spec options {} "a.B" [])`),
			`{file}:3: (python-blot-spec options {} "a.B" []): unknown function python-blot-spec: did you mean "python-bolt-spec"?` + hint},
		{"Java", spec(`(python-bolt-spec options {"s" (MyGrouping. 1)} "a.B" [])`), `{file}:3: (MyGrouping. 1): gust does not run Java` + hint},
		{"reader macro", spec(`(python-bolt-spec options {"s" :all} "a.B" [] :p #(inc 1))`), `{file}:3: #(inc 1): not supported` + hint},
		{"unknown name", spec(`(python-bolt-spec optoins {"s" :all} "a.B" [])`), `{file}:3: unknown name optoins: did you mean "options"?`},
		{"no options", spec(`(python-bolt-spec {"s" :all} "a.B" [])`), `{file}:3: the inputs of a bolt must be a map, not "a.B"` + "\n" +
			`{file}:3: the class must be a string such as "bolts.wordcount.WordCounter", not a vector` + "\n" +
			`{file}:3: python-bolt-spec: missing argument: (python-bolt-spec options inputs class outputs :p 1)`},
		{"string for options", spec(`(python-bolt-spec "a.B" {"s" :all} [])`),
			`{file}:3: python-bolt-spec takes the topology's options first, not "a.B": (python-bolt-spec options inputs class outputs :p 1)`},
		{"grouping", spec(`(python-bolt-spec options {"s" :shufle} "a.B" [])`),
			`{file}:3: unknown grouping :shufle (want :shuffle, :all, :global, :none, :direct, :local-or-shuffle): did you mean ":shuffle"?`},
		{"keyword", spec(`(python-bolt-spec options {"s" :all} "a.B" [] :par 2)`), `{file}:3: python-bolt-spec has no keyword :par: did you mean ":p"?`},
		{"parallelism", spec(`(python-bolt-spec options {"s" :all} "a.B" [] :p "2")`), `{file}:3: the parallelism must be a whole number, not "2"`},
		{"field", spec(`(python-bolt-spec options {"s" :all} "a.B" [:x])`), `{file}:3: the fields of a stream must be strings, not :x`},
		{"too many", spec(`(python-bolt-spec options {"s" :all} "a.B" [] [] :p 2)`),
			`{file}:3: python-bolt-spec: too many arguments, the first is []: (python-bolt-spec options inputs class outputs :p 1)`},
		{"spout among bolts", spec(`(python-spout-spec options "a.B" [])`), `{file}:3: spout "b" is in the map of the bolts`},
		{"not a component", spec(`{"c" 1}`), `{file}:3: bolt "b" must be a (python-bolt-spec ...) or (shell-bolt-spec ...), not a map`},
		{"all at once", "(defn t [o] [{\"a\" (python-spout-spec o 1 [\"x\"])\n\"b\" (python-spout-spec o \"a.B\")} {}])",
			`{file}:1: the class must be a string such as "bolts.wordcount.WordCounter", not 1` + "\n" +
				`{file}:2: python-spout-spec: missing argument: (python-spout-spec options class outputs :p 1)`},
		{"loop", "(defn f [x] (f x))\n(defn t [o] (f o))", `{file}:1: evaluation does not end: does f call itself?`},
		{"itself", "(def a b)\n(def b a)", `{file}:2: b is defined by itself`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := testenv.Files(t, map[string]string{"topologies/t.clj": tt.text})
			_, err := Load(context.Background(), Request{Dir: dir, Path: "topologies/t.clj"})
			if err == nil {
				t.Fatal("it loads")
			}
			if want := strings.ReplaceAll(tt.want, "{file}", filepath.Join(dir, "topologies/t.clj")); err.Error() != want {
				t.Errorf("got:\n%s\nwant:\n%s", err, want)
			}
		})
	}
}
