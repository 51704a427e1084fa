package load

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/internal/executable"
	"gust/internal/hint"
	"gust/internal/pyrun"
	"gust/topology"
)

// interpreter is the Python that runs a project.
type interpreter struct {
	path string // absolute
	why  string // how it was chosen, for errors
}

// findInterpreter chooses the Python of a topology: the one that the user
// names, else the active virtualenv, the project's own, the environment's, the one
// that gust is installed in, and last the system's. Only an interpreter that is named must exist.
func findInterpreter(r Request, dir, name string, env *conf.Environment) (interpreter, error) {
	if r.Python != "" {
		path, err := namedInterpreter(r)
		if err != nil {
			return interpreter{}, hint.With(fmt.Errorf("no Python %s: %w", r.Python, err), "give --python the path of an interpreter")
		}
		return interpreter{path, "given with --python"}, nil
	}
	for _, venv := range []struct{ dir, why string }{
		{os.Getenv("VIRTUAL_ENV"), "the active virtualenv, $VIRTUAL_ENV"},
		{filepath.Join(dir, ".venv"), "the project's .venv"},
		{filepath.Join(dir, "venv"), "the project's venv"},
		{env.Virtualenv(name), fmt.Sprintf("the virtualenv of environment %q", env.Name)},
	} {
		if venv.dir == "" {
			continue
		}
		// The path is not resolved: a virtualenv's python is a link, and knows by
		// the link's place whose packages to use.
		path, err := filepath.Abs(pyrun.OfVirtualenv(venv.dir))
		if err == nil && executable.Is(path) {
			return interpreter{path, venv.why}, nil
		}
	}
	if path, ok := pyrun.OfProgram(); ok {
		if path, err := filepath.Abs(path); err == nil {
			return interpreter{path, "the virtualenv that this program is in"}, nil
		}
	}
	if path, ok := pyrun.OnPath(); ok {
		if path, err := filepath.Abs(path); err == nil {
			return interpreter{path, filepath.Base(path) + " on PATH"}, nil
		}
	}
	return interpreter{}, hint.New("no Python: neither a virtualenv of the project nor python3 on PATH",
		"install Python 3, or give --python the path of an interpreter")
}

// Python finds the interpreter of the project in the request's directory: the
// one that would import the topology of the request's name. The environment may be nil.
func Python(r Request, environment *conf.Environment) (path string, err error) {
	dir := r.Dir
	if dir == "" {
		dir = "."
	}
	if environment == nil {
		environment = &conf.Environment{}
	}
	python, err := findInterpreter(r, dir, r.Name, environment)
	return python.path, err
}

// namedInterpreter finds the interpreter that the request names, by a path or by a name on PATH.
func namedInterpreter(r Request) (string, error) {
	name := r.Python
	if strings.ContainsRune(name, filepath.Separator) {
		name = r.inDir(name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.Unwrap(err)
	}
	return filepath.Abs(path)
}

// runCommand is the command for streamparse_run in a topology: the script of that name
// beside the interpreter, else the module. Both split a single argument into words, as
// Storm sends it.
func (p interpreter) runCommand(script string) []string {
	if run := filepath.Join(filepath.Dir(p.path), topology.StreamparseRun); executable.Is(run) {
		return []string{run, script}
	}
	return []string{p.path, "-m", topology.StreamparseModule, script}
}

// StreamparseCommand is the command that runs a streamparse class with an interpreter, as
// [Load] sets it for the components of a topology.
func StreamparseCommand(python, serializer, class string) []string {
	return interpreter{path: python}.runCommand("-s " + serializer + " " + class)
}

// installHint is the command that installs streamparse. It does not change the system's
// Python, whose packages belong to the distribution.
func (p interpreter) installHint(dir string) string {
	if exists(filepath.Join(filepath.Dir(p.path), "..", "pyvenv.cfg")) {
		return p.path + " -m pip install streamparse"
	}
	install := "python3 -m venv .venv && .venv/bin/pip install streamparse"
	if filepath.Clean(dir) != "." {
		install = "cd " + dir + " && " + install
	}
	return install
}
