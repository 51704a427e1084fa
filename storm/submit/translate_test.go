package submit

import (
	"encoding/json"
	"maps"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"gust/conf"
	"gust/storm/generated"
	"gust/storm/slot"
	"gust/topology"
)

// words is a topology with every kind of component and grouping.
func words() *topology.Topology {
	custom := &topology.JavaObject{Class: "com.acme.Group", Args: []any{"a", int32(1), int64(1 << 40), true, 1.5, []byte{0, 1}}}
	return &topology.Topology{Name: "words", Components: []*topology.Component{
		{Name: "spout", Kind: topology.Spout, Command: []string{"/home/x/streamparse_run", "-s msgpack a.Words"}, Script: "-s msgpack a.Words",
			Serializer: "msgpack", Parallelism: 2, Outputs: []topology.Stream{{Name: "default", Fields: []string{"word"}}, {Name: "aimed", Fields: nil, Direct: true}}},
		{Name: "node", Kind: topology.Bolt, Command: []string{"node", "x y.js"}, Serializer: "json", Parallelism: 1, Tasks: 4,
			Config: map[string]any{"f": 1.0, "n": int64(1)},
			Inputs: []topology.Input{
				{Component: "spout", Stream: "default", Grouping: topology.Grouping{Type: topology.Fields, Fields: []string{"word"}}},
				{Component: "spout", Stream: "aimed", Grouping: topology.Grouping{Type: topology.Direct}},
				{Component: "java", Stream: "a", Grouping: topology.Grouping{Type: topology.Global}},
				{Component: "java", Stream: "b", Grouping: topology.Grouping{Type: topology.All}},
				{Component: "java", Stream: "c", Grouping: topology.Grouping{Type: topology.None}},
				{Component: "java", Stream: "d", Grouping: topology.Grouping{Type: topology.LocalOrShuffle}},
				{Component: "java", Stream: "e", Grouping: topology.Grouping{Type: topology.Custom, Class: "com.acme.Group", Object: custom}},
				{Component: "java", Stream: "f", Grouping: topology.Grouping{Type: topology.Custom, Object: &topology.JavaObject{Serialized: []byte{7}}}},
			}},
		{Name: "java", Kind: topology.Bolt, Java: "com.acme.Bolt", JavaObject: &topology.JavaObject{Class: "com.acme.Bolt"}, Parallelism: 1,
			Inputs: []topology.Input{{Component: "spout", Stream: "default", Grouping: topology.Grouping{Type: topology.Shuffle}}}},
		{Name: "blob", Kind: topology.Bolt, Java: "serialized Java object", JavaObject: &topology.JavaObject{Serialized: []byte{1, 2}}, Parallelism: 1,
			Inputs: []topology.Input{{Component: "spout", Stream: "default", Grouping: topology.Grouping{Type: topology.Shuffle}}}},
	}}
}

func TestTranslate(t *testing.T) {
	got, err := translate(words(), streamparseRun("/venv/bin/streamparse_run"))
	if err != nil {
		t.Fatal(err)
	}
	spout := got.Spouts["spout"]
	if shell := spout.SpoutObject.Shell; shell.ExecutionCommand != "/venv/bin/streamparse_run" || shell.Script != "-s msgpack a.Words" {
		t.Errorf("the spout is %v", shell)
	}
	if *spout.Common.ParallelismHint != 2 || spout.Common.JSONConf != nil {
		t.Errorf("the spout has %v", spout.Common)
	}
	if s := spout.Common.Streams; !s["aimed"].Direct || s["aimed"].OutputFields == nil || !reflect.DeepEqual(s["default"].OutputFields, []string{"word"}) {
		t.Errorf("the spout's streams are %v", s)
	}
	node := got.Bolts["node"]
	if shell := node.BoltObject.Shell; shell.ExecutionCommand != "node" || shell.Script != "x y.js" {
		t.Errorf("the bolt is %v", shell)
	}
	if want := `{"f":1.0,"n":1,"topology.tasks":4}`; node.Common.GetJSONConf() != want {
		t.Errorf("the bolt's conf is %s, want %s", node.Common.GetJSONConf(), want)
	}
	if b := got.Bolts["java"].BoltObject; b.JavaObject == nil || b.JavaObject.FullClassName != "com.acme.Bolt" || b.JavaObject.ArgsList == nil {
		t.Errorf("the Java bolt is %v", b)
	}
	if b := got.Bolts["blob"].BoltObject; !reflect.DeepEqual(b.SerializedJava, []byte{1, 2}) {
		t.Errorf("the serialized bolt is %v", b)
	}
	testGroupings(t, node.Common.Inputs)
	if got.StateSpouts == nil {
		t.Error("no map of state spouts, which Storm requires")
	}
}

func testGroupings(t *testing.T, inputs map[*generated.GlobalStreamId]*generated.Grouping) {
	t.Helper()
	none := &generated.NullStruct{}
	i, l, s, b, d := int32(1), int64(1<<40), "a", true, 1.5
	want := map[string]*generated.Grouping{
		"default": {Fields: []string{"word"}}, "aimed": {Direct: none}, "a": {Fields: []string{}}, "b": {All: none}, "c": {None: none},
		"d": {LocalOrShuffle: none}, "f": {CustomSerialized: []byte{7}},
		"e": {CustomObject: &generated.JavaObject{FullClassName: "com.acme.Group", ArgsList: []*generated.JavaObjectArg{
			{StringArg: &s}, {IntArg: &i}, {LongArg: &l}, {BoolArg: &b}, {DoubleArg: &d}, {BinaryArg: []byte{0, 1}}}}},
	}
	for stream, grouping := range inputs {
		if !reflect.DeepEqual(grouping, want[stream.StreamId]) {
			t.Errorf("stream %s is grouped %v, want %v", stream.StreamId, grouping, want[stream.StreamId])
		}
		delete(want, stream.StreamId)
	}
	for stream := range want {
		t.Errorf("stream %s is missing", stream)
	}
}

func TestNotTranslatable(t *testing.T) {
	flux := words()
	flux.Components[2].JavaObject = nil
	grouped := words()
	grouped.Components[1].Inputs[6].Grouping.Object = nil
	bare := words()
	bare.Components[1].Command = nil
	odd := words()
	odd.Components[2].JavaObject.Args = []any{struct{}{}}
	for _, test := range []struct {
		name string
		t    *topology.Topology
		want string
	}{
		{"Java class of Flux", flux, `bolt "java" is the Java class com.acme.Bolt of a form that only Storm's own tools can submit`},
		{"Java grouping of Flux", grouped, `bolt "node" groups stream "e" of "java" by Java code`},
		{"no command", bare, `bolt "node" has no command`},
		{"argument of no kind", odd, `bolt "java" gives the constructor of com.acme.Bolt an argument 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := translate(test.t, streamparseRun("x")); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want ...%s", err, test.want)
			}
		})
	}
}

// Storm has two words. env itself shows how it splits the others.
func TestTwoWords(t *testing.T) {
	tests := []struct {
		name        string
		command     []string
		environment map[string]string
		want        string // the arguments of printf, in lines
	}{
		{"two", []string{"printf", `%s\n`}, nil, "\n"},
		{"three", []string{"printf", `%s\n`, "a b"}, nil, "a b\n"},
		{"quotes", []string{"printf", `%s\n`, `it's`, `a "b"`, `c\d`, "$HOME", "", "#x"}, nil, "it's\na \"b\"\nc\\d\n$HOME\n\n#x\n"},
		{"environment", []string{"sh", "-c", `printf '%s\n' "$A"`}, map[string]string{"A": "x y"}, "x y\n"},
		{"one word", []string{"true"}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			program, script, err := twoWords(test.command, test.environment)
			if err != nil {
				t.Fatal(err)
			}
			if len(test.command) > 1 { // a worker of gust's has them as they were
				if command, environment := slot.Words(program, script); !reflect.DeepEqual(command, test.command) || !maps.Equal(environment, test.environment) {
					t.Errorf("a worker makes %q, %q of them", command, environment)
				}
			}
			if program == "env" && strings.HasPrefix(script, "-S") && exec.Command("env", "-Strue").Run() != nil {
				t.Skip("this machine's env has no -S")
			}
			out, err := exec.Command(program, script).Output()
			if err != nil || string(out) != test.want {
				t.Errorf("%s %q printed %q, %v; want %q", program, script, out, err, test.want)
			}
		})
	}
}

func TestBundledLaunch(t *testing.T) {
	program, argument := bundled("python3.11")(`-s json it's.a\b`)
	if want := `-cimport gust_bundle; gust_bundle.run('-s json it\'s.a\\b')`; program != "python3.11" || argument != want {
		t.Errorf("got %s %s, want %s", program, argument, want)
	}
}

func TestSpeakJSON(t *testing.T) {
	top := words()
	changed, err := speakJSON(top)
	if err != nil || !reflect.DeepEqual(changed, []string{"spout"}) || top.Components[0].Script != "-s json a.Words" {
		t.Errorf("got %q, %v, and the script %q", changed, err, top.Components[0].Script)
	}
	for script, want := range map[string]string{
		"--serializer=msgpack a.B": "-s json a.B", "a.B --serializer msgpack": "-s json a.B", "-s msgpack -s msgpack a.B": "-s json a.B",
	} {
		if got := jsonScript(script); got != want {
			t.Errorf("%q becomes %q, want %q", script, got, want)
		}
	}
	foreign := words()
	foreign.Components[1].Serializer = "msgpack"
	if _, err := speakJSON(foreign); err == nil || !strings.Contains(err.Error(), `bolt "node" speaks msgpack`) {
		t.Errorf("got %v", err)
	}
}

func TestConf(t *testing.T) {
	top := &topology.Topology{Config: map[string]any{"a": 1.0, "topology.workers": 2.0, "null": nil, "gust.packs": 1}}
	c, err := confOf(top, conf.Conf{"topology.debug": true}, 3)
	if err != nil {
		t.Fatal(err)
	}
	text, err := marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":1.0,"null":null,"pystorm.log.level":"debug","topology.acker.executors":3,"topology.debug":true,"topology.workers":2}`
	if text != want || !json.Valid([]byte(text)) {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	_, err = confOf(&topology.Topology{Config: map[string]any{"topology.workers": 1.5}}, nil, 1)
	if err == nil || !strings.Contains(err.Error(), "topology.workers must be a whole number from 1 to 2147483647, not 1.5") {
		t.Errorf("got %v", err)
	}
	if c, err := confOf(&topology.Topology{}, nil, 0); err != nil || c["topology.workers"] != int64(1) {
		t.Errorf("without supervisors: got %v, %v", c, err)
	}
}

func TestMarshal(t *testing.T) {
	for want, v := range map[string]any{
		`{"x":1e+21}`: 1e21, `{"x":0.5}`: 0.5, `{"x":-3.0}`: -3.0, `{"x":[1,"<&>",{"y":2.0}]}`: []any{int64(1), "<&>", map[string]any{"y": 2.0}},
	} {
		got, err := marshal(map[string]any{"x": v})
		var parsed, wanted any
		if err != nil || json.Unmarshal([]byte(got), &parsed) != nil || json.Unmarshal([]byte(want), &wanted) != nil || !reflect.DeepEqual(parsed, wanted) {
			t.Errorf("%v: got %s, %v, want %s", v, got, err, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"wordcount", "word count", "größe", "-x", "a_b-1"} {
		if err := checkName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for name, want := range map[string]string{"a/b": "hint: -N a-b", "a.b": "hint: -N a-b", `a\b`: "does not allow", "a:b": "does not allow", "": "has no name"} {
		if err := checkName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want ...%s", name, err, want)
		}
	}
}

func TestClasses(t *testing.T) {
	got := neededClasses(words())
	want := map[string]string{"com/acme/Bolt.class": `bolt "java"`, "com/acme/Group.class": `bolt "node"`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
