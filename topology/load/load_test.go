package load

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/topology"
)

// write writes one more file into a directory and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	testenv.Write(t, dir, map[string]string{name: text})
	return filepath.Join(dir, name)
}

// load loads a topology that must load.
func load(t *testing.T, r Request) *Loaded {
	t.Helper()
	loaded, err := Load(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// wantError loads an invalid topology and compares the error. {dir} in want is the
// request's directory.
func wantError(t *testing.T, r Request, want string) {
	t.Helper()
	_, err := Load(context.Background(), r)
	if err == nil {
		t.Fatalf("it loads, want: %s", want)
	}
	if want = strings.ReplaceAll(want, "{dir}", r.Dir); err.Error() != want {
		t.Errorf("got:\n%s\nwant:\n%s", err, want)
	}
}

// wantTopology compares a topology's description. {dir} in want is dir.
func wantTopology(t *testing.T, got *topology.Topology, dir, want string) {
	t.Helper()
	absolute, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	want = strings.TrimSpace(strings.ReplaceAll(want, "{dir}", absolute))
	if text := strings.TrimSpace(describe(got)); text != want {
		t.Errorf("got:\n%s\n\nwant:\n%s", text, want)
	}
}

// describe writes a topology down, so that two can be compared by eye.
func describe(t *topology.Topology) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", t.Name, compact(t.Config))
	for _, c := range t.Components {
		fmt.Fprintf(&b, "\n%s %s par=%d tasks=%d %s %s\n", c.Kind, c.Name, c.Parallelism, c.Tasks, c.Serializer, compact(c.Config))
		if c.Java != "" {
			fmt.Fprintf(&b, "  java %s\n", c.Java)
		} else {
			fmt.Fprintf(&b, "  run %q in %s\n", c.Command, c.Dir)
		}
		if len(c.Env) > 0 {
			fmt.Fprintf(&b, "  env %s\n", compact(c.Env))
		}
		for _, s := range c.Outputs {
			fmt.Fprintf(&b, "  out %s %q", s.Name, s.Fields)
			if s.Direct {
				b.WriteString(" direct")
			}
			b.WriteString("\n")
		}
		for _, in := range c.Inputs {
			line := fmt.Sprintf("  in %s/%s %s %s %s", in.Component, in.Stream, in.Grouping.Type,
				strings.Join(in.Grouping.Fields, ","), in.Grouping.Class)
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String()
}

// compact is a value as JSON on one line, its keys sorted.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(text), "null", "{}")
}

func TestUnknownForms(t *testing.T) {
	dir := testenv.Files(t, map[string]string{"topologies/wordcount.py": "", "x.json": "{}"})
	const forms = "a topology is a streamparse file (.py, .clj), a Flux file (.yaml, .yml) or a .toml file"
	for path, want := range map[string]string{
		"wordcount":              "{dir}/wordcount is not a topology file: " + forms + "\nhint: to choose a topology of this project by name, use -n wordcount",
		"topologies/wordcount":   "{dir}/topologies/wordcount is not a topology file: " + forms + "\nhint: to choose a topology of this project by name, use -n wordcount",
		"topologies":             "{dir}/topologies is a directory: " + forms + "; for a streamparse project run gust in its directory",
		"x.json":                 "{dir}/x.json: unsupported file type .json: " + forms,
		"no.yaml":                "no topology file {dir}/no.yaml\nhint: name a file that exists, or run gust without one in a project's directory",
		"no.toml":                "no topology file {dir}/no.toml\nhint: name a file that exists, or run gust without one in a project's directory",
		"no.py":                  "no topology file {dir}/no.py\nhint: name a file that exists, or run gust without one in a project's directory",
		"far/no.py":              "no topology file {dir}/far/no.py\nhint: there is no directory {dir}/far: paths are relative to the working directory",
		"topologies/wordcont.py": "no topology file {dir}/topologies/wordcont.py: did you mean \"wordcount.py\"?",
		"no.clj":                 "no topology file {dir}/no.clj\nhint: name a file that exists, or run gust without one in a project's directory",
	} {
		t.Run(path, func(t *testing.T) {
			wantError(t, Request{Dir: dir, Path: path}, want)
		})
	}
}

// A directory as the config file is that of the project.
func TestProjectOfConfigFile(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		"config.json": `{}`, "topologies/here.clj": "(defn here [options] [])",
		"other/config.json": `{"envs": {"prod": {"options": {"a": 1}}}}`, "other/topologies/there.clj": `(defn there [options]
  [{"words" (python-spout-spec options "words.Words" ["word"])} {}])`,
		"alone.toml": "[spouts.s]\ncommand = 'x'\n",
	})
	if got := load(t, Request{Dir: dir, ConfigFile: "other/"}).Topology.Name; got != "there" {
		t.Errorf("the topology is %q", got)
	}
	loaded := load(t, Request{Dir: dir, ConfigFile: "other", Path: "alone.toml"})
	if got, want := compact(loaded.Topology.Config), `{"a":1}`; got != want {
		t.Errorf("the conf of a file with a directory's config.json is %s, want %s", got, want)
	}
	wantError(t, Request{Dir: dir, ConfigFile: "topologies"}, "no config.json in {dir}/topologies, so this is not a streamparse project\n"+
		"hint: run gust in the project's directory, or name a topology file (.py, .clj, .yaml or .toml)")
}

func TestDocumentWithEnvironment(t *testing.T) {
	dir := testenv.Files(t, map[string]string{
		"config.json": `{"envs": {"prod": {"options": {"a": 1, "b": 1}}, "beta": {}}}`,
		"t.toml":      "[config]\nb = 2\n[spouts.s]\ncommand = 'x'\n",
	})
	loaded := load(t, Request{Dir: dir, Path: "t.toml", Environment: "prod", Name: "renamed"})
	if got, want := compact(loaded.Topology.Config), `{"a":1,"b":2}`; got != want {
		t.Errorf("config: got %s, want %s", got, want)
	}
	if loaded.Topology.Name != "renamed" {
		t.Errorf("name: got %q", loaded.Topology.Name)
	}
	alone := load(t, Request{Dir: dir, Path: "t.toml"})
	if got, want := compact(alone.Topology.Config), `{"b":2}`; got != want || alone.Project != nil {
		t.Errorf("without -e: got %s, want %s", got, want)
	}
	if alone.Topology.Name != "t" {
		t.Errorf("name: got %q, want the file's", alone.Topology.Name)
	}
}
