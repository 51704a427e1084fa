package workerenv

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/hint"
)

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFlatten(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "virtualenvs/a.txt", "streamparse\n-r base/b.txt  # more\n")
	writeFile(t, "virtualenvs/base/b.txt", "--requirement=c.txt\nredis")
	writeFile(t, "virtualenvs/base/c.txt", "six\n")
	got, err := flatten([]string{"virtualenvs/a.txt"})
	if want := "streamparse\nsix\nredis\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	writeFile(t, "loop.txt", "-r loop.txt\n")
	if _, err := flatten([]string{"loop.txt"}); err == nil || !strings.Contains(err.Error(), "in a cycle") {
		t.Errorf("got %v", err)
	}
	if _, err := flatten([]string{"missing.txt"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestJoin(t *testing.T) {
	if got, err := join("/data/venvs/", "wordcount"); err != nil || got != "/data/venvs/wordcount" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range [][2]string{{"", "x"}, {"data", "x"}, {"/data", ""}, {"/data", ".."}, {"/data", "../x"}, {"/data", "."}} {
		if got, err := join(bad[0], bad[1]); err == nil {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

func TestRemedies(t *testing.T) {
	for text, want := range map[string]string{
		"ERROR: No matching distribution found for redis==99": "is redis==99 spelled correctly",
		"cannot make a virtualenv with python3":               "python3-venv",
		"/v/words/bin/python: No module named pip":            "--overwrite_virtualenv",
		"cannot make a virtualenv with virtualenv":            "",
	} {
		got, hinted := errors.AsType[*hint.Error](withRemedy(errors.New(text)))
		if hinted != (want != "") || hinted && !strings.Contains(got.Hint, want) {
			t.Errorf("%s: got %+v, want %q", text, got, want)
		}
	}
}
