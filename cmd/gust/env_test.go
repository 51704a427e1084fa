package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// made is what `gust env --json` tells.
type made struct {
	Dir, Python, Tool string
	Made              bool
	Requirements      []string
}

// hasModules tells whether an interpreter can import modules.
func hasModules(t *testing.T, python string, modules ...string) bool {
	t.Helper()
	out, err := exec.Command(python, "-c", "import "+strings.Join(modules, ", ")).CombinedOutput()
	if err != nil {
		t.Logf("%s", out)
	}
	return err == nil
}

// The project's environment is made, found again and completed, by real uv and
// real pip. Only PATH says which of them it is.
func TestEnv(t *testing.T) {
	python := basePython(t, testenv.Python(t))
	uv := filepath.Dir(testenv.UV(t))
	for _, tool := range []string{"pip", "uv"} {
		t.Run(tool, func(t *testing.T) {
			testenv.PackageCache(t)
			alone(t)
			t.Setenv("PATH", t.TempDir())
			if tool == "uv" {
				t.Setenv("PATH", uv)
			}
			writeFile(t, "config.json", `{"virtualenv_specs": "virtualenvs/", "envs": {}}`)
			writeFile(t, "virtualenvs/words.txt", "msgpack==1.1.0\n")

			var got made
			result := gust(t, "env", "--python", python, "--json")
			result.decode(t, &got)
			if !got.Made || got.Tool != tool || filepath.Base(got.Dir) != ".venv" || len(got.Requirements) != 1 {
				t.Errorf("got %+v", got)
			}
			if !strings.Contains(result.stderr, "streamparse was not installed: add it to virtualenvs/words.txt") {
				t.Errorf("no word of streamparse:\n%s", result.stderr)
			}
			if !hasModules(t, got.Python, "msgpack._cmsgpack") {
				t.Error("msgpack is not installed")
			}

			writeFile(t, "virtualenvs/other.txt", "six==1.17.0\n")
			gust(t, "env", "--json").decode(t, &got)
			if got.Made || len(got.Requirements) != 2 || !hasModules(t, got.Python, "msgpack", "six") {
				t.Errorf("the second time: %+v", got)
			}

			writeFile(t, "virtualenvs/other.txt", "six==98.0\n")
			gust(t, "env").refuses(t, exitFailed, tool+" ", " install ", "six==98.0")
			if !hasModules(t, got.Python, "msgpack", "six") {
				t.Error("what was there is broken")
			}

			if tool == "pip" {
				return
			}
			// Where there is no uv any more pip goes on with what uv has made.
			writeFile(t, "virtualenvs/other.txt", "six==1.16.0\n")
			t.Setenv("PATH", t.TempDir())
			gust(t, "env", "--json").decode(t, &got)
			if got.Made || got.Tool != "pip" {
				t.Errorf("with pip: %+v", got)
			}
			if out, err := exec.Command(got.Python, "-c", "import six; print(six.__version__)").Output(); err != nil || string(out) != "1.16.0\n" {
				t.Errorf("six is %q, %v", out, err)
			}
		})
	}
}
