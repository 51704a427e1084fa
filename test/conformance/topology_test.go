package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testrun"
)

// component is a component of a topology that a test makes up. Outputs, Inputs
// and Config are TOML.
type component struct {
	kind       string // "spouts" or "bolts"
	name       string
	command    []string
	dir        string
	env        map[string]string
	serializer string
	tasks      int
	outputs    string
	inputs     string
	config     string
}

func (c component) toml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n[%s.%s]\n", c.kind, c.name)
	words := make([]string, len(c.command))
	for i, word := range c.command {
		words[i] = fmt.Sprintf("%q", word)
	}
	fmt.Fprintf(&b, "command = [%s]\n", strings.Join(words, ", "))
	for _, line := range []struct{ key, format, value string }{
		{"dir", "%q", c.dir}, {"serializer", "%q", c.serializer},
		{"outputs", "%s", c.outputs}, {"inputs", "%s", c.inputs}, {"config", "{ %s }", c.config},
	} {
		if line.value != "" {
			fmt.Fprintf(&b, "%s = "+line.format+"\n", line.key, line.value)
		}
	}
	if c.tasks > 1 {
		fmt.Fprintf(&b, "parallelism = %d\n", c.tasks)
	}
	var env []string
	for _, name := range slices.Sorted(maps.Keys(c.env)) {
		env = append(env, fmt.Sprintf("%s = %q", name, c.env[name]))
	}
	fmt.Fprintf(&b, "env = { %s }\n", strings.Join(env, ", "))
	return b.String()
}

// bench is a test's topology and its results.
type bench struct {
	t          *testing.T
	dir        string
	components []component
	run        *testrun.Run
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, dir: t.TempDir()}
}

// add adds a component.
func (b *bench) add(c component) { b.components = append(b.components, c) }

// addPeer adds a component and makes it a peer with the given script.
func (b *bench) addPeer(role string, s script, c component) {
	b.t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		b.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	if c.command == nil {
		c.command = []string{self}
	}
	if c.kind == "bolts" && c.config == "" {
		c.config = `"gust.odd.values" = true` // it records everything
	}
	c.env = map[string]string{
		peerVariable:    role,
		resultsVariable: b.dir,
		scriptVariable:  b.write(c.name+".json", string(text)),
	}
	b.add(c)
}

// write writes a file and returns its path.
func (b *bench) write(name, text string) string {
	b.t.Helper()
	file := filepath.Join(b.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return file
}

// start runs the topology.
func (b *bench) start(args ...string) {
	b.t.Helper()
	text := "name = \"conformance\"\n"
	for _, c := range b.components {
		text += c.toml()
	}
	file := b.write("topology.toml", text)
	b.run = testrun.Start(b.t, gust, b.dir, append([]string{file}, args...)...)
}

// recorded is the peers' records so far, line by line, sorted. The pattern is
// "COMPONENT-TASK", or "COMPONENT-*" for all its tasks.
func (b *bench) recorded(pattern string) []string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, pattern))
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasSuffix(line, "\n") { // else it is being written
				all = append(all, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	slices.Sort(all)
	return all
}

// compare fails the test if got is not want, in any order.
func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
