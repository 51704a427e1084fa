package conformance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

// Values that every language distinguishes, in JSON and in msgpack. JavaScript has no
// integers beyond 53 bits, and for it 1.0 is 1.
var plainValues = []string{
	`"storm"`, `""`, `"é€😀"`, `"\u0000\u2028\"\\"`, `0`, `-1`, `9007199254740991`, `-9007199254740991`, `0.5`, `-123.25`,
	`null`, `true`, `false`, `[]`, `{}`, `[1,[2,["three"]]]`, `{"a":{"b":[1,null]},"é":"x"}`,
}

// chain is a way from one adapter's bolt to the next one's.
type chain struct {
	name   string
	bolts  []string // titles of adapters
	values []string
}

// TestChains passes values through bolts of several languages and both serializers, which
// must not change them.
func TestChains(t *testing.T) {
	big := []string{
		`1.0`, `-2.0`, `0.1`, `123456789012345678901234567890`, `-98765432109876543210`, `18446744073709551615`, `9007199254740993`,
		`{"big":[36893488147419103232,1.0]}`,
	}
	wide := []string{
		`1.0`, `9007199254740993`, `18446744073709551615`, `-9223372036854775808`, `NaN`, `Infinity`, `-Infinity`, `[NaN,{"x":-Infinity}]`,
	}
	for _, c := range []chain{
		{"three-languages-two-serializers", []string{"streamparse-msgpack", "storm.js", "pystorm-msgpack", "storm.rb"}, plainValues},
		{"beyond-64-bits", []string{"storm.py", "storm.rb", "pystorm-json", "petrel"}, slices.Concat(plainValues, big)},
		// simplejson refuses NaN since 3.19, and so do the Python adapters in JSON.
		{"not-a-number", []string{"pystorm-msgpack", "streamparse-msgpack"}, slices.Concat(plainValues, wide)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t)
		})
	}
}

func (c chain) test(t *testing.T) {
	b := newBench(t)
	before := "source"
	for i, title := range c.bolts {
		bolt := find(t, title).component(t, "bolt", fmt.Sprint("bolt", i))
		bolt.inputs, bolt.outputs = fmt.Sprintf("[%q]", before), `["verb", "value"]`
		b.add(bolt)
		before = bolt.name
	}
	b.addPeer("source", anchoredSteps(c.values), component{kind: "spouts", name: "source", outputs: `["verb", "value"]`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", inputs: fmt.Sprintf("[%q]", before)})
	b.start()
	b.run.Until("all values are through", func() bool { return len(b.recorded("source-*")) >= len(c.values) })
	checkChain(t, b, b.run.Stop(), before, c.values)
}

// anchoredSteps is a source of tuples that adapters' bolts pass on.
func anchoredSteps(values []string) (s script) {
	for i, value := range values {
		s.Steps = append(s.Steps, emission(`["anchored",`+value+`]`, fmt.Sprintf(`"id":%d`, i)))
	}
	return s
}

// checkChain compares the tuples that the sink got from the last bolt with the values.
func checkChain(t *testing.T, b *bench, stats testrun.Stats, last string, values []string) {
	t.Helper()
	var got, want, verdicts []string
	for _, line := range b.recorded("sink-*") {
		tuple, ok := strings.CutPrefix(line, last+"/default ")
		if !ok {
			t.Errorf("the sink was given %s", line)
		}
		got = append(got, canonical(tuple))
	}
	for i, value := range values {
		want = append(want, canonical(`["anchored",`+value+`]`))
		verdicts = append(verdicts, fmt.Sprintf("ack %d", i))
	}
	compare(t, "the sink's tuples", got, want)
	compare(t, "verdicts", b.recorded("source-*"), verdicts)
	for _, c := range stats.Components {
		if c.Errors != 0 || c.Restarts != 0 {
			t.Errorf("%s: %d errors (%s), %d restarts, want none", c.Name, c.Errors, c.LastError, c.Restarts)
		}
	}
}

func find(t *testing.T, title string) adapter {
	t.Helper()
	for _, a := range adapters() {
		if a.title() == title {
			return a
		}
	}
	t.Fatalf("there is no adapter %s", title)
	return adapter{}
}

// canonical is a tuple in one of JSON's many forms. It rewrites only strings, and removes
// spaces: numbers must keep their form, which distinguishes integers from floats.
func canonical(tuple string) string {
	var b strings.Builder
	for i := 0; i < len(tuple); {
		switch c := tuple[i]; c {
		case ' ':
			i++
		case '"':
			raw := value([]byte(tuple[i:]))
			text, err := json.Marshal(textOf(raw))
			if err != nil {
				panic(err) // a string can always be encoded
			}
			b.Write(text)
			i += len(raw)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// TestFieldsAcrossLanguages checks that a fields grouping sends equal values to the same
// task, from any language and serializer.
func TestFieldsAcrossLanguages(t *testing.T) {
	t.Parallel()
	titles := []string{"storm.py", "storm.js", "storm.rb", "pystorm-msgpack"}
	var values []string
	for i := range 20 {
		values = append(values, fmt.Sprintf("%q", fmt.Sprint("wörd ", i)), fmt.Sprint(i), fmt.Sprint(i, ".5"), fmt.Sprintf(`[%d,{"k":"é"}]`, i))
	}
	values = append(values, plainValues[len(plainValues)-8:]...)

	const sinks = 3
	b := newBench(t)
	var inputs []string
	for i, title := range titles {
		bolt := find(t, title).component(t, "bolt", fmt.Sprint("bolt", i))
		bolt.inputs, bolt.outputs = `["source"]`, `["verb", "value"]`
		b.add(bolt)
		inputs = append(inputs, fmt.Sprintf(`%s = { fields = ["value"] }`, bolt.name))
	}
	b.addPeer("source", anchoredSteps(values), component{kind: "spouts", name: "source", outputs: `["verb", "value"]`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", tasks: sinks, inputs: "{ " + strings.Join(inputs, ", ") + " }"})
	b.start()
	b.run.Until("all values are counted", func() bool { return len(b.recorded("source-*")) >= len(values) })
	stats := b.run.Stop()

	at := map[string]int{}
	counts := map[string]int{}
	for _, process := range stats.Component(t, "sink").Processes {
		lines := b.recorded(fmt.Sprint("sink-", process.Task))
		if len(lines) == 0 {
			t.Errorf("task %d of the sink was given nothing", process.Task)
		}
		for _, line := range lines {
			_, tuple, _ := strings.Cut(line, " ")
			tuple = canonical(tuple)
			if before, ok := at[tuple]; ok && before != process.Task {
				t.Errorf("%s went to task %d and to task %d", tuple, before, process.Task)
			}
			at[tuple] = process.Task
			counts[tuple]++
		}
	}
	for _, v := range values {
		tuple := canonical(`["anchored",` + v + `]`)
		if counts[tuple] != len(titles) {
			t.Errorf("%s came %d times, want once from each of %d bolts", tuple, counts[tuple], len(titles))
		}
	}
	if len(counts) != len(values) || stats.Trees.Acked != len(values) {
		t.Errorf("%d different tuples, %d trees acked, want %d", len(counts), stats.Trees.Acked, len(values))
	}
}

// TestFluxPolyglot runs three languages from one folder of resources, as in a jar for
// Storm, described in Flux.
func TestFluxPolyglot(t *testing.T) {
	t.Parallel()
	resources := t.TempDir()
	programs := map[string]string{"py": "python3", "js": "node", "rb": "ruby"}
	for language, program := range programs {
		testenv.Program(t, program)
		name := "storm." + language
		copyFile(t, testenv.Adapter(t, "storm/resources/"+name), filepath.Join(resources, name))
		copyFile(t, filepath.Join("testdata", name, "bolt."+language), filepath.Join(resources, "bolt."+language))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	var values []string
	for i := range 300 {
		values = append(values, plainValues[i%len(plainValues)])
	}
	text, err := json.Marshal(anchoredSteps(values))
	if err != nil {
		t.Fatal(err)
	}
	peer := func(role, file string) string {
		return fmt.Sprintf(`[env, %s=%s, %s=%s, %s=%s, %s]`, peerVariable, role, resultsVariable, b.dir, scriptVariable, file, self)
	}
	topology := b.write("topology.yaml", fmt.Sprintf(`
name: polyglot
spouts:
  - id: source
    className: org.apache.storm.flux.wrappers.spouts.FluxShellSpout
    constructorArgs: [%s, [verb, value]]
bolts:
  - id: js
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [[env, NODE_PATH=., node, bolt.js], [verb, value]]
    parallelism: 2
  - id: py
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [[env, PYTHONDONTWRITEBYTECODE=1, python3, bolt.py], [verb, value]]
  - id: rb
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [[ruby, -I., bolt.rb], [verb, value]]
  - id: sink
    className: org.apache.storm.flux.wrappers.bolts.FluxShellBolt
    constructorArgs: [%s, []]
streams:
  - {from: source, to: js, grouping: {type: SHUFFLE}}
  - {from: js, to: py, grouping: {type: SHUFFLE}}
  - {from: py, to: rb, grouping: {type: LOCAL_OR_SHUFFLE}}
  - {from: rb, to: sink, grouping: {type: FIELDS, args: [value]}}
`, peer("source", b.write("source.json", string(text))), peer("sink", b.write("sink.json", "{}"))))
	b.run = testrun.Start(t, gust, b.dir, topology, "--resources", resources)
	b.run.Until("all values are through", func() bool { return len(b.recorded("source-*")) >= len(values) })
	checkChain(t, b, b.run.Stop(), "rb", values)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
