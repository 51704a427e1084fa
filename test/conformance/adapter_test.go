package conformance_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gust/internal/testenv"
)

// adapter is a library that others wrote for writing components with, and how
// the programs in testdata that are written with it are started.
type adapter struct {
	name string
	// file must be installed, below .deps/adapters; it is "" if it comes with the tests'
	// Python.
	file       string
	serializer string // "" is JSON, the only one that it knows
	// lacks are the deeds that it has no means for.
	lacks []string
	// oneLevel is set if it logs at only one level.
	oneLevel bool
	// failsByError is set if its bolt fails tuples by raising an exception, and so
	// reports an error with each.
	failsByError bool
	// command starts its "spout" or "bolt".
	command func(t *testing.T, role string) (command []string, env map[string]string)
}

// adapters are the adapters in the package registries that run on current releases of
// their languages.
func adapters() []adapter {
	python := func(name string, args ...string) func(*testing.T, string) ([]string, map[string]string) {
		return func(t *testing.T, role string) ([]string, map[string]string) {
			command := append([]string{testenv.Python(t, "msgpack", "six", "simplejson"), role + ".py"}, args...)
			return command, map[string]string{"PYTHONPATH": installed(t, name), "PYTHONDONTWRITEBYTECODE": "1"}
		}
	}
	streamparse := func(serializer string) func(*testing.T, string) ([]string, map[string]string) {
		return func(t *testing.T, role string) ([]string, map[string]string) {
			// Both arguments in one word, as Storm passes the commands of streamparse.
			class := map[string]string{"spout": "spout.Spout", "bolt": "bolt.Bolt"}[role]
			run := filepath.Join(filepath.Dir(testenv.Python(t, "msgpack")), "streamparse_run")
			return []string{run, "-s " + serializer + " " + class}, map[string]string{"PYTHONDONTWRITEBYTECODE": "1"}
		}
	}
	noHolding := []string{"hold", "join", "error"} // the bolt acks, and fails, the result of process
	return []adapter{
		{name: "storm.py", file: "storm/resources/storm.py", command: python("storm/resources")},
		{
			name: "storm.js", file: "storm/resources/storm.js", lacks: []string{"error", "metric"},
			command: func(t *testing.T, role string) ([]string, map[string]string) {
				return []string{testenv.Program(t, "node"), role + ".js"}, map[string]string{"NODE_PATH": installed(t, "storm/resources")}
			},
		},
		{
			name: "storm.rb", file: "storm/resources/storm.rb", lacks: []string{"metric"},
			command: func(t *testing.T, role string) ([]string, map[string]string) {
				return []string{testenv.Program(t, "ruby"), "-I", installed(t, "storm/resources"), role + ".rb"}, nil
			},
		},
		{name: "pystorm", file: "python/pystorm", serializer: "json", command: python("python", "json")},
		{name: "pystorm", file: "python/pystorm", serializer: "msgpack", command: python("python", "msgpack")},
		{name: "streamparse", serializer: "json", lacks: noHolding, failsByError: true, command: streamparse("json")},
		{name: "streamparse", serializer: "msgpack", lacks: noHolding, failsByError: true, command: streamparse("msgpack")},
		{
			name: "node-storm", file: "node/node_modules/node-storm", lacks: []string{"context", "error", "metric"}, oneLevel: true,
			command: func(t *testing.T, _ string) ([]string, map[string]string) {
				return []string{testenv.Program(t, "node"), "topology.js"}, map[string]string{"NODE_PATH": installed(t, "node/node_modules")}
			},
		},
		{name: "petrel", file: "python/petrel", lacks: []string{"metric"}, oneLevel: true, command: python("python")},
		{
			name: "pyleus", file: "python/pyleus", lacks: []string{"metric"},
			command: python("python", "--pyleus-config", `{"serializer": "json"}`),
		},
	}
}

// title is the adapter's name, with its serializer if there are two.
func (a adapter) title() string {
	if a.serializer == "" {
		return a.name
	}
	return a.name + "-" + a.serializer
}

// can reports whether the adapter has the means for a deed.
func (a adapter) can(deed string) bool { return !slices.Contains(a.lacks, deed) }

// component is the adapter's spout or bolt; the caller adds its streams.
func (a adapter) component(t *testing.T, role, name string) component {
	t.Helper()
	if a.file != "" {
		testenv.Adapter(t, a.file)
	}
	dir, err := filepath.Abs(filepath.Join("testdata", a.name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	c := component{kind: role + "s", name: name, dir: dir, serializer: a.serializer}
	c.command, c.env = a.command(t, role)
	return c
}

// installed is the path of an installed adapter.
func installed(t *testing.T, file string) string {
	t.Helper()
	return testenv.Adapter(t, file)
}
