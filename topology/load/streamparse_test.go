package load

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gust/internal/testenv"
)

// parts are the Python components of the tests.
const parts = `
from streamparse import Bolt, Spout, Stream

class Words(Spout):
    outputs = ["word"]

class Count(Bolt):
    outputs = [Stream(["word", "n"]), Stream(["m"], name="errors"), Stream(["x"], name="aimed", direct=True)]
    config = {"topology.tick.tuple.freq.secs": 2, "topology.tasks": 4, "deep": {"a": [1.0, None]}}
`

// streamparseProject is a project with every kind of component.
func streamparseProject(t *testing.T, more map[string]string) string {
	texts := map[string]string{
		"config.json": `{"serializer": "json", "topology_specs": "topologies/", "envs": {
			"prod": {"serializer": "msgpack", "options": {"a": 1, "b": 1}, "log": {"level": "WARN"}},
			"beta": {}}}`,
		"src/parts.py": parts,
		"topologies/wordcount.py": `
from streamparse import Grouping, JavaBolt, ShellBolt, Topology
from parts import Count, Words

print("printed by the topology")

class WordCount(Topology):
    config = {"b": 2, "tuple": (1, 2), "größe": True}
    words = Words.spec(par={"prod": 3, "beta": 1}, name="word-spout")
    zcount = Count.spec(inputs={words: Grouping.fields("word")}, par=2)
    node = ShellBolt.spec(command="node", script="a b.js", outputs=["q"], inputs={
        zcount["errors"]: Grouping.GLOBAL,
        zcount["aimed"]: Grouping.DIRECT,
        zcount["default"]: Grouping.LOCAL_OR_SHUFFLE,
    })
    own = ShellBolt.spec(command="streamparse_run", script="-s json parts.Own", inputs=[node])
    java = JavaBolt.spec(full_class_name="com.acme.Bolt", args_list=[1],
                         inputs={node: Grouping.custom_object("com.acme.Group", [])})
    blob = JavaBolt.spec(serialized_java=b"x", inputs={node: Grouping.NONE})
`,
	}
	for name, text := range more {
		texts[name] = text
	}
	return testenv.Files(t, texts)
}

func TestStreamparse(t *testing.T) {
	python := testenv.Python(t)
	dir := streamparseProject(t, nil)
	var printed bytes.Buffer
	loaded := load(t, Request{Dir: dir, Environment: "prod", Python: python, Stderr: &printed})
	run := interpreter{path: python}.runCommand("")[0]
	wantTopology(t, loaded.Topology, dir, strings.ReplaceAll(`
wordcount {"a":1,"b":2,"größe":true,"pystorm.log.level":"warn","tuple":[1,2]}

spout word-spout par=3 tasks=0 msgpack {}
  run ["RUN" "-s msgpack parts.Words"] in {dir}/src
  out default ["word"]

bolt zcount par=2 tasks=4 msgpack {"deep":{"a":[1,{}]},"topology.tasks":4,"topology.tick.tuple.freq.secs":2}
  run ["RUN" "-s msgpack parts.Count"] in {dir}/src
  out default ["word" "n"]
  out errors ["m"]
  out aimed ["x"] direct
  in word-spout/default FIELDS word

bolt node par=1 tasks=0 json {}
  run ["node" "a b.js"] in {dir}/src
  out default ["q"]
  in zcount/errors GLOBAL
  in zcount/aimed DIRECT
  in zcount/default LOCAL_OR_SHUFFLE

bolt own par=1 tasks=0 json {}
  run ["RUN" "-s json parts.Own"] in {dir}/src
  in node/default SHUFFLE

bolt java par=1 tasks=0 json {}
  java com.acme.Bolt
  in node/default CUSTOM  com.acme.Group

bolt blob par=1 tasks=0 json {}
  java serialized Java object
  in node/default NONE
`, "RUN", run))
	if got, want := printed.String(), "printed by the topology\n"; got != want {
		t.Errorf("printed: got %q, want %q", got, want)
	}
	if loaded.Environment.Name != "prod" || loaded.Project == nil {
		t.Errorf("environment: got %+v", loaded.Environment)
	}
}

func TestStreamparseByPath(t *testing.T) {
	python := testenv.Python(t)
	const simple = `
from streamparse import Topology
from parts import Words

class Simple(Topology):
    words = Words.spec(par=2)
`
	t.Run("in a project", func(t *testing.T) {
		// A module called test is Python's own, too: the file must win.
		dir := streamparseProject(t, map[string]string{"topologies/test.py": simple})
		loaded := load(t, Request{Dir: dir, Path: "topologies/test.py", Environment: "prod", Python: python, Name: "renamed"})
		if loaded.Topology.Name != "renamed" || loaded.Topology.Config["a"] != int64(1) {
			t.Errorf("got:\n%s", describe(loaded.Topology))
		}
	})
	t.Run("without a project", func(t *testing.T) {
		dir := testenv.Files(t, map[string]string{"topologies/simple.py": simple, "src/parts.py": parts})
		loaded := load(t, Request{Path: filepath.Join(dir, "topologies", "simple.py"), Python: python})
		wantTopology(t, loaded.Topology, dir, strings.ReplaceAll(`
simple {}

spout words par=2 tasks=0 json {}
  run ["RUN" "parts.Words"] in {dir}/src
  out default ["word"]
`, "RUN", interpreter{path: python}.runCommand("")[0]))
	})
	t.Run("of another directory", func(t *testing.T) {
		dir := streamparseProject(t, map[string]string{"more/simple.py": simple, "r/x": ""})
		_, err := Load(context.Background(), Request{Dir: dir, Path: "more/simple.py", Python: python})
		if err == nil || !strings.Contains(err.Error(), "several environments") {
			t.Errorf("the project above is not found: %v", err)
		}
		loaded := load(t, Request{Dir: dir, Path: "more/simple.py", Environment: "beta", Python: python, Resources: "r"})
		if got, want := loaded.Topology.Components[0].Dir, filepath.Join(dir, "r"); got != want {
			t.Errorf("--resources: the components run in %s, want %s", got, want)
		}
	})
}

// The project's own modules with names of the standard library do not replace it:
// streamparse searches the project last.
func TestShadowedStandardLibrary(t *testing.T) {
	python := testenv.Python(t)
	dir := testenv.Shadows(t, ".", "src", "topologies")
	write(t, dir, "src/parts.py", "import json, logging, typing\nfrom streamparse import Spout\nclass Words(Spout):\n    outputs = ['word']\n")
	write(t, dir, "topologies/simple.py", "from streamparse import Topology\nfrom parts import Words\nclass Simple(Topology):\n    words = Words.spec()\n")
	for _, in := range []string{dir, filepath.Join(dir, "src")} {
		t.Chdir(in)
		loaded := load(t, Request{Path: filepath.Join(dir, "topologies", "simple.py"), Python: python})
		if loaded.Topology.Component("words") == nil {
			t.Errorf("got %s", describe(loaded.Topology))
		}
	}
}

func TestStreamparseErrors(t *testing.T) {
	python := testenv.Python(t)
	dir := streamparseProject(t, map[string]string{
		"topologies/raises.py": "import helper\n\ndef build():\n    helper.fail()\n\nbuild()\n",
		"src/helper.py":        "def fail():\n    raise KeyError('lost')\n",
		"topologies/syntax.py": "class A(\n",
		"topologies/exits.py":  "import sys\nsys.exit('no more')\n",
		"topologies/none.py":   "from streamparse import Topology\n",
		"topologies/nan.py":    "from streamparse import Topology\nfrom parts import Words\nclass T(Topology):\n    config = {'x': float('nan')}\n    w = Words.spec()\n",
		"topologies/set.py":    "from streamparse import Topology\nfrom parts import Words\nclass T(Topology):\n    config = {'x': [{1}]}\n    w = Words.spec()\n",
		"topologies/par.py":    "from streamparse import Topology\nfrom parts import Words\nclass T(Topology):\n    w = Words.spec(par={'beta': 1, 'alpha': 2})\n",
		"topologies/dies.py":   "import os\nos._exit(3)\n",
		"topologies/folder.py": "from src.helper import fail\n",
		"topologies/old.py":    "from streamparse import Grouping, Topology\nfrom parts import Count, Words\nclass T(Topology):\n    w = Words.spec()\n    c = Count.spec(inputs={w: Grouping.SHUFFLE})\n",
		"topologies/lonely.py": "from streamparse import Topology\nfrom dumb import Mute\nclass T(Topology):\n    m = Mute.spec()\n",
		"src/dumb.py":          "from streamparse import Bolt, Spout, Stream\nclass Mute(Spout):\n    pass\nclass Split(Bolt):\n    outputs = [Stream(['word'], name='words')]\n",
		"topologies/mute.py":   "from streamparse import Grouping, Topology\nfrom parts import Count\nfrom dumb import Mute\nclass T(Topology):\n    m = Mute.spec()\n    c = Count.spec(inputs={m: Grouping.SHUFFLE})\n",
		"topologies/stream.py": "from streamparse import Grouping, Topology\nfrom parts import Count, Words\nfrom dumb import Split\nclass T(Topology):\n    w = Words.spec()\n    s = Split.spec(inputs=[w])\n    c = Count.spec(inputs={s['word']: Grouping.SHUFFLE})\n",
		"topologies/shell.py":  "from streamparse import Grouping, ShellBolt, Topology\nfrom parts import Count, Words\nclass T(Topology):\n    w = Words.spec()\n    s = ShellBolt.spec(command='node', script='x.js', inputs=[w])\n    c = Count.spec(inputs={s: Grouping.SHUFFLE})\n",
	})
	chosen := python + " (given with --python): "
	tests := []struct{ name, want string }{
		{"raises", "{dir}/topologies/raises.py cannot be imported:\nTraceback (most recent call last):\n  File \"{dir}/topologies/raises.py\", line 6, in <module>"},
		{"syntax", "{dir}/topologies/syntax.py cannot be imported:\n  File \"{dir}/topologies/syntax.py\", line 1\n"},
		{"exits", "{dir}/topologies/exits.py cannot be imported:\nTraceback (most recent call last):\n  File \"{dir}/topologies/exits.py\", line 2"},
		{"none", "{dir}/topologies/none.py is not a topology for " + chosen + "it defines no subclass of streamparse.Topology"},
		{"nan", "{dir}/topologies/nan.py is not a topology for " + chosen + "config 'x' of the topology is not a JSON value: "},
		{"set", "{dir}/topologies/set.py is not a topology for " + chosen + "config 'x' of the topology is not a JSON value: it has a set in it"},
		{"par", `{dir}/topologies/par.py: spout "w": par has no number for environment "prod": it has one for alpha, beta`},
		{"mute", "{dir}/topologies/mute.py:6: it subscribes to stream \"default\" of dumb.Mute, which declares no outputs\nhint: declare the fields of its emits in the class, such as outputs = [\"word\", \"count\"]"},
		{"stream", "{dir}/topologies/stream.py:7: it subscribes to stream \"word\" of dumb.Split, which declares only words: did you mean \"words\"?\nhint: declare the fields of its emits in the class, such as outputs = [Stream([\"word\", \"count\"], name=\"word\")]"},
		{"shell", "{dir}/topologies/shell.py:6: it subscribes to stream \"default\" of streamparse.storm.bolt.ShellBolt, which declares no outputs\nhint: declare the fields of its emits in ShellBolt.spec(...), such as"},
		{"dies", "{dir}/topologies/dies.py cannot be imported with " + chosen + "exit status 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(context.Background(), Request{Dir: dir, Name: test.name, Environment: "prod", Python: python})
			want := strings.ReplaceAll(test.want, "{dir}", dir)
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got:\n%v\nwant:\n%s...", err, want)
			}
		})
	}
	t.Run("a streamparse that is too old", func(t *testing.T) {
		t.Setenv("PYTHONPATH", streamparse3(t, python))
		_, err := Load(t.Context(), Request{Dir: dir, Name: "old", Environment: "prod", Python: python})
		want := dir + "/topologies/old.py cannot be imported: streamparse 3.9.0 does not support the Python of " + python
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "\nhint: require streamparse>=4 in virtualenvs/ and run `gust env`") {
			t.Errorf("got %v, want %s...", err, want)
		}
	})
	t.Run("a spout without outputs", func(t *testing.T) {
		_, err := Load(context.Background(), Request{Dir: dir, Name: "lonely", Environment: "prod", Python: python})
		if err == nil || !strings.Contains(err.Error(), "\nhint: declare the fields of its emits in the class, such as outputs = [") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a module by its folder", func(t *testing.T) {
		_, err := Load(context.Background(), Request{Dir: dir, Name: "folder", Environment: "prod", Python: python})
		if err == nil || !strings.Contains(err.Error(), "hint: modules are imported from inside src") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("only the user's frames", func(t *testing.T) {
		_, err := Load(context.Background(), Request{Dir: dir, Name: "raises", Environment: "prod", Python: python})
		var raised *PythonError
		if !errors.As(err, &raised) {
			t.Fatalf("got %v, want a PythonError", err)
		}
		if n := strings.Count(raised.Traceback, "  File "); n != 3 || !strings.Contains(raised.Traceback, "KeyError: 'lost'") {
			t.Errorf("got %d frames, want the user's 3:\n%s", n, raised.Traceback)
		}
	})
}

// streamparse3 is a folder with a streamparse that changes a dict in a loop over
// it, as versions up to 3 do.
func streamparse3(t *testing.T, python string) string {
	t.Helper()
	dir := t.TempDir()
	const program = `
import os, shutil, sys, streamparse
to = os.path.join(sys.argv[1], "streamparse")
shutil.copytree(os.path.dirname(streamparse.__file__), to)
for name, old, new in (("dsl/component.py", "list(inputs.items())", "inputs.items()"), ("version.py", streamparse.__version__, "3.9.0")):
    with open(os.path.join(to, name)) as file:
        text = file.read()
    assert old in text, name
    with open(os.path.join(to, name), "w") as file:
        file.write(text.replace(old, new))
`
	if out, err := exec.Command(python, "-c", program, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

func TestStreamparseCancelled(t *testing.T) {
	python := testenv.Python(t)
	// The topology hangs, and a process that it has started keeps all of its files open.
	dir := streamparseProject(t, map[string]string{"topologies/hangs.py": `
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "20"], close_fds=False, pass_fds=[3])
with open("started", "w") as f:
    f.write(str(child.pid))
os.rename("started", "ready")
time.sleep(20)
`})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	result := make(chan error, 1)
	go func() {
		_, err := Load(ctx, Request{Dir: dir, Name: "hangs", Environment: "prod", Python: python, Stderr: &bytes.Buffer{}})
		result <- err
	}()
	for !exists(filepath.Join(dir, "ready")) {
		select {
		case err := <-result:
			t.Fatalf("it ended before it hung: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	defer endProcess(t, filepath.Join(dir, "ready"))
	cancel()
	select {
	case err := <-result:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	case <-time.After(10 * time.Second):
		t.Error("it still waits, 10 s after it was cancelled")
	}
}

// endProcess kills the process whose id is in a file.
func endProcess(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Error(err)
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("the process that was left behind: %v", err)
	}
}

func TestWithoutStreamparse(t *testing.T) {
	system, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT TESTED: there is no python3")
	}
	if exec.Command(system, "-c", "import streamparse").Run() == nil {
		t.Skip("NOT TESTED: the system's Python has streamparse")
	}
	dir := streamparseProject(t, nil)
	wantError(t, Request{Dir: dir, Environment: "prod", Python: "python3"},
		"{dir}/topologies/wordcount.py cannot be imported: "+system+" (given with --python) has no streamparse\n"+
			"hint: cd {dir} && python3 -m venv .venv && .venv/bin/pip install streamparse")
}

func TestInterpreterOrder(t *testing.T) {
	dir := t.TempDir()
	program := func(path string) string {
		testenv.Write(t, dir, map[string]string{path + "*": ""})
		return filepath.Join(dir, path)
	}
	// From the last choice to the first.
	l := &Loaded{}
	config := write(t, dir, "config.json", `{"envs": {"prod": {"virtualenv_root": "`+dir+`/venvs"}}}`)
	if err := l.readConfig(Request{}, config); err != nil {
		t.Fatal(err)
	}
	want := func(r Request, path, why string) {
		t.Helper()
		got, err := findInterpreter(r, dir, "wordcount", l.Environment)
		if err != nil || got != (interpreter{path, why}) {
			t.Errorf("got %+v, %v, want %s, %s", got, err, path, why)
		}
	}
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "no"))
	t.Setenv("PATH", filepath.Join(dir, "bin"))
	if _, err := findInterpreter(Request{}, dir, "wordcount", l.Environment); err == nil || !strings.HasPrefix(err.Error(), "no Python: ") {
		t.Errorf("nowhere a Python: got %v", err)
	}
	want(Request{}, program("bin/python"), "python on PATH")
	want(Request{}, program("bin/python3"), "python3 on PATH")
	want(Request{}, program("venvs/wordcount/bin/python"), `the virtualenv of environment "prod"`)
	want(Request{}, program("venv/bin/python"), "the project's venv")
	want(Request{}, program(".venv/bin/python"), "the project's .venv")
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "active"))
	want(Request{}, program("active/bin/python"), "the active virtualenv, $VIRTUAL_ENV")
	want(Request{Python: "python3"}, filepath.Join(dir, "bin/python3"), "given with --python")
	want(Request{Python: "./venv/bin/python", Dir: dir}, filepath.Join(dir, "venv/bin/python"), "given with --python")
	for _, missing := range []string{"python9", "./no/python"} {
		if _, err := findInterpreter(Request{Python: missing, Dir: dir}, dir, "wordcount", l.Environment); err == nil || !strings.HasPrefix(err.Error(), "no Python "+missing+": ") {
			t.Errorf("--python %s: got %v", missing, err)
		}
	}
}

func TestRunCommand(t *testing.T) {
	dir := t.TempDir()
	p := interpreter{path: filepath.Join(dir, "python")}
	if got, want := p.runCommand("a b.C"), []string{p.path, "-m", "streamparse.run", "a b.C"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	run := filepath.Join(dir, "streamparse_run")
	if err := os.WriteFile(run, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, want := p.runCommand("a b.C"), []string{run, "a b.C"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFindTopology(t *testing.T) {
	const config = `{"envs": {}}`
	tests := []struct {
		name    string
		files   map[string]string
		request Request
		want    string
	}{
		{"no project", nil, Request{},
			"no config.json in {dir}, so this is not a streamparse project\nhint: run gust in the project's directory, or name a topology file (.py, .clj, .yaml or .toml)"},
		{"no project, but a topology", map[string]string{"topology.toml": ""}, Request{},
			"no config.json in {dir}, so this is not a streamparse project\nhint: name this directory's topology: topology.toml"},
		{"no specs", map[string]string{"config.json": config}, Request{},
			"no directory {dir}/topologies for the topologies: create it, or set topology_specs in config.json"},
		{"no topologies", map[string]string{"config.json": config, "topologies/__init__.py": ""}, Request{},
			"no topologies in {dir}/topologies: it contains no .py or .clj file"},
		{"several", map[string]string{"config.json": config, "topologies/b.py": "", "topologies/a.py": ""}, Request{},
			"several topologies in {dir}/topologies: a, b\nhint: choose one with -n a, or name its file: {dir}/topologies/a.py"},
		{"unknown name", map[string]string{"config.json": config, "topologies/wordcount.py": ""}, Request{Name: "wordcuont"},
			`no topology "wordcuont" in {dir}/topologies, which has wordcount: did you mean "wordcount"?`},
		{"several environments", map[string]string{"config.json": `{"envs": {"a": {}, "b": {}}}`}, Request{},
			"{dir}/config.json has several environments (a, b): choose one with -e NAME"},
		{"no such config", map[string]string{"topologies/a.py": ""}, Request{ConfigFile: "other.json"},
			"cannot read the project's settings: open {dir}/other.json: no such file or directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.request.Dir = testenv.Files(t, test.files)
			wantError(t, test.request, test.want)
		})
	}
}

// Outside a project, the error names the project that the directory belongs to.
func TestBelowAProject(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"p/config.json": `{"envs": {}}`, "p/src/bolts/x.py": "", "other/config.json": `{}`, "other/src/x": ""})
	const none = "no config.json in {dir}, so this is not a streamparse project\nhint: "
	wantError(t, Request{Dir: filepath.Join(dir, "p/src/bolts")}, none+"the project is in ../..: run gust there (cd ../..)")
	wantError(t, Request{Dir: filepath.Join(dir, "other/src")}, none+"run gust in the project's directory, or name a topology file (.py, .clj, .yaml or .toml)")
}

func TestSerializer(t *testing.T) {
	tests := []struct {
		command []string
		class   any
		want    string
	}{
		{[]string{"node", "x.js"}, nil, "json"},
		{[]string{"node", "x.js"}, "org.apache.storm.multilang.JsonSerializer", "json"},
		{[]string{"node", "-s", "msgpack"}, nil, "json"},
		{[]string{"node", "x.js"}, "com.acme.MsgPackSerializer", "msgpack"},
		{[]string{"node", "x.js"}, "com.acme.MessagePackSerializer", "msgpack"},
		{[]string{"node", "x.js"}, 3, "json"},
		{[]string{"/v/bin/streamparse_run", "-s msgpack a.B"}, nil, "msgpack"},
		{[]string{"streamparse_run", "a.B", "--serializer", "msgpack"}, nil, "msgpack"},
		{[]string{"streamparse_run", "--serializer=msgpack a.B"}, nil, "msgpack"},
		{[]string{"/v/bin/streamparse_run", "a.B"}, "com.acme.MsgPackSerializer", "json"},
		{[]string{"/v/bin/python", "-m", "streamparse.run", "-s msgpack a.B"}, nil, "msgpack"},
		{nil, nil, "json"},
	}
	for _, test := range tests {
		if got := Serializer(test.command, map[string]any{"topology.multilang.serializer": test.class}); got != test.want {
			t.Errorf("%q with %v: got %s, want %s", test.command, test.class, got, test.want)
		}
	}
}

func TestStreamparseClass(t *testing.T) {
	for _, tt := range []struct {
		command []string
		want    string
	}{
		{[]string{"/venv/bin/streamparse_run", "bolts.count.CountBolt"}, "bolts.count.CountBolt"},
		{[]string{"/venv/bin/streamparse_run", "-s msgpack bolts.count.CountBolt"}, "bolts.count.CountBolt"},
		{[]string{"streamparse_run", "bolts.count.CountBolt --serializer json"}, "bolts.count.CountBolt"},
		{[]string{"python3", "-m", "streamparse.run", "--serializer=json bolts.count.CountBolt"}, "bolts.count.CountBolt"},
		{[]string{"streamparse_run", "-s json"}, ""},
		{[]string{"streamparse_run", ""}, ""},
		{[]string{"node", "count.js"}, ""},
		{nil, ""},
	} {
		if got := StreamparseClass(tt.command); got != tt.want {
			t.Errorf("StreamparseClass(%q) = %q, want %q", tt.command, got, tt.want)
		}
	}
}
