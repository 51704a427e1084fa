package load

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// FuzzFlux, FuzzTOML and FuzzClojure check that no file makes the loader panic, and that
// errors name the file.

func FuzzFlux(f *testing.F) {
	fuzz(f, ".yaml", "testdata/flux/*.yaml",
		"a: &a [*a]\n", "? x\n: y\n", "- - a\n", "a: !!binary x\n", "<<: 3\n", "&a a: *a", "spouts: [{<<: {id: 1}}]\n", "a: |\n  x\n", "name: ${ENV-")
}

func FuzzTOML(f *testing.F) {
	fuzz(f, ".toml", testenv.Data(f, "topologies", "*.toml"),
		"[[spouts]]\n", "spouts = [1]\n", "[spouts.s]\ncommand = [[]]\n", "[bolts]\nb = {inputs = [[], 1, {}]}\n", "x = 1979-05-27T07:32:00\n", "\"\" = {\"\" = 1}\n")
}

func FuzzClojure(f *testing.F) {
	fuzz(f, ".clj", testenv.Data(f, "topologies", "*.clj"),
		"(def t [{} {} {\"a\" 1}])", "(def t (let [a \"\\u00e9\\101\" b [a a]] b))", "(defn t [& o] ((fn [x] x) o))", "^:a ^{:b 1} #'c ##Inf #inst \"x\" \\newline 1/2 0x1F 2r1 1e3M",
		"(def t (or (:a {:a 1} 2) (get-in {} [1 2]) (quot 7 2)))", "(defn t [o] (shell-bolt-spec {[] 1} [\"a\"] {1 2} :conf {{} []} :p))", "'(a \"b", "#_")
}

func fuzz(f *testing.F, suffix, seeds string, texts ...string) {
	paths, err := filepath.Glob(seeds)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds %s: %v", seeds, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "t"+suffix)
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		loaded, err := Load(context.Background(), Request{Path: file})
		if err != nil {
			if !strings.Contains(err.Error(), file) {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		// A topology that loads can be validated and described.
		_ = loaded.Topology.Validate()
		_ = describe(loaded.Topology)
	})
}
