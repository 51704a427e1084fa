package quickstart

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// every is each project that can be made.
func every() []Options {
	projects := []Options{{}}
	for _, language := range Languages() {
		projects = append(projects, Options{Form: TOML, Language: language}, Options{Form: Flux, Language: language})
	}
	return projects
}

func TestMake(t *testing.T) {
	for _, o := range every() {
		t.Run(strings.Trim(string(o.Form)+" "+o.Language, " "), func(t *testing.T) {
			o.Dir = filepath.Join(t.TempDir(), "Demo-1")
			p, err := Make(o)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != "Demo-1" {
				t.Errorf("the project is called %q", p.Name)
			}
			for _, file := range p.Files {
				text, err := os.ReadFile(filepath.Join(o.Dir, file))
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(text, []byte("{{")) || strings.HasSuffix(file, ".tmpl") {
					t.Errorf("%s is not filled in", file)
				}
				if filepath.Ext(file) != ".go" {
					continue
				}
				if formatted, err := format.Source(text); err != nil || !bytes.Equal(formatted, text) {
					t.Errorf("%s is not as gofmt writes it: %v", file, err)
				}
			}
			for _, file := range []string{"README.md", ".gitignore"} {
				if !slices.Contains(p.Files, file) {
					t.Errorf("no %s in %q", file, p.Files)
				}
			}
			if p.Topology != "" && !slices.Contains(p.Files, p.Topology) {
				t.Errorf("no %s in %q", p.Topology, p.Files)
			}
		})
	}
}

// The files that streamparse's own commands look for.
func TestStreamparseProject(t *testing.T) {
	p, err := Make(Options{Dir: filepath.Join(t.TempDir(), "demo")})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{
		"config.json", "project.clj", "topologies/wordcount.py", "virtualenvs/wordcount.txt",
		"src/spouts/__init__.py", "src/bolts/__init__.py",
	} {
		if !slices.Contains(p.Files, file) {
			t.Errorf("no %s in %q", file, p.Files)
		}
	}
}

func TestMakeErrors(t *testing.T) {
	full := t.TempDir()
	occupied := filepath.Join(full, "demo")
	if err := os.MkdirAll(filepath.Join(occupied, "src"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"a name with a space", Options{Dir: "my project"}, `invalid project name "my project"`},
		{"an invalid name", Options{Dir: "..."}, `invalid project name "..."`},
		{"an unknown language", Options{Dir: "demo", Language: "perl"}, "go, node, python, ruby"},
		{"streamparse in another language", Options{Dir: "demo", Form: Streamparse, Language: "node"}, "is in Python"},
		{"an unknown form", Options{Dir: "demo", Form: "xml"}, "streamparse, flux or toml"},
		{"a directory with something in it", Options{Dir: occupied}, "nothing was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !filepath.IsAbs(tt.o.Dir) {
				tt.o.Dir = filepath.Join(full, "new", tt.o.Dir)
			}
			_, err := Make(tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if entries, _ := os.ReadDir(filepath.Join(full, "new")); len(entries) > 0 {
				t.Errorf("files were made: %v", entries)
			}
		})
	}
}

func TestMakeInAnEmptyDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(Options{Dir: dir}); err != nil {
		t.Error(err)
	}
}

// The Go project has no test that would compile it.
func TestGoProjectCompiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if _, err := Make(Options{Dir: dir, Language: "go"}); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(dir, "resources"), testenv.Program(t, "go"), "vet", "./...")
}

// The components' own tests pass.
func TestStreamparseProjectsTests(t *testing.T) {
	python := testenv.Python(t)
	dir := filepath.Join(t.TempDir(), "demo")
	if _, err := Make(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	// Without pytest, these lines do the same.
	run(t, dir, python, "-c", `
import sys
sys.path[:0] = ["src", "tests"]
import test_wordcount
tests = [test for name, test in vars(test_wordcount).items() if name.startswith("test_")]
assert len(tests) == 2, tests
for test in tests:
    test()
`)
}

// streamparse's own commands find the project's files.
func TestStreamparseAcceptsItsProject(t *testing.T) {
	python := testenv.Python(t)
	dir := filepath.Join(t.TempDir(), "demo")
	if _, err := Make(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	run(t, dir, python, "-W", "ignore", "-c", `
from streamparse.util import get_config, get_env_config, get_topology_definition, get_topology_from_file
name, file = get_topology_definition()
assert name == "wordcount", name
topology = get_topology_from_file(file)
assert set(topology.thrift_spouts) == {"word_spout"} and set(topology.thrift_bolts) == {"count_bolt"}
assert get_config()["virtualenv_specs"] == "virtualenvs/"
assert get_env_config("prod") and get_env_config()[0] == "prod"
`)
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}
