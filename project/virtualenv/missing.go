package virtualenv

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"gust/internal/hint"
	"gust/internal/program"
	"gust/internal/pyrun"
	"gust/topology/load"
)

// missing is a module that a project's interpreter does not have.
type missing struct {
	dir    string // the project's
	python string // the interpreter, or empty where it is not known
	module string
}

// missingPackages reports whether a topology could not be loaded because a package is not
// installed.
func missingPackages(err error) (missing, bool) {
	if e, ok := errors.AsType[*load.NoStreamparseError](err); ok {
		return missing{e.Dir, e.Python, "streamparse"}, true
	}
	e, ok := errors.AsType[*load.PythonError](err)
	if !ok {
		return missing{}, false
	}
	module := pyrun.MissingModule(e.Traceback)
	// A module of the project's own is not to be installed.
	if module == "" || pyrun.CodeHint(e.Traceback, filepath.Join(e.Dir, "src")) != "" {
		return missing{}, false
	}
	top, _, _ := strings.Cut(module, ".")
	return missing{dir: e.Dir, module: top}, true
}

// withHint adds to the error how to make the environment.
func (m missing) withHint(p *Project, err error) error {
	source := "virtualenvs/"
	if len(p.Requirements) == 1 && filepath.Base(p.Requirements[0]) == "requirements.txt" {
		source = "requirements.txt"
	}
	remedy := fmt.Sprintf("`%s env` creates .venv from %s", program.Name, source)
	if filepath.Clean(m.dir) != "." {
		remedy = fmt.Sprintf("`cd %s && %s env` creates .venv from %s", m.dir, program.Name, source)
	}
	if e, ok := errors.AsType[*load.NoStreamparseError](err); ok {
		hinted := *e
		hinted.Hint = remedy
		return &hinted
	}
	return hint.With(err, remedy+"; does that list "+m.module+"?")
}

// inPython adds to the error how to install the package into the interpreter that the
// user named.
func (m missing) inPython(python string, err error) error {
	if _, hinted := errors.AsType[*load.NoStreamparseError](err); hinted {
		return err
	}
	return hint.With(err, fmt.Sprintf("%s -m pip install %s, and list it in virtualenvs/", python, pyrun.Package(m.module)))
}
