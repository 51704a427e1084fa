// Package testenv finds the programs that tests need, and files for them. If a program is
// missing, the test is skipped with the remedy. If the variable CI is set, the test fails
// instead.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// PythonVariable names the environment variable with the Python interpreter
// for the tests. The Makefile sets it.
const PythonVariable = "GUST_TEST_PYTHON"

// Python returns the absolute path of an interpreter that has streamparse and the given
// modules: the one in [PythonVariable], else the one in .venv at the top of the
// repository.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	python := os.Getenv(PythonVariable)
	if python == "" {
		python = filepath.Join(Top(t), ".venv", "bin", "python")
	}
	if err := importable(python, append([]string{"streamparse"}, modules...)...); err != nil {
		missing(t, "%v: `make venv` sets up .venv", err)
	}
	return python
}

// importable reports whether an interpreter has all of the modules. It does not import
// them, because streamparse is slow to import.
func importable(python string, modules ...string) error {
	const look = `
import importlib.util, sys
missing = [m for m in sys.argv[1:] if importlib.util.find_spec(m) is None]
sys.exit("no module " + ", ".join(missing) if missing else 0)`
	out, err := exec.Command(python, append([]string{"-c", look}, modules...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", python, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Python27 returns the absolute path of a Python 2.7: the one on PATH, else one that
// pyenv has installed. Distributions do not have it any more, so without it the test is
// skipped, also in CI.
func Python27(t testing.TB) string {
	t.Helper()
	const name = "python2.7"
	candidates := []string{name}
	if home, err := os.UserHomeDir(); err == nil {
		installed, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "2.7*", "bin", name))
		candidates = append(candidates, installed...)
	}
	for _, candidate := range candidates {
		path, err := exec.LookPath(candidate)
		if err == nil && exec.Command(path, "--version").Run() == nil {
			return path
		}
	}
	t.Skip("NOT TESTED: there is no python2.7 on PATH, and none of pyenv: `pyenv install 2.7` installs it")
	return ""
}

// Program returns the absolute path of a program on PATH, such as "node".
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "%v: install %s to run this test", err, name)
	}
	return path
}

// Java returns the java of $JAVA_HOME, else the one on PATH. If newest is above 0, a
// later release does not count.
func Java(t testing.TB, newest int) string {
	t.Helper()
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	out, err := exec.Command(java, "--version").Output()
	if err != nil {
		missing(t, "%v: install Java 17 or later, or set JAVA_HOME, to run this test", err)
	}
	var vendor string
	var release int
	if _, err := fmt.Sscan(string(out), &vendor, &release); err == nil && newest > 0 && release > newest {
		missing(t, "%s is Java %d: set JAVA_HOME to one from 17 to %d to run this test", java, release, newest)
	}
	return java
}

// Adapter returns the absolute path of a program that `make adapters` has installed; the
// name is relative to .deps/adapters.
func Adapter(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Top(t), ".deps", "adapters", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		missing(t, "%v: `make adapters` installs it", err)
	}
	return path
}

// Root returns the folder with what `make root` has fetched for tests in a root directory of
// their own: base.tar, a Debian with Python, and wheels, the packages that a new project
// needs. Such tests need root's rights.
func Root(t testing.TB) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: only root can change the root directory")
	}
	dir := filepath.Join(Top(t), ".deps", "root")
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		missing(t, "%v: `make root` fetches what these tests need", err)
	}
	return dir
}

// Storm returns the absolute path of the folder with the jars of a release of
// Storm, such as "2.8.3", that `make storm` has fetched.
func Storm(t testing.TB, release string) string {
	t.Helper()
	dir := filepath.Join(Top(t), ".deps", "storm", release)
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		missing(t, "%v: `make storm` fetches Storm for the tests", err)
	}
	return dir
}

// UV returns the absolute path of the uv that `make uv` has installed. It is not
// on PATH, so that a test chooses between uv and pip.
func UV(t testing.TB) string {
	t.Helper()
	path := filepath.Join(Top(t), ".deps", "uv", "bin", "uv")
	if _, err := os.Stat(path); err != nil {
		missing(t, "%v: `make uv` installs it", err)
	}
	return path
}

// Schemas returns the directory with the schemas of the files in deploy, and what validates by
// them, that `make schemas` has fetched.
func Schemas(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Top(t), ".deps", "schemas")
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		missing(t, "%v: `make schemas` fetches them", err)
	}
	return dir
}

// Mkdocs returns the directory of mkdocs, for PYTHONPATH, that `make site` has installed.
func Mkdocs(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Top(t), ".deps", "site")
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		missing(t, "%v: `make site` installs mkdocs", err)
	}
	return dir
}

// PackageCache makes pip and uv keep their downloads in .deps, wherever the test's home
// is, for the next run of the tests.
func PackageCache(t testing.TB) {
	t.Helper()
	for _, name := range []string{"pip", "uv"} {
		t.Setenv(strings.ToUpper(name)+"_CACHE_DIR", filepath.Join(Top(t), ".deps", "cache", name))
	}
}

// Top returns the folder with go.mod: tests run in their package's folder.
func Top(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod in this folder or above it")
		}
		dir = parent
	}
}

// Data returns the path of a file in testdata at the top of the repository, which the
// tests of several packages read.
func Data(t testing.TB, names ...string) string {
	t.Helper()
	return filepath.Join(append([]string{Top(t), "testdata"}, names...)...)
}

// InCI reports whether the variable CI is set, in which case tests insist on
// all that they need.
func InCI() bool {
	switch os.Getenv("CI") {
	case "", "0", "false":
		return false
	}
	return true
}

func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if InCI() {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
