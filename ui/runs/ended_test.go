package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/status"
	"gust/topology"
)

func keep(t *testing.T, name string, seconds int) {
	t.Helper()
	id := fmt.Sprintf("%s-1-%d", name, seconds)
	report := &status.Report{Topology: &topology.Topology{Name: name}, View: &status.View{ID: id, Name: name}, Failures: []*status.Failure{{Number: 1, Values: `["<x>"]`}}}
	if err := Keep(report); err != nil {
		t.Fatal(err)
	}
	// The order is that of the files' times, which may be equal.
	dir, err := stateDir("ended")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, fmt.Sprintf("-1-%d%s", seconds, fileSuffix)) {
			when := time.Unix(int64(seconds), 0)
			if err := os.Chtimes(file, when, when); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func ended(t *testing.T, name string, limit int) (ids []string) {
	t.Helper()
	list, err := Ended(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, report := range list {
		ids = append(ids, report.View.ID)
	}
	return ids
}

func TestEndedRuns(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if ids := ended(t, "", 0); len(ids) != 0 {
		t.Errorf("before the first: %v", ids)
	}
	keep(t, "words", 1000)
	keep(t, "a/b c-d", 2000)
	keep(t, "words", 3000)
	for _, c := range []struct {
		name  string
		limit int
		want  string
	}{
		{"", 0, "words-1-3000 a/b c-d-1-2000 words-1-1000"},
		{"", 1, "words-1-3000"},
		{"words", 0, "words-1-3000 words-1-1000"},
		{"a/b c-d", 0, "a/b c-d-1-2000"},
		{"words-1-1000", 0, "words-1-1000"},
		{"word", 0, ""},
	} {
		if got := strings.Join(ended(t, c.name, c.limit), " "); got != c.want {
			t.Errorf("%q, at most %d: %s, want %s", c.name, c.limit, got, c.want)
		}
	}
	list, err := Ended("words", 1)
	if err != nil || len(list[0].Failures) != 1 || list[0].Failures[0].Values != `["<x>"]` {
		t.Errorf("read again: %+v, %v", list, err)
	}
	for i := range mostEndedOfName + 5 {
		keep(t, "many", 4000+i)
	}
	if n := len(ended(t, "many", 0)); n != mostEndedOfName {
		t.Errorf("%d of one topology are kept, want %d", n, mostEndedOfName)
	}
	if n := len(ended(t, "words", 0)); n != 2 {
		t.Errorf("%d of another are left, want 2", n)
	}
	if info, err := os.Stat(filepath.Join(os.Getenv("XDG_STATE_HOME"), "gust", "ended")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v", info, err)
	}
}

func TestArchive(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	var archive Archive
	if list := archive.Last(3); len(list) != 0 {
		t.Errorf("before the first: %d", len(list))
	}
	keep(t, "first", 1000)
	keep(t, "second", 2000)
	before := archive.Last(3)
	if len(before) != 2 || before[0].ID() != "second-1-2000" {
		t.Fatalf("%d topologies", len(before))
	}
	dir, err := stateDir("ended")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken-1-1"+fileSuffix), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	after := archive.Last(2)
	if len(after) != 2 || after[0] != before[0] || after[1] != before[1] {
		t.Error("the reports were read again, or one that is broken hides them")
	}
}
