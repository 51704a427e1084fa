package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testrun"
)

// run is one `gust run` of a project.
type run struct {
	*testrun.Run
	t       *testing.T
	results string // the folder that the examples' last bolts write to
}

// start runs gust in a project's folder.
func start(t *testing.T, project string, args ...string) *run {
	t.Helper()
	results := t.TempDir()
	args = append([]string{"-o", "results.dir=" + results}, args...)
	return &run{Run: testrun.Start(t, gust, project, args...), t: t, results: results}
}

// recorded returns the records of a component's tasks, tuple by tuple, by the name of the
// file. The values are formatted by fmt.
func (r *run) recorded(component string) map[string][]string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.results, component+"-*.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	records := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasSuffix(line, "\n") {
				continue // It is being written.
			}
			var tuple []any
			if err := json.Unmarshal([]byte(line), &tuple); err != nil {
				r.t.Fatalf("%s: %v", file, err)
			}
			name := filepath.Base(file)
			records[name] = append(records[name], spell(tuple...))
		}
	}
	return records
}

// all returns the records of all tasks of a component, sorted.
func (r *run) all(component string) []string {
	r.t.Helper()
	var all []string
	for _, records := range r.recorded(component) {
		all = append(all, records...)
	}
	slices.Sort(all)
	return all
}

// spell writes a tuple's values as [run.recorded] does.
func spell(values ...any) string {
	spelt := fmt.Sprintf("%v", values)
	return spelt[1 : len(spelt)-1] // without the brackets
}
