package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gust/internal/testenv"
	"gust/topology/load"
)

// TestNewcomer walks the way from nothing to a topology that runs.
func TestNewcomer(t *testing.T) { runWithPython(t, "testdata/newcomer") }

// TestComponents runs what components say and do through the whole of gust.
func TestComponents(t *testing.T) { runWithPython(t, "testdata/components") }

// runWithPython runs a directory's scripts, in which STREAMPARSE_PYTHON has streamparse.
func runWithPython(t *testing.T, dir string) {
	t.Helper()
	python := testenv.Python(t)
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("STREAMPARSE_PYTHON", python)
			if cache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
				env.Setenv("GO_CACHE", strings.TrimSpace(string(cache)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exec-code": execCode},
	})
}

func TestAskForEnvironment(t *testing.T) {
	m := missing{dir: "demo", module: "streamparse"}
	env := &projectEnv{dir: "demo", requirements: []string{"a.txt", "b.txt", "c.txt"}}
	for _, tt := range []struct {
		answer string
		want   bool
	}{
		{"\n", true}, {"y\n", true}, {" YES \n", true}, {"n\n", false}, {"no\n", false}, {"what?\n", false}, {"", false},
	} {
		var said bytes.Buffer
		c := newCLI("gust", nil, &said)
		got, err := askForEnvironment(t.Context(), c, consent{ask: strings.NewReader(tt.answer)}, m, env)
		if err != nil || got != tt.want {
			t.Errorf("the answer %q: %v, %v; want %v", tt.answer, got, err, tt.want)
		}
		if want := "no Python with streamparse.\nCreate demo/.venv from a.txt, b.txt and c.txt now? [Y/n] "; !strings.Contains(said.String(), want) {
			t.Errorf("the question is %q, want %q in it", said.String(), want)
		}
	}
	if got, err := askForEnvironment(t.Context(), newCLI("gust", nil, io.Discard), consent{}, m, env); got || err != nil {
		t.Errorf("with nobody to ask: %v, %v", got, err)
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
