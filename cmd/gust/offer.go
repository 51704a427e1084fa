package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gust/internal/hint"
	"gust/internal/pyrun"
	"gust/internal/terminal"
	"gust/project/virtualenv"
	"gust/topology/load"
)

// consent is how gust may come to make a project's environment on its own.
type consent struct {
	yes bool      // it was given beforehand
	ask io.Reader // where somebody answers, or nil where there is nobody to ask
}

// somebody is the terminal, if there is one: a question is read on stderr, and
// answered on stdin.
func somebody(c *cli) io.Reader {
	if terminal.CanAsk(c.stderr) {
		return os.Stdin
	}
	return nil
}

// repairEnvironment sees whether a topology could not be loaded because packages
// are missing, and offers to make the project's .venv. It returns the
// interpreter to try again with. Where there is nothing to offer, or the offer
// was not taken, it returns the error, with the remedy as its hint.
func repairEnvironment(ctx context.Context, c *cli, o *sourceOptions, may consent, failed error) (python string, _ error) {
	missing, ok := missingPackages(failed)
	if !ok {
		return "", failed
	}
	if o.python != "" {
		return "", missing.inPython(o.python, failed)
	}
	env, err := findProjectEnv(missing.dir, &envOptions{configFile: o.configFile})
	if err != nil {
		return "", failed
	}
	// An active virtualenv goes before .venv, so that .venv may be what is
	// wanted, and only not looked at.
	own := virtualenv.Interpreter(filepath.Join(missing.dir, venvName))
	if own, err = filepath.Abs(own); err == nil && own != missing.python && pyrun.Has(ctx, own, missing.module) {
		c.Warn(fmt.Sprintf("%s has no %s: using the project's .venv", missing.python, missing.module))
		return own, nil
	}
	if !may.yes {
		agreed, err := askForEnvironment(ctx, c, may, missing, env)
		if err != nil {
			return "", err
		}
		if !agreed {
			return "", missing.withHint(c, env, failed)
		}
	}
	made, err := env.make(ctx, c)
	if err != nil {
		return "", err
	}
	return made.Python, nil
}

// missing is a module that a project's interpreter does not have.
type missing struct {
	dir    string // the project's
	python string // the interpreter, or empty where it is not known
	module string
}

// missingPackages tells whether a topology could not be loaded because a package
// is not installed.
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

// withHint says with the error what would have made the environment.
func (m missing) withHint(c *cli, env *projectEnv, err error) error {
	source := "virtualenvs/"
	if len(env.requirements) == 1 && filepath.Base(env.requirements[0]) == "requirements.txt" {
		source = "requirements.txt"
	}
	remedy := fmt.Sprintf("`%s env` creates .venv from %s", c.name, source)
	if filepath.Clean(m.dir) != "." {
		remedy = fmt.Sprintf("`cd %s && %s env` creates .venv from %s", m.dir, c.name, source)
	}
	if e, ok := errors.AsType[*load.NoStreamparseError](err); ok {
		hinted := *e
		hinted.Hint = remedy
		return &hinted
	}
	return hint.With(err, remedy+"; does that list "+m.module+"?")
}

// inPython says with the error what to install into the interpreter that the
// user named.
func (m missing) inPython(python string, err error) error {
	if _, hinted := errors.AsType[*load.NoStreamparseError](err); hinted {
		return err
	}
	return hint.With(err, fmt.Sprintf("%s -m pip install %s, and list it in virtualenvs/", python, pyrun.Package(m.module)))
}

// askForEnvironment asks whether the environment may be made. Where there is
// nobody to ask, the answer is no.
func askForEnvironment(ctx context.Context, c *cli, may consent, m missing, env *projectEnv) (bool, error) {
	if may.ask == nil {
		return false, nil
	}
	fmt.Fprintf(c.stderr, "%s: this project has no Python with %s.\nCreate %s from %s now? [Y/n] ",
		c.name, m.module, filepath.Join(env.dir, venvName), env.sources())
	answer, err := terminal.ReadAnswer(ctx, may.ask)
	if err != nil {
		fmt.Fprintln(c.stderr)
	}
	switch {
	case errors.Is(err, terminal.ErrInterrupted):
		return false, errors.New("interrupted while reading the topology")
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("cannot read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "", "y", "yes":
		return true, nil
	}
	return false, nil
}
