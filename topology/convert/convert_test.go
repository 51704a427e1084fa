package convert_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/topology"
	"gust/topology/convert"
	"gust/topology/load"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func mustLoad(t *testing.T, r load.Request) *load.Loaded {
	t.Helper()
	loaded, err := load.Load(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// described is a topology as JSON, without its source. The order of a bolt's inputs, and
// whether an empty value is nil, do not matter.
func described(t *testing.T, given *topology.Topology) string {
	t.Helper()
	same := *given
	same.Source = ""
	same.Components = nil
	for _, c := range given.Components {
		copied := *c
		copied.Inputs = slices.Clone(c.Inputs)
		slices.SortFunc(copied.Inputs, func(a, b topology.Input) int {
			return strings.Compare(a.Component+"\x00"+a.Stream, b.Component+"\x00"+b.Stream)
		})
		same.Components = append(same.Components, &copied)
	}
	text, err := json.MarshalIndent(same, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(": null", ": []", ": {}", ": []").Replace(string(text))
}

// converted writes a topology beside its source, and loads it again.
func converted(t *testing.T, loaded *load.Loaded, format, file string, r load.Request) (text string, again *topology.Topology) {
	t.Helper()
	written, err := convert.Write(loaded, format, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, written, 0o644); err != nil {
		t.Fatal(err)
	}
	r.Path, r.Name = file, loaded.Topology.Name
	reloaded, err := load.Load(context.Background(), r)
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	return string(written), reloaded.Topology
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

const settings = `{"envs": {"prod": {"options": {"acme.zone": "eu", "topology.max.spout.pending": 9}}}}`

// every is a Clojure topology with everything that Python can have, too: names that are
// not identifiers, two components of a class, two classes of a name, a cycle.
const every = `
(ns every (:use [streamparse.specs]))
(defn every [options]
  [{"word spout" (python-spout-spec options "spouts.words.Words" ["word"] :p 2)
    "class"      (python-spout-spec options "spouts.more.Words" {"default" ["word"] "late" ["word" "when"]})
    "Grouping"   (shell-spout-spec "node" "clock \"x\".js" [])}
   {"1st"     (python-bolt-spec options {"word spout" :shuffle ["class" "late"] :shuffle "1st" ["word"] "count_2" :all}
                "bolts.words.Words" ["word"] :conf {"topology.tick.tuple.freq.secs" 5 "näme" "é\n\\" "a" [1 2.0 nil true {"b" {}}]})
    "count_2" (python-bolt-spec options {"1st" ["word"] "Grouping" :global} "bolts.words.Count" [])
    "count-2" (python-bolt-spec options {["class" "late"] :local-or-shuffle} "bolts.words.Count"
                {"aimed" (direct-stream ["x"])} :p 3)
    "config"  (shell-bolt-spec {["count-2" "aimed"] :direct "word spout" :none} ["ruby" "config.rb"] ["x" "y"])}])
`

// classes are the components of that topology, as streamparse 1 and 2 have them.
func classes() map[string]string {
	spout := "from streamparse.spout import Spout\n"
	bolt := "from streamparse.bolt import Bolt\n"
	return map[string]string{
		"src/spouts/__init__.py": "", "src/bolts/__init__.py": "",
		"src/spouts/words.py": spout + "class Words(Spout): pass\n",
		"src/spouts/more.py":  spout + "class Words(Spout): pass\n",
		"src/bolts/words.py":  bolt + "class Words(Bolt): pass\nclass Count(Bolt): pass\n",
	}
}

func TestClojureToPython(t *testing.T) {
	python := testenv.Python(t)
	texts := classes()
	texts["config.json"], texts["topologies/every.clj"] = settings, every
	dir := testenv.Files(t, texts)
	request := load.Request{Dir: dir, Environment: "prod", Python: python}
	loaded := mustLoad(t, request)
	text, again := converted(t, loaded, "py", filepath.Join(dir, "topologies", "every.py"), request)
	golden(t, "every.py", text)
	if got, want := described(t, again), described(t, loaded.Topology); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again.Config["acme.zone"] != "eu" || loaded.Declared["acme.zone"] != nil {
		t.Errorf("the environment's options are %v, and %v is declared", again.Config, loaded.Declared)
	}
}

// document is a topology outside a streamparse project, with everything that only such a
// topology can have.
const document = `
name = "document"
[config]
topology.multilang.serializer = "acme.MessagePackSerializer"
topology.tasks = 2
"acme.limits" = { low = 0.5, "much higher" = [1, [], { a = "b" }] }
topology.environment = { A = "b" }
[spouts."odd.name"]
command = ["node", "my \"words\".js", "\u0001\t\n"]
serializer = "json"
env = { LANG = "C", "X Y" = "" }
outputs = { default = ["word"], errors = ["a b"], aimed = { fields = [], direct = true } }
[spouts."a/b"]
command = "./x"
dir = "elsewhere/x"
outputs = ["word"]
parallelism = 3
[bolts.b]
command = "cat"
inputs = { "odd.name" = { fields = ["word"] }, "odd.name/errors" = "local_or_shuffle", "odd.name/aimed" = "direct" }
tasks = 4
[bolts.c]
command = "cat"
config = { "topology.tick.tuple.freq.secs" = 1.0, "x" = true }
inputs = [{ from = "a/b", stream = "default", grouping = "global" }, { from = "odd.name", fields = ["word"] }]
[bolts.d]
command = "cat"
inputs = ["b", "odd.name/errors"]
[bolts.e]
class = "bolts.E"
inputs = ["d"]
[bolts.f]
class = "bolts.F"
serializer = "msgpack"
inputs = ["d"]
`

func TestToTOML(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "")
	texts := map[string]string{"config.json": settings, "topologies/every.clj": strings.ReplaceAll(every, " nil ", " "), "document.toml": document,
		"flux.yaml": `
name: flux
config: {topology.workers: 1}
spouts:
  - {id: s, className: org.apache.storm.flux.wrappers.spouts.FluxShellSpout, constructorArgs: [[node, s.js], [word]], parallelism: 2}
bolts:
  - {id: b, className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt, constructorArgs: [[python, b.py], [word]], parallelism: 1}
streams:
  - {from: s, to: b, grouping: {type: FIELDS, args: [word]}}
`}
	dir := testenv.Files(t, texts)
	for _, name := range []string{"topologies/every.clj", "document.toml", "flux.yaml"} {
		t.Run(name, func(t *testing.T) {
			request := load.Request{Dir: dir, Path: name}
			if strings.HasPrefix(name, "topologies") {
				request.Environment = "prod"
			}
			loaded := mustLoad(t, request)
			base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
			text, again := converted(t, loaded, "toml", filepath.Join(dir, base+"-again.toml"), request)
			golden(t, base+".toml", strings.ReplaceAll(text, dir, "{dir}"))
			if got, want := described(t, again), described(t, loaded.Topology); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The names of the components' directories depend on the directory of the file.
func TestDirectories(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"t.toml": "[spouts.s]\ncommand = 'x'\n", "below/x": "", "far/far/away/x": ""})
	loaded := mustLoad(t, load.Request{Dir: dir, Path: "t.toml"})
	for file, want := range map[string]string{"again.toml": "", "below/t.toml": `dir = ".."`, "far/far/away/t.toml": `dir = "` + dir + `"`} {
		text, again := converted(t, loaded, "toml", filepath.Join(dir, file), load.Request{})
		if got := again.Components[0].Dir; got != dir {
			t.Errorf("%s: it runs in %s, want %s", file, got, dir)
		}
		if !strings.Contains(text, want) || want == "" && strings.Contains(text, "dir =") {
			t.Errorf("%s: got\n%s\nwant %s", file, text, want)
		}
	}
}

// Each topology of the shared testdata that TOML can express loads to the same
// topology after the conversion.
func TestSharedTopologies(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "")
	for _, name := range []string{"wordcount.toml", "plain.clj", "options.clj", "streams.clj"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(testenv.Data(t, "topologies", name))
			if err != nil {
				t.Fatal(err)
			}
			dir := testenv.Files(t, map[string]string{"config.json": settings, "topologies/" + name: string(text)})
			request := load.Request{Dir: dir, Environment: "prod", Path: filepath.Join("topologies", name)}
			loaded := mustLoad(t, request)
			_, again := converted(t, loaded, "toml", filepath.Join(dir, "topologies", "again.toml"), request)
			if got, want := described(t, again), described(t, loaded.Topology); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestInexpressible(t *testing.T) {
	const spouts = `{"s" (shell-spout-spec ["x" "y"] ["a"])}`
	tests := []struct{ format, text, want string }{
		{"toml", `(defn t [o] [{"k" (spout-spec (kafka))} {}])`, `spout "k" is Java, Clojure object (kafka): TOML topologies contain only programs`},
		{"py", `(defn t [o] [{"k" (spout-spec (kafka))} {}])`, `spout "k" is Java, Clojure object (kafka): declare it in Python by hand, with JavaBolt or JavaSpout` + "\n" +
			`spout "k" has no outputs, which streamparse requires of a spout`},
		{"toml", `(defn t [o] [{"s" (shell-spout-spec ["x"] [] :conf {"a" nil "b" {"c" 1}})} {}])`,
			`spout "s": TOML cannot express config a: it is null` + "\n" + `spout "s": TOML cannot express config b: it is a table, which is allowed only for a key with a dot`},
		{"py", `(defn t [o] [` + spouts + ` {"b" (shell-bolt-spec {"s" :all} ["a" "b" "c"] [])}])`,
			`bolt "b" runs ["a" "b" "c"]: streamparse allows only a program and one argument`},
		{"py", `(defn t [o] [` + spouts + ` {"b" (shell-bolt-spec {"x" :all} ["a" "b"] [])}])`, `bolt "b" subscribes to "x", but there is no such component`},
		{"py", `(defn t [o] [{"s" (python-spout-spec o "a-b.C" ["x"])} {}])`, `spout "s" has the class a-b.C, which is not a valid name in Python`},
	}
	for _, tt := range tests {
		dir := testenv.Files(t, map[string]string{"topologies/t.clj": tt.text})
		_, err := convert.Write(mustLoad(t, load.Request{Dir: dir, Path: "topologies/t.clj"}), tt.format, "")
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s as %s:\ngot  %v\nwant %s", tt.text, tt.format, err, tt.want)
		}
	}
}
