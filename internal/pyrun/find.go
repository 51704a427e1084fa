package pyrun

import (
	"os"
	"os/exec"
	"path/filepath"

	"gust/internal/executable"
)

// names are those of Python's interpreters, in the order in which they are looked for.
var names = []string{"python3", "python"}

// OnPath finds the Python on PATH. The path may be relative, as PATH's own are.
func OnPath() (path string, ok bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// Beside finds the interpreter in the folder of a script that pip has installed.
func Beside(script string) (path string, ok bool) {
	for _, name := range names {
		if path := filepath.Join(filepath.Dir(script), name); executable.Is(path) {
			return path, true
		}
	}
	return "", false
}

// OfProgram finds the Python of the virtualenv in which this program was invoked: pip has
// installed it there, maybe with streamparse. Links from elsewhere do not count, because
// pipx and uv make them to environments that have nothing but this program.
func OfProgram() (path string, ok bool) {
	program, err := exec.LookPath(os.Args[0])
	if err != nil {
		return "", false
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(program), "..", "pyvenv.cfg")); err != nil {
		return "", false
	}
	return Beside(program)
}

// OfVirtualenv is where a virtualenv has its interpreter.
func OfVirtualenv(dir string) string { return filepath.Join(dir, "bin", "python") }
