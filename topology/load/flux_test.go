package load

import (
	"reflect"
	"strings"
	"testing"

	"gust/internal/testenv"
)

const fluxDir = "testdata/flux"

func TestFlux(t *testing.T) {
	loaded := load(t, Request{Path: fluxDir + "/shell.yaml"})
	wantTopology(t, loaded.Topology, fluxDir+"/resources", `
shell {"limits":{"high":2,"low":0.5},"topology.debug":false,"topology.multilang.serializer":"com.acme.MsgPackSerializer","topology.workers":1}

spout sentences par=2 tasks=4 msgpack {"publisher.data_paths":["actions"],"rabbitmq.configfile":"etc/rabbit.yml"}
  run ["node" "randomsentence.js" "7"] in {dir}
  env {"LANG":"C","LEVEL":"3"}
  out default ["sentence"]
  out aimed ["x" "y"] direct

spout java par=1 tasks=0 msgpack {}
  java org.apache.storm.testing.TestWordSpout

bolt split par=1 tasks=3 msgpack {"topology.tasks":3,"topology.tick.tuple.freq.secs":5}
  run ["python3" "splitsentence.py"] in {dir}
  out default ["word"]
  in sentences/default SHUFFLE

bolt count par=1 tasks=0 json {}
  run ["streamparse_run" "-s json bolts.Count"] in {dir}
  out default ["NONE_BUT_FLUX_WANTS_SOMETHING_HERE"]
  in split/default FIELDS word
  in sentences/aimed DIRECT

bolt sink par=1 tasks=0 msgpack {}
  java com.acme.HardwiredShellBolt
  in java/default CUSTOM  com.acme.Grouping
  in split/default LOCAL_OR_SHUFFLE
`)
	if loaded.Warnings != nil {
		t.Errorf("warnings: %q", loaded.Warnings)
	}
}

func TestFluxInclude(t *testing.T) {
	loaded := load(t, Request{Path: fluxDir + "/include.yaml", Resources: "r"})
	wantTopology(t, loaded.Topology, "r", `
whole {"from.part":true,"topology.workers":2}

bolt count par=1 tasks=0 json {}
  run ["ruby" "count.rb"] in {dir}
  in words/default ALL

spout words par=1 tasks=0 json {}
  run ["sh" "words.sh"] in {dir}
  out default ["word"]
`)
	const part = fluxDir + "/resources/part.yaml: "
	want := []string{
		part + `config "topology.workers" is ignored: testdata/flux/include.yaml sets it, and includes this file without override`,
		part + `bolt "count" is ignored: testdata/flux/include.yaml defines it, and includes this file without override`,
	}
	if !reflect.DeepEqual(loaded.Warnings, want) {
		t.Errorf("warnings: got %q, want %q", loaded.Warnings, want)
	}
}

func TestFluxIncludeOverride(t *testing.T) {
	loaded := load(t, Request{Path: fluxDir + "/override.yaml", Resources: "r"})
	wantTopology(t, loaded.Topology, "r", `
part {"from.part":true,"topology.workers":9}

bolt count par=5 tasks=0 json {}
  run ["sh" "count.sh"] in {dir}
  out default ["word" "n"]
  in words/default ALL

spout words par=1 tasks=0 json {}
  run ["sh" "words.sh"] in {dir}
  out default ["word"]
`)
	if loaded.Warnings != nil {
		t.Errorf("warnings: %q", loaded.Warnings)
	}
}

func TestFluxSubstitution(t *testing.T) {
	t.Setenv("GUST_TEST_STAGE", "beta")
	loaded := load(t, Request{Path: fluxDir + "/substitution.yaml", Filter: fluxDir + "/filter.properties", Resources: "r"})
	wantTopology(t, loaded.Topology, "r", `
substituted-beta {"item":"y","list":["x","y"],"missing":"${no.such} ${ENV-GUST_TEST_NO_SUCH} ${a.list[7]}"}

spout words par=1 tasks=0 json {}
  run ["sh" "words.sh"] in {dir}
  out default ["word"]
`)
	const at = fluxDir + "/substitution.yaml:6: "
	want := []string{
		at + "${no.such} is not substituted: testdata/flux/filter.properties does not set it",
		at + "${ENV-GUST_TEST_NO_SUCH} is not substituted: no environment variable GUST_TEST_NO_SUCH",
		at + "${a.list[7]} is not substituted: testdata/flux/filter.properties does not set it",
	}
	if !reflect.DeepEqual(loaded.Warnings, want) {
		t.Errorf("warnings: got %q, want %q", loaded.Warnings, want)
	}
}

func TestFluxYAML(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"t.yml": `
%YAML 1.1
---
common: &common { parallelism: 3, className: org.apache.storm.flux.wrappers.spouts.FluxShellSpout }
name: anchors
spouts:
  - <<: *common
    id: 7
    parallelism: 2
    constructorArgs: &args [[sh, no], [off]]
  - <<: [*common]
    id: two
    constructorArgs: *args
config: { on: on, quoted: "on", big: 99999999999999999999, text: !!str 5 }
`})
	loaded := load(t, Request{Dir: dir, Path: "t.yml"})
	got := describe(loaded.Topology)
	for _, want := range []string{
		"anchors {", `"on":true`, `"quoted":"on"`, `"text":"5"`,
		"spout 7 par=2", `run ["sh" "no"]`, `out default ["off"]`, "spout two par=3",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in:\n%s", want, got)
		}
	}
	if want := []string{dir + `/t.yml:4: the topology has no key "common"`}; !reflect.DeepEqual(loaded.Warnings, want) {
		t.Errorf("warnings: got %q, want %q", loaded.Warnings, want)
	}
}

func TestFluxErrors(t *testing.T) {
	const spout = "spouts:\n- id: s\n  className: FluxShellSpout\n  constructorArgs: [[sh], [x]]\n"
	tests := []struct{ name, text, want string }{
		{"syntax", "name: [", "{dir}/t.yaml:1: invalid YAML: sequence end token ']' not found"},
		{"duplicate key", "name: a\nname: b\n", "{dir}/t.yaml:2: invalid YAML: mapping key \"name\" already defined at [1:1]"},
		{"list", "- a\n", "{dir}/t.yaml:1: the topology must be a table, not a list"},
		{"two documents", "---\nname: a\n---\nname: b\n", "{dir}/t.yaml:4: a second YAML document starts here: want one topology"},
		{"alias", "name: *n\n", "{dir}/t.yaml:1: *n is an alias of an unknown anchor"},
		{"types", "name: a\nconfig: 3\nspouts: x\nbolts: [1]\n",
			"{dir}/t.yaml:2: config of the topology must be a table, not 3\n" +
				"{dir}/t.yaml:3: the topology: spouts must be a list, not \"x\"\n" +
				"{dir}/t.yaml:4: a bolt must be a table, not 1\n" +
				"{dir}/t.yaml:4: a bolt has no id\n" +
				"{dir}/t.yaml:4: bolt \"\" has no className"},
		{"parallelism", spout + "  parallelism: two\n", `{dir}/t.yaml:5: spout "s": parallelism must be a whole number, not "two"`},
		{"no command", "spouts:\n- id: s\n  className: FluxShellSpout\n",
			`{dir}/t.yaml:2: spout "s": constructorArgs must begin with the command, a list of strings such as [python3, bolt.py]`},
		{"wrong class", "bolts:\n- id: b\n  className: a.FluxShellSpout\n  constructorArgs: [[sh], [x]]\n",
			`{dir}/t.yaml:2: bolt "b" has the class of a spout: a.FluxShellSpout`},
		{"method", spout + "  configMethods:\n  - { name: setNamedStream, args: [x] }\n",
			`{dir}/t.yaml:6: spout "s": the arguments of setNamedStream must be a stream's name and a list of fields`},
		{"no grouping", spout + "streams:\n- { from: s, to: s }\n",
			`{dir}/t.yaml:6: grouping of the stream from "s" to "s" has no type: one of SHUFFLE, FIELDS, ALL, GLOBAL, NONE, DIRECT, LOCAL_OR_SHUFFLE, CUSTOM`},
		{"grouping", spout + "streams:\n- { from: s, to: s, grouping: { type: SHUFLE } }\n",
			`{dir}/t.yaml:6: grouping of the stream from "s" to "s" has type "SHUFLE", but Storm's are SHUFFLE, FIELDS, ALL, GLOBAL, NONE, DIRECT, LOCAL_OR_SHUFFLE, CUSTOM: did you mean "SHUFFLE"?`},
		{"target", spout + "streams:\n- { from: s, to: spuot, grouping: { type: ALL } }\n",
			`{dir}/t.yaml:6: the stream from "s" to "spuot" leads to no component`},
		{"topologySource", "topologySource: { className: a.B }\n",
			"{dir}/t.yaml:1: topologySource is Java code that builds the topology, which needs a JVM: submit it to a Storm cluster"},
		{"nan", "config: { x: .nan }\n", "{dir}/t.yaml:1: x must be a number that JSON can express, not NaN"},
		{"include", "includes: [{ file: no.yaml }]\n", "{dir}/t.yaml:1: include: no topology file {dir}/no.yaml"},
		{"include of nothing", "includes: [{}]\n", "{dir}/t.yaml:1: an include has no file"},
		{"include itself", "includes:\n- file: t.yaml\n", "{dir}/t.yaml:2: {dir}/t.yaml includes itself: {dir}/t.yaml > {dir}/t.yaml"},
		{"aliases", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
			"{dir}/t.yaml:5: the file comes to more than 100000 values with its aliases"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := testenv.Files(t, map[string]string{"t.yaml": test.text})
			wantError(t, Request{Dir: dir, Path: "t.yaml"}, test.want)
		})
	}
	t.Run("filter", func(t *testing.T) {
		dir := testenv.Files(t, map[string]string{"t.yaml": spout})
		wantError(t, Request{Dir: dir, Path: "t.yaml", Filter: "no.properties"},
			"cannot read the properties: open {dir}/no.properties: no such file or directory")
	})
}

func TestFluxWarnings(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"t.yaml": `
nmae: a
spouts:
  - id: s
    className: FluxShellSpout
    constructorArgs: [[sh], [x]]
    paralelism: 2
    configMethods:
      - { name: setNamedStraem, args: [] }
streams: []
`})
	want := []string{
		dir + `/t.yaml:9: ignoring unknown config method "setNamedStraem" of spout "s": did you mean "setNamedStream"?`,
		dir + `/t.yaml:7: spout "s" has no key "paralelism": did you mean "parallelism"?`,
		dir + `/t.yaml:2: the topology has no key "nmae": did you mean "name"?`,
	}
	if got := load(t, Request{Dir: dir, Path: "t.yaml"}).Warnings; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProperties(t *testing.T) {
	got := parseProperties("# c\n! c\r\n a = 1 \nb:2\nc 3\nd\ne\\ f=\\u0041\\t\\z\\\ng\nlong=x\\\n   y\nempty=\nback=\\\\\n")
	want := map[string]string{"a": "1 ", "b": "2", "c": "3", "d": "", "e f": "A\tzg", "long": "xy", "empty": "", "back": `\`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
