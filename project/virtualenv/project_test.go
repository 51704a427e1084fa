package virtualenv

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gust/internal/testenv"
	"gust/topology/load"
)

// A config.json elsewhere is that of the project there, if that has requirements.
func TestRequirementsOfAnotherProject(t *testing.T) {
	t.Chdir(t.TempDir())
	testenv.Write(t, "", map[string]string{"other/config.json": `{"virtualenv_specs": "virtualenvs/", "envs": {}}`})
	testenv.Write(t, "", map[string]string{"virtualenvs/here.txt": ""})
	for _, want := range []string{"virtualenvs/here.txt", "other/virtualenvs/there.txt"} {
		p, err := OfProject(".", "other/config.json", "")
		if err != nil || len(p.Requirements) != 1 || p.Requirements[0] != want {
			t.Errorf("got %+v, %v, want %s", p, err, want)
		}
		testenv.Write(t, "", map[string]string{"other/virtualenvs/there.txt": ""})
	}
}

func TestQuestion(t *testing.T) {
	p := &Project{Dir: "demo", Requirements: []string{"a.txt", "b.txt", "c.txt"}}
	want := "this project has no Python with streamparse.\nCreate demo/.venv from a.txt, b.txt and c.txt now?"
	if got := question(p, missing{dir: "demo", module: "streamparse"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMissingPackages(t *testing.T) {
	project := t.TempDir()
	if err := os.Mkdir(filepath.Join(project, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"no streamparse", &load.NoStreamparseError{Dir: "demo"}, "streamparse"},
		{"a package", &load.PythonError{Traceback: "Traceback ...\nModuleNotFoundError: No module named 'redis.client'\n"}, "redis"},
		{"another exception", &load.PythonError{Traceback: "ValueError: No module named 'redis'"}, ""},
		{"the project's own folder", &load.PythonError{Dir: project, Traceback: "...\nModuleNotFoundError: No module named 'src'\n"}, ""},
		{"something else", errors.New("no"), ""},
	} {
		m, ok := missingPackages(tt.err)
		if m.module != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %+v, %v, want %q", tt.name, m, ok, tt.want)
		}
	}
}
