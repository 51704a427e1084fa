package lint

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/topology"
	"gust/topology/load"
)

// linted is the findings about a topology, each as "severity rule component: text".
func linted(t *testing.T, loaded *load.Loaded) []string {
	t.Helper()
	report, err := Run(t.Context(), loaded, nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range report.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, f.Component, f.Text))
	}
	return lines
}

// compare wants one finding for each string, which it contains.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d findings, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("finding %d is\n%s\nwant\n%s", i+1, got[i], want[i])
		}
	}
}

// sound is a topology without a fault, for tests to add one.
func sound() *topology.Topology {
	return &topology.Topology{
		Name: "t", Source: "t.toml",
		Components: []*topology.Component{
			{
				Name: "words", Kind: topology.Spout, Command: []string{"sh", "-c", "true"}, Serializer: "json", Parallelism: 1,
				Outputs: []topology.Stream{{Name: "default", Fields: []string{"word"}}},
			},
			{
				Name: "count", Kind: topology.Bolt, Command: []string{"sh", "-c", "true"}, Serializer: "json", Parallelism: 2,
				Inputs: []topology.Input{{Component: "words", Stream: "default"}},
			},
		},
		Config: map[string]any{},
	}
}

func TestRulesWithoutPython(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(words, count *topology.Component, t *topology.Topology)
		want  []string
	}{
		{"a sound one", func(_, _ *topology.Component, _ *topology.Topology) {}, nil},
		{"a stream that does not exist", func(_, count *topology.Component, _ *topology.Topology) {
			count.Inputs[0].Stream = "errors"
		}, []string{`error topology count: bolt "count" subscribes to stream "errors"`}},
		{"a program that does not exist", func(words, _ *topology.Component, _ *topology.Topology) {
			words.Command = []string{"no-such-program"}
		}, []string{`error command words: spout "words" runs "no-such-program"`}},
		{"a script that does not exist", func(words, _ *topology.Component, _ *topology.Topology) {
			words.Command = []string{"sh", "words.sh"}
		}, []string{`error command words: spout "words" runs sh words.sh, but words.sh does not exist`}},
		{"Java", func(words, _ *topology.Component, _ *topology.Topology) {
			words.Java = "org.example.Words"
		}, []string{`error java words: spout "words" is Java, org.example.Words`}},
		{"too many tasks", func(_, _ *topology.Component, t *topology.Topology) {
			t.Config["topology.max.task.parallelism"] = int64(1)
		}, []string{`warning parallelism count: bolt "count" asks for 2 tasks, and topology.max.task.parallelism allows 1`}},
		{"tasks that get nothing", func(_, count *topology.Component, _ *topology.Topology) {
			count.Inputs[0].Grouping.Type = topology.Global
		}, []string{`warning parallelism count: bolt "count" has 2 tasks, but a global grouping sends all tuples to the first: 1 would`}},
		{"more tasks than a machine has", func(_, count *topology.Component, _ *topology.Topology) {
			count.Parallelism = 5_000_000
		}, []string{`error parallelism : topology "t" has 5000001 tasks`, `error topology count: bolt "count" has a parallelism of 5000000: it must be 100000 at most`}},
		{"the order of the components", func(words, count *topology.Component, t *topology.Topology) {
			count.Config = map[string]any{"topology.debug": "x"}
			words.Config = map[string]any{"topology.debug": "x"}
			t.Config["topology.debug"] = "x"
		}, []string{"error key : ", "error key words: ", "error key count: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := sound()
			tt.spoil(broken.Components[0], broken.Components[1], broken)
			compare(t, linted(t, &load.Loaded{Topology: broken}), tt.want)
		})
	}
}

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		key   string
		value any
		want  string // "" for nothing
	}{
		{"topology.max.spout.pending", int64(500), ""},
		{"topology.max.spout.pending", float64(500), ""},
		{"topology.max.spout.pending", nil, ""},
		{"topology.max.spout.pending", int64(0), "must be a whole number above 0, not 0"},
		{"topology.max.spout.pending", 0.5, "must be a whole number above 0"},
		{"topology.max.spout.pending", "500", `must be a whole number above 0, not "500"`},
		{"topology.acker.executors", int64(0), ""},
		{"topology.stats.sample.rate", 0.05, ""},
		{"topology.debug", "true", ""},
		{"topology.debug", "perhaps", "must be true or false"},
		{"topology.environment", map[string]any{"A": "b"}, ""},
		{"topology.environment", "A=b", "must be a map"},
		{"topology.worker.childopts", []any{"-Xmx1g"}, ""},
		{"topology.worker.childopts", int64(1), "must be a string or a list of strings"},
		{"topology.users", []any{int64(1)}, "must be a string or a list of strings"},
		{"topology.auto-credentials", []any{}, ""},
		{"topology.multilang.serializer", "msgpack", ""},
		{"gust.queue.bytes", int64(4096), ""},
		{"gust.max.message.bytes", int64(5), "must be a whole number from 1024 to 2147483647, not 5"},
		{"topology.message.timeout.secs", int64(1e12), "must be a number of seconds from 0 to 3153600000"},
		{"gust.queue.byte", int64(4096), `did you mean "gust.queue.bytes"?`},
		{"pystorm.log.levle", "info", `did you mean "pystorm.log.level"?`},
		{"topology.max.spout.pendig", int64(1), `did you mean "topology.max.spout.pending"?`},
		{"topology.frobnicate.the.whole.thing", int64(1), "not a key of Storm's or gust's"},
		{"toplogy.debug", true, `did you mean "topology.debug"?`},
		{"topologi.of.my.own", true, ""},
		{"words.count", int64(1), ""},
		{"sudo_user", "root", ""},
		{"storm.zookeeper.servers", []any{"a"}, ""},
		{"storm.of.my.own", "a", ""},
	} {
		t.Run(fmt.Sprintf("%s=%v", tt.key, tt.value), func(t *testing.T) {
			topology := sound()
			topology.Config[tt.key] = tt.value
			got := linted(t, &load.Loaded{Topology: topology})
			if tt.want == "" {
				compare(t, got, nil)
			} else {
				compare(t, got, []string{tt.want})
			}
		})
	}
}

// Every kind of value in the lists has a meaning and a name.
func TestKindsOfKeys(t *testing.T) {
	if n := len(knownKeys()); n < 400 {
		t.Errorf("only %d keys", n)
	}
	for key, kind := range knownKeys() {
		if kindNames[kind] == "" {
			t.Errorf("%s takes %q, which has no name", key, kind)
		}
	}
}

// lint knows every key in gust's conf.
func TestKeysOfConfAreKnown(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(testenv.Top(t), "conf", "keys.go"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		_, value, ok := strings.Cut(line, ` = "`)
		key, _, _ := strings.Cut(value, `"`)
		if _, known := knownKeys()[key]; ok && !known {
			t.Errorf("conf has %s, and lint does not know it", key)
		}
	}
}

// Users find gust's own keys on one page.
func TestConfigurationPageHasOurKeys(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testenv.Top(t), "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(ourKeys) {
		key, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(key, "gust.") && !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("docs/configuration.md does not describe %s", key)
		}
	}
}

// streamparse 1 and 2 do not use pystorm. Here a replacement is installed, in an
// interpreter without other packages.
func TestOldStreamparse(t *testing.T) {
	python := testenv.Python(t)
	dir := project(t, map[string]string{
		"lib/streamparse/__init__.py": "", "lib/streamparse/spout.py": "class Spout(object): pass\n", "lib/streamparse/bolt.py": "class Bolt(object): pass\n",
		"python":       "#!/bin/sh\nPYTHONPATH=$(dirname $0)/lib exec " + python + " -S \"$@\"\n",
		"src/words.py": "from streamparse.spout import Spout\nclass Words(Spout): pass\n",
		"src/bolt.py":  "from streamparse.bolt import Bolt\nclass TheBolt(Bolt): pass\nclass Other(object): pass\n",
		"topologies/old.clj": `(defn old [o] [{"words" (python-spout-spec o "words.Words" ["word"])}
			{"a" (python-bolt-spec o {"words" :shuffle} "bolt.TheBolt" [])
			 "b" (python-bolt-spec o {"words" :shuffle} "bolt.Other" [])
			 "c" (python-bolt-spec o {"words" :shuffle} "words.Words" [])
			 "d" (python-bolt-spec o {"words" :shuffle} "bolt.None" [])}])`,
	})
	if err := os.Chmod(filepath.Join(dir, "python"), 0o755); err != nil {
		t.Fatal(err)
	}
	loaded, err := load.Load(t.Context(), load.Request{Dir: dir, Path: "topologies/old.clj", Python: "./python", Runs: true})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, linted(t, loaded), []string{
		`error import b: bolt "b" is the class bolt.Other, which is neither a spout nor a bolt`,
		`error import c: bolt "c" is the class words.Words, which is a spout`,
		`error import d: bolt "d" is the class bolt.None, which cannot be imported:`,
	})
}

// project is a streamparse project on disk.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	all := map[string]string{
		"config.json":     "{}",
		"src/__init__.py": "",
		"src/words.py":    "from streamparse import Spout\nclass Words(Spout):\n    outputs = ['word']\n    def next_tuple(self):\n        self.emit(['x'])\n",
		"topologies/t.py": "from streamparse import Grouping, Topology\nfrom words import Words\nfrom bolt import TheBolt\n\nimport bolt\n\nclass T(Topology):\n    words = Words.spec()\n    the_bolt = TheBolt.spec(inputs=[words])\n" +
			"    if hasattr(bolt, 'Reader'):\n        reader = bolt.Reader.spec(inputs={the_bolt: Grouping.SHUFFLE, the_bolt['errors']: Grouping.SHUFFLE, the_bolt['aimed']: Grouping.DIRECT})\n",
	}
	maps.Copy(all, files)
	return testenv.Files(t, all)
}

func TestClasses(t *testing.T) {
	python := testenv.Python(t)
	const head = "from streamparse import Bolt, Spout, Stream\n"
	const misfits = head + `
class TheBolt(Bolt):
    outputs = [Stream(fields=["a", "b"]), Stream(fields=["text"], name="errors"), Stream(fields=["text"], name="aimed", direct=True)]

    def process(self, tup):
        self.emit([1])
        self.emit(["x"], stream="error")
        super().emit(["x", "y"], "errors")
        self.emit(["x"], stream="aimed")
        self.emit(["x"], stream="aimed", direct_task=3)
        self.emit([b"x", {1, 2}])
`
	for _, tt := range []struct {
		name string
		bolt string
		want []string
	}{
		{"all is well", head + `
class TheBolt(Bolt):
    outputs = [Stream(fields=["a", "b"]), Stream(fields=["text"], name="errors")]

    def process(self, tup):
        self.emit([1, 2])
        self.emit((1, 2), None)
        self.emit(["x"], stream="errors")
        self.emit(["x"], "errors")
        self.emit([*tup.values])
        self.emit(tup.values, stream="errors")
        self.emit([1], stream=tup.values[0])
        self.emit([1], **{"stream": "errors"})
        self.other.emit([1, 2, 3])
`, nil},
		{"emits that do not fit", misfits, []string{
			`warning emit the_bolt: bolt "the_bolt" emits 1 value to stream "default", which has 2 fields: a, b`,
			`error emit the_bolt: bolt "the_bolt" emits to stream "error", but declares only aimed, default, errors: did you mean "errors"?`,
			`warning emit the_bolt: bolt "the_bolt" emits 2 values to stream "errors", which has 1 field: text`,
			`warning emit the_bolt: bolt "the_bolt" emits to direct stream "aimed" without a task`,
			`error emit the_bolt: bolt "the_bolt" emits bytes as value 1, which JSON cannot express`,
			`error emit the_bolt: bolt "the_bolt" emits a set as value 2, which no serializer can express`,
		}},
		{"emits that do not fit, to streams that have readers", misfits + `
class Reader(Bolt):
    def process(self, tup):
        pass
`, []string{
			`error emit the_bolt: bolt "the_bolt" emits 1 value to stream "default", which has 2 fields: a, b`,
			`error emit the_bolt: bolt "the_bolt" emits to stream "error", but declares only aimed, default, errors: did you mean "errors"?`,
			`error emit the_bolt: bolt "the_bolt" emits 2 values to stream "errors", which has 1 field: text`,
			`error emit the_bolt: bolt "the_bolt" emits to direct stream "aimed" without a task`,
			`error emit the_bolt: bolt "the_bolt" emits bytes as value 1, which JSON cannot express`,
			`error emit the_bolt: bolt "the_bolt" emits a set as value 2, which no serializer can express`,
		}},
		{"emits of a base class", head + `
class Base(Bolt):
    def process(self, tup):
        self.emit([1, 2])

class TheBolt(Base):
    outputs = ["a"]
`, []string{`emits 2 values to stream "default", which has 1 field: a`}},
		{"an emit of its own", head + `
class TheBolt(Bolt):
    outputs = ["a"]

    def emit(self, a, b):
        super().emit([a + b])

    def process(self, tup):
        self.emit([1], [2, 3])
`, nil},
		{"methods that do not exist", head + `
class Base(Bolt):
    def prepare(self, tup):
        self.flush()

class TheBolt(Base):
    outputs = ["a"]

    def initialize(self, conf, ctx):
        self.send = print

    def process(self, tup):
        self.prepare(tup)
        self.send(tup)
        self.log("x")
        self.emit_many([["x"], ["y"]])
        self.emti(["x"])
        if hasattr(self, "later"):
            self.later()
        self.logger.info("x")
`, []string{
			`warning method the_bolt: bolt "the_bolt" calls self.flush(), which its class does not define`,
			`error method the_bolt: bolt "the_bolt" calls self.emit_many(), which its class does not define`,
			`warning method the_bolt: bolt "the_bolt" calls self.emti(), which its class does not define: did you mean "emit"?`,
		}},
		{"methods that cannot be known", head + `
class TheBolt(Bolt):
    def __getattr__(self, name):
        return print

    def process(self, tup):
        self.later()
`, nil},
		{"no process", head + `
class TheBolt(Bolt):
    def proces(self, tup):
        pass
`, []string{`error import the_bolt: bolt "the_bolt" is the class bolt.TheBolt, which does not define process()`}},
		// The topologies' directory is on the path of the topology, and not of
		// the components: only a component that starts finds that out.
		{"an import of what only the topology sees", head + `
import helper
class TheBolt(Bolt):
    def process(self, tup):
        pass
`, []string{"error import the_bolt: bolt \"the_bolt\" is the class bolt.TheBolt, which cannot be imported:\nTraceback"}},
		{"a print at the import", head + `
print("hello")
class TheBolt(Bolt):
    def process(self, tup):
        pass
`, []string{`warning import the_bolt: bolt "the_bolt" prints to stdout when it is imported, where only the protocol belongs: "hello"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := project(t, map[string]string{"src/bolt.py": tt.bolt, "topologies/helper.py": ""})
			var said strings.Builder
			loaded, err := load.Load(t.Context(), load.Request{Dir: dir, Name: "t", Python: python, Stderr: &said})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, linted(t, loaded), tt.want)
		})
	}
}

func TestImportHints(t *testing.T) {
	python := testenv.Python(t)
	for name, tt := range map[string]struct{ code, want string }{
		"a module of the project's own": {"import helper", "helper is in topologies, where components do not see it: move it into src"},
		"a package": {"import no_such_package", "install it into the environment that the components run in: " +
			"python3 -m pip install no_such_package; a module of the project itself belongs in src/"},
		"code for Python 2": {`exec("print 'x'")`, "the code is for Python 2: convert it to Python 3, " +
			"or run it with a Python 2.7 that has its packages"},
	} {
		t.Run(name, func(t *testing.T) {
			// The topologies' folder is on the path of the topology, not on the components'.
			dir := project(t, map[string]string{"src/bolt.py": "import sys\nfrom streamparse import Bolt\nif 'topologies' not in sys.path[-1]:\n    " + tt.code +
				"\nclass TheBolt(Bolt):\n    def process(self, tup):\n        pass\n", "topologies/helper.py": ""})
			loaded, err := load.Load(t.Context(), load.Request{Dir: dir, Name: "t", Python: python})
			if err != nil {
				t.Fatal(err)
			}
			report, err := Run(t.Context(), loaded, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) != 1 || report.Findings[0].Hint != tt.want {
				t.Errorf("got %+v, want the hint %q", report.Findings, tt.want)
			}
		})
	}
}

// A finding has the line that it is about.
func TestPlace(t *testing.T) {
	python := testenv.Python(t)
	dir := project(t, map[string]string{"src/bolt.py": "from streamparse import Bolt\n\n\nclass TheBolt(Bolt):\n    def process(self, tup):\n        self.emit([1])\n"})
	loaded, err := load.Load(t.Context(), load.Request{Dir: dir, Name: "t", Python: python})
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), loaded, nil)
	if err != nil {
		t.Fatal(err)
	}
	report.Relative(dir)
	want := Finding{
		Severity: Error, Rule: RuleEmit, Component: "the_bolt", File: filepath.Join("src", "bolt.py"), Line: 6,
		Text: `bolt "the_bolt" emits to stream "default", but declares no streams`,
		Hint: load.OutputsHint,
	}
	if !slices.Contains(report.Findings, want) {
		t.Errorf("%+v, want\n%+v", report.Findings, want)
	}
}

// The class is imported as streamparse_run does it: the standard library first.
func TestShadowedStandardLibrary(t *testing.T) {
	python := testenv.Python(t)
	dir := testenv.Shadows(t, ".")
	bolt := "import json, logging, typing\nfrom streamparse import Bolt\nclass TheBolt(Bolt):\n    def process(self, tup):\n        pass\n"
	if err := os.WriteFile(filepath.Join(dir, "bolt.py"), []byte(bolt), 0o644); err != nil {
		t.Fatal(err)
	}
	seen, err := inspect(t.Context(), python, dir, "bolt.TheBolt")
	if err != nil || seen.Kind != "bolt" {
		t.Errorf("got %+v, %v", seen, err)
	}
}
